/* SPDX-License-Identifier: ISC */
/* How much and how long a client may: what the front sees of it. */
#ifndef SMTP_LIMITS_H
#define SMTP_LIMITS_H

#include "session.h"

/* The session's time begins. */
void limits_start(struct session *s);

/* Seconds the client has for its next line; 0: the session's time is over. */
long long limits_wait(struct session const *s);

/* An error is about to be answered: from smtpd_soft_error_limit on, later. */
void limits_error(struct session *s);

/* A command that leads nowhere: too many of them are errors. */
void limits_junk(struct session *s);

/* A message was accepted. */
void limits_accepted(struct session *s);

/* Whether there may be another message. */
bool limits_message(struct session const *s);

/* The session is asked to leave amid a message, and may finish it. */
void limits_leave_soon(struct session *s);

/* Whether it may send one more chunk. */
bool limits_may_go_on(struct session const *s);

#endif
