/* SPDX-License-Identifier: ISC */
/* NOTIFY's arguments: what is accepted says no more than it may. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imap-session/notify.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_events(struct notify const *n)
{
	unsigned const both = NOTIFY_NEW | NOTIFY_EXPUNGE;
	for (unsigned i = 0; i < n->count; i++) {
		unsigned some = n->groups[i].events & both;
		if ((some && some != both) ||
		    (n->groups[i].events & NOTIFY_FLAGS && !some) ||
		    n->groups[i].names.len >
		        NOTIFY_NAMES_MAX + NAME_MAX_DISK + 1)
			abort();
	}
	if (n->selected & ~(unsigned)NOTIFY_MESSAGES)
		abort();
	notify_events(n, "", true);
	notify_events(n, "a.b", false);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct session s; /* too large for a stack frame */
	struct cursor c = { (char const *)data, size, 0 };
	struct notify *n = calloc(1, sizeof *n);
	if (!n)
		return 0;
	s.separator = '.';
	n->watch.fd = -1;
	if (!notify_parse(&s, &c, n))
		check_events(n);
	notify_free(n);
	return 0;
}
