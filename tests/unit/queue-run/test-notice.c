/* SPDX-License-Identifier: ISC */
/* Notices built from odd entries: no line, part or field but ours. What readers
 * make of them is tested with Python's, in bounces.bats. */
#include "relay/queue-run/notice.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "relay/queue-run/advice.h"

static char const message[] = "Subject: x\n\nbody\n";

static bool const chosen[] = { true, true };

static struct notice
notice_about(struct queue_entry const *e)
{
	return (struct notice){ .kind = NOTICE_FAILED,
		.entry = e,
		.chosen = chosen,
		.to = "a@b.example",
		.host = "mx.example",
		.uid = "u1",
		.now = 1,
		.until = 2,
		.message = message,
		.message_len = sizeof message - 1,
		.full_max = 1000 };
}

static struct queue_entry
failed_entry(char const *answer, char const *mta)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	struct queue_recipient *r = queue_add(&e, "x@y.example");
	if (!r || !queue_set(&e.sender, "a@b.example") ||
	    !queue_answer(r, QUEUE_FAILED, 1, 550, "5.1.1", answer, mta))
		exit(1);
	return e;
}

static char const *
build(struct notice const *n)
{
	static stralloc out = STRALLOC_ZERO;
	out.len = 0;
	CHECK(notice_build(n, &out) && stralloc_0(&out));
	return out.s;
}

/* How often it stands in S. */
static unsigned int
times(char const *s, char const *what)
{
	unsigned int n = 0;
	while ((s = strstr(s, what))) {
		s += strlen(what);
		n++;
	}
	return n;
}

static size_t
longest_line(char const *s)
{
	size_t most = 0;
	while (*s) {
		size_t n = strcspn(s, "\n");
		most = n > most ? n : most;
		s += n + (s[n] != 0);
	}
	return most;
}

/* The answer's octets are text wherever they stand. */
static void
test_answers(void)
{
	char text[3001];
	memset(text, 'y', 3000);
	text[3000] = 0;
	char const *answers[] = { "", " ", "\n", "a\nAction: delivered\n\nb",
		"\r\n--=_besace_u1--\r\n", "\x1b[2J\x80\xff", text };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct queue_entry e = failed_entry(answers[i], answers[i]);
		struct notice n = notice_about(&e);
		char const *s = build(&n);
		CHECK(times(s, "\nAction: ") == 1);
		CHECK(times(s, "\n--=_besace_u1") == 4);
		CHECK(times(s, "\r") == 0 && times(s, "\x1b") == 0);
		CHECK(longest_line(s) <= 998);
		queue_entry_free(&e);
	}
}

static void
test_header_only(void)
{
	struct queue_entry e = failed_entry("no", NULL);
	struct notice n = notice_about(&e);
	CHECK(times(build(&n), "\nbody\n") == 1);
	n.full_max = n.message_len - 1;
	CHECK(times(build(&n), "\nbody\n") == 0);
	CHECK(times(build(&n), "Subject: x\n\n--=_") == 1);
	n.full_max = n.message_len;
	e.ret = DSN_RET_HDRS;
	CHECK(times(build(&n), "text/rfc822-headers\n") == 1);
	e.ret = DSN_RET_FULL;
	CHECK(times(build(&n), "message/rfc822\n") == 1);
	n.message_len = 0;
	CHECK(times(build(&n), "\n--=_besace_u1--\n") == 1);
	queue_entry_free(&e);
}

static void
test_advice(void)
{
	CHECK(strstr(advice_for("5.1.1"), "no such address"));
	CHECK(strstr(advice_for("5.1.10"), "takes no mail"));
	CHECK(strstr(advice_for("4.2.2"), "full"));
	CHECK(strstr(advice_for("5.2.2"), "full"));
	CHECK(strstr(advice_for("5.7.26"), "rules"));
	CHECK(strstr(advice_for("4.4.1"), "as long as it was tried"));
	CHECK(*advice_for("") && *advice_for("5") && *advice_for("5.9.9"));
}

static void
test_utf8(void)
{
	struct queue_entry e = failed_entry("no", NULL);
	struct notice n = notice_about(&e);
	CHECK(!notice_is_utf8(&n));
	n.to = "\xc3\xa4@b.example";
	CHECK(notice_is_utf8(&n));
	n.to = "a@b.example";
	e.smtputf8 = true;
	CHECK(notice_is_utf8(&n));
	e.smtputf8 = false;
	CHECK(queue_set(&queue_recipient(&e, 0)->original, "\xc3\xa4@c"));
	CHECK(notice_is_utf8(&n));
	queue_entry_free(&e);
	/* words in another charset, or with controls beyond ASCII */
	e = failed_entry("gr\xc3\xbcn gr\xfcn \xc2\x9b"
	                 "2J \xed\xa0\x80",
	    NULL);
	n = notice_about(&e);
	CHECK(strstr(build(&n), "5.1.1 gr?n gr?n ?2J ???\n") != NULL);
	e.smtputf8 = true;
	CHECK(strstr(build(&n), "5.1.1 gr\xc3\xbcn gr?n ?2J ???\n") != NULL);
	queue_entry_free(&e);
}

int
main(void)
{
	test_answers();
	test_header_only();
	test_advice();
	test_utf8();
	return check_failed;
}
