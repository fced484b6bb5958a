/* SPDX-License-Identifier: ISC */
/* Logins, on the back's side of a session. */
#ifndef BESACE_BACK_LOGIN_H
#define BESACE_BACK_LOGIN_H

#include "front.h"

/* Answers a REQUEST_LOGIN. */
void back_login(struct back *b, struct channel_message const *m);

#endif
