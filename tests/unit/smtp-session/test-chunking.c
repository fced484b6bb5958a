/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "smtp-session/chunking.h"

static enum chunk_syntax
reads(char const *s, uint64_t size, bool last)
{
	struct chunk c;
	enum chunk_syntax syntax = chunk_read(s, strlen(s), &c);
	CHECK(syntax == CHUNK_ENDLESS || (c.size == size && c.last == last));
	return syntax;
}

int
main(void)
{
	static char const *const endless[] = { "", " ", "LAST", "-1", "+1",
		"1x", "x1", "0x10", "1,LAST", "1\t", "18446744073709551616",
		"99999999999999999999999999 LAST", "\xff" };
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
		CHECK(reads(endless[i], 0, false) == CHUNK_ENDLESS);
	CHECK(reads("0", 0, false) == CHUNK_RIGHT);
	CHECK(reads("0 LAST", 0, true) == CHUNK_RIGHT);
	CHECK(reads("007", 7, false) == CHUNK_RIGHT);
	CHECK(reads("86  last", 86, true) == CHUNK_RIGHT);
	CHECK(reads("18446744073709551615", UINT64_MAX, false) == CHUNK_RIGHT);
	CHECK(reads("5 LASTS", 5, false) == CHUNK_WRONG);
	CHECK(reads("5 LAST x", 5, false) == CHUNK_WRONG);
	CHECK(reads("5 x", 5, false) == CHUNK_WRONG);
	struct chunk c;
	CHECK(chunk_read("5\0", 2, &c) == CHUNK_ENDLESS);
	return check_failed;
}
