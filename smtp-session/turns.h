/* SPDX-License-Identifier: ISC */
/* Who speaks when: strangers who do not wait for their turn are sent away
 * (reject_unauth_pipelining, postscreen_greet_wait). */
#ifndef SMTP_TURNS_H
#define SMTP_TURNS_H

#include "session.h"

/* The wait before the greeting. false when the session is over: the client
 * spoke (told so) or is gone. */
bool turns_before_greeting(struct session *s);

/* Before a command is obeyed, the last of its group (RFC 2920 section 3.1) or
 * not. false when the session is over: the client has said more already, which
 * was not his to say (told so). */
bool turns_before_command(struct session *s, bool last);

#endif
