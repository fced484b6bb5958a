/* SPDX-License-Identifier: ISC */
/* Logins against a map written here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "map.h"

static int failures;

static void
expect(int wanted, char const *service, char const *login, size_t login_len,
    char const *password)
{
	struct auth_verdict v = AUTH_VERDICT_ZERO;
	int got = auth_check(service, (struct bytes){ login, login_len },
	    bytes_of(password), &v);
	if (got != wanted || got != (int)v.result ||
	    (got != AUTH_OK && (v.user.len || v.label.len || !v.reason)) ||
	    (got == AUTH_OK &&
	        (v.user.len != 17 || v.reason ||
	            memcmp(v.user.s, "alice@example.com", 17)))) {
		printf("%s %.*s %s: wanted %d, got %d\n", service,
		    (int)login_len, login, password, wanted, got);
		failures++;
	}
	auth_verdict_free(&v);
}

static void
expect_login(int wanted, char const *service, char const *login,
    char const *password)
{
	expect(wanted, service, login, strlen(login), password);
}

static int
write_map(void)
{
	static char const value[] = "{PLAIN}main\t\t\n"
	                            "{PLAIN}phone\tphone\timap,sieve\n"
	                            "{NONSENSE}x\t\t";
	struct map_writer *w = map_write_begin("passwords.cdb");
	return w &&
	    map_write_add(w, "alice@example.com", 17, value,
	        sizeof value - 1) &&
	    map_write_commit(w, 0640);
}

int
main(void)
{
	setenv("BESACE_ETC", ".", 1);
	expect_login(AUTH_FAILED, "imap", "alice@example.com", "main");
	if (!write_map()) {
		perror("passwords.cdb");
		return 1;
	}
	expect_login(AUTH_OK, "imap", "alice@example.com", "main");
	expect_login(AUTH_OK, "smtp", "ALICE@Example.Com", "main");
	expect_login(AUTH_OK, "imap", "alice@example.com", "phone");
	expect_login(AUTH_OK, "sieve", "alice@example.com", "phone");
	expect_login(AUTH_WRONG, "smtp", "alice@example.com", "phone");
	expect_login(AUTH_WRONG, "ima", "alice@example.com", "phone");
	expect_login(AUTH_WRONG, "imap", "alice@example.com", "x");
	expect_login(AUTH_WRONG, "imap", "alice@example.com", "");
	expect_login(AUTH_WRONG, "imap", "bob@example.com", "main");
	expect_login(AUTH_WRONG, "imap", "", "main");
	expect_login(AUTH_WRONG, "imap", "alice@example.com\n", "main");
	expect(AUTH_WRONG, "imap", "alice@example.com\0x", 19, "main");
	if (truncate("passwords.cdb", 100) < 0)
		return 1;
	expect_login(AUTH_FAILED, "imap", "alice@example.com", "main");
	return failures != 0;
}
