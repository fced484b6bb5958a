/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "casemap-tables.h"
#include "charset.h"
#include "encoded-word.h"
#include "header.h"
#include "utf8.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define EACH_OCTET UINT64_C(0x0101010101010101)

/* The next eight octets; false when one of them is not US-ASCII. */
static bool
eight(char const *s, uint64_t *x)
{
	memcpy(x, s, sizeof *x);
	return !(*x & EACH_OCTET * 0x80);
}

/* Octets of US-ASCII at the start of S. */
static size_t
ascii_run(char const *s, size_t len)
{
	size_t i = 0;
	uint64_t x;
	while (len - i >= sizeof x && eight(s + i, &x))
		i += sizeof x;
	while (i < len && !((unsigned char)s[i] & 0x80))
		i++;
	return i;
}

/* Valid UTF-8 as it is; other octets as ISO-8859-1. */
static int
put_loose(stralloc *out, char const *s, size_t len)
{
	size_t put = 0;
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = ascii_run(s + i, len - i);
		if (!n)
			n = utf8_read(s + i, len - i, &c);
		i += n;
		if (n)
			continue;
		if (!stralloc_catb(out, s + put, i - put) ||
		    !utf8_append(out, (unsigned char)s[i]))
			return 0;
		put = ++i;
	}
	return stralloc_catb(out, s + put, len - put);
}

int
text_to_utf8(char const *charset, size_t charset_len, char const *s, size_t len,
    stralloc *out)
{
	int r = charset_to_utf8(charset, charset_len, s, len, out);
	if (r)
		return r > 0;
	return put_loose(out, s, len);
}

/* --- letter case ---------------------------------------------------------- */

bool
text_is_ascii(char const *s, size_t len)
{
	uint64_t x[4];
	size_t i = 0;
	for (; len - i >= sizeof x; i += sizeof x) {
		memcpy(x, s + i, sizeof x);
		if ((x[0] | x[1] | x[2] | x[3]) & EACH_OCTET * 0x80)
			return false;
	}
	for (; i < len; i++)
		if ((unsigned char)s[i] & 0x80)
			return false;
	return true;
}

/* Eight octets of US-ASCII with small letters made capitals. No octet carries
 * over into the next: all are below 0x80. */
static uint64_t
capitals(uint64_t x)
{
	uint64_t from_a = x + EACH_OCTET * (0x80 - 'a');
	uint64_t beyond_z = x + EACH_OCTET * (0x7f - 'z');
	uint64_t small = (from_a ^ beyond_z) & EACH_OCTET * 0x80;
	return x - (small >> 2);
}

/* Takes US-ASCII from the start of S; how much. OUT has room. */
static size_t
map_ascii(char const *s, size_t len, char *out)
{
	size_t i = 0;
	uint64_t x;
	while (len - i >= sizeof x && eight(s + i, &x)) {
		x = capitals(x);
		memcpy(out + i, &x, sizeof x);
		i += sizeof x;
	}
	for (; i < len && !((unsigned char)s[i] & 0x80); i++)
		out[i] = (char)(s[i] - (s[i] >= 'a' && s[i] <= 'z' ? 32 : 0));
	return i;
}

/* What a character becomes, its length before it; NULL: it stays. */
static unsigned char const *
mapping(uint32_t point)
{
	size_t page = point / CASEMAP_PAGE;
	if (page >= COUNT(casemap_pages))
		return NULL;
	size_t place = casemap_places[casemap_pages[page] * CASEMAP_PAGE +
	    point % CASEMAP_PAGE];
	return place ? casemap_texts + place : NULL;
}

/* Takes one character that is not US-ASCII. */
static size_t
map_character(char const *s, size_t len, char *out, size_t *used)
{
	uint32_t point;
	size_t n = utf8_read(s, len, &point);
	unsigned char const *text = n ? mapping(point) : NULL;
	if (text) {
		memcpy(out, text + 1, *text);
		*used += *text;
		return n;
	}
	n += n == 0;
	memcpy(out, s, n);
	*used += n;
	return n;
}

int
text_casemap(char const *s, size_t len, stralloc *out)
{
	while (len) {
		if (!stralloc_readyplus(out, len + UINT8_MAX))
			return 0;
		size_t n = map_ascii(s, len, out->s + out->len);
		out->len += n;
		s += n;
		len -= n;
		if (len) {
			size_t used = 0;
			n = map_character(s, len, out->s + out->len, &used);
			out->len += used;
			s += n;
			len -= n;
		}
	}
	return 1;
}

/* --- header fields -------------------------------------------------------- */

/* What white space a fold stands in is the mailer's choice; who searches types
 * one space. */
static void
join_blanks(stralloc *line)
{
	size_t n = 0;
	for (size_t i = 0; i < line->len; i++) {
		bool blank = line->s[i] == ' ' || line->s[i] == '\t';
		if (!blank || !n || line->s[n - 1] != ' ')
			line->s[n++] = blank ? ' ' : line->s[i];
	}
	line->len = n;
}

int
text_of_header(char const *s, size_t len, stralloc *out)
{
	stralloc line = STRALLOC_ZERO;
	int ok = header_unfold(s, len, &line);
	join_blanks(&line);
	ok = ok &&
	    encoded_word_decode(line.s ? line.s : "", line.len, text_to_utf8,
	        out);
	stralloc_free(&line);
	return ok;
}
