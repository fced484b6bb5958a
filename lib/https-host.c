/* SPDX-License-Identifier: ISC */
#include "https-host.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

enum { HTTPS_PORT = 443 };

/* What is not on the Internet: whoever publishes a name is not to choose
 * whom of this machine and its neighbours we talk to. */
static char const not_public[] =
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 "
    "172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3 "
    "[::]/96 [::ffff:0:0]/96 [fc00::]/7 [fe80::]/10 [ff00::]/8";

/* An answer may come after we gave up waiting. */
static struct find {
	struct https_host *host;
	unsigned int pending;
	bool any;     /* of all addresses */
	bool failed;  /* an answer did not come */
	bool refused; /* an address is not public */
} found;

/* In tests and closed networks; there, any address is meant. */
static unsigned int
port_given(void)
{
	char const *text = getenv("BESACE_HTTPS_PORT");
	unsigned long port = text ? strtoul(text, NULL, 10) : 0;
	return port < 65536 ? (unsigned int)port : 0;
}

static void
on_addresses(void *arg, struct dns_answer const *answer)
{
	struct find *f = arg;
	struct https_host *h = f->host;
	f->pending--;
	f->failed |= answer->status == DNS_FAILED;
	for (unsigned int i = 0; answer->status == DNS_FOUND &&
	     i < answer->count && h->count < HTTPS_HOST_ADDRESSES;
	     i++) {
		char const *ip = answer->record[i].text;
		if (f->any || !network_list_has(not_public, ip))
			snprintf(h->ip[h->count++], sizeof *h->ip, "%s", ip);
		else
			f->refused = true;
	}
}

char const *
https_host_find(struct https_host *h, struct settings const *settings)
{
	unsigned int given = port_given();
	struct dns *dns = dns_open(settings);
	if (!dns)
		return "the DNS cannot be asked";
	if (!h->port)
		h->port = given ? given : HTTPS_PORT;
	h->count = 0;
	found = (struct find){ .host = h, .pending = 2, .any = given };
	dns_ask_hosts(dns, h->name, AF_INET, on_addresses, &found);
	dns_ask_hosts(dns, h->name, AF_INET6, on_addresses, &found);
	if (!dns_wait(dns, &found.pending, dns_deadline(dns)))
		found.failed = true;
	return h->count     ? NULL
	    : found.refused ? "its address is not one of the Internet"
	    : found.failed  ? "no answer from the DNS about its addresses"
	                    : "it has no address";
}
