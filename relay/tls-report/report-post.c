/* SPDX-License-Identifier: ISC */
#include "report-post.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "spool.h"

void
poster_open(struct poster *p)
{
	https_program_open(&p->program, "tls-report-post");
	p->end = time(NULL) + POSTS_TIME;
}

static int
run_program(struct poster const *p, char const *uri, stralloc const *gzip)
{
	stralloc text = STRALLOC_ZERO;
	int fd = spool_memory(), status = -1;
	if (fd >= 0 && file_write(fd, gzip->s, gzip->len) &&
	    lseek(fd, 0, SEEK_SET) == 0)
		status = https_program_run(&p->program, uri, fd, &text, 0);
	else
		log_error("keep a report for", uri, errno);
	if (fd >= 0)
		close(fd);
	stralloc_free(&text);
	return status;
}

/* Servers that hang take a minute each: they are not to hold up the reports to
 * others for more than POSTS_TIME. */
enum verdict
report_post(struct poster const *p, char const *uri, stralloc const *gzip,
    char const **why)
{
	if (time(NULL) >= p->end) {
		*why = "no time left in this run";
		return VERDICT_LATER;
	}
	int status = run_program(p, uri, gzip);
	*why = status == EXIT_OK         ? NULL
	    : status == EXIT_UNAVAILABLE ? "it was not taken"
	    : status == EXIT_REFUSED     ? "its certificate is not good"
	                                 : "tls-report-post failed";
	return status == EXIT_OK ? VERDICT_PASS : VERDICT_LATER;
}
