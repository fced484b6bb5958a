/* SPDX-License-Identifier: ISC */
#include "client-rules.h"

#include "helo-rules.h"
#include "host-list.h"
#include "network.h"

bool
client_is_trusted(struct smtp_back const *b)
{
	return b->service == SERVICE_SMTP &&
	    network_list_has(b->common.settings->mynetworks,
	        b->common.peer->ip);
}

bool
client_is_stranger(struct smtp_back const *b)
{
	return b->service == SERVICE_SMTP && *b->common.peer->ip &&
	    !client_is_trusted(b);
}

bool
client_may_relay(struct smtp_back const *b)
{
	return b->common.user.len ||
	    (b->common.settings->permit_mynetworks && client_is_trusted(b));
}

bool
client_is_ours(struct smtp_back const *b)
{
	struct peer const *peer = b->common.peer;
	return b->common.user.len || client_is_trusted(b) ||
	    (b->service == SERVICE_SMTP &&
	        host_list_has(b->common.settings->trusted_hosts, peer->ip,
	            peer->name));
}

void
client_begin(struct smtp_back *b)
{
	client_name_begin(b);
	client_lists_begin(b);
}

char const *
client_rules(struct smtp_back *b)
{
	if (!client_is_stranger(b) || b->common.user.len ||
	    client_lists_allow(b))
		return NULL;
	char const *no = client_lists_rules(b);
	if (!no)
		no = client_name_rules(b);
	return no ? no : helo_rules(b);
}
