/* SPDX-License-Identifier: ISC */
/* Any queue file as what a notice is about: its parts stay four boundaries, its
 * lines short, and each recipient has one action. */
#include "relay/queue-run/notice.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* Nobody knows it when he writes. */
static char const boundary[] = "--=_besace_1fuzz";

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static size_t
times(char const *s, size_t len, char const *what)
{
	size_t n = 0, w = strlen(what);
	for (char const *end = s + len, *p = s;
	     (p = memmem(p, (size_t)(end - p), what, w)); p += w)
		n++;
	return n;
}

static void
check_lines(char const *s, size_t len)
{
	for (size_t i = 0, n = 0; i < len; i++) {
		n = s[i] == '\n' ? 0 : n + 1;
		must(n <= 998 && s[i] != '\r' && s[i] != 0);
	}
}

static void
check(struct notice const *n)
{
	stralloc out = STRALLOC_ZERO;
	must(notice_build(n, &out));
	must(times(out.s, out.len, boundary) == 4);
	char const *back =
	    memmem(out.s, out.len, "\nContent-Description: ", 22);
	back = back ? memmem(back + 1, out.len - (size_t)(back + 1 - out.s),
	                  "\nContent-Description: ", 22)
	            : NULL;
	must(back != NULL);
	check_lines(out.s, (size_t)(back - out.s));
	must(utf8_valid(out.s, (size_t)(back - out.s)));
	must(times(out.s, (size_t)(back - out.s), "\nAction: ") ==
	    queue_count(n->entry));
	stralloc_free(&out);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static bool chosen[4096];
	char const *s = (char const *)data;
	struct queue_entry e;
	size_t used;
	if (times(s, size, boundary) ||
	    queue_entry_parse(s, size, &e, &used) != QUEUE_PARSE_DONE)
		return 0;
	memset(chosen, true, sizeof chosen);
	struct notice n = { .kind = (enum notice_kind)(size % 4),
		.entry = &e,
		.chosen = chosen,
		.to = "a@b.example",
		.host = "mx.example",
		.uid = "1fuzz",
		.message = s + used,
		.full_max = 1000 };
	n.message_len = size - used;
	if (queue_count(&e) <= sizeof chosen)
		check(&n);
	queue_entry_free(&e);
	return 0;
}
