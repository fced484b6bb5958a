/* SPDX-License-Identifier: ISC */
/* Standard input, and what is read in a header and added to it. */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "exitcode.h"
#include "smtp-session/sendmail/client.h"
#include "smtp-session/sendmail/compose.h"
#include "smtp-session/sendmail/input.h"

/* --- input ------------------------------------------------------------------- */

static int
reads_in_pieces(char const *s, size_t piece, bool dots, char const *wanted)
{
	struct input in = { .dots_are_text = dots };
	size_t len = strlen(s);
	for (size_t i = 0; i < len; i += piece)
		CHECK(
		    input_feed(&in, s + i, piece < len - i ? piece : len - i));
	CHECK(input_finish(&in));
	int same = in.message.len == strlen(wanted) &&
	    memcmp(in.message.s, wanted, in.message.len) == 0;
	stralloc_free(&in.message);
	stralloc_free(&in.line);
	return same;
}

static int
reads(char const *s, bool dots, char const *wanted)
{
	for (size_t piece = 1; piece <= strlen(s); piece++)
		if (!reads_in_pieces(s, piece, dots, wanted)) {
			fprintf(stderr, "%s in pieces of %zu\n", s, piece);
			return 0;
		}
	return 1;
}

static void
test_input(void)
{
	CHECK(reads("A: b\n\nc\n", false, "A: b\n\nc\n"));
	CHECK(reads("A: b\r\n\r\nc\r\n", false, "A: b\n\nc\n"));
	CHECK(reads("A: b\r\r\n\nc\r\n", false, "A: b\n\nc\n"));
	CHECK(reads("no end", false, "no end\n"));
	CHECK(reads("no end\r", false, "no end\n"));
	CHECK(reads("a\n.\nb\n", false, "a\n"));
	CHECK(reads("a\r\n.\r\nb\n", false, "a\n"));
	CHECK(reads("a\n.", false, "a\n"));
	CHECK(reads("a\n.\nb\n", true, "a\n.\nb\n"));
	CHECK(reads("..\n. \n.x\n", false, "..\n. \n.x\n"));
	CHECK(reads("a\rb\n", false, "a\rb\n"));
	CHECK(reads("From alice Mon Jan  6\nA: b\n\nFrom c\n", false,
	    "A: b\n\nFrom c\n"));
	CHECK(reads("From: alice\n", false, "From: alice\n"));
	CHECK(reads("\n", false, "\n"));
}

/* --- the header --------------------------------------------------------------- */

static int
recipients_are(char const *m, char const *wanted)
{
	stralloc out = STRALLOC_ZERO;
	char const *field;
	size_t len;
	int r = compose_recipients(m, strlen(m), &out, &field, &len);
	CHECK(r > 0 && stralloc_0(&out));
	int same = strcmp(out.s, wanted) == 0;
	if (!same)
		fprintf(stderr, "%s: %s\n", m, out.s);
	stralloc_free(&out);
	return same;
}

static void
test_recipients(void)
{
	CHECK(recipients_are("To: a\ncc: b,\n c\nBCC: d\nX-To: e\n\nTo: f\n",
	    "a\nb\nc\nd\n"));
	CHECK(recipients_are("To: a\nTo: b\n", "a\nb\n"));
	CHECK(recipients_are("To: a\nResent-To: b\nCc: c\nResent-Bcc: d\n\n",
	    "b\nd\n"));
	CHECK(recipients_are("Subject: x\n\n", ""));

	stralloc out = STRALLOC_ZERO;
	char const *field;
	size_t len;
	char const bad[] = "To: a\nCc: (b\n\n";
	CHECK(!compose_recipients(bad, strlen(bad), &out, &field, &len));
	CHECK(len == 2 && memcmp(field, "Cc", 2) == 0);
	stralloc_free(&out);
}

static int
from_is(char const *name, char const *wanted)
{
	stralloc out = STRALLOC_ZERO;
	CHECK(compose_from(name, "a@b.test", &out) && stralloc_0(&out));
	int same = strcmp(out.s, wanted) == 0;
	if (!same)
		fprintf(stderr, "%s: %s\n", name, out.s);
	stralloc_free(&out);
	return same;
}

static void
test_from(void)
{
	CHECK(compose_has_from("A: b\nFROM : c\n\n", 15));
	CHECK(!compose_has_from("A: b\n\nFrom: c\n", 14));
	CHECK(from_is("", "From: <a@b.test>\n"));
	CHECK(from_is("Alice Example", "From: Alice Example <a@b.test>\n"));
	CHECK(from_is("Alice Q. Example",
	    "From: \"Alice Q. Example\" <a@b.test>\n"));
	CHECK(from_is("\"A\\", "From: \"\\\"A\\\\\" <a@b.test>\n"));
	CHECK(from_is("A\nBcc: x\r\n\t\x7f\x1b",
	    "From: \"A Bcc: x     \" <a@b.test>\n"));
	CHECK(from_is("\xc3\xa9", "From: =?UTF-8?B?w6k=?= <a@b.test>\n"));
	CHECK(from_is("\xc3(", "From: \" (\" <a@b.test>\n"));
	CHECK(from_is("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	              "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	              "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	              "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
	    "From: "
	    "=?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6n"
	    "DqcOp?=\n =?UTF-8?B?w6k=?= <a@b.test>\n"));
}

static void
test_status(void)
{
	CHECK(client_status("550 5.1.1 No such user") == EXIT_NOUSER);
	CHECK(client_status("553 5.7.1 Not yours") == EXIT_REFUSED);
	CHECK(client_status("550 5.5.2 Bare") == EXIT_MALFORMED);
	CHECK(client_status("552 5.3.4 Too large") == EXIT_UNAVAILABLE);
	CHECK(client_status("550 no") == EXIT_UNAVAILABLE);
	CHECK(client_status("5") == EXIT_UNAVAILABLE);
	CHECK(client_status("451 4.3.0 Later") == EXIT_TEMP);
	CHECK(client_status("421 5.7.1") == EXIT_TEMP);
	CHECK(client_status("the server is gone") == EXIT_TEMP);
	CHECK(client_status("250 2.0.0 Ok") == EXIT_TEMP);
	CHECK(client_status("") == EXIT_TEMP);
}

int
main(void)
{
	test_input();
	test_recipients();
	test_from();
	test_status();
	return check_failed;
}
