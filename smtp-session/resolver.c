/* SPDX-License-Identifier: ISC */
#include "resolver.h"

struct dns *
resolver(struct smtp_back *b)
{
	if (!b->dns && !b->dns_tried)
		b->dns = dns_open(b->common.settings);
	b->dns_tried = true;
	return b->dns;
}
