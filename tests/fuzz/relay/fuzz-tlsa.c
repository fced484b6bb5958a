/* SPDX-License-Identifier: ISC */
/* Octets cut into TLSA records, each behind a length of two octets: those of
 * use come out of a set as they went in. */
#include "relay/tlsa.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct tlsa_set set;
	static struct tlsa kept[TLSA_SET_SIZE];
	struct tlsa t;
	size_t at = 0, i = 0;
	set.count = 0;
	set.len = 0;
	while (size >= 2) {
		size_t len = (size_t)data[0] << 8 | data[1];
		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		if (tlsa_parse((char const *)data, len, &t)) {
			must(t.len && t.data + t.len == data + len);
			if (tlsa_set_add(&set, &t))
				kept[i++] = t;
		}
		data += len;
		size -= len;
	}
	must(i == set.count && set.len <= sizeof set.bytes);
	for (i = 0; tlsa_set_next(&set, &at, &t); i++)
		must(t.usage == kept[i].usage &&
		    t.selector == kept[i].selector &&
		    t.matching == kept[i].matching && t.len == kept[i].len &&
		    memcmp(t.data, kept[i].data, t.len) == 0);
	must(i == set.count && at == set.len);
	return 0;
}
