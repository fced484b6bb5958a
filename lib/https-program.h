/* SPDX-License-Identifier: ISC */
/* Runs mta-sts-fetch(8) and tls-report-post(8): libcurl and all that it brings
 * are no part of us. */
#ifndef BESACE_HTTPS_PROGRAM_H
#define BESACE_HTTPS_PROGRAM_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* The program and BESACE_ETC, which the mail's owner may have no way to: opened
 * before we become him. -1: it could not be. */
struct https_program {
	char const *name;
	int program;
	int etc;
};

void https_program_open(struct https_program *p, char const *name);

/* Runs it with ARGUMENT, a minute or so at most, with IN as standard input
 * (-1: nothing). *TEXT becomes what it writes, MOST octets of it. Its exit
 * status; -1, and logged, when it could not be started. */
int https_program_run(struct https_program const *p, char const *argument,
    int in, stralloc *text, size_t most);

#endif
