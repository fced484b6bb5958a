/* SPDX-License-Identifier: ISC */
/* The reader of stored hashes, and the verification of those that cost little:
 * crypt(3)'s and SCRAM's cost is part of the hash. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "password.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *why, *s = (char const *)data;
	int usable = password_usable(s, size, &why);
	if (usable && size > 5 && !memchr(s, '$', size) &&
	    !memchr(s, ',', size) && memcmp(s, "{CRY", 4) != 0 && *s == '{' &&
	    memcmp(s, "{DES", 4) != 0)
		password_verify(s, size, "correct horse", 13);
	return 0;
}
