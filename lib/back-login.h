/* SPDX-License-Identifier: ISC */
/* Logins, on the back's side of a session. */
#ifndef BESACE_BACK_LOGIN_H
#define BESACE_BACK_LOGIN_H

#include "front.h"

/* Answers REQUEST_MECHANISMS, _CHALLENGE, _LOGIN, _REFUSE and _LOGOUT. false
 * when it is another one. */
bool back_login_answer(struct back *b, struct channel_message const *m);

#endif
