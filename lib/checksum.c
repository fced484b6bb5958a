/* SPDX-License-Identifier: ISC */
#include "checksum.h"

#include <string.h>

static uint64_t
mix(uint64_t sum, uint64_t word)
{
	/* odd, and without a pattern: 2^64 divided by the golden ratio */
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

uint64_t
checksum(uint64_t seed, void const *bytes, size_t len)
{
	char const *s = bytes;
	uint64_t word;
	uint64_t sum = mix(seed, len);
	for (; len >= sizeof word; len -= sizeof word, s += sizeof word) {
		memcpy(&word, s, sizeof word);
		sum = mix(sum, word);
	}
	word = 0;
	if (len)
		memcpy(&word, s, len);
	return mix(sum, word);
}
