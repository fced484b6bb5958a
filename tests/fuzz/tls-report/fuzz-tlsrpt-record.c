/* SPDX-License-Identifier: ISC */
/* The record of _smtp._tls, which anybody may publish: an address or a URI that
 * comes out is one that can be written to, with nothing else in it. */
#include "relay/tls-report/tlsrpt-record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "https-uri.h"

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
	struct https_uri uri;
	char const *s = (char const *)data;
	int ok = tlsrpt_record_parse(s, size, &r);
	must(ok != 1 || tlsrpt_record_is(s, size));
	for (unsigned int i = 0; ok == 1 && i < r.mailtos; i++) {
		char const *to = r.mailto[i].s;
		must(strlen(to) + 1 == r.mailto[i].len);
		must(address_parse(to, strlen(to), &a));
		for (; *to; to++)
			must(*to >= 0x20 && *to < 0x7f);
	}
	for (unsigned int i = 0; ok == 1 && i < r.webs; i++) {
		must(strlen(r.web[i].s) + 1 == r.web[i].len);
		must(https_uri_parse(r.web[i].s, r.web[i].len - 1, &uri));
		must(!strpbrk(r.web[i].s, ", \n"));
	}
	tlsrpt_record_free(&r);
	return 0;
}
