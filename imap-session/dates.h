/* SPDX-License-Identifier: ISC */
/* IMAP's dates (RFC 3501 section 9). Pure, but for the time zone. */
#ifndef IMAP_DATES_H
#define IMAP_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "parse.h"

enum { INTERNALDATE_SIZE = 96 };

/* date-time: DQUOTE date-day-fixed "-" month "-" year SP time SP zone DQUOTE */
bool cursor_date_time(struct cursor *c, time_t *t);

/* date: "1-Feb-1994", in quotes or not; as days since 1 January 1970. */
bool cursor_date(struct cursor *c, int64_t *day);

/* The quotes included; in the zone of the process. */
void date_internal(time_t t, char out[INTERNALDATE_SIZE]);

/* The day T falls on in the zone of the process. */
int64_t date_day(time_t t);

/* The day a Date field (RFC 5322 section 3.3) names, in its own zone. */
bool date_of_header(char const *s, size_t len, int64_t *day);

/* The moment it names, in seconds since 1970: without a time of day midnight,
 * without a zone UTC (RFC 5256 section 2.2). */
bool date_sent(char const *s, size_t len, int64_t *t);

#endif
