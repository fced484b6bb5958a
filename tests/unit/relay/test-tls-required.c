/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/tls-required.h"

static bool
no(char const *message)
{
	return tls_required_no(message, strlen(message));
}

int
main(void)
{
	static char const text[] = "From: a\r\nTLS-Required: No\r\n\r\n";
	CHECK(no("TLS-Required: No\n\nbody\n"));
	CHECK(no(text));
	CHECK(no("tls-required:NO"));
	CHECK(no("TLS-Required:\n\tno \nTo: b\n\n"));
	CHECK(no("TLS-Required: No\nTLS-Required: No\n\n"));
	CHECK(!no(""));
	CHECK(!no("To: b\n\nTLS-Required: No\n"));
	CHECK(!no("TLS-Required: Yes\n\n"));
	CHECK(!no("TLS-Required: No\nTLS-Required: Yes\n\n"));
	CHECK(!no("TLS-Required:\n\n"));
	CHECK(!no("TLS-Required: No (please)\n\n"));
	CHECK(!no("X-TLS-Required: No\n\n"));
	/* a header that is cut says nothing it has not said */
	for (size_t n = 0; n < strlen("From: a\r\nTLS-Required: N"); n++)
		CHECK(!tls_required_no(text, n));
	return check_failed;
}
