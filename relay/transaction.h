/* SPDX-License-Identifier: ISC */
/* One mail transaction: a message and some of its recipients. */
#ifndef BESACE_RELAY_TRANSACTION_H
#define BESACE_RELAY_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "dsn.h"
#include "session.h"

enum { TRANSACTION_RECIPIENTS = 100 };

/* Strings are somebody else's; "" is none. */
struct transaction_recipient {
	char const *address;
	unsigned int notify; /* of enum dsn_notify */
	char const *orcpt;
};

struct transaction {
	int fd; /* holds the message, from START on */
	uint64_t start;
	uint64_t size; /* octets */
	char const *sender;
	char const *envid;
	enum dsn_ret ret;
	bool smtputf8;
	bool requiretls;
	bool seven_bit; /* no other form of it can be had */
	unsigned int count;
	struct transaction_recipient recipient[TRANSACTION_RECIPIENTS];
};

/* Sends it. ANSWER gets one for each recipient; those that are VERDICT_NONE
 * could not be asked, or were taken by a server that then was lost before it
 * had the message: they may be sent elsewhere at once. When the session is not
 * open any more, its failure says why. False: nothing was begun, as the server
 * needs the message in seven bits. */
bool transaction_run(struct session *s, struct transaction const *t,
    struct answer answer[TRANSACTION_RECIPIENTS]);

#endif
