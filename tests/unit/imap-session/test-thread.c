/* SPDX-License-Identifier: ISC */
/* Threads (RFC 5256 section 3), and message-IDs. */
#include "imap-session/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

/* A mailbox, one message a row: date, ID, references, subject. */
struct row {
	int date;
	char const *id;
	char const *references;
	char const *subject;
	bool reply;
};

enum { ROWS_MAX = 10 };

static struct bytes
bytes(char const *s)
{
	return (struct bytes){ s, s ? strlen(s) : 0 };
}

static void
add(struct threads *t, uint32_t number, struct row const *row)
{
	struct thread_message m = {
		.number = number,
		.date = row->date,
		.ids.id = bytes(row->id),
		.ids.references = bytes(row->references),
		.ids.in_reply_to = bytes(NULL),
		.subject = bytes(row->subject),
		.reply = row->reply,
	};
	if (!threads_add(t, &m))
		abort();
}

static void
check(enum thread_algorithm algorithm, struct row const *rows,
    char const *wanted)
{
	struct threads t;
	stralloc out = STRALLOC_ZERO;
	threads_start(&t, algorithm);
	for (uint32_t i = 0; i < ROWS_MAX && rows[i].date; i++)
		add(&t, i + 1, &rows[i]);
	if (!threads_finish(&t) || !threads_format(&t, &out) ||
	    !stralloc_0(&out))
		abort();
	if (strcmp(out.s, wanted) != 0) {
		printf("failed:%s, not%s\n", out.s, wanted);
		failures++;
	}
	threads_free(&t);
	stralloc_free(&out);
}

static struct row const none[ROWS_MAX] = { { 0 } };

static struct row const plain[ROWS_MAX] = {
	{ 1, "<a@x>", NULL, "one", false },
	{ 2, "<b@x>", "<a@x>", "one", true },
	{ 4, "<c@x>", "<a@x> <b@x>", "one", true },
	{ 3, "<d@x>", "<a@x>", "one", true },
	{ 5, "<e@x>", "<a@x> <b@x> <c@x>", "one", true },
	{ 9, "<f@x>", "<gone@x>", "two", true },
};

/* What is missing holds its children together; one child needs no holding. */
static struct row const missing[ROWS_MAX] = {
	{ 3, "<a@x>", "<gone@x>", "one", true },
	{ 1, "<b@x>", "<gone@x>", "two", true },
	{ 2, "<c@x>", "<gone@x> <lost@x>", "three", true },
	{ 4, "<d@x>", "<away@x> <far@x>", "four", true },
};

static struct row const loops[ROWS_MAX] = {
	{ 1, "<a@x>", "<b@x>", "", false },
	{ 2, "<b@x>", "<a@x>", "", false },
	{ 3, "<c@x>", "<c@x>", "", false },
	{ 4, "<d@x>", "<e@x> <d@x> <e@x>", "", false },
	{ 5, "<e@x>", "<d@x> <f@x>", "", false },
	{ 6, "<f@x>", "<e@x>", "", false },
};

/* The first has the ID; what has none stands alone. */
static struct row const duplicates[ROWS_MAX] = {
	{ 1, "<a@x>", NULL, "one", false },
	{ 2, "<a@x>", NULL, "two", false },
	{ 3, "<b@x>", "<a@x>", "three", false },
	{ 4, "no id", "<a@x>", "four", false },
	{ 5, NULL, NULL, "five", false },
	{ 6, "<\"a\" @x>", "bad < <@x> <a@> <b@x", "six", false },
};

/* Threads with one subject: below the one that is no reply, or side by side. */
static struct row const subjects[ROWS_MAX] = {
	{ 1, "<a@x>", NULL, "s", true },
	{ 2, "<b@x>", NULL, "s", false },
	{ 3, "<c@x>", NULL, "s", true },
	{ 4, "<d@x>", NULL, "t", false },
	{ 5, "<e@x>", NULL, "t", false },
	{ 6, "<f@x>", NULL, "", false },
	{ 7, "<g@x>", NULL, "", false },
};

static struct row const dummies[ROWS_MAX] = {
	{ 1, "<a@x>", "<p@x>", "s", true },
	{ 2, "<b@x>", "<p@x>", "s", true },
	{ 3, "<c@x>", "<q@x>", "s", true },
	{ 4, "<d@x>", "<q@x>", "s", true },
	{ 5, "<e@x>", NULL, "s", false },
};

