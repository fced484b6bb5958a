/* SPDX-License-Identifier: ISC */
/* The options of sendmail(8), as programs have passed them for forty years. */
#ifndef SENDMAIL_OPTIONS_H
#define SENDMAIL_OPTIONS_H

#include <stdbool.h>

enum sendmail_mode {
	MODE_MAIL,   /* -bm: a message on standard input */
	MODE_SMTP,   /* -bs: an SMTP session on it */
	MODE_QUEUE,  /* -bp, mailq: what waits */
	MODE_FLUSH,  /* -q: try it now */
	MODE_ALIASES /* -bi, -I, newaliases */
};

struct sendmail_options {
	enum sendmail_mode mode;
	char const *sender;    /* -f, -r; NULL: the user */
	char const *full_name; /* -F; NULL: the user's */
	bool from_header;      /* -t: recipients stand in the header */
	bool dots_are_text;    /* -i: a line of one dot is not the end */
	bool eight_bit;        /* -B8BITMIME */
	char const *notify;    /* -N: DSN parameters, or NULL */
	char const *ret;       /* -R */
	char const *envid;     /* -V */
	char *const *recipients;
};

/* 1, or 0 when they are wrong: said on standard error. */
int sendmail_options(int argc, char **argv, struct sendmail_options *o);

#endif
