/* SPDX-License-Identifier: ISC */
/* Connections through a proxy that is listed in haproxy_trusted_networks: its
 * header is read by the front, before TLS, and believed by the back. */
#ifndef BESACE_PROXIED_H
#define BESACE_PROXIED_H

#include <stdbool.h>
#include "conn.h"
#include "front.h"

/* For the front: reads the header, when PEER is such a proxy, and tells the
 * back. What follows it stays in C. False when the connection is to end: there
 * was none (logged). */
bool front_proxy(struct front *f, struct conn *c,
    struct settings const *settings, struct peer const *peer);

/* For the back, at its start: logs the connection, unless a proxy is yet to
 * say whose it is. */
void back_connect(struct back *b);

/* For the back: answers REQUEST_PROXY. */
void back_proxy(struct back *b, struct channel_message const *m);

#endif
