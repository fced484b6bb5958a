/* SPDX-License-Identifier: ISC */
#include "text.h"

#include "charset.h"
#include "encoded-word.h"
#include "fold-runs.h"
#include "header.h"
#include "utf8.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Valid UTF-8 as it is; other octets as ISO-8859-1. */
static int
put_loose(stralloc *out, char const *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = utf8_read(s + i, len - i, &c);
		if (n ? !stralloc_catb(out, s + i, n)
		      : !utf8_append(out, (unsigned char)s[i]))
			return 0;
		i += n ? n : 1;
	}
	return 1;
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

static uint32_t
fold_char(uint32_t c)
{
	size_t low = 0;
	size_t high = COUNT(fold_runs);
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (fold_runs[mid].last < c)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == COUNT(fold_runs) || c < fold_runs[low].first ||
	    (c - fold_runs[low].first) % fold_runs[low].step)
		return c;
	return (uint32_t)((int32_t)c + fold_runs[low].delta);
}

int
text_fold(stralloc *s)
{
	stralloc out = STRALLOC_ZERO;
	bool ascii = true;
	for (size_t i = 0; i < s->len; i++) {
		if (s->s[i] >= 'A' && s->s[i] <= 'Z')
			s->s[i] = (char)(s->s[i] - 'A' + 'a');
		ascii = ascii && !((unsigned char)s->s[i] & 0x80);
	}
	if (ascii)
		return 1;
	for (size_t i = 0; i < s->len;) {
		uint32_t c;
		size_t n = utf8_read(s->s + i, s->len - i, &c);
		int ok = n ? utf8_append(&out, fold_char(c))
		           : stralloc_append(&out, s->s[i]);
		if (!ok) {
			stralloc_free(&out);
			return 0;
		}
		i += n ? n : 1;
	}
	stralloc_free(s);
	*s = out;
	return 1;
}

/* --- header fields -------------------------------------------------------- */

int
text_of_header(char const *s, size_t len, stralloc *out)
{
	stralloc line = STRALLOC_ZERO;
	int ok = header_unfold(s, len, &line) &&
	    encoded_word_decode(line.s ? line.s : "", line.len, text_to_utf8,
	        out);
	stralloc_free(&line);
	return ok;
}
