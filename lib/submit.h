/* SPDX-License-Identifier: ISC */
/* A message that we wrote ourselves takes the way of users' mail: the filters of
 * outbound_filters, which sign it, then virtual_transport. */
#ifndef BESACE_SUBMIT_H
#define BESACE_SUBMIT_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "settings.h"
#include "stage.h"

struct submit {
	struct settings const *settings;
	char const *sender;     /* "": nobody */
	char const *recipients; /* each with a line feed behind */
	char const *options;    /* RECIPIENT_OPTIONS of the contract, or NULL */
	char const *uid;
	bool smtputf8; /* an address or the header is beyond ASCII */
};

/* PASS: it is delivered, or in the queue. *TEXT is the answer of the program
 * that did not pass it. */
enum verdict submit(struct submit const *m, stralloc const *message,
    stralloc *text);

#endif
