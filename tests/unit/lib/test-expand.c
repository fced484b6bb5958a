/* SPDX-License-Identifier: ISC */
/* expand: where recipients lead, on maps of a few entries. */
#include "expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "../map-of.h"
#include "map.h"

static struct lookup lookup;

static char const *const domains[] = { "x.test", "", "y.test", "", NULL };
static char const *const mailboxes[] = { "a@x.test", "x.test/a", "b@x.test",
	"x.test/b\tquota=5", "copy@x.test", "x.test/copy", "on@x.test",
	"x.test/on", "ring@x.test", "x.test/ring", "c.d@x.test", "x.test/cd",
	NULL };
static char const *const aliases[] = { "ab@x.test", "a@x.test\nb@x.test",
	"twice@x.test", "ab@x.test\nA+t@X.test\nb@x.test\nab@x.test",
	"loop@x.test", "pool@x.test\nloop@x.test", "pool@x.test", "loop@x.test",
	"half@x.test", "half@x.test\na@x.test", "mixed@x.test",
	"a@x.test\nno@x.test\nz@out.test\n<bad>\nloop@x.test", "blank@x.test",
	"a@x.test\n\nb@x.test", "@y.test", "b+all@x.test", "copy@x.test",
	"Copy@x.test\nZ@out.test", "on@x.test", "a@x.test", "ring@x.test",
	"team@x.test", "team@x.test", "ring@x.test\na@x.test", "own@x.test",
	"b+own@x.test\nz+own@out.test\nc.d@x.test\nz@out.test", "deep@x.test",
	"own@x.test", "a+list@x.test", "b@x.test", "far@x.test",
	"distant@out.test", NULL };

/* "TO=PATH" for a mailbox, "TO" and a sign for what is none: ">" remote, "?"
 * unknown, "@" a circle, "!" failed; with the number of aliases above it. */
static char const *
formatted(struct expand_step const *step)
{
	static char text[300];
	static char const signs[] = "!?@>=";
	snprintf(text, sizeof text, "%s%c%.*s:%u", step->to,
	    signs[step->kind - EXPAND_FAILED], (int)step->found.path.len,
	    step->found.path.len ? step->found.path.s : "", step->depth);
	return text;
}

static char const *
expanded(char const *recipient)
{
	static char text[4096];
	struct expansion e;
	struct expand_step const *step;
	struct address a;
	size_t addresses = 0;
	int more;
	if (!expand_parse(&lookup, recipient, &a))
		return "no address";
	text[0] = 0;
	if (!expand_begin(&e, &lookup, &a, &addresses))
		abort();
	while ((more = expand_next(&e, &step)) > 0)
		snprintf(text + strlen(text), sizeof text - strlen(text),
		    "%s%s", *text ? " " : "", formatted(step));
	CHECK(more == 0);
	CHECK(addresses == expand_count(&e));
	expand_end(&e);
	return text;
}

static void
test(char const *recipient, char const *wanted)
{
	char const *seen = expanded(recipient);
	if (strcmp(seen, wanted) == 0)
		return;
	fprintf(stderr, "%s: wanted %s\nseen   %s\n", recipient, wanted, seen);
	check_failed = 1;
}

static void
test_targets(void)
{
	test("A@x.test", "a@x.test=x.test/a:0");
	test("a+S@x.test", "a+s@x.test=x.test/a:0");
	test("b@x.test", "b@x.test=x.test/b:0");
	test("ab@x.test", "a@x.test=x.test/a:1 b@x.test=x.test/b:1");
	test("who@y.test", "b+all@x.test=x.test/b:1");
	/* breadth first, each address once */
	test("twice@x.test",
	    "a+t@x.test=x.test/a:1 b@x.test=x.test/b:1 a@x.test=x.test/a:2");
	test("no@x.test", "no@x.test?:0");
	test("a@out.test", "a@out.test>:0");
	test("not one", "no address");
	test("postmaster", "postmaster@x.test=postmaster:0");
	/* loop@ leads nowhere, but mixed@ led to others */
	test("mixed@x.test",
	    "a@x.test=x.test/a:1 no@x.test?:1 z@out.test>:1 mixed@x.test!:1");
	test("blank@x.test",
	    "a@x.test=x.test/a:1 blank@x.test!:1 b@x.test=x.test/b:1");
}

