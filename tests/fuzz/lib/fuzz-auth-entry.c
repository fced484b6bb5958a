/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "auth.h"

static void
check_inside(struct bytes b, char const *s, size_t size)
{
	if (b.s < s || b.len > size || b.s + b.len > s + size)
		abort();
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* Every part lies within the value, and reading comes to an end. */
int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct auth_entry e;
	for (size_t pos = 0; auth_next_entry(s, size, &pos, &e);) {
		check_inside(e.hash, s, size);
		check_inside(e.label, s, size);
		check_inside(e.scope, s, size);
		auth_entry_allows(&e, "imap");
	}
	return 0;
}
