/* SPDX-License-Identifier: ISC */
/* Elements of the grammar: what is one, and what it stands for. */
#include "imap-session/parse.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

struct text_case {
	char const *in;
	char const *want; /* NULL: a syntax error */
};

static struct text_case const astrings[] = {
	{ "abc", "abc" },
	{ "a]b+", "a]b+" },
	{ "NIL", "NIL" },
	{ "\"a b\"", "a b" },
	{ "\"a\\\"\\\\\"", "a\"\\" },
	{ "\"\"", "" },
	{ "{3}\r\na b", "a b" },
	{ "{3+}\r\na\"b", "a\"b" },
	{ "{0}\r\n", "" },
	{ "", NULL },
	{ "\"a", NULL },
	{ "\"a\\n\"", NULL },
	{ "\"a\rb\"", NULL },
	{ "{4}\r\nabc", NULL },
	{ "{3}abc", NULL },
	{ "(a)", NULL },
	{ "%", NULL },
	{ "\\a", NULL },
};

typedef bool text_element(struct cursor *c, stralloc *out);

static bool
tag(struct cursor *c, stralloc *out)
{
	char const *at;
	size_t len;
	return cursor_tag(c, &at, &len) && stralloc_copyb(out, at, len);
}

static bool
atom(struct cursor *c, stralloc *out)
{
	char const *at;
	size_t len;
	return cursor_atom(c, &at, &len) && stralloc_copyb(out, at, len);
}

static bool
nstring(struct cursor *c, stralloc *out)
{
	bool nil;
	return cursor_nstring(c, out, &nil) &&
	    (!nil || stralloc_copys(out, "<nil>"));
}

static bool
number(struct cursor *c, stralloc *out)
{
	uint32_t n;
	char buf[16];
	if (!cursor_number(c, &n))
		return false;
	snprintf(buf, sizeof buf, "%u", (unsigned)n);
	return stralloc_copys(out, buf);
}

static bool
size(struct cursor *c, stralloc *out)
{
	uint32_t n;
	char buf[16];
	if (!cursor_size(c, &n))
		return false;
	snprintf(buf, sizeof buf, "%u", (unsigned)n);
	return stralloc_copys(out, buf);
}

static struct text_case const tags[] = { { "a", "a" }, { "*", NULL },
	{ "a]b", "a]b" },
	{ "!#$&',-./:;<=>?@[]^_`|}~", "!#$&',-./:;<=>?@[]^_`|}~" },
	{ "+", NULL }, { "a+", NULL }, { "", NULL }, { "a b", NULL },
	{ "(", NULL }, { "{", NULL }, { "%", NULL }, { "\\", NULL },
	{ "\"", NULL }, { "\x7f", NULL }, { "\x01", NULL },
	{ "\xc3\xa9", NULL } };

static struct text_case const atoms[] = { { "a+b", "a+b" }, { "}", "}" },
	{ "$Label1", "$Label1" }, { "NIL", "NIL" }, { "[x", "[x" },
	{ "a]", NULL }, { "a b", NULL }, { "\"a\"", NULL }, { "", NULL },
	{ "*", NULL }, { "%", NULL }, { "(", NULL }, { "\\Seen", NULL } };

static struct text_case const list_mailboxes[] = { { "*", "*" },
	{ "a%b*", "a%b*" }, { "]", "]" }, { "\"*\"", "*" }, { "{1}\r\n%", "%" },
	{ "\"\"", "" }, { "(", NULL }, { "", NULL }, { "a\"b", NULL } };

static struct text_case const nstrings[] = { { "NIL", "<nil>" },
	{ "nil", "<nil>" }, { "\"NIL\"", "NIL" }, { "{3+}\r\nNIL", "NIL" },
	{ "\"\"", "" }, { "NILX", NULL }, { "abc", NULL }, { "", NULL } };

static struct text_case const strings[] = { { "\"a\"", "a" },
	{ "{1}\r\na", "a" }, { "a", NULL }, { "NIL", NULL }, { "{1}\na", NULL },
	{ "{1}\r\n", NULL }, { "{-1}\r\na", NULL },
	{ "{4294967296}\r\na", NULL }, { "{1++}\r\na", NULL },
	{ "\"a\nb\"", NULL }, { "\"\\", NULL } };

static struct text_case const numbers[] = { { "0", "0" }, { "007", "7" },
	{ "4294967295", "4294967295" }, { "4294967296", NULL }, { "", NULL },
	{ "-1", NULL }, { "+1", NULL }, { "1x", NULL } };

static struct text_case const sizes[] = { { "0", "0" },
	{ "4294967295", "4294967295" }, { "4294967296", "4294967295" },
	{ "9223372036854775807", "4294967295" },
	{ "9223372036854775808", NULL }, { "", NULL }, { "x", NULL } };

static void
test_texts(char const *what, text_element *element,
    struct text_case const *cases, size_t count)
{
	stralloc out = STRALLOC_ZERO;
	for (size_t i = 0; i < count; i++) {
		struct text_case const *t = &cases[i];
		struct cursor c = { t->in, strlen(t->in), 0 };
		bool ok = element(&c, &out) && cursor_end(&c);
		check(ok == (t->want != NULL), what, t->in);
		if (ok && t->want)
			check(out.len == strlen(t->want) &&
			        (!out.len ||
			            memcmp(out.s, t->want, out.len) == 0),
			    what, t->in);
	}
	stralloc_free(&out);
}

#define TEST_TEXTS(element, cases) \
	test_texts(#cases, element, cases, sizeof(cases) / sizeof *(cases))

static void
test_elements(void)
{
	TEST_TEXTS(cursor_astring, astrings);
	TEST_TEXTS(tag, tags);
	TEST_TEXTS(atom, atoms);
	TEST_TEXTS(cursor_list_mailbox, list_mailboxes);
	TEST_TEXTS(nstring, nstrings);
	TEST_TEXTS(cursor_string, strings);
	TEST_TEXTS(number, numbers);
	TEST_TEXTS(size, sizes);
}

static void
test_nuls(void)
{
	stralloc out = STRALLOC_ZERO;
	struct cursor literal = { "{3}\r\na\0b", 8, 0 };
	struct cursor quoted = { "\"a\0b\"", 5, 0 };
	struct cursor bare = { "a\0b", 3, 0 };
	check(!cursor_astring(&literal, &out), "NUL", "in a literal");
	check(!cursor_astring(&quoted, &out), "NUL", "in quotes");
	check(!cursor_astring(&bare, &out) || !cursor_end(&bare), "NUL",
	    "in an atom");
	stralloc_free(&out);
}

int
main(void)
{
	test_elements();
	test_nuls();
	return failures != 0;
}
