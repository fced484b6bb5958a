/* SPDX-License-Identifier: ISC */
#include "checksum.h"

#include <endian.h>
#include <string.h>

enum { CHAINS = 4, WORD = 8 };

static uint64_t
mix(uint64_t sum, uint64_t word)
{
	/* odd, and without a pattern: 2^64 divided by the golden ratio */
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

static uint64_t
word_at(unsigned char const *s)
{
	uint64_t word;
	memcpy(&word, s, sizeof word);
	return le64toh(word);
}

/* Chains side by side, as a processor works on them. */
uint64_t
checksum(uint64_t seed, void const *bytes, size_t len)
{
	unsigned char const *s = bytes;
	uint64_t sum = mix(seed, len);
	uint64_t chain[CHAINS] = { 0, 1, 2, 3 };
	if (len >= sizeof chain) {
		for (; len >= sizeof chain;
		     s += sizeof chain, len -= sizeof chain)
			for (unsigned i = 0; i < CHAINS; i++)
				chain[i] = mix(chain[i], word_at(s + WORD * i));
		for (unsigned i = 0; i < CHAINS; i++)
			sum = mix(sum, chain[i]);
	}
	for (; len >= WORD; s += WORD, len -= WORD)
		sum = mix(sum, word_at(s));
	uint64_t last = 0;
	for (unsigned i = 0; i < len; i++)
		last |= (uint64_t)s[i] << (8 * i);
	return mix(sum, last);
}
