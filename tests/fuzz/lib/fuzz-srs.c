/* SPDX-License-Identifier: ISC */
/* Reverse-paths sent on, and back; addresses that claim to be ours. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/srs.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static struct srs const us = {
	.secrets = { "secret" },
	.count = 1,
	.domain = "us.test",
	.today = 20000,
	.days = 21,
};

static void
check_whole(struct address const *a)
{
	struct address again;
	stralloc text = STRALLOC_ZERO;
	if (!address_format(a, &text) ||
	    !address_parse(text.s, text.len, &again) ||
	    again.local_len != a->local_len ||
	    memcmp(again.local, a->local, a->local_len) != 0)
		abort();
	stralloc_free(&text);
}

/* What comes back is what was sent on, but that a chain is cut short. */
static void
check_back(struct address const *sender, struct address const *back)
{
	if (!srs_is(sender) &&
	    (back->local_len != sender->local_len ||
	        memcmp(back->local, sender->local, back->local_len) != 0 ||
	        back->domain_len != sender->domain_len ||
	        memcmp(back->domain, sender->domain, back->domain_len) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct address a, out, back;
	if (!address_parse((char const *)data, size, &a))
		return 0;
	enum srs_result r = srs_return(&us, &a, &out);
	if (r == SRS_OK)
		check_whole(&out);
	if (r == SRS_NAMED && out.local_len != SRS_NAME)
		abort();
	if (srs_forward(&us, &a, &out) != SRS_OK)
		return 0;
	check_whole(&out);
	r = srs_return(&us, &out, &back);
	if (r == SRS_OK)
		check_back(&a, &back);
	else if (!srs_is(&a))
		abort();
	return 0;
}
