/* SPDX-License-Identifier: ISC */
/* Messages, one a line: a digit for the algorithm in the first line, then for
 * each a digit for the date, and ID, references, reply and subject with tabs
 * between them. Whatever they refer to, each is told once. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/thread.h"

enum { MESSAGES_MAX = 1000 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static struct bytes
take_until(struct bytes *rest, char end)
{
	char const *at = memchr(rest->s, end, rest->len);
	size_t n = at ? (size_t)(at - rest->s) : rest->len;
	struct bytes taken = { rest->s, n };
	size_t used = n + (at != NULL);
	rest->s += used;
	rest->len -= used;
	return taken;
}

static void
add(struct threads *t, uint32_t number, struct bytes line)
{
	struct thread_message m = { .number = number };
	struct bytes date = take_until(&line, '\t');
	m.date = date.len ? date.s[0] : 0;
	m.reply = date.len > 1;
	m.ids.id = take_until(&line, '\t');
	m.ids.references = take_until(&line, '\t');
	m.ids.in_reply_to = take_until(&line, '\t');
	m.subject = line;
	if (!threads_add(t, &m))
		abort();
}

/* Every number stands there once, and parentheses match. */
static void
check(stralloc const *out, uint32_t count)
{
	bool told[MESSAGES_MAX + 1] = { false };
	size_t depth = 0;
	for (size_t i = 0; i < out->len; i++) {
		depth += out->s[i] == '(';
		if (out->s[i] == ')' && !depth--)
			abort();
		uint32_t n = 0;
		for (; isdigit((unsigned char)out->s[i]); i++)
			n = n * 10 + (uint32_t)(out->s[i] - '0');
		if (!n)
			continue;
		if (n > count || told[n])
			abort();
		told[n] = true;
		i--;
	}
	for (uint32_t n = 1; n <= count; n++)
		if (!told[n])
			abort();
	if (depth)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct threads t;
	stralloc out = STRALLOC_ZERO;
	if (!size)
		return 0;
	struct bytes rest = { (char const *)data + 1, size - 1 };
	uint32_t count = 0;
	threads_start(&t, (enum thread_algorithm)(data[0] % 3));
	while (rest.len && count < MESSAGES_MAX)
		add(&t, ++count, take_until(&rest, '\n'));
	if (!threads_finish(&t) || !threads_format(&t, &out))
		abort();
	check(&out, count);
	threads_free(&t);
	stralloc_free(&out);
	return 0;
}
