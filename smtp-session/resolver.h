/* SPDX-License-Identifier: ISC */
/* The back's DNS: started when the first rule needs it. */
#ifndef SMTP_RESOLVER_H
#define SMTP_RESOLVER_H

#include "back.h"
#include "dns.h"

/* NULL when there is none (logged once): then nothing is known. */
struct dns *resolver(struct smtp_back *b);

#endif
