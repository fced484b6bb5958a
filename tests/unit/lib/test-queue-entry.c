/* SPDX-License-Identifier: ISC */
/* The lines of a queue file: read whole and cut at every position, written
 * again, with every octet that a value can hold. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "lib/queue-entry.h"

static char const full[] = "Besace-Queue: 1\n"
                           "Message-Uid: 1q4c8hb2zt5m0v7k3xw\n"
                           "Arrival: 2026-11-21T14:04:38Z\n"
                           "Group: example.net\n"
                           "Sender: alice@example.test\n"
                           "Envelope-Id: QQ314159\n"
                           "Return: HDRS\n"
                           "Body: 8BITMIME\n"
                           "Smtputf8: yes\n"
                           "Require-Tls: yes\n"
                           "User: alice@example.test\n"
                           "Delay-Notice: 2026-11-21T18:04:38Z\n"
                           "Never-Bounce: yes\n"
                           "Colour: green\n"
                           "Recipient: bob@example.net\n"
                           "Original: bob@example.test\n"
                           "State: waiting\n"
                           "Notify: FAILURE,DELAY\n"
                           "Original-Recipient: rfc822;bob@example.test\n"
                           "Attempts: 2\n"
                           "Tried: 2026-11-21T14:04:39Z\n"
                           "Code: 450\n"
                           "Status: 4.2.1\n"
                           "Answer: mailbox \\x5c busy\n"
                           "Answered-By: mx.example.net [192.0.2.1]:25\n"
                           "Mood: fine\n"
                           "Recipient: eve@example.net\n"
                           "State: failed\n"
                           "Notified: yes\n"
                           "\n";

static enum queue_parse
parse(char const *s, struct queue_entry *e)
{
	size_t used = 0;
	enum queue_parse p = queue_entry_parse(s, strlen(s), e, &used);
	CHECK(p != QUEUE_PARSE_DONE || used == strlen(s));
	return p;
}

static void
check_full(struct queue_entry const *e)
{
	CHECK(strcmp(e->uid, "1q4c8hb2zt5m0v7k3xw") == 0);
	CHECK(e->arrival == 1795269878);
	CHECK(strcmp(e->group, "example.net") == 0);
	CHECK(strcmp(e->sender, "alice@example.test") == 0);
	CHECK(strcmp(e->envid, "QQ314159") == 0);
	CHECK(e->ret == DSN_RET_HDRS && e->smtputf8 && e->requiretls);
	CHECK(strcmp(e->body, "8BITMIME") == 0);
	CHECK(strcmp(e->user, "alice@example.test") == 0);
	CHECK(e->delay_notice == 1795284278 && e->never_bounce);
	CHECK(queue_count(e) == 2);
	struct queue_recipient const *r = queue_recipient(e, 0);
	CHECK(strcmp(r->address, "bob@example.net") == 0);
	CHECK(strcmp(r->original, "bob@example.test") == 0);
	CHECK(r->state == QUEUE_WAITING && !r->notified);
	CHECK(r->notify == (DSN_FAILURE | DSN_DELAY));
	CHECK(strcmp(r->orcpt, "rfc822;bob@example.test") == 0);
	CHECK(r->attempts == 2 && r->tried == 1795269879 && r->code == 450);
	CHECK(strcmp(r->status, "4.2.1") == 0);
	CHECK(strcmp(r->answer, "mailbox \\ busy") == 0);
	CHECK(strcmp(r->mta, "mx.example.net [192.0.2.1]:25") == 0);
	r = queue_recipient(e, 1);
	CHECK(strcmp(r->address, "eve@example.net") == 0);
	CHECK(r->state == QUEUE_FAILED && r->notified && !r->answer);
}

static void
check_written(struct queue_entry const *e, char const *wanted)
{
	stralloc sa = STRALLOC_ZERO;
	CHECK(queue_entry_format(e, &sa) && stralloc_0(&sa));
	CHECK(strcmp(sa.s, wanted) == 0);
	stralloc_free(&sa);
}

static void
test_full(void)
{
	struct queue_entry e;
	CHECK(parse(full, &e) == QUEUE_PARSE_DONE);
	check_full(&e);
	check_written(&e, full);
	queue_entry_free(&e);
	queue_entry_free(&e);
}

/* Each start of it wants more; what comes behind it is the message's. Read from
 * memory of just that size, so that a checking build sees what lies beyond. */
