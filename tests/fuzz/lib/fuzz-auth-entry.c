/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "auth.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* Every part lies within the value, and reading comes to an end. */
int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct auth_entry e;
	for (size_t pos = 0; auth_next_entry(s, size, &pos, &e);) {
		if (e.hash < s || e.hash + e.hash_len > s + size ||
		    e.label < s || e.label + e.label_len > s + size ||
		    e.scope < s || e.scope + e.scope_len > s + size)
			abort();
		auth_entry_allows(&e, "imap");
	}
	return 0;
}
