/* SPDX-License-Identifier: ISC */
/* Annotations: names, the file's text whole and cut at every octet, changes; and
 * what a special use may be. */
#include "imap-session/metadata.h"

#include <stdio.h>
#include <string.h>

#include "imap-session/special-use.h"

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

static char const *const entries[] = { "/private/a", "/shared/vendor/x/y",
	"/PRIVATE/a", "/private/with space", "/shared/vendor" };

static char const *const names[] = { "/private", "/a", "/vendor/x" };

static char const *const no_names[] = { "", "/", "a", "/private/", "/a//b",
	"/a*", "/a/%", "/a\x7f", "/a\n", "/\xc3\xa9", "private/a" };

static void
test_names(void)
{
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		check(metadata_is_entry(entries[i], strlen(entries[i])),
		    "entry", entries[i]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check(metadata_is_name(names[i], strlen(names[i])) &&
		        !metadata_is_entry(names[i], strlen(names[i])),
		    "name only", names[i]);
	for (size_t i = 0; i < sizeof no_names / sizeof *no_names; i++)
		check(!metadata_is_name(no_names[i], strlen(no_names[i])),
		    "no name", no_names[i]);
}

static size_t
count(char const *s, size_t len)
{
	struct bytes rest = { s, len };
	struct metadata_entry e;
	size_t n = 0;
	while (metadata_next(&rest, &e))
		n++;
	return n;
}

/* An entry counts when its last octet is there, and not before. */
static void
test_cut(void)
{
	static char const text[] = "3 /private/a\nx\ny\n0 /shared/b\n\n";
	size_t const first = strlen("3 /private/a\nx\ny\n");
	size_t const len = sizeof text - 1;
	for (size_t i = 0; i <= len; i++)
		check(count(text, i) == (i == len) + (size_t)(i >= first),
		    "cut", text + i);
}

static char const *const damaged[] = { "x /private/a\n\n", "1/private/a\nx\n",
	"1 /private/a\nxy\n", "2 /private/a\nx\n", "0 /a\n\n",
	" /private/a\n\n", "32769 /private/a\nx\n",
	"18446744073709551617 /private/a\nx\n", "-1 /private/a\nx\n" };

static void
test_edit(void)
{
	struct metadata_entry a = { bytes_of("/private/a"), bytes_of("one"),
		false };
	struct metadata_entry b = { bytes_of("/private/b"), bytes_of(""),
		false };
	stralloc text = STRALLOC_ZERO;
	struct bytes value;
	check(metadata_edit(&text, &a) && metadata_edit(&text, &b), "set", "");
	a.value = bytes_of("two");
	check(metadata_edit(&text, &a) && count(text.s, text.len) == 2,
	    "replaced", "");
	check(metadata_find(&text, "/private/a", &value) &&
	        bytes_are(value, "two"),
	    "found", "a");
	check(metadata_find(&text, "/private/b", &value) && !value.len, "found",
	    "b");
	a.remove = true;
	check(metadata_edit(&text, &a) &&
	        !metadata_find(&text, "/private/a", &value) &&
	        count(text.s, text.len) == 1,
	    "removed", "");
	stralloc_free(&text);
}

static void
test_uses(void)
{
	char text[SPECIAL_USE_TEXT];
	unsigned uses;
	check(special_use_parse("", 0, &uses) && !uses, "use", "none");
	check(special_use_parse("\\SENT \\trash", 12, &uses), "use", "two");
	special_use_format(uses, text);
	check(strcmp(text, "\\Sent \\Trash") == 0, "use", text);
	special_use_format((1U << USES) - 1, text);
	check(special_use_parse(text, strlen(text), &uses) &&
	        uses == (1U << USES) - 1,
	    "use", text);
	check(!special_use_parse("\\All", 4, &uses), "use", "\\All");
	check(!special_use_parse("Sent", 4, &uses), "use", "Sent");
	check(!special_use_parse("\\Sent  \\Trash", 13, &uses), "use", "blank");
}

int
main(void)
{
	test_names();
	test_cut();
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
		check(!count(damaged[i], strlen(damaged[i])), "damaged",
		    damaged[i]);
	test_edit();
	test_uses();
	return failures != 0;
}
