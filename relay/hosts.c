/* SPDX-License-Identifier: ISC */
#include "hosts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "hostname.h"
#include "network.h"

enum { MX_MAX = DNS_RECORDS_MAX, SMTP_PORT = 25 };

static char const mapped[] = "::ffff:";

struct find;

/* A question for the addresses of a host. */
struct question {
	struct find *find;
	char const *name;
	unsigned int preference;
	int family;
};

struct mx_host {
	unsigned int preference;
	char name[DNS_NAME_MAX + 1];
};

/* All that is under way; an answer may come after we gave up waiting, so it
 * lives as long as the process. */
static struct find {
	struct hosts *hosts;
	struct settings const *settings;
	unsigned int pending;
	bool over;   /* what comes now is too late */
	bool failed; /* an answer did not come */
	enum dns_status mx;
	bool null_mx;      /* RFC 7505 */
	unsigned int ours; /* from this preference on it is us; else UINT_MAX */
	unsigned int count;
	struct mx_host host[MX_MAX];
	struct question question[2 * MX_MAX];
} found;

/* --- ourselves -------------------------------------------------------------- */

static bool
same_address(struct sockaddr const *a, char const *ip)
{
	char text[INET6_ADDRSTRLEN];
	void const *addr = a->sa_family == AF_INET
	    ? (void const *)&((struct sockaddr_in const *)a)->sin_addr
	    : (void const *)&((struct sockaddr_in6 const *)a)->sin6_addr;
	return inet_ntop(a->sa_family, addr, text, sizeof text) &&
	    strcmp(text, ip) == 0;
}

/* An address of this machine. One that cannot be told is not. */
static bool
is_our_address(char const *ip)
{
	struct ifaddrs *all = NULL;
	bool is = network_list_has("0.0.0.0/8 127.0.0.0/8 [::]/127", ip);
	if (is || getifaddrs(&all) < 0)
		return is;
	for (struct ifaddrs *a = all; a && !is; a = a->ifa_next)
		is = a->ifa_addr &&
		    (a->ifa_addr->sa_family == AF_INET ||
		        a->ifa_addr->sa_family == AF_INET6) &&
		    same_address(a->ifa_addr, ip);
	freeifaddrs(all);
	return is;
}

/* RFC 5321 section 5.1: where we are among the hosts ourselves, those of our
 * preference and worse are not for us. */
static void
drop_ourselves(struct hosts *h, unsigned int port)
{
	unsigned int kept = 0;
	for (unsigned int i = 0; i < h->count; i++)
		if (h->host[i].preference < found.ours && port == SMTP_PORT &&
		    is_our_address(h->host[i].ip))
			found.ours = h->host[i].preference;
	for (unsigned int i = 0; i < h->count; i++)
		if (h->host[i].preference < found.ours)
			h->host[kept++] = h->host[i];
	h->count = kept;
}

/* --- questions and answers -------------------------------------------------- */

/* NULL when there is no room. */
static struct host *
add_host(struct find *f, char const *name, char const *ip,
    unsigned int preference)
{
	if (f->hosts->count == HOSTS_MAX)
		return NULL;
	if (strncasecmp(ip, mapped, strlen(mapped)) == 0 && strchr(ip, '.'))
		ip += strlen(mapped); /* IPv4 all the same */
	struct host *h = &f->hosts->host[f->hosts->count++];
	char const *first = f->settings->smtp_address_preference;
	char const *family = strchr(ip, ':') ? "ipv6" : "ipv4";
	*h = (struct host){ .preference = preference };
	snprintf(h->name, sizeof h->name, "%s", name);
	snprintf(h->expanded, sizeof h->expanded, "%s", name);
	snprintf(h->ip, sizeof h->ip, "%s", ip);
	h->second = strcmp(first, "any") != 0 && strcmp(first, family) != 0;
	/* without it, the order is the DNS's */
	if (getrandom(&h->draw, sizeof h->draw, 0) < 0)
		h->draw = f->hosts->count;
	return h;
}

static void
on_addresses(void *arg, struct dns_answer const *answer)
{
	struct question *q = arg;
	if (q->find->over)
		return;
	q->find->pending--;
	q->find->failed |= answer->status == DNS_FAILED;
	for (unsigned int i = 0;
	     answer->status == DNS_FOUND && i < answer->count; i++) {
		struct host *h = add_host(q->find, q->name,
		    answer->record[i].text, q->preference);
		if (!h)
			return;
		h->secure = answer->secure;
		snprintf(h->expanded, sizeof h->expanded, "%s", answer->name);
	}
}

static void
ask_addresses(struct find *f, struct dns *dns)
{
	static int const families[] = { AF_INET, AF_INET6 };
	f->pending = 2 * f->count;
	for (unsigned int i = 0; i < 2 * f->count; i++) {
		struct question *q = &f->question[i];
		*q = (struct question){ f, f->host[i / 2].name,
			f->host[i / 2].preference, families[i % 2] };
		dns_ask_hosts(dns, q->name, q->family, on_addresses, q);
	}
	if (!dns_wait(dns, &f->pending, dns_deadline(dns)))
		f->failed = true;
}

