/* SPDX-License-Identifier: ISC */
#include "decode.h"

/* --- transfer encodings ---------------------------------------------------- */

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
decode_base64(struct span in, stralloc *out)
{
	uint32_t bits = 0;
	unsigned int have = 0;
	for (size_t i = 0; i < in.len; i++) {
		int v = base64_value(in.s[i]);
		/* texts that were put together have padding inside */
		if (in.s[i] == '=')
			have = 0;
		if (v < 0)
			continue;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (!stralloc_append(out, (char)(bits >> have & 0xff)))
			return 0;
	}
	return 1;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Length of "=", blanks and a line end at S; 0 when it is none. */
static size_t
soft_break(struct span s)
{
	size_t i = 1;
	while (i < s.len && (s.s[i] == ' ' || s.s[i] == '\t' || s.s[i] == '\r'))
		i++;
	if (i == s.len)
		return i;
	return s.s[i] == '\n' ? i + 1 : 0;
}

int
decode_quoted(struct span in, bool header, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		struct span rest = span_from(in, i);
		char c = *rest.s;
		size_t skip = c == '=' && !header ? soft_break(rest) : 0;
		if (skip) {
			i += skip;
			continue;
		}
		int high = c == '=' && rest.len > 2 ? hex_value(rest.s[1]) : -1;
		int low = high >= 0 ? hex_value(rest.s[2]) : -1;
		if (low >= 0)
			c = (char)(high << 4 | low);
		else if (header && c == '_')
			c = ' ';
		i += low >= 0 ? 3 : 1;
		bool lone =
		    low < 0 && c == '\r' && rest.len > 1 && rest.s[1] == '\n';
		if (!lone && !stralloc_append(out, c))
			return 0;
	}
	return 1;
}

int
decode_lines(struct span in, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		char const *cr = memchr(in.s + i, '\r', in.len - i);
		size_t end = cr ? (size_t)(cr - in.s) : in.len;
		/* a CR that ends no line stays */
		bool keep = cr && (end + 1 == in.len || cr[1] != '\n');
		if (!stralloc_catb(out, in.s + i, end - i + keep))
			return 0;
		i = end + 1;
	}
	return 1;
}

/* --- character sets -------------------------------------------------------- */

