/* SPDX-License-Identifier: ISC */
/* Commands, put together from pieces of a length the first octet says, must be
 * the same as put together at once; then the arguments of the verbs with the
 * richest grammar are read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/dates.h"
#include "imap-session/fetch.h"
#include "imap-session/id.h"
#include "imap-session/parse.h"
#include "imap-session/results.h"
#include "imap-session/search.h"
#include "imap-session/select.h"
#include "imap-session/sort.h"

enum { LIMIT = 4096, LITERAL_LIMIT = 512 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* Every command of the input, with a line to tell them apart. */
static void
commands(char const *s, size_t len, size_t piece, stralloc *out)
{
	struct command c;
	memset(&c, 0, sizeof c);
	command_reset(&c, LIMIT);
	for (size_t at = 0; at < len;) {
		size_t n = len - at < piece ? len - at : piece;
		size_t used = 0;
		enum command_status status = command_feed(&c, s + at, n, &used);
		if (used > n || c.text.len > LIMIT)
			abort();
		at += used;
		if (status == COMMAND_MORE)
			continue;
		if (status == COMMAND_LITERAL) {
			if (c.literal <= LITERAL_LIMIT && command_take(&c))
				continue;
			if (!c.sync && c.literal <= LIMIT) {
				command_skip(&c);
				continue;
			}
		}
		char mark[] = { '\n', (char)('0' + (int)status), '\n' };
		if (!stralloc_catb(out, c.text.s, c.text.len) ||
		    !stralloc_catb(out, mark, sizeof mark))
			abort();
		command_reset(&c, LIMIT);
	}
	stralloc_free(&c.text);
}

/* Both numbers of each pair ascend. */
static bool
ascends(void *arg, uint32_t number, uint32_t uid)
{
	uint32_t *last = arg;
	if (number <= last[0] || uid <= last[1])
		abort();
	last[0] = number;
	last[1] = uid;
	return number < 1000;
}

static void
select_arguments(char const *s, size_t len)
{
	struct select_parameters p;
	struct cursor c = { s, len, 0 };
	uint32_t last[2] = { 0, 0 };
	if (select_parse(&c, &p))
		select_pairs(&p, ascends, last);
	select_free(&p);
}

/* Nothing an element becomes is longer than what it was read from. */
static void
elements(char const *s, size_t len)
{
	stralloc out = STRALLOC_ZERO;
	char const *at;
	size_t n;
	uint32_t number;
	bool nil;
	bool (*const texts[])(struct cursor *, stralloc *) = { cursor_astring,
		cursor_string, cursor_list_mailbox };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct cursor c = { s, len, 0 };
		if (texts[i](&c, &out) && (c.pos > len || out.len > c.pos))
			abort();
	}
	struct cursor c = { s, len, 0 };
	cursor_nstring(&c, &out, &nil);
	c.pos = 0;
	if (cursor_tag(&c, &at, &n) && (at != s || n > len))
		abort();
	c.pos = 0;
	cursor_size(&c, &number);
	stralloc_free(&out);
}

static void
arguments(char const *s, size_t len)
{
	struct fetch *f = calloc(1, sizeof *f);
	struct search search = { 0 };
	struct result_options options;
	struct sort_order order;
	stralloc name = STRALLOC_ZERO;
	struct cursor c = { s, len, 0 };
	time_t t;
	int64_t day;
	if (!f)
		abort();
	if (fetch_parse(&c, f))
		fetch_parse_modifiers(&c, f);
	fetch_free(f);
	free(f);
	c.pos = 0;
	if (cursor_results(&c, &options))
		search_parse(&c, SEARCH_CHARSET_NAMED, &search);
	search_free(&search);
	c.pos = 0;
	memset(&search, 0, sizeof search);
	if (cursor_sort(&c, &order) && cursor_space(&c))
		search_parse(&c, SEARCH_CHARSET_FIRST, &search);
	search_free(&search);
	select_arguments(s, len);
	c.pos = 0;
	cursor_id(&c, &name);
	c.pos = 0;
	cursor_date_time(&c, &t);
	c.pos = 0;
	cursor_date(&c, &day);
	date_of_header(s, len, &day);
	stralloc_free(&name);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	stralloc whole = STRALLOC_ZERO;
	stralloc cut = STRALLOC_ZERO;
	if (!size)
		return 0;
	char const *s = (char const *)data + 1;
	commands(s, size - 1, SIZE_MAX, &whole);
	commands(s, size - 1, data[0] % 16 + 1U, &cut);
	if (whole.len != cut.len ||
	    (whole.len && memcmp(whole.s, cut.s, whole.len) != 0))
		abort();
	elements(s, size - 1);
	arguments(s, size - 1);
	stralloc_free(&whole);
	stralloc_free(&cut);
	return 0;
}
