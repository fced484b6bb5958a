/* SPDX-License-Identifier: ISC */
#include "tlsa.h"

#include <string.h>

enum { RECORD_HEAD = 3, SET_HEAD = 5, SHA256_SIZE = 32, SHA512_SIZE = 64 };

int
tlsa_parse(char const *s, size_t len, struct tlsa *t)
{
	unsigned char const *b = (unsigned char const *)s;
	if (len <= RECORD_HEAD)
		return 0;
	*t = (struct tlsa){ b[0], b[1], b[2], b + RECORD_HEAD,
		len - RECORD_HEAD };
	return (b[0] == TLSA_DANE_TA || b[0] == TLSA_DANE_EE) &&
	    b[1] <= TLSA_SPKI &&
	    (b[2] == TLSA_FULL ||
	        (b[2] == TLSA_SHA256 && t->len == SHA256_SIZE) ||
	        (b[2] == TLSA_SHA512 && t->len == SHA512_SIZE));
}

int
tlsa_set_add(struct tlsa_set *set, struct tlsa const *t)
{
	unsigned char *to = set->bytes + set->len;
	if (sizeof set->bytes - set->len < SET_HEAD ||
	    sizeof set->bytes - set->len - SET_HEAD < t->len)
		return 0;
	to[0] = (unsigned char)t->usage;
	to[1] = (unsigned char)t->selector;
	to[2] = (unsigned char)t->matching;
	to[3] = (unsigned char)(t->len >> 8);
	to[4] = (unsigned char)t->len;
	memcpy(to + SET_HEAD, t->data, t->len);
	set->len += SET_HEAD + t->len;
	set->count++;
	return 1;
}

int
tlsa_set_next(struct tlsa_set const *set, size_t *at, struct tlsa *t)
{
	unsigned char const *b = set->bytes + *at;
	if (*at >= set->len)
		return 0;
	*t = (struct tlsa){ b[0], b[1], b[2], b + SET_HEAD,
		(size_t)b[3] << 8 | b[4] };
	*at += SET_HEAD + t->len;
	return 1;
}
