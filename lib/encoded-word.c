/* SPDX-License-Identifier: ISC */
#include "encoded-word.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "transfer-encoding.h"

enum {
	CHARSET_NAME_MAX = 40,
	STRAY_MAX =
	    8 /* "?" inside the text: keeps the search for its end short */
};

struct word {
	char const *charset;
	size_t charset_len;
	char encoding; /* 'b' or 'q' */
	char const *text;
	size_t text_len;
	size_t len; /* of it all */
};

/* The "?=" that ends the text; NULL for none. */
static char const *
find_end(char const *s, char const *end)
{
	for (int i = 0; i <= STRAY_MAX && s < end; i++) {
		char const *q = memchr(s, '?', (size_t)(end - s));
		if (!q || end - q < 2)
			return NULL;
		if (q[1] == '=')
			return q;
		s = q + 1;
	}
	return NULL;
}

/* RFC 2047 section 2, with the language of RFC 2231 section 5:
 * "=?" charset ["*" language] "?" encoding "?" encoded-text "?=" */
static bool
read_word(char const *s, size_t len, struct word *w)
{
	if (len < 8 || s[0] != '=' || s[1] != '?')
		return false;
	char const *end = s + len;
	size_t room = len - 2 < CHARSET_NAME_MAX ? len - 2 : CHARSET_NAME_MAX;
	char const *q = memchr(s + 2, '?', room);
	if (!q || q == s + 2 || s[2] == '*' || end - q < 5 || q[2] != '?')
		return false;
	w->encoding = (char)(q[1] | 0x20);
	if (w->encoding != 'b' && w->encoding != 'q')
		return false;
	char const *close = find_end(q + 3, end);
	if (!close)
		return false;
	char const *star = memchr(s + 2, '*', (size_t)(q - s - 2));
	w->charset = s + 2;
	w->charset_len = (size_t)((star ? star : q) - w->charset);
	w->text = q + 3;
	w->text_len = (size_t)(close - w->text);
	w->len = (size_t)(close + 2 - s);
	return true;
}

static int
decode_word(struct word const *w, stralloc *out)
{
	struct transfer_decoder d = { .kind = TRANSFER_BASE64 };
	return w->encoding == 'b'
	    ? transfer_decode(&d, w->text, w->text_len, out)
	    : transfer_decode_q(w->text, w->text_len, out);
}

static bool
same_charset(struct word const *a, struct word const *b)
{
	return a->charset_len == b->charset_len &&
	    strncasecmp(a->charset, b->charset, a->charset_len) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
count_blanks(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && is_blank(s[n]))
		n++;
	return n;
}

/* Decodes FIRST, which S starts with, and the words of the same character set
 * behind it as one, since senders cut characters in two. *USED: what they take,
 * with the white space before a word of another set (section 6.2). */
static int
decode_row(char const *s, size_t len, struct word const *first,
    encoded_word_reader *read, size_t *used, stralloc *out)
{
	stralloc bytes = STRALLOC_ZERO;
	struct word w = *first;
	int ok;
	bool more;
	*used = 0;
	do {
		ok = decode_word(&w, &bytes);
		*used += w.len;
		size_t gap = count_blanks(s + *used, len - *used);
		more = read_word(s + *used + gap, len - *used - gap, &w);
		*used += more ? gap : 0;
	} while (ok && more && same_charset(first, &w));
	ok = ok &&
	    read(first->charset, first->charset_len, bytes.s ? bytes.s : "",
	        bytes.len, out);
	stralloc_free(&bytes);
	return ok;
}

/* Octets up to the next encoded word, *W, or the end. */
static size_t
find_word(char const *s, size_t len, struct word *w)
{
	for (size_t i = 0; i < len; i++) {
		char const *at = memchr(s + i, '=', len - i);
		if (!at)
			break;
		i = (size_t)(at - s);
		if (read_word(at, len - i, w))
			return i;
	}
	return len;
}

int
encoded_word_decode(char const *s, size_t len, encoded_word_reader *read,
    stralloc *out)
{
	while (len) {
		struct word w;
		size_t n = find_word(s, len, &w);
		if (n && !read("", 0, s, n, out))
			return 0;
		s += n;
		len -= n;
		if (!len)
			break;
		size_t used;
		if (!decode_row(s, len, &w, read, &used, out))
			return 0;
		s += used;
		len -= used;
	}
	return 1;
}
