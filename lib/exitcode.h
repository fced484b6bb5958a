/* SPDX-License-Identifier: ISC */
/* Exit codes of filters and deliver: sysexits(3), plus one. A caller treats a
 * signal, an unknown code and a missing program as EXIT_TEMP. */
#ifndef BESACE_EXITCODE_H
#define BESACE_EXITCODE_H

enum exitcode {
	EXIT_OK = 0,           /* done */
	EXIT_USE = 64,         /* wrong options or arguments */
	EXIT_MALFORMED = 65,   /* input is malformed: refused for good */
	EXIT_NOUSER = 67,      /* no such recipient: refused for good */
	EXIT_UNAVAILABLE = 69, /* a service we need is missing */
	EXIT_BUG = 70,         /* our own fault */
	EXIT_OSERR = 71,       /* fork, pipe, memory */
	EXIT_CANTCREAT = 73,   /* cannot create a file */
	EXIT_IO = 74,          /* read or write failed */
	EXIT_TEMP = 75,        /* try again later */
	EXIT_REFUSED = 77,     /* refused by policy, for good */
	EXIT_CONFIG = 78,      /* configuration is wrong */
	EXIT_DISCARD = 99      /* accept and throw away (filters only) */
};

#endif
