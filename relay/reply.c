/* SPDX-License-Identifier: ISC */
#include "reply.h"

#include <string.h>

enum { CODE_DIGITS = 3 };

void
reply_begin(struct reply *r)
{
	r->code = r->line_code = r->column = 0;
	r->len = r->octets = 0;
	r->first = true;
	r->last = r->cr = false;
}

static void
keep(struct reply *r, char c)
{
	unsigned char octet = (unsigned char)c;
	if (r->len < sizeof r->text)
		r->text[r->len++] = c == '\t'                      ? ' '
		    : (octet < 0x20 && c != '\n') || octet == 0x7f ? '?'
		                                                   : c;
}

/* 1, or 0 when no line of a reply goes on like this. The text's first octet is
 * at column 4. */
static int
take_code(struct reply *r, char c)
{
	unsigned int digit = (unsigned char)c - (unsigned int)'0';
	if (r->column == CODE_DIGITS) {
		r->last = c != '-';
		if (r->first)
			r->code = r->line_code;
		return c == ' ' || c == '-';
	}
	if (digit > 9 || (r->column == 0 && (digit < 2 || digit > 5)))
		return 0;
	r->line_code = r->line_code * 10 + digit;
	return 1;
}

/* 1, or 0 when it is no line of this reply. */
static int
end_line(struct reply *r)
{
	if (r->column < CODE_DIGITS || (!r->first && r->code != r->line_code))
		return 0;
	if (r->column == CODE_DIGITS) /* "250" and nothing behind it */
		r->last = true;
	r->code = r->line_code;
	if (!r->last)
		keep(r, '\n');
	r->column = r->line_code = 0;
	r->first = r->cr = false;
	return 1;
}

/* A CR is of the line end only when LF follows. */
static int
take_octet(struct reply *r, char c)
{
	if (c == '\n')
		return end_line(r);
	if (r->cr) {
		r->cr = false;
		if (!take_octet(r, '?'))
			return 0;
	}
	if (c == '\r') {
		r->cr = true;
		return 1;
	}
	if (r->column > CODE_DIGITS)
		keep(r, c);
	else if (!take_code(r, c))
		return 0;
	else
		r->column++;
	return 1;
}

enum reply_result
reply_feed(struct reply *r, char const *s, size_t len, size_t *used)
{
	for (size_t i = 0; i < len; i++) {
		if (++r->octets > REPLY_OCTETS_MAX)
			return REPLY_ENDLESS;
		if (!take_octet(r, s[i]))
			return REPLY_WRONG;
		if (s[i] == '\n' && r->last) {
			*used = i + 1;
			return REPLY_DONE;
		}
	}
	*used = len;
	return REPLY_MORE;
}

bool
reply_is_endless(struct reply const *r)
{
	return r->octets > REPLY_OCTETS_MAX;
}

/* "5.1.1" of the class of CODE, at the start of S; its length or 0. */
static size_t
status_length(unsigned int code, char const *s, size_t len)
{
	size_t n = 0;
	if (!len || s[n++] != (char)('0' + code / 100))
		return 0;
	for (int part = 0; part < 2; part++) {
		if (n == len || s[n++] != '.')
			return 0;
		size_t digits = 0;
		while (n < len && s[n] >= '0' && s[n] <= '9') {
			n++;
			digits++;
		}
		if (digits < 1 || digits > 3)
			return 0;
	}
	return n == len || s[n] == ' ' || s[n] == '\n' ? n : 0;
}

static size_t
skip_blanks(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && s[n] == ' ')
		n++;
	return n;
}

/* The lines in one, each without its status code. */
static void
join_lines(struct reply const *r, struct answer *a)
{
	char const *s = r->text, *end = r->text + r->len;
	size_t out = 0;
	while (s < end) {
		char const *lf = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((lf ? lf : end) - s);
		size_t skip = status_length(r->code, s, n);
		skip += skip_blanks(s + skip, n - skip);
		if (out && n > skip && out < sizeof a->text - 1)
			a->text[out++] = ' ';
		for (size_t i = skip; i < n && out < sizeof a->text - 1; i++)
			a->text[out++] = s[i] ? s[i] : '?';
		s += n + 1;
	}
	a->text[out] = 0;
}

/* RFC 3463 section 2: a status has the class of what became of it, whatever was
 * said: a server that answers 354 to RCPT puts it off. */
static char
status_class(enum verdict verdict)
{
	return verdict == VERDICT_RELAYED ? '2'
	    : verdict == VERDICT_FAILED   ? '5'
	                                  : '4';
}

void
reply_answer(struct reply const *r, enum verdict verdict, struct answer *a)
{
	size_t n = status_length(r->code, r->text, r->len);
	if (n && n < sizeof a->status) {
		memcpy(a->status, r->text, n);
		a->status[n] = 0;
	} else {
		memcpy(a->status, "x.0.0", sizeof "x.0.0");
	}
	a->status[0] = status_class(verdict);
	a->verdict = verdict;
	a->code = r->code;
	join_lines(r, a);
}
