/* SPDX-License-Identifier: ISC */
/* What the environment says of the envelope besides its addresses (deliver(8),
 * smtp-session(8)): most of it goes with a message that leaves this server. */
#ifndef BESACE_DELIVER_ENVELOPE_H
#define BESACE_DELIVER_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/genalloc.h>

#include "bytes.h"
#include "dsn.h"

/* Of one recipient. */
struct recipient_options {
	unsigned int notify; /* of enum dsn_notify; 0: nothing was said */
	char orcpt[DSN_ORCPT_MAX + 1];
};

/* NULL is what was not said, or not in a way that we write. */
struct envelope {
	char const *uid;
	char const *user;
	char const *envid;
	char const *body;
	char const *original; /* an address */
	enum dsn_ret ret;
	bool smtputf8;
	bool requiretls;
	bool no_aliases; /* they were followed; mailboxes are meant */
	struct bytes recipient_options; /* one line each */
};

void envelope_read(struct envelope *e);

/* What line NUMBER of RECIPIENT_OPTIONS says. */
void envelope_options(struct envelope const *e, size_t number,
    struct recipient_options *o);

/* "NOTIFY=FAILURE ORCPT=rfc822;a@b": what is right of it. Pure. */
void envelope_parse_options(struct bytes line, bool smtputf8,
    struct recipient_options *o);

#endif
