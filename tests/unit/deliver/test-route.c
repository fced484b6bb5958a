/* SPDX-License-Identifier: ISC */
/* deliver/route: recipients to targets, on maps of a few entries. */
#include "deliver/route.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../map-of.h"
#include "exitcode.h"
#include "map.h"

static int failures;
static struct lookup lookup;
static struct settings settings = { .default_transport = "smtp" };

static char const *const domains[] = { "x.test", "", NULL };
static char const *const mailboxes[] = { "a@x.test", "x.test/a", "b@x.test",
	"x.test/b\tquota=5", "same@x.test", "x.test/a", NULL };
static char const *const aliases[] = { "ab@x.test", "a@x.test\nb@x.test",
	"twice@x.test", "ab@x.test\nA+t@X.test\nb@x.test\nab@x.test",
	"loop@x.test", "pool@x.test\nloop@x.test", "pool@x.test", "loop@x.test",
	"half@x.test", "half@x.test\na@x.test", "mixed@x.test",
	"a@x.test\nno@x.test\nz@y.test\n<bad>\nloop@x.test", "blank@x.test",
	"a@x.test\n\nb@x.test", NULL };

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

/* The targets as "to>path", "to@domain" or "to!status", with "=N" for the first of one
 * mailbox, separated by blanks. */
static char *
routed(char const *const *recipients)
{
	static char text[4096];
	struct route r = ROUTE_ZERO;
	size_t used = 0;
	text[0] = 0;
	for (; *recipients; recipients++)
		if (!route_add(&r, &lookup, *recipients))
			abort();
	for (size_t i = 0; i < route_count(&r); i++) {
		struct target *t = route_target(&r, i);
		used += (size_t)snprintf(text + used, sizeof text - used,
		    "%s%s", i ? " " : "", t->to);
		if (t->status)
			used += (size_t)snprintf(text + used,
			    sizeof text - used, "!%d", t->status);
		else
			used += (size_t)snprintf(text + used,
			    sizeof text - used, "%c%s", t->path ? '>' : '@',
			    t->path ? t->path : t->domain);
		if (t->first != i)
			used += (size_t)snprintf(text + used,
			    sizeof text - used, "=%zu", t->first);
		check((t->answer != NULL) == (t->status != 0), "answer", t->to);
	}
	route_free(&r);
	return text;
}

static void
test(char const *recipient, char const *other, char const *wanted)
{
	char const *const recipients[] = { recipient, other, NULL };
	char *seen = routed(recipients);
	if (strcmp(seen, wanted) != 0)
		printf("wanted %s\nseen   %s\n", wanted, seen);
	check(strcmp(seen, wanted) == 0, "routed", recipient);
}

int
main(void)
{
	lookup = (struct lookup){ .domains = map_of("domains", domains),
		.mailboxes = map_of("mailboxes", mailboxes),
		.aliases = map_of("aliases", aliases),
		.delimiters = "+",
		.hostname = "X.test",
		.settings = &settings };
	test("A@x.test", NULL, "a@x.test>x.test/a");
	test("a+S@x.test", NULL, "a+s@x.test>x.test/a");
	test("b@x.test", NULL, "b@x.test>x.test/b");
	test("ab@x.test", NULL, "a@x.test>x.test/a b@x.test>x.test/b");
	test("ab+e@x.test", NULL, "a@x.test>x.test/a b@x.test>x.test/b");
	/* breadth first, each address once, each mailbox once */
	test("twice@x.test", NULL,
	    "a+t@x.test>x.test/a b@x.test>x.test/b a@x.test>x.test/a=0");
	test("same@x.test", "a@x.test",
	    "same@x.test>x.test/a a@x.test>x.test/a=0");
	test("loop@x.test", NULL, "loop@x.test!77");
	test("pool@x.test", "a@x.test", "pool@x.test!77 a@x.test>x.test/a");
	test("half@x.test", NULL, "a@x.test>x.test/a");
	/* tried again, they lead to all of their targets: none has it before */
	test("mixed@x.test", NULL, "mixed@x.test!75");
	test("blank@x.test", NULL, "blank@x.test!75");
	test("a@x.test", "blank@x.test", "a@x.test>x.test/a blank@x.test!75");
	test("no@x.test", NULL, "no@x.test!67");
	test("A@Y.test", "a@y.test", "A@y.test@y.test a@y.test@y.test");
	test("a@y.test", "a@Y.test", "a@y.test@y.test a@y.test@y.test=0");
	settings.default_transport = "error:5.7.1 no";
	test("a@y.test", NULL, "a@y.test!77");
	test("not one", NULL, "recipient!67");
	test("postmaster", NULL, "postmaster@x.test>postmaster");
	lookup_close(&lookup);
	test("a@x.test", NULL, "a@x.test!75");
	return failures != 0;
}