static void
test_cut(void)
{
	struct queue_entry e;
	size_t used, len = sizeof full - 1;
	for (size_t n = 0; n < len; n++) {
		char *part = malloc(n ? n : 1);
		memcpy(part, full, n);
		CHECK(
		    queue_entry_parse(part, n, &e, &used) == QUEUE_PARSE_MORE);
		free(part);
	}
	char more[sizeof full + 10];
	memcpy(more, full, len);
	memcpy(more + len, "\nA: b\n\nc\n", 9);
	for (size_t n = len; n < len + 9; n++) {
		CHECK(
		    queue_entry_parse(more, n, &e, &used) == QUEUE_PARSE_DONE);
		CHECK(used == len);
		check_full(&e);
		queue_entry_free(&e);
	}
}

#define LINES(group, sender) \
	"Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\nGroup: " group \
	"\nSender: " sender "\n"
#define HEAD LINES("g", "s")
#define FOR  "Recipient: r\n\n"

static void
test_damaged(void)
{
	static char const *const damaged[] = { "Besace-Queue: 2\n\n",
		"Received: x\n\n", "\n\n", "Besace-Queue: 1\n\n", HEAD "\n",
		LINES("", "s") FOR, LINES("g\\x0a", "s") FOR,
		LINES("g", "s\\x0dx") FOR, HEAD "Recipient:\n\n",
		HEAD "Recipient: r\\x0aq\n\n", HEAD "Recipient: r\\x7f\n\n",
		HEAD "Recipient: r\nRecipient: \n\n",
		"Besace-Queue: 1\nGroup: g\nSender: s\n" FOR,
		"Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\nGroup: g\n" FOR,
		"Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\nSender: s\n" FOR,
		"Besace-Queue: 1\nArrival: 1970-01-01T00:00:00Z\nGroup: g\n"
		"Sender: s\n" FOR,
		HEAD "nothing\n" FOR, HEAD ": x\n" FOR, HEAD " folded\n" FOR,
		HEAD "Arrival: today\n" FOR, HEAD "Return: NO\n" FOR,
		HEAD "Smtputf8: perhaps\n" FOR, HEAD "User: a\\\n" FOR,
		HEAD "User: a\\x0\n" FOR, HEAD "User: a\\x00b\n" FOR,
		HEAD "User: a\\y41\n" FOR, HEAD "User: a\rb\n" FOR,
		HEAD "Colour: a\rb\n" FOR, HEAD "Recipient: r\nState: gone\n\n",
		HEAD "Recipient: r\nAttempts: -1\n\n",
		HEAD "Recipient: r\nAttempts:\n\n",
		HEAD "Recipient: r\nAttempts: 18446744073709551616\n\n",
		HEAD "Recipient: r\nNotify: SOMETIMES\n\n" };
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		struct queue_entry e;
		errno = 0;
		if (parse(damaged[i], &e) != QUEUE_PARSE_ERROR ||
		    errno != EPROTO || queue_count(&e) || e.group) {
			fprintf(stderr, "not so: %s", damaged[i]);
			check_failed = 1;
		}
	}
}

/* What people do with an editor. */
static void
test_forgiven(void)
{
	struct queue_entry e;
	CHECK(parse("Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\nSender:\n"
	            "Group:g\nUser: a\nUser: b\nRecipient: r\n\n",
	          &e) == QUEUE_PARSE_DONE);
	CHECK(strcmp(e.sender, "") == 0 && strcmp(e.group, "g") == 0);
	CHECK(strcmp(e.user, "b") == 0);
	CHECK(queue_recipient(&e, 0)->state == QUEUE_WAITING);
	queue_entry_free(&e);
}

