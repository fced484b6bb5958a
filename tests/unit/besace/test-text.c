/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "besace/text.h"
#include "tests/unit/check.h"

static char const postfix[] = "# comment\n"
                              "one 1\n"
                              "\n"
                              "two 2\n"
                              "  # comment within\n"
                              "\t more\n"
                              "\n"
                              "   \n"
                              " and more \t\r\n"
                              "  three\n"
                              "four";

static void
check_entry(struct text *t, enum text_style style, char const *wanted,
    unsigned int line)
{
	stralloc entry = STRALLOC_ZERO;
	unsigned int number = 0;
	CHECK(text_next(t, style, &entry, &number) == 1);
	CHECK(entry.len == strlen(wanted) &&
	    memcmp(entry.s, wanted, entry.len) == 0);
	CHECK(number == line);
	stralloc_free(&entry);
}

static void
check_end(struct text *t, enum text_style style)
{
	stralloc entry = STRALLOC_ZERO;
	unsigned int number;
	CHECK(text_next(t, style, &entry, &number) == 0);
	stralloc_free(&entry);
}

static void
test_logical(void)
{
	struct text t = { .s = postfix, .len = sizeof postfix - 1 };
	check_entry(&t, TEXT_LOGICAL, "one 1", 2);
	CHECK(t.start == 10 && t.pos == 16);
	check_entry(&t, TEXT_LOGICAL, "two 2 more and more three", 4);
	check_entry(&t, TEXT_LOGICAL, "four", 11);
	CHECK(t.pos == t.len);
	check_end(&t, TEXT_LOGICAL);
	/* An indented first line has nothing to go on with. */
	t = (struct text){ .s = "  a\n b\nc", .len = 8 };
	check_entry(&t, TEXT_LOGICAL, "a b", 1);
	check_entry(&t, TEXT_LOGICAL, "c", 3);
	/* Comments behind an entry are not a part of it. */
	t = (struct text){ .s = "a\n# x\nb\n", .len = 8 };
	check_entry(&t, TEXT_LOGICAL, "a", 1);
	CHECK(t.pos == 2);
	t = (struct text){ .s = "\n#\n \n", .len = 5 };
	check_end(&t, TEXT_LOGICAL);
}

static void
test_plain(void)
{
	struct text t = { .s = "a:b # c\n  d\n#e\nf#", .len = 17 };
	check_entry(&t, TEXT_PLAIN, "a:b # c", 1);
	check_entry(&t, TEXT_PLAIN, "d", 2);
	check_entry(&t, TEXT_PLAIN, "f#", 4);
	check_end(&t, TEXT_PLAIN);
}

static void
test_cut(void)
{
	struct text t = { .s = "a b # c\n#d\n  e#f", .len = 16 };
	check_entry(&t, TEXT_CUT, "a b", 1);
	check_entry(&t, TEXT_CUT, "e", 3);
	check_end(&t, TEXT_CUT);
}

static void
test_words(void)
{
	CHECK(text_word("ab cd", 5) == 2);
	CHECK(text_word("ab\tcd", 5) == 2);
	CHECK(text_word("\"a b\"@c d", 9) == 7);
	CHECK(text_word("\"a\\\" b\"@c d", 11) == 9);
	CHECK(text_word("\"open ", 6) == 6);
	CHECK(text_word("\"x\\", 3) == 3);
	CHECK(text_word("", 0) == 0);
	CHECK(text_space(" \t\ra", 4) == 3);
	CHECK(text_space("a", 1) == 0);
}

int
main(void)
{
	test_logical();
	test_plain();
	test_cut();
	test_words();
	return check_failed;
}
