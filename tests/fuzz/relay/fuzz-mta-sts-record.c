/* SPDX-License-Identifier: ISC */
/* TXT records, one a line: what is found is an id, and stands in one of them. */
#include "relay/mta-sts-record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes rest = { size ? (char const *)data : "", size };
	struct dns_answer a = { .status = DNS_FOUND };
	char id[MTA_STS_ID_MAX + 1];
	while (rest.len && a.count < DNS_RECORDS_MAX) {
		struct bytes line = bytes_take_until(&rest, '\n');
		a.record[a.count++] =
		    (struct dns_record){ .text = line.s, .len = line.len };
	}
	if (!mta_sts_record_find(&a, id))
		return 0;
	size_t n = strnlen(id, sizeof id);
	must(n && n <= MTA_STS_ID_MAX);
	for (size_t i = 0; i < n; i++)
		must(strchr("0123456789abcdefghijklmnopqrstuvwxyz"
		            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		         id[i]) != NULL);
	must(memmem(data, size, id, n) != NULL);
	return 0;
}
