/* SPDX-License-Identifier: ISC */
#include "dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "dns-reply.h"
#include "log.h"
#include "monotonic.h"

enum {
	TRIES = 2,
	SHARES = 3, /* of the time limit: c-ares waits 1, then 2 of them */
	CLASS_IN = 1,
	LIMIT_MAX = 60,   /* seconds */
	EDNS_SIZE = 1232, /* octets: no fragments on the way */
	FLAG_AD = 0x20    /* in the fourth octet of a message */
};

struct dns {
	ares_channel channel;
	int64_t limit; /* ms */
	bool trusted;  /* it is believed that an answer is signed */
};

/* --- the answers ---------------------------------------------------------- */

/* A question under way. */
struct question {
	enum dns_type type;
	bool trusted;
	dns_then *then;
	void *arg;
};

static struct question *
question_new(enum dns_type type, dns_then *then, void *arg)
{
	static struct dns_answer const failed = { .status = DNS_FAILED,
		.name = "" };
	struct question *q = malloc(sizeof *q);
	if (!q) {
		then(arg, &failed);
		return NULL;
	}
	*q = (struct question){ type, false, then, arg };
	return q;
}

static void
question_end(struct question *q, struct dns_answer const *answer)
{
	dns_then *then = q->then;
	void *arg = q->arg;
	free(q);
	then(arg, answer);
}

/* A reply, or why there is none; what cannot be asked is not there. */
static void
on_reply(void *arg, int status, int timeouts, unsigned char *s, int len)
{
	struct question *q = arg;
	struct dns_answer a = { .status = DNS_FAILED, .name = "" };
	struct question asked = *q;
	(void)timeouts;
	if (status == ARES_EBADNAME || status == ARES_ENOTFOUND)
		a.status = DNS_NO_NAME;
	if (status != ARES_SUCCESS) {
		question_end(q, &a);
		return;
	}
	free(q);
	dns_read((char const *)s, (size_t)len, asked.type, asked.trusted,
	    asked.then, asked.arg);
}

/* Not by ares_query(3), which has no way to set AD: that asks for it in the
 * reply (RFC 6840 section 5.7). */
void
dns_ask(struct dns *d, char const *name, enum dns_type type, dns_then *then,
    void *arg)
{
	unsigned char *message = NULL;
	unsigned short id;
	int len = 0, r = ARES_ENOMEM;
	struct question *q = question_new(type, then, arg);
	if (!q)
		return;
	q->trusted = d->trusted;
	if (getrandom(&id, sizeof id, 0) == sizeof id)
		r = ares_create_query(name, CLASS_IN, (int)type, id, 1,
		    &message, &len, EDNS_SIZE);
	if (r == ARES_SUCCESS) {
		message[3] |= FLAG_AD;
		ares_send(d->channel, message, len, on_reply, q);
	} else {
		on_reply(q, r, 0, NULL, 0);
	}
	ares_free_string(message);
}

/* --- hosts ---------------------------------------------------------------- */

static void
on_names(void *arg, int status, int timeouts, struct hostent *host)
{
	struct dns_answer a = { .status = dns_status_of(status), .name = "" };
	(void)timeouts;
	if (a.status == DNS_FOUND && host) {
		if (host->h_name)
			dns_answer_add(&a, host->h_name, strlen(host->h_name),
			    0);
		for (char **alias = host->h_aliases; alias && *alias; alias++)
			if (!host->h_name ||
			    strcasecmp(*alias, host->h_name) != 0)
				dns_answer_add(&a, *alias, strlen(*alias), 0);
	}
	question_end(arg, &a);
}

void
dns_ask_names(struct dns *d, char const *ip, dns_then *then, void *arg)
{
	unsigned char addr[sizeof(struct in6_addr)];
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	struct question *q = question_new(DNS_A, then, arg);
	if (!q)
		return;
	if (inet_pton(family, ip, addr) != 1)
		on_names(q, ARES_ENOTFOUND, 0, NULL);
	else
		ares_gethostbyaddr(d->channel, addr, family == AF_INET ? 4 : 16,
		    family, on_names, q);
}

/* What /etc/hosts says is the administrator's word, and nobody's signature. */
static void
answer_from_file(struct hostent const *host, char const *name, dns_then *then,
    void *arg)
{
	struct dns_answer a = { .status = DNS_FOUND, .name = name };
	struct dns_addresses t;
	for (char **addr = host->h_addr_list; *addr; addr++)
		dns_answer_add_address(&a, &t, host->h_addrtype, *addr);
	then(arg, &a);
}

void
dns_ask_hosts(struct dns *d, char const *name, int family, dns_then *then,
    void *arg)
{
	struct hostent *host = NULL;
	int r = ares_gethostbyname_file(d->channel, name, family, &host);
	if (r == ARES_SUCCESS && host->h_addr_list[0])
		answer_from_file(host, name, then, arg);
	else
		dns_ask(d, name, family == AF_INET ? DNS_A : DNS_AAAA, then,
		    arg);
	if (host)
		ares_free_hostent(host);
}

/* --- waiting -------------------------------------------------------------- */

int64_t
dns_deadline(struct dns const *d)
{
	return monotonic_ms() + d->limit;
}

