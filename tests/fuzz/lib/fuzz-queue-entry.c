/* SPDX-License-Identifier: ISC */
/* Any bytes as the start of a queue file: what is taken is written and read
 * again as the same; each start of it is not enough; nothing but whole lines
 * comes out. */
#include "queue-entry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
check_again(struct queue_entry const *e)
{
	stralloc text = STRALLOC_ZERO, other = STRALLOC_ZERO;
	struct queue_entry again;
	size_t used;
	must(queue_entry_format(e, &text));
	must(queue_entry_parse(text.s, text.len, &again, &used) ==
	    QUEUE_PARSE_DONE);
	must(used == text.len && queue_count(&again) == queue_count(e));
	must(strcmp(again.sender, e->sender) == 0);
	must(queue_is_done(&again) == queue_is_done(e));
	must(queue_entry_format(&again, &other));
	must(other.len == text.len && !memcmp(other.s, text.s, text.len));
	queue_entry_free(&again);
	stralloc_free(&text);
	stralloc_free(&other);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct queue_entry e, part;
	size_t used, less;
	if (queue_entry_parse(s, size, &e, &used) != QUEUE_PARSE_DONE)
		return 0;
	must(used <= size && e.group && *e.group && e.sender);
	must(!memcmp(s + used - 2, "\n\n", 2));
	for (size_t i = 0; i < queue_count(&e); i++)
		must(queue_recipient(&e, i)->address != NULL);
	check_again(&e);
	must(queue_entry_parse(s, used - 1, &part, &less) == QUEUE_PARSE_MORE);
	queue_entry_free(&e);
	return 0;
}
