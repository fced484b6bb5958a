/* SPDX-License-Identifier: ISC */
/* The argument of BDAT as bytes, RFC 3030 section 2. Pure. */
#ifndef SMTP_CHUNKING_H
#define SMTP_CHUNKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunk_syntax {
	CHUNK_ENDLESS, /* there is no telling how many octets follow */
	CHUNK_WRONG,   /* that many, and else it is wrong */
	CHUNK_RIGHT
};

struct chunk {
	uint64_t size;
	bool last;
};

/* "SIZE" or "SIZE LAST". */
enum chunk_syntax chunk_read(char const *s, size_t len, struct chunk *c);

#endif
