/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/sasl.h"

static struct bytes login;
static struct bytes password;

static int
plain(char const *s, size_t len)
{
	return sasl_plain((struct bytes){ s, len }, &login, &password);
}

#define S(s) (s), sizeof(s) - 1

int
main(void)
{
	CHECK(plain(S("\0alice\0secret")));
	CHECK(login.len == 5 && memcmp(login.s, "alice", 5) == 0);
	CHECK(password.len == 6 && memcmp(password.s, "secret", 6) == 0);
	CHECK(plain(S("Alice\0alice\0secret")));
	CHECK(plain(S("\0alice\0")) && password.len == 0);
	CHECK(!plain(S("bob\0alice\0secret")));
	CHECK(!plain(S("")));
	CHECK(!plain(S("\0alice")));
	CHECK(!plain(S("alice")));
	CHECK(!plain(S("\0\0secret")));
	CHECK(!plain(S("\0alice\0secret\0more")));
	return check_failed;
}
