/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "relay/reply.h"

static struct reply r;

/* In pieces of STEP octets. */
static enum reply_result
feed(char const *s, size_t len, size_t step)
{
	enum reply_result result = REPLY_MORE;
	reply_begin(&r);
	for (size_t at = 0; at < len && result == REPLY_MORE;) {
		size_t n = len - at < step ? len - at : step, used;
		result = reply_feed(&r, s + at, n, &used);
		at += n;
	}
	return result;
}

/* The same result, in whatever pieces. */
static enum reply_result
read_reply(char const *s)
{
	size_t len = strlen(s);
	enum reply_result whole = feed(s, len, len);
	for (size_t step = 1; step < len; step++)
		CHECK(feed(s, len, step) == whole);
	return whole;
}

static void
answers(char const *s, unsigned int code, char const *status, char const *text)
{
	struct answer a;
	CHECK(read_reply(s) == REPLY_DONE);
	reply_answer(&r,
	    code < 300            ? VERDICT_RELAYED
	        : code / 100 == 5 ? VERDICT_FAILED
	                          : VERDICT_DEFERRED,
	    &a);
	if (r.code != code || a.code != code || strcmp(a.status, status) != 0 ||
	    strcmp(a.text, text) != 0) {
		fprintf(stderr, "%s: %u %s %s\n", s, a.code, a.status, a.text);
		check_failed = 1;
	}
}

static void
test_good(void)
{
	answers("250 ok\r\n", 250, "2.0.0", "ok");
	answers("250\r\n", 250, "2.0.0", "");
	answers("354 2.0.0 out of turn\r\n", 354, "4.0.0", "2.0.0 out of turn");
	answers("250 \r\n", 250, "2.0.0", "");
	answers("250 ok\n", 250, "2.0.0", "ok");
	answers("550 5.1.1 no such user\r\n", 550, "5.1.1", "no such user");
	answers("550-5.1.1 no such\r\n550 5.1.1 user\r\n", 550, "5.1.1",
	    "no such user");
	answers("550-5.1.1\r\n550 user\r\n", 550, "5.1.1", "user");
	answers("250-a\r\n250-b\r\n250 c\r\n", 250, "2.0.0", "a b c");
	answers("250-a\r\n250\r\n", 250, "2.0.0", "a");
	answers("450 4.7.1  grey\r\n", 450, "4.7.1", "grey");
	/* of another class, or none */
	answers("550 4.1.1 x\r\n", 550, "5.0.0", "4.1.1 x");
	answers("550 5.1 x\r\n", 550, "5.0.0", "5.1 x");
	answers("550 5.1.1x\r\n", 550, "5.0.0", "5.1.1x");
	answers("550 5.1234.1 x\r\n", 550, "5.0.0", "5.1234.1 x");
	/* control octets, a CR in the line */
	answers("250 a\tb\x01"
	        "c\x7f\r\n",
	    250, "2.0.0", "a b?c?");
	answers("250 a\rb\r\r\n", 250, "2.0.0", "a?b?");
}

static void
test_bad(void)
{
	static char const *const bad[] = { "hello\r\n", "25\r\n", "\r\n", "\n",
		"150 x\r\n", "650 x\r\n", "2500 x\r\n", "250x\r\n",
		"250-a\r\n251 b\r\n", "250-a\r\n25", "\r250 x\r\n",
		"25a ok\r\n", "250\tok\r\n", "-250 ok\r\n", "250-a\r\n\r\n" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum reply_result result = read_reply(bad[i]);
		if (result != REPLY_WRONG && i != 9) {
			fprintf(stderr, "taken: %s\n", bad[i]);
			check_failed = 1;
		}
	}
	CHECK(read_reply("250-a\r\n") == REPLY_MORE);
	CHECK(read_reply("250 a\r") == REPLY_MORE);
	CHECK(read_reply("2") == REPLY_MORE);
}

/* What comes behind it is not touched. */
static void
test_rest(void)
{
	size_t used;
	char const s[] = "250 a\r\n354 b\r\n";
	reply_begin(&r);
	CHECK(reply_feed(&r, s, sizeof s - 1, &used) == REPLY_DONE);
	CHECK(used == 7 && r.code == 250);
	reply_begin(&r);
	CHECK(
	    reply_feed(&r, s + used, sizeof s - 1 - used, &used) == REPLY_DONE);
	CHECK(used == 7 && r.code == 354);
}

static void
test_limits(void)
{
	struct answer a;
	size_t size = 1 << 20;
	char *s = malloc(size);
	if (!s)
		exit(1);
	memset(s, 'x', size);
	memcpy(s, "250 ", 4);
	CHECK(feed(s, size, 4096) == REPLY_ENDLESS);
	s[60000] = '\n';
	CHECK(feed(s, 60001, 1000) == REPLY_DONE);
	CHECK(r.len == REPLY_TEXT_MAX);
	reply_answer(&r, VERDICT_RELAYED, &a);
	CHECK(strlen(a.text) == ANSWER_TEXT_MAX - 1);
	for (size_t i = 0; i + 6 <= size; i += 6)
		memcpy(s + i, "250-\r\n", 6);
	CHECK(feed(s, size, 777) == REPLY_ENDLESS);
	CHECK(r.code == 250 && reply_is_endless(&r));
	free(s);
}

int
main(void)
{
	test_good();
	test_bad();
	test_rest();
	test_limits();
	return check_failed;
}