int
decode_point(uint32_t p, stralloc *out)
{
	char b[4];
	size_t n = 0;
	if (p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff) || p == 0)
		return 1;
	if (p < 0x80) {
		b[n++] = (char)p;
	} else if (p < 0x800) {
		b[n++] = (char)(0xc0 | p >> 6);
	} else if (p < 0x10000) {
		b[n++] = (char)(0xe0 | p >> 12);
		b[n++] = (char)(0x80 | (p >> 6 & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | p >> 18);
		b[n++] = (char)(0x80 | (p >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (p >> 6 & 0x3f));
	}
	if (p >= 0x80)
		b[n++] = (char)(0x80 | (p & 0x3f));
	return stralloc_catb(out, b, n);
}

/* Bytes 0x80 to 0x9f of windows-1252, which mail programs also take for those
 * of ISO-8859-1; 0 where there is nothing. */
static uint16_t const windows_1252[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

/* Where ISO-8859-15 is not ISO-8859-1. */
static struct {
	unsigned char byte;
	uint16_t point;
} const latin_9[] = { { 0xa4, 0x20ac }, { 0xa6, 0x0160 }, { 0xa8, 0x0161 },
	{ 0xb4, 0x017d }, { 0xb8, 0x017e }, { 0xbc, 0x0152 }, { 0xbd, 0x0153 },
	{ 0xbe, 0x0178 } };

static uint32_t
latin_point(unsigned char c, bool nine)
{
	if (c >= 0x80 && c < 0xa0)
		return windows_1252[c - 0x80];
	for (size_t i = 0; nine && i < sizeof latin_9 / sizeof *latin_9; i++)
		if (latin_9[i].byte == c)
			return latin_9[i].point;
	return c;
}

/* Length of the well-formed UTF-8 sequence at S (RFC 3629), 0 for none. */
static size_t
utf8_length(struct span s)
{
	unsigned char const *p = (unsigned char const *)s.s;
	size_t n = p[0] < 0x80            ? 1
	    : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
	    : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
	    : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
	                                  : 0;
	if (n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static bool
is_utf8(struct span s)
{
	for (size_t n; s.len; s = span_from(s, n))
		if (!(n = utf8_length(s)))
			return false;
	return true;
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.s[i] >= 0x80)
			return false;
	return true;
}

int
decode_charset(struct span in, struct span charset, stralloc *out)
{
	bool nine = span_is_case(charset, "iso-8859-15");
	bool latin = nine || span_is_case(charset, "iso-8859-1") ||
	    span_is_case(charset, "windows-1252");
	bool plain = !charset.len || span_is_case(charset, "us-ascii") ||
	    span_is_case(charset, "utf-8");
	if (is_ascii(in) || (!latin && !plain) || (plain && is_utf8(in)))
		return stralloc_catb(out, in.s, in.len);
	for (size_t i = 0; i < in.len; i++)
		if (!decode_point(latin_point((unsigned char)in.s[i], nine),
		        out))
			return 0;
	return 1;
}

/* --- encoded words --------------------------------------------------------- */

struct word {
	struct span charset;
	char encoding;
	struct span text;
	size_t len; /* of it all */
};

/* "=?charset?encoding?text?=" at the start of S (RFC 2047 section 2; any byte
 * but "?" in the text, as mail programs take it). */
static bool
read_word(struct span s, struct word *w)
{
	if (s.len < 8 || s.s[0] != '=' || s.s[1] != '?')
		return false;
	char const *end = s.s + s.len;
	char const *q1 = memchr(s.s + 2, '?', s.len - 2);
	if (!q1 || end - q1 < 5 || q1[2] != '?')
		return false;
	char const *q3 = memchr(q1 + 3, '?', (size_t)(end - q1 - 3));
	if (!q3 || end - q3 < 2 || q3[1] != '=')
		return false;
	w->charset = (struct span){ s.s + 2, (size_t)(q1 - s.s - 2) };
	char const *star = memchr(w->charset.s, '*', w->charset.len);
	if (star) /* RFC 2231 5: a language */
		w->charset.len = (size_t)(star - w->charset.s);
	w->encoding = (char)(q1[1] | 0x20);
	w->text = (struct span){ q1 + 3, (size_t)(q3 - q1 - 3) };
	w->len = (size_t)(q3 + 2 - s.s);
	return w->encoding == 'b' || w->encoding == 'q';
}

static bool
same_kind(struct word const *a, struct word const *b)
{
	return a->encoding == b->encoding && a->charset.len == b->charset.len &&
	    strncasecmp(a->charset.s, b->charset.s, a->charset.len) == 0;
}

static size_t
blanks(struct span s)
{
	size_t n = 0;
	while (n < s.len && span_is_space(s.s[n]))
		n++;
	return n;
}

/* Decodes W, which S starts with, and the words behind it that are only
 * separated by white space; words of one kind are put together first, since
 * senders split characters between them. *USED is what they take. */
static int
decode_run(struct span s, struct word w, size_t *used, stralloc *out)
{
	stralloc bytes = STRALLOC_ZERO;
	struct word next = w;
	int ok = 1;
	*used = 0;
	for (bool more = true; ok && more; w = next) {
		ok = w.encoding == 'b' ? decode_base64(w.text, &bytes)
		                       : decode_quoted(w.text, true, &bytes);
		*used += w.len;
		size_t gap = blanks(span_from(s, *used));
		more = read_word(span_from(s, *used + gap), &next);
		if (ok && (!more || !same_kind(&w, &next))) {
			ok = decode_charset(span_of(&bytes), w.charset, out);
			bytes.len = 0;
		}
		*used += more ? gap : 0;
	}
	stralloc_free(&bytes);
	return ok;
}

int
decode_words(struct span in, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		struct word w;
		struct span rest = span_from(in, i);
		size_t used = 1;
		if (read_word(rest, &w)) {
			if (!decode_run(rest, w, &used, out))
				return 0;
		} else if (!stralloc_append(out, *rest.s)) {
			return 0;
		}
		i += used;
	}
	return 1;
}