static void
test_circles(void)
{
	test("loop@x.test", "loop@x.test@:0");
	test("pool@x.test", "pool@x.test@:0");
	test("half@x.test", "a@x.test=x.test/a:1");
}

/* An alias and a mailbox of one name. */
static void
test_copies(void)
{
	test("copy@x.test", "copy@x.test=x.test/copy:1 Z@out.test>:1");
	test("Copy+S@x.test", "copy+s@x.test=x.test/copy:1 Z+S@out.test>:1");
	/* not named again: no copy */
	test("on@x.test", "a@x.test=x.test/a:1");
	/* whoever is on the way round, wherever it starts */
	test("ring@x.test", "ring@x.test=x.test/ring:2 a@x.test=x.test/a:2");
	test("team@x.test", "a@x.test=x.test/a:1 ring@x.test=x.test/ring:2");
}

/* propagate_unmatched_extensions */
static void
test_extensions(void)
{
	test("ab+e@x.test", "a+e@x.test=x.test/a:1 b+e@x.test=x.test/b:1");
	test("ab+@x.test", "a@x.test=x.test/a:1 b@x.test=x.test/b:1");
	/* "+" or ".", as it came; the targets' own stay as they are */
	test("own.e@x.test",
	    "b+own@x.test=x.test/b:1 z+own@out.test>:1 "
	    "c.d.e@x.test=x.test/cd:1 z.e@out.test>:1");
	/* through several aliases */
	test("deep+e@x.test",
	    "b+own@x.test=x.test/b:2 z+own@out.test>:2 "
	    "c.d+e@x.test=x.test/cd:2 z+e@out.test>:2");
	/* the whole of what matched has an entry */
	test("a+list@x.test", "b@x.test=x.test/b:1");
	test("a+list+e@x.test", "b+e@x.test=x.test/b:1");
	/* none of a catch-all; none that is too long */
	test("who+e@y.test", "b+all@x.test=x.test/b:1");
	test("on+0123456789012345678901234567890123456789012345678901234567890"
	     "@x.test",
	    "a+0123456789012345678901234567890123456789012345678901234567890"
	    "@x.test=x.test/a:1");
	test("far+0123456789012345678901234567890123456789012345678901234567"
	     "@x.test",
	    "distant@out.test>:1");
	lookup.propagate = false;
	test("ab+e@x.test", "a@x.test=x.test/a:1 b@x.test=x.test/b:1");
	lookup.propagate = true;
}

/* The addresses of a message are counted over all its recipients. */
static void
test_limit(void)
{
	struct expansion e;
	struct expand_step const *step;
	struct address a;
	size_t addresses = EXPAND_ADDRESSES_MAX - 1;
	CHECK(expand_parse(&lookup, "ab@x.test", &a));
	CHECK(expand_begin(&e, &lookup, &a, &addresses));
	CHECK(expand_next(&e, &step) == 1 && step->kind == EXPAND_FAILED);
	CHECK(expand_next(&e, &step) == 0);
	expand_end(&e);
	CHECK(expand_begin(&e, &lookup, &a, &addresses));
	CHECK(expand_next(&e, &step) == 1 && step->kind == EXPAND_FAILED);
	CHECK(expand_next(&e, &step) == 0);
	expand_end(&e);
}

int
main(void)
{
	lookup = (struct lookup){ .domains = map_of("domains", domains),
		.mailboxes = map_of("mailboxes", mailboxes),
		.aliases = map_of("aliases", aliases),
		.delimiters = "+.",
		.propagate = true,
		.hostname = "X.test" };
	test_targets();
	test_circles();
	test_copies();
	test_extensions();
	test_limit();
	lookup_close(&lookup);
	test("a@x.test", "a@x.test!:0");
	return check_failed;
}
