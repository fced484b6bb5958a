/* SPDX-License-Identifier: ISC */
/* maildirsize, limits and steps of warning: what is read is written as it can
 * be read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/quota.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_limit(struct quota_limit const *l)
{
	char text[QUOTA_TEXT];
	struct quota_limit again = { 1, 1 };
	size_t n = quota_limit_format(l, text);
	if (n >= sizeof text || !quota_limit_parse(text, n, &again) ||
	    again.bytes != l->bytes || again.messages != l->messages ||
	    l->bytes > INT64_MAX || l->messages > INT64_MAX)
		abort();
}

static void
check_sums(struct quota_sums const *s)
{
	char text[2 * QUOTA_TEXT];
	struct quota_sums again;
	check_limit(&s->limit);
	size_t n = quota_limit_format(&s->limit, text);
	text[n++] = '\n';
	n += quota_line_format((int64_t)s->used.bytes,
	    (int64_t)s->used.messages, text + n);
	if (!quota_sums_parse(text, n, &again) ||
	    again.used.bytes != s->used.bytes ||
	    again.used.messages != s->used.messages || again.lines != 1)
		abort();
	if (quota_has_room(&s->limit, &s->used, 0, 0, 0) &&
	    quota_percent(&s->limit, &s->used) > 100)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	unsigned char percent[QUOTA_WARNINGS];
	struct quota_limit l;
	struct quota_sums sums;
	if (quota_limit_parse(s, size, &l))
		check_limit(&l);
	l = quota_limit_of(s, size, 1000);
	check_limit(&l);
	if (quota_sums_parse(s, size, &sums))
		check_sums(&sums);
	int n = quota_warnings_parse(s, size, percent);
	for (int i = 0; i < n; i++)
		if (!percent[i] || percent[i] > 100)
			abort();
	return 0;
}
