/* SPDX-License-Identifier: ISC */
#include "expiry.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* N digits, as a number. */
static int
number(char const *s, size_t n)
{
	int value = 0;
	for (size_t i = 0; i < n; i++)
		value = 10 * value + (s[i] - '0');
	return value;
}

/* S has the form of FORM, in which 0 stands for any digit. */
static bool
has_form(char const *s, size_t len, char const *form)
{
	if (len != strlen(form))
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

void
expiry_format(int64_t when, char text[EXPIRY_MAX])
{
	time_t t = when;
	struct tm tm;
	/* years of four digits only */
	if (when < 0 || when > 253402300799 || !gmtime_r(&t, &tm) ||
	    !strftime(text, EXPIRY_MAX, "%Y-%m-%dT%H:%MZ", &tm))
		text[0] = 0;
}

/* Days that no month has are found by writing the date again. */
int
expiry_parse(char const *s, size_t len, int64_t *when)
{
	char again[EXPIRY_MAX];
	bool timed = has_form(s, len, "0000-00-00T00:00Z");
	if (!timed && !has_form(s, len, "0000-00-00"))
		return 0;
	struct tm tm = { .tm_year = number(s, 4) - 1900,
		.tm_mon = number(s + 5, 2) - 1,
		.tm_mday = number(s + 8, 2),
		.tm_hour = timed ? number(s + 11, 2) : 0,
		.tm_min = timed ? number(s + 14, 2) : 0 };
	*when = timegm(&tm);
	expiry_format(*when, again);
	return again[0] && memcmp(again, s, timed ? len : 10) == 0;
}
