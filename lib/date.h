/* SPDX-License-Identifier: ISC */
/* Dates as RFC 5322 section 3.3 writes them. */
#ifndef BESACE_DATE_H
#define BESACE_DATE_H

#include <time.h>

enum { DATE_MAX = 40 };

/* "Fri, 20 Nov 2026 20:31:00 +0000", in the local zone, whatever the locale. */
void date_format(time_t when, char out[DATE_MAX]);

#endif
