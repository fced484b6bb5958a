/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "../check.h"
#include "relay/tls-report/json.h"

static bool
is(char const *s, size_t len, char const *wanted)
{
	stralloc out = STRALLOC_ZERO;
	bool same = json_string(&out, s, len) && out.len == strlen(wanted) &&
	    memcmp(out.s, wanted, out.len) == 0;
	if (!same)
		fprintf(stderr, "wanted: %s\nseen:   %.*s\n", wanted,
		    (int)out.len, out.s);
	stralloc_free(&out);
	return same;
}

int
main(void)
{
	stralloc out = STRALLOC_ZERO;
	CHECK(is("", 0, "\"\""));
	CHECK(is("a\"b\\c/", 6, "\"a\\\"b\\\\c/\""));
	CHECK(
	    is("\0\t\n\x1f\x7f", 5, "\"\\u0000\\u0009\\u000a\\u001f\\u007f\""));
	CHECK(
	    is("\xc3\xa4\xf0\x9f\x98\x80", 6, "\"\xc3\xa4\xf0\x9f\x98\x80\""));
	/* a cut character, a surrogate, an overlong form */
	CHECK(is("a\xc3", 2, "\"a\xef\xbf\xbd\""));
	CHECK(
	    is("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""));
	CHECK(is("\xc0\xaf!", 3, "\"\xef\xbf\xbd\xef\xbf\xbd!\""));
	CHECK(json_member(&out, "a", "b", 1) &&
	    json_number(&out, "c", UINT64_MAX) && stralloc_0(&out));
	CHECK(strcmp(out.s, "\"a\":\"b\"\"c\":18446744073709551615") == 0);
	stralloc_free(&out);
	return check_failed;
}
