/* SPDX-License-Identifier: ISC */
#include "date.h"

#include <stdio.h>
#include <stdlib.h>

void
date_format(time_t when, char out[DATE_MAX])
{
	static char const days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static char const months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm = { 0 };
	localtime_r(&when, &tm);
	long zone = labs(tm.tm_gmtoff) / 60;
	snprintf(out, DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d %c%02ld%02ld",
	    days[(unsigned int)tm.tm_wday % 7], tm.tm_mday % 100,
	    months[(unsigned int)tm.tm_mon % 12], (tm.tm_year + 1900) % 10000,
	    tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100,
	    tm.tm_gmtoff < 0 ? '-' : '+', zone / 60 % 100, zone % 60);
}
