/* SPDX-License-Identifier: ISC */
/* tls-report: tells other domains, once a day, how TLS with their servers went
 * (RFC 8460), if they ask for it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "day.h"
#include "days.h"
#include "descriptors.h"
#include "exitcode.h"
#include "log.h"
#include "owner.h"
#include "path.h"
#include "settings.h"
#include "tls-sessions.h"

/* --- the story --------------------------------------------------------------- */

static int
read_options(struct reporter *r, int argc, char **argv)
{
	int64_t start;
	for (int c; (c = getopt(argc, argv, "d:n")) != -1;) {
		if (c == 'd' && tls_sessions_start(optarg, &start))
			r->only_day = optarg;
		else if (c == 'n')
			r->print = true;
		else
			return 0;
	}
	return optind == argc;
}

static int
open_all(struct reporter *r)
{
	path_hold();
	if (!settings_load(&r->settings))
		return EXIT_TEMP;
	if (!r->print && !r->settings.smtp_tlsrpt_enable) {
		log_event("tls-report", "result", "none", "reason",
		    "smtp_tlsrpt_enable is no", (char *)NULL);
		exit(EXIT_OK);
	}
	poster_open(&r->poster);
	if (!sender_find(&r->sender, &r->settings) ||
	    !owner_become(&r->settings))
		return EXIT_TEMP;
	r->dir = tls_sessions_open();
	if (r->dir >= 0)
		return EXIT_OK;
	log_error("open", "tls-reports", errno);
	return EXIT_TEMP;
}

/* One of us at a time sends. */
static int
lock(struct reporter const *r)
{
	if (r->print || flock(r->dir, LOCK_EX | LOCK_NB) == 0)
		return 1;
	log_event("tls-report", "result", "none", "reason",
	    errno == EWOULDBLOCK ? "another tls-report is at work"
	                         : strerror(errno),
	    (char *)NULL);
	return 0;
}

static int
run(struct reporter *r)
{
	struct days days;
	char today[TLS_SESSIONS_DAY];
	tls_sessions_day(time(NULL), today);
	if (r->only_day && !r->print && strcmp(r->only_day, today) >= 0) {
		fprintf(stderr, "tls-report: %s is not over\n", r->only_day);
		return EXIT_USE;
	}
	if (!r->only_day && !days_list(&days, r->dir, time(NULL))) {
		log_error("list", "tls-reports", errno);
		return EXIT_TEMP;
	}
	if (r->only_day)
		day_report(r, r->only_day);
	for (unsigned int i = 0; !r->only_day && i < days.count; i++)
		day_report(r, days.name[i]);
	bool printed = fflush(stdout) == 0 && !ferror(stdout);
	return r->failed || !printed ? EXIT_TEMP : EXIT_OK;
}

int
main(int argc, char **argv)
{
	static struct reporter r;
	int status;
	if (!descriptors_ready(0))
		return EXIT_TEMP;
	log_open("tls-report");
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!read_options(&r, argc, argv)) {
		fputs("usage: tls-report [-n] [-d YYYY-MM-DD]\n", stderr);
		return EXIT_USE;
	}
	if ((status = open_all(&r)) != EXIT_OK)
		return status;
	return lock(&r) ? run(&r) : EXIT_TEMP;
}