static void
check_ids(char const *in, char const *wanted)
{
	struct message_id id;
	char out[100] = "";
	size_t pos = 0;
	while (message_id_next(in, strlen(in), &pos, &id))
		snprintf(out + strlen(out), sizeof out - strlen(out), "[%.*s]",
		    (int)id.len, id.s);
	if (strcmp(out, wanted) != 0) {
		printf("failed: %s: %s, not %s\n", in, out, wanted);
		failures++;
	}
}

enum { MANY = 100000 };

/* Message I's ID and reference are what the shape makes of it. */
static void
check_many(enum thread_algorithm algorithm,
    void (*shape)(uint32_t i, char id[40], char references[200]))
{
	struct threads t;
	stralloc out = STRALLOC_ZERO;
	threads_start(&t, algorithm);
	for (uint32_t i = 0; i < MANY; i++) {
		char id[40];
		char references[200];
		shape(i, id, references);
		struct row row = { 1000 - (int)(i % 1000), id, references, "s",
			i % 2 == 0 };
		add(&t, i + 1, &row);
	}
	size_t numbers = 0;
	if (!threads_finish(&t) || !threads_format(&t, &out))
		abort();
	for (size_t i = 0; i < out.len; i++)
		numbers += out.s[i] >= '0' && out.s[i] <= '9' &&
		    (out.s[i - 1] < '0' || out.s[i - 1] > '9');
	if (numbers != MANY) {
		printf("failed: %zu messages of %d\n", numbers, (int)MANY);
		failures++;
	}
	threads_free(&t);
	stralloc_free(&out);
}

static void
chain(uint32_t i, char id[40], char references[200])
{
	snprintf(id, 40, "<%u@x>", (unsigned)i);
	snprintf(references, 200, "<%u@x>", (unsigned)i - 1);
}

static void
chain_backwards(uint32_t i, char id[40], char references[200])
{
	snprintf(id, 40, "<%u@x>", (unsigned)(MANY - i));
	snprintf(references, 200, "<%u@x>", (unsigned)(MANY - i - 1));
}

/* Pairs that are tied below the end of a long chain. */
static void
costly(uint32_t i, char id[40], char references[200])
{
	if (i < MANY / 2) {
		chain(i, id, references);
		return;
	}
	snprintf(id, 40, "<%u@x>", (unsigned)i);
	snprintf(references, 200, "<p%u@x> <q%u@x> <%d@x> <p%u@x>", (unsigned)i,
	    (unsigned)i, MANY / 2 - 1, (unsigned)i);
}

static void
star(uint32_t i, char id[40], char references[200])
{
	snprintf(id, 40, "<%u@x>", (unsigned)i);
	snprintf(references, 200, "<gone@x>");
}

int
main(void)
{
	check(THREAD_REFERENCES, none, "");
	check(THREAD_REFERENCES, plain, " (1 (2 3 5)(4))(6)");
	check(THREAD_REFS, plain, " (1 (2 3 5)(4))(6)");
	check(THREAD_ORDEREDSUBJECT, plain, " (1 (2)(4)(3)(5))(6)");
	check(THREAD_REFERENCES, missing, " ((2)(3)(1))(4)");
	check(THREAD_REFS, missing, " ((2)(3)(1))(4)");
	check(THREAD_REFERENCES, loops, " (2 1)(3)(5 (4)(6))");
	check(THREAD_REFS, duplicates, " (2)(1 (3)(4))(5)(6)");
	check(THREAD_REFERENCES, subjects, " (2 (1)(3))((4)(5))(6)(7)");
	check(THREAD_REFS, subjects, " (1)(2)(3)(4)(5)(6)(7)");
	check(THREAD_REFERENCES, dummies, " ((1)(2)(3)(4)(5))");
	check_ids("<a@x>", "[a@x]");
	check_ids(" text <a@x>,<b@y> (c) <\"q >\\\" \"@z>",
	    "[a@x][b@y][q>\"@z]");
	check_ids("<a b @\r\n x>", "[ab@x]");
	check_ids("<a> <@x> <a@> <a@x <b@y>", "[b@y]");
	check_many(THREAD_REFERENCES, chain);
	check_many(THREAD_REFS, chain_backwards);
	check_many(THREAD_REFERENCES, costly);
	check_many(THREAD_REFERENCES, star);
	check_many(THREAD_ORDEREDSUBJECT, star);
	return failures != 0;
}
