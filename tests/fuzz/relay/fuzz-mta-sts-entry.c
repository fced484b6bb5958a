/* SPDX-License-Identifier: ISC */
/* Kept MTA-STS policies: what is read is written, and read again as the same. */
#include "relay/mta-sts-entry.h"

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
check_same(struct mta_sts_entry const *a, struct mta_sts_entry const *b)
{
	must(strcmp(a->id, b->id) == 0 && a->failure == b->failure);
	must(!*a->id ||
	    (a->fetched == b->fetched && a->expires == b->expires &&
	        a->policy.mode == b->policy.mode &&
	        a->policy.text.len == b->policy.text.len));
	must(!a->failure ||
	    (a->tried == b->tried && a->failing_since == b->failing_since &&
	        strcmp(a->tried_id, b->tried_id) == 0));
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct mta_sts_entry e, again;
	stralloc out = STRALLOC_ZERO;
	if (!mta_sts_entry_read(size ? (char const *)data : "", size, &e)) {
		must(!*e.id && !e.failure);
		return 0;
	}
	must(mta_sts_entry_write(&out, &e));
	must(mta_sts_entry_read(out.s, out.len, &again));
	check_same(&e, &again);
	must(!mta_sts_entry_holds(&e, e.expires));
	must(mta_sts_entry_due(&e, "another", e.fetched) || !*e.id ||
	    strcmp(e.id, "another") == 0);
	stralloc_free(&out);
	return 0;
}
