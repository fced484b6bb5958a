/* SPDX-License-Identifier: ISC */
#include "uid.h"

#include <stdint.h>
#include <sys/random.h>
#include <time.h>

static char *
base32(char *out, uint64_t n, unsigned int digits)
{
	/* in ASCII order, so that ids sort; without i, l, o and u */
	static char const alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	for (unsigned int i = digits; i-- > 0; n >>= 5)
		out[i] = alphabet[n & 31];
	return out + digits;
}

int
uid_new(char out[UID_MAX])
{
	struct timespec now;
	uint64_t noise = 0;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    getrandom(&noise, sizeof noise, 0) != (ssize_t)sizeof noise)
		return 0;
	uint64_t micros =
	    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	*base32(base32(out, micros, 11), noise & 0xffffffffff, 8) = 0;
	return 1;
}
