/* SPDX-License-Identifier: ISC */
/* Before the login: the few verbs a stranger may use, in the process that has
 * the connection and nothing else. */
#ifndef IMAP_LOGIN_H
#define IMAP_LOGIN_H

#include <stdbool.h>
#include "conn.h"
#include "front.h"

/* Talks to a stranger until he is logged in and served, or gone. */
void login_run(struct front *front, struct settings const *settings,
    struct peer const *peer, bool tls);

#endif
