/* SPDX-License-Identifier: ISC */
/* The client in DNS block and allow lists (RFC 5782). */
#ifndef SMTP_CLIENT_LISTS_H
#define SMTP_CLIENT_LISTS_H

#include <stdbool.h>
#include <stdint.h>
#include "dns-list.h"

enum {
	CLIENT_LISTS_MAX = 32, /* of both kinds */
	LIST_REASON_MAX = 200  /* octets of what a list says of an address */
};

struct smtp_back;
struct client_lists;

struct client_list {
	struct client_lists *of;
	struct dns_list list;
	bool allows; /* of permit_dnswl_client */
	bool listed;
	char const *fault; /* why it says nothing; NULL for none */
	char reason[LIST_REASON_MAX + 1];
};

struct client_lists {
	struct smtp_back *back;
	unsigned int pending;
	int64_t deadline;
	bool reported; /* the faults are logged */
	unsigned int count;
	struct client_list list[CLIENT_LISTS_MAX];
};

/* Asks all lists of the settings. */
void client_lists_begin(struct smtp_back *b);

/* Whether a list of permit_dnswl_client has the client. Waits for the answers,
 * within the limit; a list that does not answer does not count. */
bool client_lists_allow(struct smtp_back *b);

/* reject_rbl_client. NULL for nothing, else the reply. */
char const *client_lists_rules(struct smtp_back *b);

#endif
