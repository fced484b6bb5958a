/* SPDX-License-Identifier: ISC */
#include "utc.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, YEAR_MAX = 9999 };

/* Days from 1970-01-01 to the first of the month, which counts from March of
 * YEAR: so the day that leap years add is the last of one. */
static int64_t
days_before(int64_t year, int64_t month)
{
	return year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 153 + 2) / 5 - 719468;
}

/* January and February are the last months of the year before. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t before = month <= 2;
	return days_before(year - before, month - 3 + 12 * before) + day - 1;
}

void
utc_format(int64_t seconds, char out[UTC_MAX])
{
	int64_t last = days_of(YEAR_MAX + 1, 1, 1) * DAY - 1;
	seconds = seconds < 0 ? 0 : seconds > last ? last : seconds;
	int64_t day = seconds / DAY, second = seconds % DAY;
	int64_t year = 1970 + day / 366, month = 1;
	while (days_of(year + 1, 1, 1) <= day)
		year++;
	while (month < 12 && days_of(year, month + 1, 1) <= day)
		month++;
	snprintf(out, UTC_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year,
	    (int)month, (int)(day - days_of(year, month, 1) + 1),
	    (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

/* The digits at S[FROM] and behind, COUNT of them. */
static int64_t
digits(char const *s, size_t from, size_t count)
{
	int64_t n = 0;
	for (size_t i = from; i < from + count; i++)
		n = n * 10 + s[i] - '0';
	return n;
}

bool
utc_parse(char const *s, size_t len, int64_t *seconds)
{
	static char const form[] = "0000-00-00T00:00:00Z";
	char again[UTC_MAX];
	if (len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	*seconds =
	    days_of(digits(s, 0, 4), digits(s, 5, 2), digits(s, 8, 2)) * DAY +
	    digits(s, 11, 2) * 3600 + digits(s, 14, 2) * 60 + digits(s, 17, 2);
	/* a 31st of February, or a 25th hour, comes out as another time */
	utc_format(*seconds, again);
	return memcmp(again, s, len) == 0;
}
