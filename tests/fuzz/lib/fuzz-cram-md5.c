/* SPDX-License-Identifier: ISC */
/* The answer to a CRAM-MD5 challenge, and the stored form. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/cram-md5.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes s = { (char const *)data, size }, login;
	struct cram_md5_secret secret;
	unsigned char digest[CRAM_MD5_DIGEST];
	if (cram_md5_response(s, &login, digest) &&
	    (login.s != s.s || login.len + 33 != s.len || !login.len))
		abort();
	if (cram_md5_parse(s, &secret) && size != 64)
		abort();
	return 0;
}
