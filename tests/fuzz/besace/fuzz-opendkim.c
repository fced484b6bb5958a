/* SPDX-License-Identifier: ISC */
/* OpenDKIM's KeyTable and SigningTable: the first octet chooses which. */
#include "fuzz-entries.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (size)
		fuzz_entries(data + 1, size - 1, TEXT_CUT,
		    data[0] % 2 ? entry_dkim_key : entry_dkim_signing);
	return 0;
}
