/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include <skalibs/stralloc.h>

#include "../check.h"
#include "smtp-session/header-edit.h"

static int
ours(void *arg, char const *id, size_t len)
{
	char const *name = arg;
	return strlen(name) == len && memcmp(name, id, len) == 0;
}

static int
unknown(void *arg, char const *id, size_t len)
{
	(void)arg;
	(void)id;
	(void)len;
	return -1;
}

static char name[] = "mx.example.test";

/* What the value names: "-" nobody, "?" broken. */
static char const *
named(char const *value)
{
	static char text[AUTHSERV_ID_MAX + 1];
	size_t len;
	switch (header_authserv_id(value, strlen(value), text, &len)) {
	case AUTHSERV_NONE:
		return "-";
	case AUTHSERV_BROKEN:
		return "?";
	case AUTHSERV_NAMED:
		break;
	}
	text[len] = 0;
	return text;
}

static int
names(char const *value, char const *wanted)
{
	if (strcmp(named(value), wanted) == 0)
		return 1;
	fprintf(stderr, "%s: %s, not %s\n", value, named(value), wanted);
	return 0;
}

/* The edited message, with "+D" and "+I" where fields are to come. */
static int
edits(bool submission, char const *m, char const *wanted)
{
	struct header_edit e = { .submission = submission,
		.ours = ours,
		.arg = name };
	stralloc out = STRALLOC_ZERO;
	size_t pos = 0;
	size_t from;
	CHECK(header_edit_scan(&e, m, strlen(m)));
	while (header_edit_next(&e, m, &pos, &from) > 0)
		stralloc_catb(&out, m + from, pos - from);
	CHECK(pos == e.end);
	if (e.lacks_date)
		stralloc_cats(&out, "+D\n");
	if (e.lacks_id)
		stralloc_cats(&out, "+I\n");
	if (e.lacks_blank)
		stralloc_cats(&out, "\n");
	stralloc_cats(&out, m + e.end);
	stralloc_0(&out);
	int same = strcmp(out.s, wanted) == 0;
	if (!same)
		fprintf(stderr, "made: %s\n", out.s);
	CHECK(header_edit_changes(&e) == (strcmp(m, wanted) != 0));
	stralloc_free(&out);
	return same;
}

static void
test_names(void)
{
	CHECK(names(" mx.example.test; spf=pass", "mx.example.test"));
	CHECK(names("\n MX.Example.TEST;spf=pass", "mx.example.test"));
	CHECK(names(" mx.example.test. ; none", "mx.example.test"));
	CHECK(names(" mx.example.test 1; none", "mx.example.test"));
	CHECK(names(" mx.example.test/1; none", "mx.example.test"));
	CHECK(names(" mx.example.test", "mx.example.test"));
	CHECK(names(" \"mx.example.test\"; none", "mx.example.test"));
	CHECK(names(" \"mx\\.example.\n test\"; none", "mx.example. test"));
	CHECK(names(" (a (nested \\) ;) comment) mx.example.test(x);",
	    "mx.example.test"));
	CHECK(names(" mx.example.test=x; none", "mx.example.test"));
	CHECK(names(" mx.example.test(.other; none", "mx.example.test"));
	CHECK(names(" spf=pass (sender IP is 192.0.2.1)", "spf"));
	CHECK(names("", "-"));
	CHECK(names(" \n ", "-"));
	CHECK(names(" ; spf=pass", "-"));
	CHECK(names(" ...;", "-"));
	CHECK(names(" (no end mx.example.test; dkim=pass", "?"));
	CHECK(names(" (\\", "?"));
	CHECK(names(" \"no end mx.example.test; dkim=pass", "?"));
	CHECK(names(" \"\\", "?"));
	CHECK(names(" =mx.example.test;", "?"));
	CHECK(names(" <mx.example.test>;", "?"));

	char id[AUTHSERV_ID_MAX];
	size_t len;
	static char value[10 * AUTHSERV_ID_MAX];
	memset(value, 'a', sizeof value);
	CHECK(
	    header_authserv_id(value, sizeof value, id, &len) == AUTHSERV_NONE);
	CHECK(header_authserv_id(value, AUTHSERV_ID_MAX, id, &len) ==
	    AUTHSERV_NAMED);
	memset(value, '(', sizeof value);
	CHECK(header_authserv_id(value, sizeof value, id, &len) ==
	    AUTHSERV_BROKEN);
	CHECK(header_authserv_id(" \0mx", 4, id, &len) == AUTHSERV_BROKEN);
}

static void
test_strangers(void)
{
	CHECK(edits(false, "R: 1\nBcc: x\n\nbody\n", "R: 1\nBcc: x\n\nbody\n"));
	CHECK(edits(false,
	    "R: 1\nauthentication-results : mx.example.test;\n dkim=pass\n"
	    "A: b\n\nAuthentication-Results: mx.example.test\n",
	    "R: 1\nA: b\n\nAuthentication-Results: mx.example.test\n"));
	CHECK(edits(false,
	    "R: 1\nAuthentication-Results: other.test; dkim=pass\n\n",
	    "R: 1\nAuthentication-Results: other.test; dkim=pass\n\n"));
	CHECK(edits(false,
	    "Authentication-Results: (\n\tmx.example.test\nA: b\n"
	    "Authentication-Results: mx.example.test\n",
	    "A: b\n\n"));
	/* another reader may skip the line that is none, and read on */
	CHECK(edits(false,
	    "R: 1\nno field\nAuthentication-Results: mx.example.test\n",
	    "R: 1\n\nno field\nAuthentication-Results: mx.example.test\n"));

	struct header_edit e = { .ours = unknown };
	char const m[] = "Authentication-Results: a\n\n";
	size_t pos = 0;
	size_t from;
	CHECK(!header_edit_scan(&e, m, strlen(m)));
	e.end = strlen(m) - 1;
	CHECK(header_edit_next(&e, m, &pos, &from) == -1);
}

static void
test_submission(void)
{
	CHECK(edits(true, "R: 1\n\nbody\n", "R: 1\n+D\n+I\n\nbody\n"));
	CHECK(edits(true, "R: 1\ndate:\nMESSAGE-ID: x\n\nbody\n",
	    "R: 1\ndate:\nMESSAGE-ID: x\n\nbody\n"));
	CHECK(edits(true,
	    "R: 1\nBcc: a,\n b\nResent-Bcc: c\nTo: d\nBCC:\nDate: x\n\nDate: y",
	    "R: 1\nTo: d\nDate: x\n+I\n\nDate: y"));
	CHECK(edits(true, "R: 1\nfirst line is body\n",
	    "R: 1\n+D\n+I\n\nfirst line is body\n"));
	CHECK(edits(true, "R: 1\n", "R: 1\n+D\n+I\n\n"));
	CHECK(edits(true, "Resent-Date: x\nResent-Message-ID: y\nBcc-x: z\n\n",
	    "Resent-Date: x\nResent-Message-ID: y\nBcc-x: z\n+D\n+I\n\n"));
}

int
main(void)
{
	test_names();
	test_strangers();
	test_submission();
	return check_failed;
}
