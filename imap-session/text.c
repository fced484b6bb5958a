/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include "header.h"
#include "parse.h"
#include "tables.h"

enum { CHARSET_NAME_MAX = 40, REPLACEMENT = 0xfffd };

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --- UTF-8 ---------------------------------------------------------------- */

static int
put_char(stralloc *out, uint32_t c)
{
	char b[4];
	size_t n;
	if (c < 0x80) {
		b[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	return stralloc_catb(out, b, n);
}

/* Octets of the character at S and the character; 0: not UTF-8. */
static size_t
get_char(char const *s, size_t len, uint32_t *c)
{
	static uint32_t const least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char b = (unsigned char)s[0];
	size_t n = b < 0x80         ? 1
	    : b >= 0xc2 && b < 0xe0 ? 2
	    : b >= 0xe0 && b < 0xf0 ? 3
	    : b >= 0xf0 && b < 0xf5 ? 4
	                            : 0;
	if (!n || n > len)
		return 0;
	*c = n == 1 ? b : b & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		unsigned char t = (unsigned char)s[i];
		if ((t & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (t & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

/* Valid UTF-8 as it is; other octets as ISO-8859-1. */
static int
put_loose(stralloc *out, char const *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = get_char(s + i, len - i, &c);
		if (n ? !stralloc_catb(out, s + i, n)
		      : !put_char(out, (unsigned char)s[i]))
			return 0;
		i += n ? n : 1;
	}
	return 1;
}

/* --- character sets ------------------------------------------------------- */

struct wide_charset {
	char const *names[6];
	char const *iconv_name;
	iconv_t cd;
};

static struct wide_charset wide_charsets[] = {
	{ { "gb18030", "gbk", "gb2312", "cp936", "hz-gb-2312" }, "GB18030",
	    NULL },
	{ { "big5", "cp950", "big5-hkscs" }, "BIG5", NULL },
	{ { "shift_jis", "cp932", "windows-31j", "sjis" }, "CP932", NULL },
	{ { "euc-jp" }, "EUC-JP", NULL },
	{ { "iso-2022-jp" }, "ISO-2022-JP", NULL },
	{ { "euc-kr", "ks_c_5601-1987", "cp949", "uhc" }, "CP949", NULL },
	{ { "utf-16", "utf16" }, "UTF-16", NULL },
	{ { "utf-16le" }, "UTF-16LE", NULL },
	{ { "utf-16be" }, "UTF-16BE", NULL },
	{ { "utf-7" }, "UTF-7", NULL },
};

void
text_open_charsets(void)
{
	for (size_t i = 0; i < COUNT(wide_charsets); i++)
		wide_charsets[i].cd =
		    iconv_open("UTF-8", wide_charsets[i].iconv_name);
}

static struct wide_charset *
find_wide(char const *name, size_t len)
{
	for (size_t i = 0; i < COUNT(wide_charsets); i++) {
		struct wide_charset *w = &wide_charsets[i];
		for (size_t k = 0; k < COUNT(w->names) && w->names[k]; k++)
			if (imap_equal(name, len, w->names[k]))
				return w->cd && w->cd != (iconv_t)-1 ? w : NULL;
	}
	return NULL;
}

static struct charset_table const *
find_table(char const *name, size_t len)
{
	for (size_t i = 0; i < COUNT(charset_tables); i++)
		if (imap_equal(name, len, charset_tables[i].name))
			return &charset_tables[i];
	return NULL;
}

static int
put_table(stralloc *out, struct charset_table const *t, char const *s,
    size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char b = (unsigned char)s[i];
		if (!put_char(out, b < 0x80 ? b : t->high[b - 0x80]))
			return 0;
	}
	return 1;
}

/* Octets that are no character of the set are passed over. */
static int
put_wide(stralloc *out, struct wide_charset *w, char const *s, size_t len)
{
	char buf[4096];
	char *in = (char *)(uintptr_t)s;
	size_t left = len;
	iconv(w->cd, NULL, NULL, NULL, NULL);
	while (left) {
		char *to = buf;
		size_t room = sizeof buf;
		size_t r = iconv(w->cd, &in, &left, &to, &room);
		if (!stralloc_catb(out, buf, sizeof buf - room))
			return 0;
		if (r == (size_t)-1 && errno != E2BIG) {
			if (!left)
				break;
			in++;
			left--;
			if (!put_char(out, REPLACEMENT))
				return 0;
		}
	}
	return 1;
}

int
text_to_utf8(char const *charset, size_t charset_len, char const *s, size_t len,
    stralloc *out)
{
	struct charset_table const *t = find_table(charset, charset_len);
	if (t)
		return put_table(out, t, s, len);
	struct wide_charset *w = find_wide(charset, charset_len);
	if (w)
		return put_wide(out, w, s, len);
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
		size_t n = get_char(s->s + i, s->len - i, &c);
		int ok = n ? put_char(&out, fold_char(c))
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

/* --- transfer encodings --------------------------------------------------- */

static int
hex_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What is not of the alphabet is passed over, RFC 2045 6.8; "=" starts anew. */
static int
decode_base64(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out)
{
	for (size_t i = 0; i < len; i++) {
		int value = base64_value((unsigned char)s[i]);
		if (s[i] == '=')
			d->count = 0;
		if (value < 0)
			continue;
		d->bits = (d->bits << 6 | (uint32_t)value) & 0xffff;
		d->count += 6;
		if (d->count < 8)
			continue;
		d->count -= 8;
		if (!stralloc_append(out, (char)(d->bits >> d->count & 0xff)))
			return 0;
	}
	return 1;
}

/* d->held has what followed a "=" so far. */
static int
decode_qp(struct transfer_decoder *d, char const *s, size_t len, stralloc *out)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (!d->count) {
			if (c == '=')
				d->held[d->count++] = c;
			else if (!stralloc_append(out, s[i]))
				return 0;
			continue;
		}
		if (c == '\n') { /* a soft line break */
			d->count = 0;
			continue;
		}
		if (d->count == 1 && (hex_value(c) >= 0 || c == '\r')) {
			d->held[d->count++] = c;
			continue;
		}
		int high = d->count == 2 ? hex_value(d->held[1]) : -1;
		int low = hex_value(c);
		int ok = high >= 0 && low >= 0
		    ? stralloc_append(out, (char)(high << 4 | low))
		    : stralloc_catb(out, (char const *)d->held, d->count) &&
		        stralloc_append(out, s[i]);
		d->count = 0;
		if (!ok)
			return 0;
	}
	return 1;
}

int
transfer_decode(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out)
{
	switch (d->kind) {
	case TRANSFER_QP:
		return decode_qp(d, s, len, out);
	case TRANSFER_BASE64:
		return decode_base64(d, s, len, out);
	case TRANSFER_PLAIN:
	default:
		return stralloc_catb(out, s, len);
	}
}

/* --- encoded words -------------------------------------------------------- */

struct encoded_word {
	char const *charset;
	size_t charset_len;
	char encoding;
	char const *text;
	size_t text_len;
	size_t len; /* all of it */
};

/* RFC 2047: "=?" charset ["*" language] "?" encoding "?" encoded-text "?=" */
static bool
encoded_word(char const *s, size_t len, struct encoded_word *w)
{
	if (len < 8 || s[0] != '=' || s[1] != '?')
		return false;
	char const *end = s + len;
	char const *q = memchr(s + 2, '?', len - 2);
	if (!q || q == s + 2 || end - q < 5 || q[2] != '?' ||
	    q - s > CHARSET_NAME_MAX)
		return false;
	char const *star = memchr(s + 2, '*', (size_t)(q - s - 2));
	w->charset = s + 2;
	w->charset_len = (size_t)((star ? star : q) - (s + 2));
	w->encoding = (char)(q[1] & ~0x20);
	w->text = q + 3;
	char const *close = memmem(w->text, (size_t)(end - w->text), "?=", 2);
	if (!close || (w->encoding != 'B' && w->encoding != 'Q'))
		return false;
	/* "?Q?=20...": the text may start with the "=" of an octet. */
	w->text_len = (size_t)(close - w->text);
	w->len = (size_t)(close + 2 - s);
	return true;
}

static int
decode_word(struct encoded_word const *w, stralloc *out)
{
	struct transfer_decoder d = {
		.kind = w->encoding == 'B' ? TRANSFER_BASE64 : TRANSFER_QP
	};
	if (w->encoding == 'B')
		return transfer_decode(&d, w->text, w->text_len, out);
	for (size_t i = 0; i < w->text_len; i++)
		if (!transfer_decode(&d, w->text[i] == '_' ? " " : w->text + i,
		        1, out))
			return 0;
	return 1;
}

/* A row of words with one character set is decoded as one: a character may be
 * cut in two. The octets used. */
static size_t
decode_row(char const *s, size_t len, struct encoded_word const *first,
    stralloc *out, int *ok)
{
	stralloc bytes = STRALLOC_ZERO;
	struct encoded_word w = *first;
	size_t used = w.len;
	*ok = decode_word(&w, &bytes);
	while (*ok) {
		size_t gap = used;
		while (gap < len && (s[gap] == ' ' || s[gap] == '\t'))
			gap++;
		if (gap == used || !encoded_word(s + gap, len - gap, &w))
			break;
		if (w.charset_len != first->charset_len ||
		    !imap_equal_n(w.charset, first->charset, w.charset_len)) {
			used = gap; /* white space between words goes away */
			break;
		}
		*ok = decode_word(&w, &bytes);
		used = gap + w.len;
	}
	*ok = *ok &&
	    text_to_utf8(first->charset, first->charset_len,
	        bytes.s ? bytes.s : "", bytes.len, out);
	stralloc_free(&bytes);
	return used;
}

int
text_of_header(char const *s, size_t len, stralloc *out)
{
	stralloc line = STRALLOC_ZERO;
	int ok = header_unfold(s, len, &line);
	for (size_t i = 0; i < line.len && ok;) {
		struct encoded_word w;
		char const *at = line.s + i;
		if (encoded_word(at, line.len - i, &w)) {
			i += decode_row(at, line.len - i, &w, out, &ok);
			continue;
		}
		char const *next = memchr(at + 1, '=', line.len - i - 1);
		size_t n = next ? (size_t)(next - at) : line.len - i;
		ok = put_loose(out, at, n);
		i += n;
	}
	stralloc_free(&line);
	return ok;
}
