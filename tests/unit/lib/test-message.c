/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/message.h"

#define S(s) (s), sizeof(s) - 1

static size_t
fields(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	size_t n = 0;
	while (message_next_field(m, len, &pos, &f))
		n++;
	return n;
}

static char const *const open_comments[] = { "(", "(a", "((a)", "(\\", "(\\)",
	NULL };

int
main(void)
{
	struct message_field f;
	size_t pos = 0;
	static char const m[] = "A: 1\n b\n\tc\nX-y :2\r\n\r\nbody: no\n";
	CHECK(message_next_field(S(m), &pos, &f));
	CHECK(f.name_len == 1 && f.len == 11 && message_field_is(&f, "a"));
	CHECK(f.value_len == 8 && memcmp(f.value, " 1\n b\n\tc", 8) == 0);
	CHECK(message_next_field(S(m), &pos, &f));
	CHECK(message_field_is(&f, "X-Y") && f.value_len == 1);
	CHECK(!message_next_field(S(m), &pos, &f));
	CHECK(message_body(S(m)) == strlen("A: 1\n b\n\tc\nX-y :2\r\n\r\n"));
	CHECK(fields(S("A: 1")) == 1);
	CHECK(fields(S("A:")) == 1);
	CHECK(fields(S("")) == 0);
	CHECK(fields(S(" A: 1\n")) == 0);
	CHECK(fields(S(":\n")) == 0);
	CHECK(fields(S("A 1\nB: 2\n")) == 0);
	CHECK(fields(S("A: 1\nno field\nB: 2\n")) == 1);
	CHECK(message_body(S("A: 1\nno field\n")) == 5);
	CHECK(message_body(S("\nbody")) == 1);
	CHECK(message_body(S("A: 1\n")) == 5);
	CHECK(message_has_blank_line(S("A: 1\n\nbody")));
	CHECK(message_has_blank_line(S("A: 1\r\n\r\n")));
	CHECK(message_has_blank_line(S("\n")));
	CHECK(!message_has_blank_line(S("A: 1\n")));
	CHECK(!message_has_blank_line(S("A: 1\nno field\n\n")));
	CHECK(!message_has_blank_line(S("")));
	CHECK(fields(S("A: x\0y\nB: 2\n")) == 2);
	CHECK(message_mbox_line(S("From a@b Mon\nA: 1\n")) == 13);
	CHECK(message_mbox_line(S("From: a\n")) == 0);
	CHECK(message_starts_clean(S("A: 1\n")));
	CHECK(message_starts_clean(S("\nbody")));
	CHECK(message_starts_clean(S("\r\nbody")));
	CHECK(message_starts_clean(S("")));
	CHECK(!message_starts_clean(S(" A: 1\n")));
	CHECK(!message_starts_clean(S("\tA: 1\n")));
	CHECK(!message_starts_clean(S("hello\n")));
	pos = 0;
	CHECK(message_skip_comment(S("(a(b)\\)c)d"), &pos) && pos == 9);
	for (char const *const *open = open_comments; *open; open++) {
		pos = 0;
		CHECK(!message_skip_comment(*open, strlen(*open), &pos));
	}
	return check_failed;
}
