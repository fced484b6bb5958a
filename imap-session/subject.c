/* SPDX-License-Identifier: ISC */
#include "subject.h"

#include <string.h>
#include <strings.h>

/* What is still taken for part of the subject. */
struct rest {
	char const *s;
	size_t len;
	bool reply;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
starts(struct rest const *r, size_t at, char const *word, size_t *n)
{
	*n = strlen(word);
	return r->len - at >= *n && strncasecmp(r->s + at, word, *n) == 0;
}

static bool
ends(struct rest const *r, char const *word, size_t *n)
{
	*n = strlen(word);
	return r->len >= *n && strncasecmp(r->s + r->len - *n, word, *n) == 0;
}

static void
drop(struct rest *r, size_t n)
{
	r->s += n;
	r->len -= n;
}

/* (2) subj-trailer = "(fwd)" / WSP */
static void
drop_trailers(struct rest *r)
{
	size_t n;
	for (;;) {
		if (r->len && r->s[r->len - 1] == ' ') {
			r->len--;
		} else if (ends(r, "(fwd)", &n)) {
			r->len -= n;
			r->reply = true;
		} else {
			return;
		}
	}
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP, BLOBCHAR being anything but brackets; 0:
 * there is none at AT. */
static size_t
blob(struct rest const *r, size_t at)
{
	size_t i = at;
	if (i == r->len || r->s[i] != '[')
		return 0;
	do
		i++;
	while (i < r->len && r->s[i] != '[' && r->s[i] != ']');
	if (i == r->len || r->s[i] != ']')
		return 0;
	do
		i++;
	while (i < r->len && r->s[i] == ' ');
	return i - at;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static size_t
refwd(struct rest const *r, size_t at)
{
	size_t n;
	size_t i = at;
	if (starts(r, i, "fwd", &n) || starts(r, i, "fw", &n) ||
	    starts(r, i, "re", &n))
		i += n;
	else
		return 0;
	while (i < r->len && r->s[i] == ' ')
		i++;
	i += blob(r, i);
	return i < r->len && r->s[i] == ':' ? i + 1 - at : 0;
}

/* (3) subj-leader = (*subj-blob subj-refwd) / WSP. A row of blobs is looked at
 * once: those before AFTER are known to have no refwd behind them. */
static bool
drop_leader(struct rest *r, char const **after)
{
	size_t i = 0;
	size_t n;
	if (r->len && r->s[0] == ' ') {
		drop(r, 1);
		return true;
	}
	if (r->s < *after)
		return false;
	while ((n = blob(r, i)) > 0)
		i += n;
	n = refwd(r, i);
	if (!n) {
		*after = r->s + i;
		return false;
	}
	drop(r, i + n);
	r->reply = true;
	return true;
}

/* (4) a blob goes, unless nothing but it is left */
static bool
drop_blob(struct rest *r)
{
	size_t n = blob(r, 0);
	if (!n || n == r->len)
		return false;
	drop(r, n);
	return true;
}

/* (6) subj-fwd = "[fwd:" ... "]" */
static bool
drop_forward(struct rest *r)
{
	size_t n;
	if (!starts(r, 0, "[fwd:", &n) || r->s[r->len - 1] != ']')
		return false;
	drop(r, n);
	r->len--;
	r->reply = true;
	return true;
}

/* (1) as far as white space goes */
static size_t
join_blanks(char *s, size_t len)
{
	size_t out = 0;
	for (size_t i = 0; i < len; i++) {
		if (!is_blank(s[i]))
			s[out++] = s[i];
		else if (!out || s[out - 1] != ' ')
			s[out++] = ' ';
	}
	return out;
}

void
subject_base(char *s, size_t *start, size_t *len, bool *reply)
{
	struct rest r = { s, join_blanks(s, *len), false };
	do {
		char const *after = r.s;
		drop_trailers(&r);
		do
			while (drop_leader(&r, &after))
				;
		while (drop_blob(&r));
	} while (drop_forward(&r));
	*start = (size_t)(r.s - s);
	*len = r.len;
	*reply = r.reply;
}
