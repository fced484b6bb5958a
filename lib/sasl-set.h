/* SPDX-License-Identifier: ISC */
/* SASL mechanisms and sets of them. */
#ifndef BESACE_SASL_SET_H
#define BESACE_SASL_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum sasl_mechanism {
	SASL_PLAIN,
	SASL_LOGIN,
	SASL_CRAM_MD5,
	SASL_SCRAM_SHA_256,
	SASL_SCRAM_SHA_256_PLUS,
	SASL_MECHANISMS
};

/* A set of them: 1 << SASL_PLAIN | ... */
typedef uint64_t sasl_set;

enum {
	/* those that send the password itself */
	SASL_PLAINTEXT = 1 << SASL_PLAIN | 1 << SASL_LOGIN,
	SASL_SCRAM = 1 << SASL_SCRAM_SHA_256 | 1 << SASL_SCRAM_SHA_256_PLUS
};

/* The mechanism of this name, in any letter case; -1 for none. */
int sasl_find(char const *name, size_t len);

/* As it stands on the wire: "SCRAM-SHA-256". */
char const *sasl_name(enum sasl_mechanism m);

/* Reads names separated by blanks or commas. 1; 0 when one is unknown. Pure. */
int sasl_parse_set(char const *names, size_t len, sasl_set *set);

/* Appends the names, each with BEFORE in front. 1, or 0 with errno. */
int sasl_format_set(sasl_set set, char const *before, stralloc *sa);

/* What a connection is told it may use: of WANTED, those that need no stored
 * password of a special scheme, and those that all passwords can do (POSSIBLE);
 * PLAINTEXT: the password may be sent; BINDING: the channel has something to
 * bind to. Pure. */
sasl_set sasl_offer(sasl_set wanted, sasl_set possible, bool plaintext,
    bool binding);

#endif
