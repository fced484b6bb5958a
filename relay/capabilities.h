/* SPDX-License-Identifier: ISC */
/* What a server says in its reply to EHLO that it can do, RFC 5321 4.1.1.1. */
#ifndef BESACE_RELAY_CAPABILITIES_H
#define BESACE_RELAY_CAPABILITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sasl-set.h"

struct capabilities {
	bool pipelining;
	bool chunking;
	bool eightbitmime;
	bool smtputf8;
	bool dsn;
	bool starttls;
	bool requiretls;
	bool size;
	uint64_t size_limit; /* octets; 0: none was said */
	sasl_set auth;
};

/* Reads the text of the reply, a keyword a line behind the first. Words that we
 * do not know, that are written wrong, or that are in the list DISCARD (words.h)
 * are nothing. Pure. */
void capabilities_read(char const *text, size_t len, char const *discard,
    struct capabilities *c);

#endif