static void
add_name(struct find *f, char const *name, size_t len, unsigned int preference)
{
	if (len && name[len - 1] == '.')
		len--;
	if (f->count == MX_MAX || !hostname_valid(name, len) ||
	    len > DNS_NAME_MAX)
		return;
	memcpy(f->host[f->count].name, name, len);
	f->host[f->count].name[len] = 0;
	if (strcasecmp(f->host[f->count].name, f->settings->myhostname) == 0 &&
	    preference < f->ours)
		f->ours = preference;
	f->host[f->count++].preference = preference;
}

static void
on_mx(void *arg, struct dns_answer const *answer)
{
	struct find *f = arg;
	if (f->over)
		return;
	f->pending--;
	f->mx = answer->status;
	f->hosts->secure = answer->secure;
	for (unsigned int i = 0;
	     answer->status == DNS_FOUND && i < answer->count; i++) {
		struct dns_record const *r = &answer->record[i];
		if (!r->len && answer->count == 1)
			f->null_mx = true;
		add_name(f, r->text, r->len, r->preference);
	}
}

static void
ask_mx(struct find *f, struct dns *dns, char const *domain)
{
	f->pending = 1;
	f->mx = DNS_FAILED;
	dns_ask(dns, domain, DNS_MX, on_mx, f);
	if (!dns_wait(dns, &f->pending, dns_deadline(dns)))
		f->mx = DNS_FAILED;
	if (f->mx == DNS_NO_DATA) /* RFC 5321 5.1: as if it named itself */
		add_name(f, domain, strlen(domain), 0);
}

/* --- the list --------------------------------------------------------------- */

static int
compare(void const *one, void const *two)
{
	struct host const *a = one, *b = two;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	if (a->second != b->second)
		return a->second ? 1 : -1;
	return (a->draw > b->draw) - (a->draw < b->draw);
}

static bool
is_ipv6(struct host const *h)
{
	return strchr(h->ip, ':') != NULL;
}

/* Where not all addresses are tried, the best of the other family is the last of
 * those that are: one of the two may lead nowhere from here. Postfix's
 * smtp_balance_inet_protocols. */
static void
balance(struct hosts *h, uint64_t limit)
{
	unsigned int i = 0;
	while (i < h->count && is_ipv6(&h->host[i]) == is_ipv6(&h->host[0]))
		i++;
	if (limit < 2 || i == h->count || i < limit)
		return;
	struct host other = h->host[i];
	memmove(&h->host[limit], &h->host[limit - 1],
	    (i - (limit - 1)) * sizeof other);
	h->host[limit - 1] = other;
}

/* What is for good by the DNS is not so when the name is the administrator's,
 * who may have mistyped it. The text has the name between its parts. */
static int
fail(struct answer *why, struct route const *route, char const *status,
    char const *before, char const *after)
{
	bool now = route->named || *status == '4';
	answer_set(why, now ? VERDICT_DEFERRED : VERDICT_FAILED, status,
	    "%s%s%s", before, route->hop.name, after);
	if (now)
		why->status[0] = '4';
	return 0;
}

static int
explain(struct route const *route, struct answer *why)
{
	bool by_mx = !route->hop.exact;
	if (found.null_mx)
		return fail(why, route, "5.1.10", "",
		    " takes no mail (null MX)");
	if (by_mx && found.mx == DNS_FAILED)
		return fail(why, route, "4.4.3",
		    "no answer from the DNS about the MX records of ", "");
	if (by_mx && found.mx == DNS_NO_NAME)
		return fail(why, route, "5.1.2", "there is no domain ", "");
	if (found.failed) /* perhaps those that are better than we */
		return fail(why, route, "4.4.3",
		    "no answer from the DNS about the hosts of ", "");
	if (found.ours != UINT_MAX)
		return fail(why, route, "5.4.6", "mail loop: mail for ",
		    " is to come to this server, which does not take it");
	return fail(why, route, "5.4.4", "no host of ", " has an address");
}

int
hosts_find(struct hosts *h, struct route const *route, unsigned int port,
    struct dns *dns, struct settings const *settings, struct answer *why)
{
	struct next_hop const *hop = &route->hop;
	h->count = 0;
	h->secure = hop->exact;
	found =
	    (struct find){ .hosts = h, .settings = settings, .ours = UINT_MAX };
	if (hop->address) {
		add_host(&found, "", hop->name, 0);
	} else if (hop->exact) {
		add_name(&found, hop->name, strlen(hop->name), 0);
		found.ours = UINT_MAX; /* the administrator knows */
	} else {
		ask_mx(&found, dns, hop->name);
	}
	if (found.count)
		ask_addresses(&found, dns);
	found.over = true;
	if (!hop->exact || !route->named)
		drop_ourselves(h, port);
	if (!h->count)
		return explain(route, why);
	qsort(h->host, h->count, sizeof *h->host, compare);
	balance(h, settings->smtp_mx_address_limit);
	return 1;
}
