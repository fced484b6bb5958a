/* SPDX-License-Identifier: ISC */
/* What a silent session costs: most of them are silent most of the time. */
#include <malloc.h>

#include "session.h"

void
session_rest(struct session *s)
{
	if (!s->command.text.len)
		stralloc_free(&s->command.text);
	stralloc_free(&s->answer);
	scan_free(&s->box.scan);
	cache_close(&s->cache);
	mime_free(&s->mime);
	s->mime_uid = 0;
	wire_rest(&s->wire);
	malloc_trim(0);
}
