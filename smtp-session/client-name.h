/* SPDX-License-Identifier: ISC */
/* The client's name: what its address leads to and what leads back to the
 * address (RFC 1912 section 2.1). */
#ifndef SMTP_CLIENT_NAME_H
#define SMTP_CLIENT_NAME_H

#include <stdbool.h>
#include <stdint.h>

enum { CLIENT_NAMES_MAX = 4 }; /* names of an address that are confirmed */

struct smtp_back;
struct client_name;

/* A name of the address. */
struct client_candidate {
	struct client_name *of;
	char text[256];
};

struct client_name {
	struct smtp_back *back;
	bool asked;
	bool reverse; /* the address has a name */
	bool failed;  /* the DNS left something open */
	unsigned int pending;
	int64_t deadline;
	struct client_candidate candidate[CLIENT_NAMES_MAX];
};

/* Asks, when the settings say so and nobody else has said the name. */
void client_name_begin(struct smtp_back *b);

/* Waits for the name, within the limit. B->common.peer has it, "" for
 * unknown. */
void client_name_wait(struct smtp_back *b);

/* reject_unknown_client_hostname, reject_unknown_reverse_client_hostname.
 * NULL for nothing, else the reply. */
char const *client_name_rules(struct smtp_back *b);

#endif
