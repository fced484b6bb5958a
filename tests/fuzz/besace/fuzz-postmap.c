/* SPDX-License-Identifier: ISC */
/* Postfix's tables: the first octet chooses which. */
#include "fuzz-entries.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static entry_parser *const parsers[] = { entry_domain, entry_mailbox,
		entry_alias, entry_sender, entry_certificate };
	if (size)
		fuzz_entries(data + 1, size - 1, TEXT_LOGICAL,
		    parsers[data[0] % 5]);
	return 0;
}
