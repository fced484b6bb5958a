/* SPDX-License-Identifier: ISC */
#include "dates.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static char const months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days since 1970-01-01 of the Gregorian calendar. */
static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t doy = (153 * m + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static unsigned
days_in(int64_t year, unsigned month)
{
	static unsigned char const days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool
month_of(char const *s, unsigned *month)
{
	for (*month = 1; *month <= 12; ++*month)
		if (strncasecmp(s, &months[(size_t)(*month - 1) * 3], 3) == 0)
			return true;
	return false;
}

static bool
digits(struct cursor *c, size_t count, unsigned *n)
{
	*n = 0;
	for (size_t i = 0; i < count; i++) {
		if (c->pos == c->len || c->s[c->pos] < '0' ||
		    c->s[c->pos] > '9')
			return false;
		*n = *n * 10 + (unsigned)(c->s[c->pos++] - '0');
	}
	return true;
}

static bool
month_name(struct cursor *c, unsigned *month)
{
	if (c->len - c->pos < 3 || !month_of(c->s + c->pos, month))
		return false;
	c->pos += 3;
	return true;
}

/* "-" date-month "-" date-year, behind a day */
static bool
rest_of_date(struct cursor *c, unsigned day, int64_t *days)
{
	unsigned month;
	unsigned year;
	if (!cursor_char(c, '-') || !month_name(c, &month) ||
	    !cursor_char(c, '-') || !digits(c, 4, &year) || day < 1 ||
	    day > days_in(year, month))
		return false;
	*days = days_of(year, month, day);
	return true;
}

static bool
time_of_day(struct cursor *c, int64_t *seconds)
{
	unsigned h;
	unsigned m;
	unsigned s;
	if (!digits(c, 2, &h) || !cursor_char(c, ':') || !digits(c, 2, &m) ||
	    !cursor_char(c, ':') || !digits(c, 2, &s) || h > 23 || m > 59 ||
	    s > 60)
		return false;
	*seconds = (int64_t)h * 3600 + (int64_t)m * 60 + s;
	return true;
}

static bool
zone(struct cursor *c, int64_t *seconds)
{
	unsigned h;
	unsigned m;
	bool west = cursor_char(c, '-');
	if ((!west && !cursor_char(c, '+')) || !digits(c, 2, &h) ||
	    !digits(c, 2, &m) || h > 23 || m > 59)
		return false;
	*seconds = ((int64_t)h * 60 + m) * (west ? -60 : 60);
	return true;
}

bool
cursor_date_time(struct cursor *c, time_t *t)
{
	unsigned day;
	int64_t days;
	int64_t seconds;
	int64_t offset;
	if (!cursor_char(c, '"') ||
	    !digits(c, cursor_char(c, ' ') ? 1 : 2, &day) ||
	    !rest_of_date(c, day, &days) || !cursor_space(c) ||
	    !time_of_day(c, &seconds) || !cursor_space(c) ||
	    !zone(c, &offset) || !cursor_char(c, '"'))
		return false;
	*t = (time_t)(days * 86400 + seconds - offset);
	return true;
}

bool
cursor_date(struct cursor *c, int64_t *day)
{
	uint32_t n;
	bool quotes = cursor_char(c, '"');
	size_t start = c->pos;
	return cursor_number(c, &n) && c->pos - start <= 2 &&
	    rest_of_date(c, n, day) && (!quotes || cursor_char(c, '"'));
}

void
date_internal(time_t t, char out[INTERNALDATE_SIZE])
{
	struct tm tm;
	if (!localtime_r(&t, &tm) || tm.tm_year + 1900 < 0 ||
	    tm.tm_year + 1900 > 9999) {
		t = 0;
		gmtime_r(&t, &tm);
	}
	long zone_minutes = tm.tm_gmtoff / 60;
	long absolute = zone_minutes < 0 ? -zone_minutes : zone_minutes;
	snprintf(out, INTERNALDATE_SIZE,
	    "\"%2d-%.3s-%04d %02d:%02d:%02d %c%02ld%02ld\"", tm.tm_mday,
	    months + (size_t)tm.tm_mon * 3, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, zone_minutes < 0 ? '-' : '+', absolute / 60,
	    absolute % 60);
}

int64_t
date_day(time_t t)
{
	struct tm tm;
	if (!localtime_r(&t, &tm))
		return 0;
	return days_of((int64_t)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1,
	    (unsigned)tm.tm_mday);
}

/* White space and comments: CFWS, which obsolete dates have anywhere. */
static void
skip_blanks(struct cursor *c)
{
	size_t depth = 0;
	for (; c->pos < c->len; c->pos++) {
		char const x = c->s[c->pos];
		if (x == '(')
			depth++;
		else if (x == ')' && depth)
			depth--;
		else if (!depth && !strchr(" \t\r\n", x))
			break;
	}
}

/* [ day-name "," ] 1*2DIGIT month 2*4DIGIT ... */
static bool
header_day(struct cursor *c, int64_t *day)
{
	char const *comma = memchr(c->s, ',', c->len);
	uint32_t d;
	uint32_t year;
	unsigned month;
	c->pos = comma ? (size_t)(comma - c->s) + 1 : 0;
	skip_blanks(c);
	if (!cursor_number(c, &d))
		return false;
	skip_blanks(c);
	if (!month_name(c, &month))
		return false;
	skip_blanks(c);
	size_t start = c->pos;
	if (!cursor_number(c, &year) || year > 9999)
		return false;
	/* RFC 5322 4.3: two and three digits. */
	if (c->pos - start == 2)
		year += year < 50 ? 2000 : 1900;
	else if (c->pos - start == 3)
		year += 1900;
	if (year < 1900 || d < 1 || d > days_in(year, month))
		return false;
	*day = days_of(year, month, d);
	return true;
}

bool
date_of_header(char const *s, size_t len, int64_t *day)
{
	struct cursor c = { s, len, 0 };
	return header_day(&c, day);
}

/* A number of a time of day, and the colon before the next one. */
static bool
clock_number(struct cursor *c, uint32_t most, uint32_t *n)
{
	skip_blanks(c);
	if (!cursor_number(c, n) || *n > most)
		return false;
	skip_blanks(c);
	return true;
}

/* hour ":" minute [":" second], blanks between them */
static bool
header_time(struct cursor *c, int64_t *seconds)
{
	uint32_t h;
	uint32_t m;
	uint32_t s = 0;
	if (!clock_number(c, 23, &h) || !cursor_char(c, ':') ||
	    !clock_number(c, 59, &m))
		return false;
	if (cursor_char(c, ':') && !clock_number(c, 60, &s))
		return false;
	*seconds = (int64_t)h * 3600 + (int64_t)m * 60 + s;
	return true;
}

/* RFC 5322 4.3: the names that mean something, from -4 to -8 hours; military
 * letters do not. */
static bool
zone_name(struct cursor const *c, int64_t *seconds)
{
	static char const zones[] = "EDTESTCDTCSTMDTMSTPDTPST";
	for (int i = 0; i < 8; i++)
		if (c->len - c->pos >= 3 &&
		    strncasecmp(c->s + c->pos, zones + 3 * i, 3) == 0) {
			*seconds = -3600 * (4 + (i + 1) / 2);
			return true;
		}
	return false;
}

bool
date_sent(char const *s, size_t len, int64_t *t)
{
	struct cursor c = { s, len, 0 };
	int64_t day;
	int64_t time = 0;
	int64_t offset = 0;
	if (!header_day(&c, &day))
		return false;
	if (header_time(&c, &time)) {
		skip_blanks(&c);
		if (!zone_name(&c, &offset) && !zone(&c, &offset))
			offset = 0;
	}
	*t = day * 86400 + time - offset;
	return true;
}
