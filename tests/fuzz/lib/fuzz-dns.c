/* SPDX-License-Identifier: ISC */
/* The first octet chooses the type, the rest is a reply from the network. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns-list.h"
#include "dns-reply.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static enum dns_type const types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_AAAA,
	DNS_TLSA, DNS_CNAME };

/* What is told is whole: texts end in a NUL, as many as are said. */
static void
look(void *arg, struct dns_answer const *a)
{
	struct dns_list list;
	unsigned int *calls = arg;
	++*calls;
	if (strlen(a->name) > DNS_NAME_MAX ||
	    (a->secure && a->status == DNS_FAILED))
		abort();
	if (a->count > DNS_RECORDS_MAX || (a->count && a->status != DNS_FOUND))
		abort();
	for (unsigned int i = 0; i < a->count; i++) {
		struct dns_record const *r = &a->record[i];
		if (r->text[r->len] || strlen(r->text) > r->len)
			abort();
		if (dns_list_parse("a.b=127.0.0.[2..9]", 18, &list))
			dns_list_has(&list, r->text);
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	unsigned int calls = 0;
	struct dns_list list;
	char name[DNS_NAME_MAX + 1];
	char const *s = (char const *)data;
	if (!size || size > 65535)
		return 0;
	dns_read(s + 1, size - 1, types[data[0] % 6], data[0] & 0x80, look,
	    &calls);
	if (calls != 1)
		abort();
	if (dns_list_parse(s, size, &list) &&
	    dns_list_question(&list, "2001:db8::1", name) &&
	    strlen(name) > DNS_NAME_MAX)
		abort();
	return 0;
}
