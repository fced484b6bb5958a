/* SPDX-License-Identifier: ISC */
/* sendmail's side of the SMTP session. */
#ifndef SENDMAIL_CLIENT_H
#define SENDMAIL_CLIENT_H

#include <stdbool.h>
#include <stdio.h>
#include <skalibs/stralloc.h>
#include "options.h"

struct client {
	int fd;
	FILE *in;
	stralloc host;  /* what the server calls itself; with NUL */
	stralloc reply; /* the last one's last line, without its end; with NUL */
	bool has_8bitmime;
	bool has_dsn;
	bool has_smtputf8;
};

/* What the message needs besides its text. The addresses are complete. */
struct envelope {
	char const *sender;         /* "": nobody */
	stralloc const *recipients; /* one a line */
	struct sendmail_options const *options;
	bool utf8; /* some address is not ASCII */
};

/* Reads the greeting and says EHLO. An exit status; what is wrong is said on
 * standard error, here and below. */
int client_open(struct client *c, int fd);

/* Sends the message: to all of the recipients or to none. */
int client_send(struct client *c, struct envelope const *e,
    stralloc const *message);

void client_close(struct client *c);

/* The exit status that goes with a reply that is no success. Pure. */
int client_status(char const *reply);

#endif
