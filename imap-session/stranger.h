/* SPDX-License-Identifier: ISC */
/* Who has not logged in yet: the connection in the front process, and what his
 * verbs share. A verb's answer is without the tag; NULL: nothing to say. */
#ifndef IMAP_STRANGER_H
#define IMAP_STRANGER_H

#include <stdbool.h>
#include <skalibs/stralloc.h>
#include "authenticate.h"
#include "conn.h"
#include "front.h"
#include "parse.h"
#include "settings.h"

struct stranger {
	struct front *front;
	struct settings const *settings;
	struct conn conn;
	struct ssl_ctx_st *tls;
	struct command command;
	stralloc tag;
	bool ended;
	unsigned bad, failed; /* commands that were BAD, logins */
	unsigned wrong;       /* bad ones, before STARTTLS too */
};

void stranger_put(struct stranger *s, char const *text);
void stranger_put_line(struct stranger *s, char const *text);
void stranger_put_answer(struct stranger *s, char const *text);
void stranger_bye(struct stranger *s, char const *why);

/* Who is not logged in has so long to do it, from now. */
void stranger_limit(struct stranger *s);

/* Sends what waits and reads more. False: the end, and the client was told. */
bool stranger_fill(struct stranger *s);
/* Nothing more comes: R as conn_fill has it. */
void stranger_lost(struct stranger *s, int r);

/* "CAPABILITY" and what works now. */
void stranger_capabilities(struct stranger *s);

bool stranger_have_tls(struct stranger *s);
bool stranger_shake_hands(struct stranger *s, bool in_session);

struct authenticate stranger_authenticate(struct stranger *s);

typedef char const *stranger_verb(struct stranger *s, struct cursor *c);

stranger_verb verb_authenticate;
stranger_verb verb_capability;
stranger_verb verb_id;
stranger_verb verb_login;
stranger_verb verb_logout;
stranger_verb verb_noop;
stranger_verb verb_starttls;

extern char const STRANGER_BAD_ARGUMENTS[];

#endif