/* The sockets of the questions under way, behind FD (-1: none). */
static nfds_t
sockets(struct dns *d, int fd, struct pollfd p[1 + ARES_GETSOCK_MAXNUM])
{
	ares_socket_t socks[ARES_GETSOCK_MAXNUM];
	/* not by its macros, which shift into a sign bit */
	unsigned int bits =
	    (unsigned int)ares_getsock(d->channel, socks, ARES_GETSOCK_MAXNUM);
	nfds_t count = 1;
	p[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = 0;
		if (bits & 1u << i)
			events |= POLLIN;
		if (bits & 1u << (i + ARES_GETSOCK_MAXNUM))
			events |= POLLOUT;
		if (events)
			p[count++] =
			    (struct pollfd){ .fd = socks[i], .events = events };
	}
	return count;
}

/* How long c-ares wants to wait; at most MOST ms. */
static struct timespec
patience(struct dns *d, int64_t most)
{
	struct timeval limit = { most / 1000, most % 1000 * 1000 };
	struct timeval tv;
	struct timeval *wait = ares_timeout(d->channel, &limit, &tv);
	return (struct timespec){ wait->tv_sec, wait->tv_usec * 1000 + 999 };
}

/* Waits and serves once, with this mask of SIGNALS, if not NULL. Whether
 * something is under way, FD is silent, and no signal came. */
static bool
turn(struct dns *d, int fd, int64_t most, sigset_t const *signals)
{
	struct pollfd p[1 + ARES_GETSOCK_MAXNUM];
	nfds_t count = sockets(d, fd, p);
	if (count == 1)
		return false;
	struct timespec limit = patience(d, most);
	int ready = ppoll(p, count, &limit, signals);
	if (ready < 0)
		return errno == EINTR && !signals;
	if (ready == 0)
		ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	for (nfds_t i = 1; ready && i < count; i++)
		if (p[i].revents)
			ares_process_fd(d->channel,
			    p[i].events & POLLIN ? p[i].fd : ARES_SOCKET_BAD,
			    p[i].events & POLLOUT ? p[i].fd : ARES_SOCKET_BAD);
	return !p[0].revents;
}

bool
dns_wait(struct dns *d, unsigned int const *pending, int64_t deadline)
{
	while (*pending) {
		int64_t left = deadline - monotonic_ms();
		if (left <= 0 || !turn(d, -1, left, NULL))
			break;
	}
	return !*pending;
}

void
dns_serve(struct dns *d, int fd)
{
	sigset_t none;
	sigemptyset(&none);
	while (turn(d, fd, d->limit, &none))
		continue;
}

/* --- the resolver --------------------------------------------------------- */

static bool
fault(char const *what, char const *object, int ares)
{
	log_event("error", "what", what, "object", object, "reason",
	    ares_strerror(ares), (char *)NULL);
	return false;
}

static bool
open_channel(struct dns *d)
{
	char lookups[] = "fb";
	struct ares_options o = {
		.flags =
		    ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = (int)(d->limit / SHARES),
		.tries = TRIES,
		.lookups = lookups,
		.ednspsz = EDNS_SIZE,
	};
	int r = ares_library_init(ARES_LIB_INIT_ALL);
	if (r == ARES_SUCCESS)
		r = ares_init_options(&d->channel, &o,
		    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		        ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ);
	return r == ARES_SUCCESS || fault("start", "c-ares", r);
}

static bool
choose_server(struct dns *d, char const *setting)
{
	char const *server = getenv("BESACE_RESOLVER");
	if (!server || !*server)
		server = setting;
	if (!*server)
		return true; /* as resolv.conf says */
	int r = ares_set_servers_ports_csv(d->channel, server);
	return r == ARES_SUCCESS || fault("use the resolver", server, r);
}

/* Over a network anybody could have set the bit; what listens on this machine
 * is the administrator's. All servers, as any may be the one that answers. */
static bool
is_trusted(struct dns *d, struct settings const *settings)
{
	struct ares_addr_port_node *first = NULL;
	if (settings->resolver_trust_ad)
		return true;
	bool all =
	    ares_get_servers_ports(d->channel, &first) == ARES_SUCCESS && first;
	for (struct ares_addr_port_node *s = first; s && all; s = s->next)
		all = s->family == AF_INET
		    ? (ntohl(s->addr.addr4.s_addr) >> 24) == IN_LOOPBACKNET
		    : IN6_IS_ADDR_LOOPBACK(
		          (struct in6_addr const *)&s->addr.addr6);
	ares_free_data(first);
	return all;
}

bool
dns_trusted(struct dns const *d)
{
	return d->trusted;
}

struct dns *
dns_open(struct settings const *settings)
{
	static struct dns d;
	uint64_t seconds = settings->dns_timeout;
	if (seconds < 1)
		seconds = 1;
	else if (seconds > LIMIT_MAX)
		seconds = LIMIT_MAX;
	d.limit = (int64_t)seconds * 1000;
	if (!open_channel(&d))
		return NULL;
	if (choose_server(&d, settings->resolver)) {
		d.trusted = is_trusted(&d, settings);
		return &d;
	}
	dns_close(&d);
	return NULL;
}

void
dns_close(struct dns *d)
{
	if (d)
		ares_destroy(d->channel);
}
