/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/mail-data.h"

enum { SIZE = 256 };

/* What goes out for S, in pieces of STEP octets. */
static size_t
encode(char const *s, size_t len, size_t step, bool chunked, char out[2 * SIZE])
{
	struct mail_data d = { .place = MAIL_LINE_START, .chunked = chunked };
	size_t n = 0;
	for (size_t at = 0; at < len; at += step)
		n += mail_data_add(&d, s + at,
		    len - at < step ? len - at : step, out + n);
	return n + mail_data_end(&d, out + n);
}

static void
becomes_as(char const *s, bool chunked, char const *wanted)
{
	char out[2 * SIZE];
	for (size_t step = 1; step <= strlen(s) + 1; step++) {
		size_t n = encode(s, strlen(s), step, chunked, out);
		if (n != strlen(wanted) || memcmp(out, wanted, n) != 0) {
			fprintf(stderr, "%s: %.*s\n", s, (int)n, out);
			check_failed = 1;
		}
	}
}

static void
becomes(char const *s, char const *wanted)
{
	becomes_as(s, false, wanted);
}

static void
test_chunks(void)
{
	becomes_as("", true, "");
	becomes_as("a\n.\n..b\r\n", true, "a\r\n.\r\n..b\r\n");
	becomes_as(".", true, ".\r\n");
	becomes_as("a\rb\r", true, "a b \r\n");
}

static void
test_wire(void)
{
	becomes("", ".\r\n");
	becomes("a\n", "a\r\n.\r\n");
	becomes("a", "a\r\n.\r\n");
	becomes("a\r\n", "a\r\n.\r\n");
	becomes(".\n", "..\r\n.\r\n");
	becomes("..\n", "...\r\n.\r\n");
	becomes(".", "..\r\n.\r\n");
	becomes("a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n");
	becomes("a\r\n.\r\n", "a\r\n..\r\n.\r\n");
	becomes("a.\n.b\n", "a.\r\n..b\r\n.\r\n");
	becomes("\n\n", "\r\n\r\n.\r\n");
	/* a CR alone, in all its places */
	becomes("a\rb\n", "a b\r\n.\r\n");
	becomes("\r", " \r\n.\r\n");
	becomes("a\r", "a \r\n.\r\n");
	becomes("\r.\r\n", " .\r\n.\r\n");
	becomes("\r\r\n", " \r\n.\r\n");
	becomes("a\r.\r\rb\n", "a .  b\r\n.\r\n");
	becomes("\n\r.\n", "\r\n .\r\n.\r\n");
}

static struct mail_facts
facts(char const *s)
{
	struct mail_facts whole = MAIL_FACTS_ZERO, parts = MAIL_FACTS_ZERO;
	mail_facts_add(&whole, s, strlen(s));
	for (size_t i = 0; i < strlen(s); i++)
		mail_facts_add(&parts, s + i, 1);
	CHECK(whole.size == parts.size &&
	    whole.header_8bit == parts.header_8bit &&
	    whole.body_8bit == parts.body_8bit);
	return whole;
}

static void
test_facts(void)
{
	struct mail_facts f = facts("A: b\n\nc\n");
	CHECK(f.size == 11 && !f.header_8bit && !f.body_8bit);
	f = facts("A: b\r\n\r\nc\r\n");
	CHECK(f.size == 11);
	f = facts("A: \xc3\xa9\n\nc\n");
	CHECK(f.header_8bit && !f.body_8bit);
	f = facts("A: b\n\n\xc3\xa9\n");
	CHECK(!f.header_8bit && f.body_8bit);
	f = facts("A: b\r\n\r\n\xff\r\n");
	CHECK(!f.header_8bit && f.body_8bit);
	f = facts("\n\xff\n");
	CHECK(!f.header_8bit && f.body_8bit);
}

int
main(void)
{
	test_wire();
	test_chunks();
	test_facts();
	return check_failed;
}
