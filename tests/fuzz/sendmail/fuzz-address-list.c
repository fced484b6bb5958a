/* SPDX-License-Identifier: ISC */
/* Any bytes as a list of addresses: what comes out is lines, no longer than
 * what went in, and is read again as the same list. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "smtp-session/sendmail/address-list.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	stralloc out = STRALLOC_ZERO;
	stralloc again = STRALLOC_ZERO;
	int r = address_list((char const *)data, size, &out);
	must(r >= 0);
	must(r || !out.len);
	must(out.len <= size + 1);
	must(!out.len || out.s[out.len - 1] == '\n');
	for (size_t i = 0; i < out.len;) {
		struct address a;
		char const *lf = memchr(out.s + i, '\n', out.len - i);
		size_t n = (size_t)(lf - out.s) - i;
		must(n > 0 && !memchr(out.s + i, 0, n));
		if (address_parse(out.s + i, n, &a)) {
			again.len = 0;
			must(address_list(out.s + i, n, &again) == 1);
			must(again.len == n + 1 &&
			    memcmp(again.s, out.s + i, n) == 0);
		}
		i += n + 1;
	}
	stralloc_free(&out);
	stralloc_free(&again);
	return 0;
}
