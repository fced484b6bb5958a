/* SPDX-License-Identifier: ISC */
#include "mbox.h"

#include <stdio.h>
#include <string.h>
#include "flags.h"
#include "imap-word.h"
#include "mbox-status.h"

enum { WRONG_MAX = 16 }; /* then no length of this file is believed */

void
mbox_init(struct mbox *m, struct mbox_sink const *sink)
{
	memset(m, 0, sizeof *m);
	m->sink = sink;
	m->distrust = UINT64_MAX;
}

/* --- From_ lines ---------------------------------------------------------- */

static char const months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static char const days[] = "SunMonTueWedThuFriSat";

/* The place of three letters in a list, -1. */
static int
name_of(char const *list, char const *s, char const *end)
{
	for (size_t i = 0; end - s >= 3 && list[3 * i]; i++)
		if (memcmp(list + 3 * i, s, 3) == 0)
			return (int)i;
	return -1;
}

static bool
skip_spaces(char const **s, char const *end)
{
	char const *start = *s;
	while (*s < end && **s == ' ')
		++*s;
	return *s > start;
}

static bool
digits(char const **s, char const *end, int most, int *value)
{
	int count = 0;
	*value = 0;
	while (*s < end && **s >= '0' && **s <= '9' && count < most) {
		*value = *value * 10 + (*(*s)++ - '0');
		count++;
	}
	return count > 0;
}

/* "+0100" */
static bool
zone(char const **s, char const *end, long *offset)
{
	char const *p = *s;
	int value;
	if (end - p < 5 || (*p != '+' && *p != '-'))
		return false;
	int sign = *p++ == '-' ? -1 : 1;
	char const *start = p;
	if (!digits(&p, end, 4, &value) || p - start != 4)
		return false;
	*offset = sign * (value / 100 * 3600L + value % 100 * 60L);
	*s = p;
	return true;
}

static bool
zone_name(char const **s, char const *end)
{
	char const *p = *s;
	while (p < end && *p >= 'A' && *p <= 'Z')
		p++;
	bool found = p > *s;
	*s = p;
	return found;
}

static bool
clock_time(char const **s, char const *end, struct tm *t)
{
	if (!digits(s, end, 2, &t->tm_hour) || *s == end || *(*s)++ != ':' ||
	    !digits(s, end, 2, &t->tm_min))
		return false;
	if (*s < end && **s == ':') {
		++*s;
		if (!digits(s, end, 2, &t->tm_sec))
			return false;
	}
	return t->tm_hour < 24 && t->tm_min < 60 && t->tm_sec <= 60;
}

/* Www Mmm dd hh:mm[:ss] [zone] yyyy [zone] */
static bool
date_at(char const *s, char const *end, time_t *date)
{
	struct tm t = { 0 };
	long offset = 0;
	char const *p = s + 3;
	if (name_of(days, s, end) < 0 || !skip_spaces(&p, end) ||
	    (t.tm_mon = name_of(months, p, end)) < 0)
		return false;
	p += 3;
	if (!skip_spaces(&p, end) || !digits(&p, end, 2, &t.tm_mday) ||
	    !skip_spaces(&p, end) || !clock_time(&p, end, &t) ||
	    !skip_spaces(&p, end))
		return false;
	if (zone(&p, end, &offset) || zone_name(&p, end))
		if (!skip_spaces(&p, end))
			return false;
	char const *year = p;
	if (!digits(&p, end, 4, &t.tm_year) || p - year != 4 ||
	    t.tm_year < 1900 || t.tm_mday < 1 || t.tm_mday > 31)
		return false;
	if (skip_spaces(&p, end))
		(void)zone(&p, end, &offset);
	t.tm_year -= 1900;
	*date = timegm(&t) - offset;
	return true;
}

bool
mbox_from_line(char const *s, size_t len, time_t *date)
{
	if (len < 5 || memcmp(s, "From ", 5) != 0)
		return false;
	char const *end = s + len;
	for (char const *p = s + 4; p + 3 < end; p++)
		if (*p == ' ' && date_at(p + 1, end, date))
			return true;
	return false;
}

int
mbox_quotes(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && n <= MBOX_QUOTES_MAX && s[n] == '>')
		n++;
	if (n > MBOX_QUOTES_MAX || len - n < 5 ||
	    memcmp(s + n, "From ", 5) != 0)
		return -1;
	return (int)n;
}

