/* SPDX-License-Identifier: ISC */
/* AUTH (RFC 4954) to a server that is our way out. */
#ifndef BESACE_RELAY_SESSION_AUTH_H
#define BESACE_RELAY_SESSION_AUTH_H

#include <stdbool.h>

struct session;
struct session_request;

/* Logs in. False when that is not possible, the session's failure says why: for
 * now, as somebody has to set it right. */
bool session_auth(struct session *s, struct session_request const *r);

#endif
