/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host-list.h"
#include "network.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* What is valid has no entry that is dropped in silence; a list of networks is
 * one of hosts. */
int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char *list = malloc(size + 1);
	struct network n;
	if (!list)
		return 0;
	memcpy(list, data, size);
	list[size] = 0;
	network_list_valid(list, size);
	network_list_has(list, "192.0.2.1");
	network_list_has("192.0.2.0/24 [2001:db8::]/31", list);
	host_list_has(list, "192.0.2.1", "mail.example.test");
	host_list_has("localhost *.example.test", "::1", list);
	if (network_list_valid(list, size) && !host_list_valid(list, size))
		abort();
	if (network_parse(list, size, &n) &&
	    (!network_list_valid(list, size) || n.bits > 128))
		abort();
	free(list);
	return 0;
}