void
mbox_date(time_t when, char out[MBOX_DATE_MAX])
{
	struct tm t;
	/* Years that four digits do not hold. */
	if (when < -2208988800 || when > 253402300799 || !gmtime_r(&when, &t)) {
		when = 0;
		gmtime_r(&when, &t);
	}
	snprintf(out, MBOX_DATE_MAX, "%.3s %.3s %2d %02d:%02d:%02d %04d",
	    days + 3 * (size_t)t.tm_wday, months + 3 * (size_t)t.tm_mon,
	    t.tm_mday % 100, t.tm_hour % 100, t.tm_min % 100, t.tm_sec % 100,
	    (t.tm_year + 1900) % 10000);
}

/* --- output --------------------------------------------------------------- */

static size_t
eol_of(char const *s, size_t len)
{
	if (!len || s[len - 1] != '\n')
		return 0;
	return len >= 2 && s[len - 2] == '\r' ? 2 : 1;
}

static int
give(struct mbox *m, char const *s, size_t len)
{
	return len ? m->sink->data(m->sink->arg, s, len) : 1;
}

/* A line or a part of one, without the CR before its LF. */
static int
give_line(struct mbox *m, char const *s, size_t len)
{
	if (m->crlf && len >= 2 && s[len - 1] == '\n' && s[len - 2] == '\r')
		return give(m, s, len - 2) && give(m, "\n", 1);
	return give(m, s, len);
}

static int
give_blank(struct mbox *m)
{
	bool held = m->blank;
	m->blank = false;
	return held ? give(m, "\n", 1) : 1;
}

static bool
is_blank(struct mbox const *m, char const *s, size_t len)
{
	return (len == 1 && *s == '\n') ||
	    (m->crlf && len == 2 && s[0] == '\r' && s[1] == '\n');
}

static bool
is_empty(char const *s, size_t len)
{
	return len && eol_of(s, len) == len;
}

/* --- messages ------------------------------------------------------------- */

static int
begin(struct mbox *m, char const *s, size_t len, bool stray)
{
	m->offset = m->pos;
	m->stray = stray;
	m->dated = !stray && mbox_from_line(s, len, &m->date);
	m->flags = 0;
	m->old = m->forwarded = false;
	m->keywords_len = 0;
	m->crlf = len >= 2 && s[len - 2] == '\r' && s[len - 1] == '\n';
	m->blank = m->leaving = m->leaving_keywords = false;
	m->seen = 0;
	m->restless = false;
	m->has_length = m->by_length = m->at_length = m->skipped = false;
	m->state = stray ? MBOX_BODY : MBOX_HEADER;
	return m->sink->start(m->sink->arg, m);
}

static int
finish(struct mbox *m)
{
	bool there = m->state != MBOX_BEFORE;
	m->state = MBOX_BEFORE;
	m->blank = false;
	return there ? m->sink->end(m->sink->arg, m) : 1;
}

static int
next_message(struct mbox *m, char const *s, size_t len)
{
	return finish(m) && begin(m, s, len, false);
}

static int
before_line(struct mbox *m, char const *s, size_t len, bool whole)
{
	if (whole && len >= 5 && memcmp(s, "From ", 5) == 0)
		return begin(m, s, len, false);
	if (whole && is_empty(s, len))
		return 1;
	return begin(m, s, len, true) && give_line(m, s, len);
}

static int
header_line(struct mbox *m, char const *s, size_t len, bool whole)
{
	time_t date;
	if (whole && mbox_from_line(s, len, &date))
		return next_message(m, s, len);
	if (is_empty(s, len)) {
		m->state = MBOX_BODY;
		m->restless = false;
		m->body = m->pos + len;
		m->by_length = m->has_length && m->wrong < WRONG_MAX &&
		    m->distrust != m->offset;
		m->at_length = m->by_length && m->length == 0;
		return give_line(m, s, len);
	}
	if (whole && mbox_status_line(m, s, len))
		return 1;
	if (!whole)
		m->leaving = m->restless = false;
	return give_line(m, s, len);
}

/* The body does not end where its length says. */
static int
disbelieve(struct mbox *m)
{
	m->by_length = m->at_length = false;
	if (!m->skipped)
		return 1;
	m->wrong++;
	m->distrust = m->offset;
	m->pos = m->offset;
	m->state = MBOX_BEFORE;
	m->inside = m->blank = false;
	m->line_len = 0;
	return MBOX_AGAIN;
}

