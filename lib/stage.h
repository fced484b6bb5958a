/* SPDX-License-Identifier: ISC */
/* One program of the chain: run it on a whole message, wait for its verdict.
 * The filter contract is in smtp-session(8). */
#ifndef BESACE_STAGE_H
#define BESACE_STAGE_H

#include <skalibs/stralloc.h>
#include "builtin.h"

enum verdict {
	VERDICT_PASS,    /* go on with what it wrote */
	VERDICT_LATER,   /* temporary failure */
	VERDICT_REFUSED, /* for good */
	VERDICT_DISCARD  /* accept and throw away */
};

struct stage {
	struct builtin const *builtins; /* may be NULL */
	char *const *argv;
	char *const *envp;
	int in;      /* its stdin: the message, read from the start */
	int out;     /* its stdout; -1: thrown away */
	int timeout; /* seconds */
};

/* Runs it to its end. *REPLY becomes the reply's text without its first code,
 * "5.7.1 Score 14.2 is over 10": the program's own words, or ours when it said
 * nothing fit. What else it says on stderr goes to the log. */
enum verdict stage_run(struct stage const *s, stralloc *reply);

/* The verdict of a wait status. Pure. */
enum verdict stage_verdict(int status);

/* Whether LINE may be sent as the text of a reply of this verdict: enhanced
 * code of the right class, blank, printable text. Pure. */
int stage_reply_fits(enum verdict v, char const *line, size_t len);

#endif
