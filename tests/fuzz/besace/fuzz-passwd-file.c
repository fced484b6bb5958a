/* SPDX-License-Identifier: ISC */
/* Dovecot's passwd-file. */
#include "fuzz-entries.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	fuzz_entries(data, size, TEXT_PLAIN, entry_password);
	return 0;
}
