/* SPDX-License-Identifier: ISC */
/* TLSA records (RFC 6698 section 2.1), as mail servers have them: RFC 7672
 * section 3.1. Pure. */
#ifndef BESACE_RELAY_TLSA_H
#define BESACE_RELAY_TLSA_H

#include <stddef.h>

enum { TLSA_SET_SIZE = 16384 };

enum tlsa_usage { TLSA_DANE_TA = 2, TLSA_DANE_EE = 3 };

enum tlsa_selector { TLSA_CERT, TLSA_SPKI };

enum tlsa_matching { TLSA_FULL, TLSA_SHA256, TLSA_SHA512 };

struct tlsa {
	enum tlsa_usage usage;
	enum tlsa_selector selector;
	enum tlsa_matching matching;
	unsigned char const *data;
	size_t len;
};

/* The data of a record. 1, T points into S; 0 when it is of no use for mail:
 * malformed, a digest of the wrong length, numbers without a meaning, or PKIX-TA
 * and PKIX-EE, which mail servers are not to have (RFC 7672 section 3.1.3).
 * Whether a whole certificate or key is one is not looked at. */
int tlsa_parse(char const *s, size_t len, struct tlsa *t);

/* Records that were parsed, as they can be handed to another process. */
struct tlsa_set {
	unsigned int count;
	size_t len;
	unsigned char bytes[TLSA_SET_SIZE]; /* usage, selector, matching type,
	                                     * length in two octets, data */
};

/* 1, or 0 when there is no room for it. */
int tlsa_set_add(struct tlsa_set *set, struct tlsa const *t);

/* The record at *AT, which begins with 0 and moves on. 1, or 0 at the end. */
int tlsa_set_next(struct tlsa_set const *set, size_t *at, struct tlsa *t);

#endif
