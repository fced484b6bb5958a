/* SPDX-License-Identifier: ISC */
/* The days that there are sessions of. */
#ifndef BESACE_TLS_REPORT_DAYS_H
#define BESACE_TLS_REPORT_DAYS_H

#include <stdint.h>

#include "tls-sessions.h"

enum {
	DAYS_KEPT = 4, /* a day is removed when it ended so long ago */
	DAYS_MAX = 32
};

struct days {
	unsigned int count;
	char name[DAYS_MAX][TLS_SESSIONS_DAY]; /* over by now, oldest first */
};

/* Lists the days in the directory DIR that are over at NOW, and removes old ones
 * and what belongs to them. 1, or 0 with errno. */
int days_list(struct days *d, int dir, int64_t now);

#endif
