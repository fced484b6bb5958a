/* SPDX-License-Identifier: ISC */
#include "quoted-printable.h"

#include <stdbool.h>
#include <string.h>

/* The line that is being written. */
struct qp_line {
	octet_sink *sink;
	void *arg;
	size_t len;
	bool soft; /* a soft break began it */
	char text[QUOTED_PRINTABLE_LINE + 2];
};

static int
put_line(struct qp_line *l, char const *end)
{
	size_t n = strlen(end);
	memcpy(l->text + l->len, end, n);
	n += l->len;
	l->len = 0;
	return !n || l->sink(l->arg, l->text, n);
}

/* Blanks at the end of a line do not survive every transport. */
static bool
is_plain(struct qp_line const *l, char c, bool last)
{
	if (c == ' ' || c == '\t')
		return !last;
	if (c == '-')
		return !l->soft || l->len;
	return c > ' ' && c < 0x7f && c != '=';
}

static void
put_octet(struct qp_line *l, char c, bool last)
{
	static char const digits[] = "0123456789ABCDEF";
	unsigned char octet = (unsigned char)c;
	if (is_plain(l, c, last)) {
		l->text[l->len++] = c;
		return;
	}
	l->text[l->len++] = '=';
	l->text[l->len++] = digits[octet >> 4];
	l->text[l->len++] = digits[octet & 15];
}

/* A line without its end. */
static int
put_text(struct qp_line *l, char const *s, size_t len)
{
	l->soft = false;
	for (size_t i = 0; i < len; i++) {
		bool last = i + 1 == len;
		size_t room = QUOTED_PRINTABLE_LINE - !last; /* for "=" */
		size_t needs = is_plain(l, s[i], last) ? 1 : 3;
		if (l->len + needs > room) {
			if (!put_line(l, "=\n"))
				return 0;
			l->soft = true;
		}
		put_octet(l, s[i], last);
	}
	return 1;
}

int
quoted_printable(char const *s, size_t len, octet_sink *sink, void *arg)
{
	struct qp_line l = { .sink = sink, .arg = arg };
	while (len) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		bool cr = lf && n && s[n - 1] == '\r';
		if (!put_text(&l, s, n - cr) || !put_line(&l, lf ? "\n" : ""))
			return 0;
		n += lf != NULL;
		s += n;
		len -= n;
	}
	return 1;
}
