/* SPDX-License-Identifier: ISC */
/* A transfer encoding is undone alike in one piece and in many, and never makes
 * a text longer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transfer-encoding.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_transfer(enum transfer kind, char const *s, size_t len)
{
	struct transfer_decoder whole = { .kind = kind };
	struct transfer_decoder cut = { .kind = kind };
	stralloc one = STRALLOC_ZERO;
	stralloc two = STRALLOC_ZERO;
	if (!transfer_decode(&whole, s, len, &one))
		abort();
	for (size_t i = 0; i < len; i++)
		if (!transfer_decode(&cut, s + i, 1, &two))
			abort();
	if (!transfer_end(&whole, &one) || !transfer_end(&cut, &two))
		abort();
	if (one.len > len || one.len != two.len ||
	    (one.len && memcmp(one.s, two.s, one.len) != 0))
		abort();
	stralloc_free(&one);
	stralloc_free(&two);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	stralloc q = STRALLOC_ZERO;
	check_transfer(TRANSFER_PLAIN, s, size);
	check_transfer(TRANSFER_QP, s, size);
	check_transfer(TRANSFER_BASE64, s, size);
	if (!transfer_decode_q(s, size, &q) || q.len > size)
		abort();
	stralloc_free(&q);
	return 0;
}
