/* SPDX-License-Identifier: ISC */
/* The record of _smtp._tls, which anybody may publish: an address that comes out
 * is one that can be written to, with nothing else in it. */
#include "relay/tls-report/tlsrpt-record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct tlsrpt_record r;
	struct address a;
	char const *s = (char const *)data;
	int ok = tlsrpt_record_parse(s, size, &r);
	must(ok != 1 || tlsrpt_record_is(s, size));
	for (unsigned int i = 0; ok == 1 && i < r.count; i++) {
		char const *to = r.mailto[i].s;
		must(strlen(to) + 1 == r.mailto[i].len);
		must(address_parse(to, strlen(to), &a));
		for (; *to; to++)
			must(*to >= 0x20 && *to < 0x7f);
	}
	tlsrpt_record_free(&r);
	return 0;
}
