/* SPDX-License-Identifier: ISC */
/* The reports about a day. */
#ifndef BESACE_TLS_REPORT_DAY_H
#define BESACE_TLS_REPORT_DAY_H

#include <stdbool.h>

#include "report-post.h"
#include "sender.h"
#include "settings.h"

struct reporter {
	struct settings settings;
	struct sender sender;
	struct poster poster;
	int dir;
	char const *only_day; /* -d; NULL: all that are over */
	bool print;           /* -n: nothing is sent */
	bool failed;          /* something is left for later */
};

/* Sends the reports about the day NAME that are not sent yet, or prints all. */
void day_report(struct reporter *r, char const *name);

#endif
