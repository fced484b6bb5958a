/* SPDX-License-Identifier: ISC */
/* Certificates by server name, and the keys that seal TLS tickets. */
#ifndef BESACE_CERTIFICATE_H
#define BESACE_CERTIFICATE_H

#include <skalibs/stralloc.h>
#include "tls.h"

/* *PEM becomes the chain and key for NAME ("": the default): the exact name,
 * "*.parent", then "*". Left empty when NAME is not "" and the default serves
 * it. 1; 0 when there is none or a file cannot be read (logged). */
int certificate_find(char const *name, stralloc *pem);

/* The keys in BESACE_VAR/ticket-keys, shared by all sessions; made when
 * missing, and a new first one put before the old when they are 12 hours old.
 * 1; 0 when they cannot be had: then there are no tickets. */
int certificate_ticket_keys(struct tls_ticket_keys *keys);

#endif
