/* SPDX-License-Identifier: ISC */
/* What the client is to us, by its address. */
#ifndef SMTP_CLIENT_RULES_H
#define SMTP_CLIENT_RULES_H

#include "back.h"

/* Whether it is one of mynetworks, on the port of strangers. */
bool client_is_trusted(struct smtp_back const *b);

/* Whether it is nobody we know, on the port of strangers: neither trusted nor
 * a pipe. */
bool client_is_stranger(struct smtp_back const *b);

/* Whether it may send to other servers: it logged in, or permit_mynetworks. */
bool client_may_relay(struct smtp_back const *b);

/* Whether its mail goes through outbound_filters, to be signed: it logged in,
 * or is one of mynetworks or trusted_hosts. */
bool client_is_ours(struct smtp_back const *b);

/* Asks the DNS for all that the rules will want to know. */
void client_begin(struct smtp_back *b);

/* What the settings have against a stranger and its HELO name. NULL for
 * nothing, else the reply. */
char const *client_rules(struct smtp_back *b);

#endif
