/* SPDX-License-Identifier: ISC */
/* The settings. */
#include "fuzz-entries.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	fuzz_entries(data, size, TEXT_LOGICAL, entry_setting);
	return 0;
}
