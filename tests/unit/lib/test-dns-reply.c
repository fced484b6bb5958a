/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "dns-reply.h"

/* "a.test TYPE", in the flags RCODE and AD. */
#define HEAD(flags, count, type) \
	"\0\1\x81" flags "\0\1\0" count "\0\0\0\0\1a\4test\0\0" type "\0\1"
/* Names are back-references: a.test is at 12. */
#define NAME_A          "\xc0\x0c"
#define RECORD(type, n) "\0" type "\0\1\0\0\0\x3c\0" n
/* a.test is an alias of b.test, which is then at 36 in a message. */
#define ALIAS  NAME_A RECORD("\5", "\4") "\1b\xc0\x0e"
#define NAME_B "\xc0\x24"

static struct {
	int calls;
	enum dns_status status;
	bool secure;
	unsigned int count;
	char name[DNS_NAME_MAX + 1];
	char text[100];
	size_t len;
} seen;

static void
see(void *arg, struct dns_answer const *a)
{
	(void)arg;
	seen.calls++;
	seen.status = a->status;
	seen.secure = a->secure;
	seen.count = a->count;
	snprintf(seen.name, sizeof seen.name, "%s", a->name);
	if (!a->count)
		return;
	seen.len = a->record[0].len;
	memcpy(seen.text, a->record[0].text, seen.len + 1);
}

static void
read_reply(char const *s, size_t len, enum dns_type type, bool trusted)
{
	memset(&seen, 0, sizeof seen);
	dns_read(s, len, type, trusted, see, NULL);
	CHECK(seen.calls == 1);
}

#define READ(message, type) \
	read_reply("" message, sizeof(message) - 1, type, true)

static void
test_secure(void)
{
	static char const a[] =
	    HEAD("\xa0", "\1", "\1") NAME_A RECORD("\1", "\4") "\x7f\0\0\1";
	read_reply(a, sizeof a - 1, DNS_A, true);
	CHECK(seen.status == DNS_FOUND && seen.secure && seen.count == 1 &&
	    strcmp(seen.text, "127.0.0.1") == 0 &&
	    strcmp(seen.name, "a.test") == 0);
	read_reply(a, sizeof a - 1, DNS_A, false);
	CHECK(seen.status == DNS_FOUND && !seen.secure);
	READ(HEAD("\x80", "\1", "\1") NAME_A RECORD("\1", "\4") "\x7f\0\0\1",
	    DNS_A);
	CHECK(seen.status == DNS_FOUND && !seen.secure);
	/* what is not there, and that is signed, or not */
	READ(HEAD("\xa0", "\0", "\x34"), DNS_TLSA);
	CHECK(seen.status == DNS_NO_DATA && seen.secure);
	READ(HEAD("\xa3", "\0", "\x34"), DNS_TLSA);
	CHECK(seen.status == DNS_NO_NAME && seen.secure);
	READ(HEAD("\x83", "\0", "\x34"), DNS_TLSA);
	CHECK(seen.status == DNS_NO_NAME && !seen.secure);
	/* SERVFAIL is no answer, whatever it says */
	READ(HEAD("\xa2", "\0", "\x34"), DNS_TLSA);
	CHECK(seen.status == DNS_FAILED && !seen.secure);
}

static void
test_tlsa(void)
{
	static char const one[] =
	    HEAD("\xa0", "\1", "\x34") NAME_A RECORD("\x34", "\5") "\3\1\0ab";
	READ(HEAD("\xa0", "\1", "\x34") NAME_A RECORD("\x34", "\5") "\3\1\0ab",
	    DNS_TLSA);
	CHECK(seen.status == DNS_FOUND && seen.count == 1 && seen.len == 5 &&
	    memcmp(seen.text, "\3\1\0ab", 6) == 0);
	/* cut at each place it is no answer */
	for (size_t len = 0; len < sizeof one - 1; len++) {
		read_reply(one, len, DNS_TLSA, true);
		CHECK(seen.status == DNS_FAILED && !seen.secure);
	}
	/* behind an alias, and two of them */
	READ(HEAD("\xa0", "\3", "\x34") ALIAS NAME_B RECORD("\x34",
	         "\4") "\3\1\0x" NAME_B RECORD("\x34", "\4") "\3\1\0y",
	    DNS_TLSA);
	CHECK(seen.status == DNS_FOUND && seen.count == 2 &&
	    strcmp(seen.name, "b.test") == 0);
	/* an alias alone is no record */
	READ(HEAD("\xa0", "\1", "\x34") ALIAS, DNS_TLSA);
	CHECK(seen.status == DNS_NO_DATA && seen.secure &&
	    strcmp(seen.name, "b.test") == 0);
	READ(HEAD("\xa0", "\1", "\5") ALIAS, DNS_CNAME);
	CHECK(seen.status == DNS_FOUND && seen.secure);
}

static void
test_broken(void)
{
	/* two questions; none */
	READ("\0\1\x81\xa0\0\2\0\0\0\0\0\0\1a\4test\0\0\x34\0\1", DNS_TLSA);
	CHECK(seen.status == DNS_FAILED);
	READ("\0\1\x81\xa0\0\0\0\0\0\0\0\0", DNS_TLSA);
	CHECK(seen.status == DNS_FAILED && !*seen.name);
	/* more records are said to be there than are */
	READ(HEAD("\xa0", "\2", "\x34") NAME_A RECORD("\x34", "\4") "\3\1\0x",
	    DNS_TLSA);
	CHECK(seen.status == DNS_FAILED && !seen.secure);
	/* a name that leads to itself */
	READ(HEAD("\xa0", "\1", "\x34") "\xc0\x18" RECORD("\x34",
	         "\4") "\3\1\0x",
	    DNS_TLSA);
	CHECK(seen.status == DNS_FAILED);
}

int
main(void)
{
	test_secure();
	test_tlsa();
	test_broken();
	return check_failed;
}
