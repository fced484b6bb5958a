/* SPDX-License-Identifier: ISC */
#include "checksum.h"

#include <endian.h>
#include <string.h>

enum { WORD = 8, BLOCK = 4 * WORD };

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

/* Four chains side by side, as a processor works on them; each has a variable of
 * its own, so that it stays in a register. */
static uint64_t
mix_blocks(uint64_t sum, unsigned char const *s, size_t len)
{
	uint64_t a = 0;
	uint64_t b = 1;
	uint64_t c = 2;
	uint64_t d = 3;
	for (; len >= BLOCK; s += BLOCK, len -= BLOCK) {
		a = mix(a, word_at(s));
		b = mix(b, word_at(s + WORD));
		c = mix(c, word_at(s + 2 * WORD));
		d = mix(d, word_at(s + 3 * WORD));
	}
	return mix(mix(mix(mix(sum, a), b), c), d);
}

uint64_t
checksum(uint64_t seed, void const *bytes, size_t len)
{
	unsigned char const *s = bytes;
	uint64_t sum = mix(seed, len);
	if (len >= BLOCK)
		sum = mix_blocks(sum, s, len);
	s += len / BLOCK * BLOCK;
	len %= BLOCK;
	for (; len >= WORD; s += WORD, len -= WORD)
		sum = mix(sum, word_at(s));
	uint64_t last = 0;
	for (unsigned i = 0; i < len; i++)
		last |= (uint64_t)s[i] << (8 * i);
	return mix(sum, last);
}
