/* SPDX-License-Identifier: ISC */
/* The commands: one table, one dispatcher. */
#ifndef SMTP_VERBS_H
#define SMTP_VERBS_H

#include "session.h"

enum verb_argument { ARGUMENT_NONE, ARGUMENT_OPTIONAL, ARGUMENT_NEEDED };

enum verb_rule {
	NEEDS_HELLO = 1,
	NEEDS_MAIL = 2,
	NEEDS_RCPT = 4,
	NOT_IN_MAIL = 8,    /* not inside a transaction */
	ENDS_GROUP = 16,    /* nothing may be sent behind it, RFC 2920 3.1 */
	NOT_IN_CHUNKS = 32, /* not behind BDAT, RFC 3030 section 2 */
	WANTS_HELLO = 64,   /* NEEDS_HELLO, if smtpd_helo_required says so */
	JUNK = 128          /* leads to no message by itself */
};

struct verb {
	char const *name;
	char const *usage; /* what follows the name, for HELP */
	bool (*run)(struct session *s, char const *arg, size_t len);
	enum verb_argument argument;
	unsigned int rules; /* of enum verb_rule */
};

extern struct verb const verbs[]; /* ended by a NULL name */

/* Runs the command in S->line. false when the session is over. */
bool verbs_dispatch(struct session *s);

/* Whether the session's state is against a command of these rules. NULL for
 * no, else the reply. */
char const *verbs_sequence(struct session const *s, unsigned int rules);

/* AUTH, RFC 4954 (auth.c), and its line of the EHLO reply: *KEYWORD becomes a C
 * string, or empty where nothing is offered. false out of
 * memory. */
bool verb_auth(struct session *s, char const *arg, size_t len);
bool auth_keyword(struct session *s, stralloc *keyword);

/* DATA, RFC 5321 4.1.1.4 (data.c). */
bool verb_data(struct session *s, char const *arg, size_t len);

/* BDAT, RFC 3030 section 2 (chunking.c). */
bool verb_bdat(struct session *s, char const *arg, size_t len);

/* MAIL and RCPT, RFC 5321 4.1.1.2 and 4.1.1.3 (envelope.c). */
bool verb_mail(struct session *s, char const *arg, size_t len);
bool verb_rcpt(struct session *s, char const *arg, size_t len);

#endif
