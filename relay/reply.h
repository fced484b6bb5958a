/* SPDX-License-Identifier: ISC */
/* The replies of an SMTP server, RFC 5321 section 4.2, read as they come in.
 * Pure. Lines may be longer than the 512 octets of 4.5.3.1.5; the whole may not
 * be longer than any server has something to say. */
#ifndef BESACE_RELAY_REPLY_H
#define BESACE_RELAY_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"

enum {
	REPLY_OCTETS_MAX = 65536,
	REPLY_TEXT_MAX = 8192 /* of them are kept */
};

enum reply_result {
	REPLY_MORE,
	REPLY_DONE,
	REPLY_WRONG, /* it is none, or its lines do not agree */
	REPLY_ENDLESS
};

struct reply {
	unsigned int code; /* known once the first line has it */
	size_t len;
	char text[REPLY_TEXT_MAX]; /* the lines without their codes, between
	                            * LF; control octets are "?" */

	/* of the line being read */
	size_t octets; /* of all so far */
	unsigned int column;
	unsigned int line_code;
	bool first;
	bool last;
	bool cr;
};

void reply_begin(struct reply *r);

/* Whether R was given up as one without end. */
bool reply_is_endless(struct reply const *r);

/* Takes octets up to the reply's end; *USED of them. */
enum reply_result reply_feed(struct reply *r, char const *s, size_t len,
    size_t *used);

/* The reply as an answer: its enhanced status code (RFC 2034) or else x.0.0, in
 * the class of the verdict, and the text of all lines without it. */
void reply_answer(struct reply const *r, enum verdict verdict,
    struct answer *a);

#endif
