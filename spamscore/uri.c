/* SPDX-License-Identifier: ISC */
#include "uri.h"

#include "ascii.h"
#include "hex.h"

enum { URI_MAX = 8192 };

static struct {
	char const *start;
	char const *put; /* before it */
} const starts[] = {
	{ "http://", "" },
	{ "https://", "" },
	{ "ftp://", "" },
	{ "mailto:", "" },
	{ "www.", "http://" },
	{ "ftp.", "ftp://" },
};

static bool
is_uri_byte(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !strchr("<>\"{}|\\^`", c);
}

static bool
is_mailbox_byte(char c)
{
	return ascii_is_alnum(c) || (c && strchr(".!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_host_byte(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '.';
}

/* Without the marks that end a sentence around it. */
static size_t
trim_end(char const *s, size_t len)
{
	while (len && strchr(".,;:!?'*)]", s[len - 1])) {
		/* a bracket that was opened inside is part of it */
		if (s[len - 1] == ')' && memchr(s, '(', len))
			break;
		len--;
	}
	return len;
}

static int
put_line(stralloc *out, char const *before, struct span s)
{
	return stralloc_cats(out, before) && stralloc_catb(out, s.s, s.len) &&
	    stralloc_append(out, '\n');
}

/* The address that starts at S with a scheme or a telling name. *USED is 0 for
 * none. */
static int
find_start(struct span s, size_t *used, stralloc *out)
{
	*used = 0;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = strlen(starts[i].start);
		if (s.len <= n || strncasecmp(s.s, starts[i].start, n) != 0 ||
		    (!ascii_is_alnum(s.s[n]) && s.s[n] != '%'))
			continue;
		while (n < s.len && n < URI_MAX && is_uri_byte(s.s[n]))
			n++;
		*used = n;
		return put_line(out, starts[i].put,
		    (struct span){ s.s, trim_end(s.s, n) });
	}
	return 1;
}

/* The mail address around the "@" at AT; FROM is where it may begin. *USED is
 * its end, 0 for none. */
static int
find_mailbox(struct span s, size_t from, size_t at, size_t *used, stralloc *out)
{
	size_t start = at;
	size_t end = at + 1;
	while (start > from && is_mailbox_byte(s.s[start - 1]))
		start--;
	while (end < s.len && end - at < 256 && is_host_byte(s.s[end]))
		end++;
	size_t used_to = end;
	while (end > at + 1 && !ascii_is_alnum(s.s[end - 1]))
		end--;
	*used = 0;
	if (start == at || at - start > 64 ||
	    !memchr(s.s + at + 1, '.', end - at - 1))
		return 1;
	*used = used_to;
	return put_line(out,
	    "mailto:", (struct span){ s.s + start, end - start });
}

int
uri_find(struct span text, stralloc *out)
{
	size_t from = 0;
	for (size_t i = 0; i < text.len;) {
		size_t used = 0;
		char c = text.s[i];
		bool word = i == 0 || !ascii_is_alnum(text.s[i - 1]);
		if (word && strchr("hfmwHFMW", c) && c) {
			if (!find_start(span_from(text, i), &used, out))
				return 0;
			used = used ? i + used : 0;
		} else if (c == '@') {
			if (!find_mailbox(text, from, i, &used, out))
				return 0;
		}
		if (used)
			from = used;
		i = used ? used : i + 1;
	}
	return 1;
}

int
uri_forms(struct span uri, stralloc *out)
{
	if (!put_line(out, "", uri))
		return 0;
	if (!memchr(uri.s, '%', uri.len))
		return 1;
	for (size_t i = 0; i < uri.len; i++) {
		char c = uri.s[i];
		int high =
		    c == '%' && i + 2 < uri.len ? hex_value(uri.s[i + 1]) : -1;
		int low = high >= 0 ? hex_value(uri.s[i + 2]) : -1;
		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (!stralloc_append(out, c == '\n' ? ' ' : c))
			return 0;
	}
	return stralloc_append(out, '\n');
}
