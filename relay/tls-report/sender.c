/* SPDX-License-Identifier: ISC */
#include "sender.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "map.h"

/* Of the host's name and those above it the first that is a domain of ours: mail
 * to its postmaster comes here, and it has a key for signatures, if one has. 1;
 * 0 and the host's own name when none is; -1 with errno. */
static int
find_domain(struct map *domains, char const *host, char const **domain)
{
	stralloc value = STRALLOC_ZERO;
	int found = 0;
	*domain = host;
	for (char const *name = host; name && !found;) {
		found = map_get(domains, name, strlen(name), &value);
		if (found > 0)
			*domain = name;
		name = strchr(name, '.');
		name += name != NULL;
	}
	stralloc_free(&value);
	return found;
}

static int
use_postmaster(struct sender *s, struct settings const *settings)
{
	char const *domain;
	struct map *domains = map_open_logged("domains");
	if (!domains)
		return 0;
	int found = find_domain(domains, settings->myhostname, &domain);
	if (found < 0)
		log_error("read map", "domains", errno);
	map_close(domains);
	int n =
	    snprintf(s->address, sizeof s->address, "postmaster@%s", domain);
	return found >= 0 && n > 0 && (size_t)n < sizeof s->address;
}

static int
use_setting(struct sender *s, char const *address)
{
	struct address a;
	if (!address_parse(address, strlen(address), &a) || a.utf8 ||
	    a.literal || strlen(address) >= sizeof s->address) {
		log_event("error", "what", "use setting", "object",
		    "tls_report_address", "reason",
		    "an address in ASCII is needed", (char *)NULL);
		return 0;
	}
	strcpy(s->address, address);
	return 1;
}

int
sender_find(struct sender *s, struct settings const *settings)
{
	int ok = *settings->tls_report_address
	    ? use_setting(s, settings->tls_report_address)
	    : use_postmaster(s, settings);
	if (!ok)
		return 0;
	s->domain = strrchr(s->address, '@') + 1;
	s->organization = *settings->tls_report_organization
	    ? settings->tls_report_organization
	    : s->domain;
	return 1;
}
