/* SPDX-License-Identifier: ISC */
/* Any bytes as a message: what is stored must be our fields, then the message
 * without its Return-Path fields, and our fields must be read back as ours. */
#include "deliver/headers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
next_is(char const *m, size_t len, size_t *pos, char const *name,
    char const *value)
{
	struct message_field f;
	must(message_next_field(m, len, pos, &f));
	must(message_field_is(&f, name));
	must(f.value_len == strlen(value));
	must(memcmp(f.value, value, f.value_len) == 0);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct headers h;
	struct message_field f;
	stralloc all = STRALLOC_ZERO;
	must(headers_scan(&h, (char const *)data, size));
	must(headers_prepend(&h, "s@x", "o@x", "t@x", &all));
	size_t from = h.has_kept ? h.end : 0, top = all.len, pos = 0;
	must(stralloc_cat(&all, &h.kept));
	must(stralloc_catb(&all, h.message + from, h.len - from));
	must(all.len - top <= size);
	next_is(all.s, all.len, &pos, "Return-Path", " <s@x>");
	next_is(all.s, all.len, &pos, "X-Original-To", " o@x");
	next_is(all.s, all.len, &pos, "Delivered-To", " t@x");
	while (message_next_field(all.s, all.len, &pos, &f))
		must(!message_field_is(&f, "Return-Path"));
	must(all.len - pos >= h.len - h.end);
	headers_delivered_to(&h, "t@x");
	struct headers again;
	must(headers_scan(&again, all.s, all.len));
	must(headers_delivered_to(&again, "T@X"));
	must(h.clean ? again.received == h.received : !again.received);
	headers_free(&again);
	headers_free(&h);
	stralloc_free(&all);
	return 0;
}