/* No value makes a line of its own, or comes back as another. */
static void
test_every_octet(void)
{
	static char const odd[] = "\nRecipient: x\n\n\r\\x41 \xc3\xa9 \xc2\x85 "
	                          "\xff\xed\xa0\x80 ";
	for (unsigned int c = 1; c < 256; c++) {
		struct queue_entry e = QUEUE_ENTRY_ZERO, again;
		char text[64];
		size_t used;
		stralloc sa = STRALLOC_ZERO;
		snprintf(text, sizeof text, "%c%s%c", (char)c, odd, (char)c);
		e.arrival = 1;
		CHECK(queue_set(&e.group, "g") && queue_set(&e.sender, ""));
		CHECK(queue_set(&e.user, text) && queue_add(&e, "r") != NULL);
		CHECK(queue_answer(queue_recipient(&e, 0), QUEUE_WAITING, 1,
		    450, text, text, text));
		CHECK(queue_entry_format(&e, &sa));
		CHECK(queue_entry_parse(sa.s, sa.len, &again, &used) ==
		    QUEUE_PARSE_DONE);
		CHECK(used == sa.len && queue_count(&again) == 1);
		CHECK(strcmp(again.user, text) == 0);
		struct queue_recipient const *r = queue_recipient(&again, 0);
		CHECK(strcmp(r->mta, text) == 0);
		CHECK(strcmp(r->answer, text) == 0 && r->attempts == 1);
		for (size_t i = 0; i < sa.len; i++)
			CHECK(sa.s[i] == '\n' || (unsigned char)sa.s[i] >= 32);
		queue_entry_free(&e);
		queue_entry_free(&again);
		stralloc_free(&sa);
	}
}

static bool
wants(char const *sender, enum queue_state state, unsigned int notify,
    bool never)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	CHECK(queue_set(&e.sender, sender) && queue_add(&e, "r"));
	struct queue_recipient *r = queue_recipient(&e, 0);
	r->state = state;
	r->notify = notify;
	e.never_bounce = never;
	bool it_does = queue_wants_notice(&e, r);
	CHECK(queue_is_waiting(&e) == (state == QUEUE_WAITING));
	CHECK(queue_is_done(&e) == (!it_does && state != QUEUE_WAITING));
	r->notified = true;
	CHECK(!queue_wants_notice(&e, r));
	queue_entry_free(&e);
	return it_does;
}

static void
test_notices(void)
{
	CHECK(wants("s", QUEUE_FAILED, 0, false));
	CHECK(wants("s", QUEUE_FAILED, DSN_FAILURE, false));
	CHECK(wants("", QUEUE_FAILED, 0, false));
	CHECK(!wants("s", QUEUE_FAILED, DSN_NEVER, false));
	CHECK(!wants("s", QUEUE_FAILED, DSN_SUCCESS | DSN_DELAY, false));
	CHECK(!wants("s", QUEUE_FAILED, 0, true));
	CHECK(!wants("s", QUEUE_WAITING, DSN_SUCCESS, false));
	CHECK(!wants("s", QUEUE_DELIVERED, 0, false));
	CHECK(wants("s", QUEUE_DELIVERED, DSN_SUCCESS, false));
	CHECK(wants("s", QUEUE_RELAYED, DSN_SUCCESS | DSN_FAILURE, false));
	CHECK(!wants("", QUEUE_RELAYED, DSN_SUCCESS, false));
	CHECK(!wants("s", QUEUE_EXPANDED, DSN_FAILURE, false));
}

int
main(void)
{
	test_full();
	test_cut();
	test_damaged();
	test_forgiven();
	test_every_octet();
	test_notices();
	return check_failed;
}
