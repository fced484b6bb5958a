/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/log.h"

static int
quotes(char const *value, size_t len, char const *wanted)
{
	static stralloc sa = STRALLOC_ZERO;
	sa.len = 0;
	return log_quote(&sa, value, len) && sa.len == strlen(wanted) &&
	    memcmp(sa.s, wanted, sa.len) == 0;
}

#define S(s) (s), sizeof(s) - 1

int
main(void)
{
	CHECK(quotes(S("alice@example.org"), "alice@example.org"));
	CHECK(quotes(S(""), "\"\""));
	CHECK(quotes(S("a b"), "\"a b\""));
	CHECK(quotes(S("a=b"), "\"a=b\""));
	CHECK(quotes(S("a\"b\\"), "\"a\\\"b\\\\\""));
	CHECK(quotes(S("a\nb\r\t"), "\"a\\x0ab\\x0d\\x09\""));
	CHECK(quotes(S("a\0b\x7f"), "\"a\\x00b\\x7f\""));
	CHECK(quotes(S("\xc3\xa9"), "\"\xc3\xa9\""));
	/* what a terminal obeys, and journalctl takes for no text */
	CHECK(quotes(S("\xc2\x9b\x32J"), "\"\\xc2\\x9b2J\""));
	CHECK(quotes(S("\xff\xc3"), "\"\\xff\\xc3\""));
	return check_failed;
}