/* After a line of a body that goes by its length. END: where it ends in the
 * file; EOL: octets of its line end. */
static int
check_length(struct mbox *m, uint64_t end, size_t eol)
{
	uint64_t have = end - m->body;
	if (have < m->length)
		return 1;
	m->at_length = have - eol <= m->length;
	return m->at_length ? 1 : disbelieve(m);
}

static int
body_plain(struct mbox *m, char const *s, size_t len, bool whole)
{
	time_t date;
	if (whole && mbox_from_line(s, len, &date))
		return next_message(m, s, len);
	if (!give_blank(m))
		return 0;
	if (is_blank(m, s, len)) {
		m->blank = true;
		return 1;
	}
	int unquoted = !m->stray && mbox_quotes(s, len) > 0;
	return give_line(m, s + unquoted, len - (size_t)unquoted);
}

static int
body_line(struct mbox *m, char const *s, size_t len, bool whole)
{
	time_t date;
	if (!m->by_length)
		return body_plain(m, s, len, whole);
	bool from = whole && mbox_from_line(s, len, &date);
	if (m->at_length && from)
		return next_message(m, s, len);
	if (m->at_length && !m->blank && is_blank(m, s, len)) {
		m->blank = true;
		return 1;
	}
	if (m->at_length) {
		int r = disbelieve(m);
		return r > 0 ? body_plain(m, s, len, whole) : r;
	}
	m->skipped = m->skipped || from || mbox_quotes(s, len) > 0;
	if (!give_line(m, s, len))
		return 0;
	return eol_of(s, len) ? check_length(m, m->pos + len, eol_of(s, len))
	                      : 1;
}

/* The rest of a line whose start was too long to be looked at whole. */
static int
rest_of_line(struct mbox *m, char const *s, size_t len)
{
	if (!give_line(m, s, len))
		return 0;
	size_t eol = eol_of(s, len);
	return eol && m->state == MBOX_BODY && m->by_length
	    ? check_length(m, m->pos + len, eol)
	    : 1;
}

/* A line, or a part of a long one. LAST: the file ends with it. */
static int
take(struct mbox *m, char const *s, size_t len, bool last)
{
	bool ends = s[len - 1] == '\n';
	bool whole = len <= MBOX_LINE && (ends || last);
	int r;
	if (m->inside)
		r = rest_of_line(m, s, len);
	else if (m->state == MBOX_BEFORE)
		r = before_line(m, s, len, whole);
	else if (m->state == MBOX_HEADER)
		r = header_line(m, s, len, whole);
	else
		r = body_line(m, s, len, whole);
	if (r <= 0)
		return r;
	m->inside = !ends;
	m->pos += len;
	return 1;
}

/* The line buffer is full. A CR at its end waits for what follows it. */
static int
take_part(struct mbox *m)
{
	size_t held = m->line[MBOX_LINE - 1] == '\r';
	int r = take(m, m->line, MBOX_LINE - held, false);
	if (r <= 0)
		return r;
	m->line[0] = '\r';
	m->line_len = held;
	return 1;
}

static int
take_buffered(struct mbox *m, char const *s, size_t len, size_t *used)
{
	*used = MBOX_LINE - m->line_len;
	if (*used > len)
		*used = len;
	memcpy(m->line + m->line_len, s, *used);
	m->line_len += *used;
	if (m->line[m->line_len - 1] == '\n') {
		size_t n = m->line_len;
		m->line_len = 0;
		return take(m, m->line, n, false);
	}
	return m->line_len == MBOX_LINE ? take_part(m) : 1;
}

int
mbox_feed(struct mbox *m, char const *s, size_t len)
{
	while (len) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) + 1 : len;
		int r = 1;
		if (lf && !m->line_len && n <= MBOX_LINE)
			r = take(m, s, n, false);
		else
			r = take_buffered(m, s, n, &n);
		if (r <= 0)
			return r;
		s += n;
		len -= n;
	}
	return 1;
}

int
mbox_end(struct mbox *m)
{
	if (m->line_len) {
		size_t n = m->line_len;
		m->line_len = 0;
		int r = take(m, m->line, n, true);
		if (r <= 0)
			return r;
	}
	if (m->state == MBOX_BODY && m->by_length && !m->at_length &&
	    m->pos - m->body != m->length) {
		int r = disbelieve(m);
		if (r <= 0)
			return r;
	}
	m->inside = false;
	return finish(m);
}
