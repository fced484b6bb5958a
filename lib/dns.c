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
#include <time.h>

#include "log.h"

enum {
	TRIES = 2,
	SHARES = 3, /* of the time limit: c-ares waits 1, then 2 of them */
	TTLS_MAX = DNS_RECORDS_MAX,
	CLASS_IN = 1,
	LIMIT_MAX = 60,  /* seconds */
	EDNS_SIZE = 1232 /* octets: no fragments on the way */
};

struct dns {
	ares_channel channel;
	int64_t limit; /* ms */
};

static int64_t
now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* --- the answers ---------------------------------------------------------- */

/* A question under way. */
struct question {
	enum dns_type type;
	dns_then *then;
	void *arg;
};

static struct question *
question_new(enum dns_type type, dns_then *then, void *arg)
{
	static struct dns_answer const failed = { .status = DNS_FAILED };
	struct question *q = malloc(sizeof *q);
	if (!q) {
		then(arg, &failed);
		return NULL;
	}
	*q = (struct question){ type, then, arg };
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

static enum dns_status
status_of(int ares)
{
	switch (ares) {
	case ARES_SUCCESS:
		return DNS_FOUND;
	case ARES_ENODATA:
		return DNS_NO_DATA;
	case ARES_ENOTFOUND:
		return DNS_NO_NAME;
	default:
		return DNS_FAILED;
	}
}

static struct dns_record *
worst(struct dns_answer *a)
{
	struct dns_record *r = a->record;
	for (unsigned int i = 1; i < a->count; i++)
		if (a->record[i].preference > r->preference)
			r = &a->record[i];
	return r;
}

/* Of too many, those that are to be tried first stay. */
static void
add(struct dns_answer *a, char const *text, size_t len, unsigned int preference)
{
	struct dns_record *r =
	    a->count < DNS_RECORDS_MAX ? &a->record[a->count++] : worst(a);
	if (!r->text || preference < r->preference)
		*r = (struct dns_record){ preference, text, len };
}

/* Where an answer's texts live until it has been given. */
struct texts {
	char bytes[DNS_RECORDS_MAX][INET6_ADDRSTRLEN];
};

static void
add_address(struct dns_answer *a, struct texts *t, int family, void const *addr)
{
	if (a->count == DNS_RECORDS_MAX)
		return;
	char *text = t->bytes[a->count];
	if (inet_ntop(family, addr, text, INET6_ADDRSTRLEN))
		add(a, text, strlen(text), 0);
}

/* --- records -------------------------------------------------------------- */

static int
read_a(struct dns_answer *a, struct texts *t, unsigned char const *s, int len)
{
	struct ares_addrttl addrs[TTLS_MAX];
	int count = TTLS_MAX;
	int r = ares_parse_a_reply(s, len, NULL, addrs, &count);
	for (int i = 0; r == ARES_SUCCESS && i < count; i++)
		add_address(a, t, AF_INET, &addrs[i].ipaddr);
	return r;
}

static int
read_aaaa(struct dns_answer *a, struct texts *t, unsigned char const *s,
    int len)
{
	struct ares_addr6ttl addrs[TTLS_MAX];
	int count = TTLS_MAX;
	int r = ares_parse_aaaa_reply(s, len, NULL, addrs, &count);
	for (int i = 0; r == ARES_SUCCESS && i < count; i++)
		add_address(a, t, AF_INET6, &addrs[i].ip6addr);
	return r;
}

static void
answer_mx(struct question *q, unsigned char const *s, int len)
{
	struct dns_answer a = { .status = DNS_FAILED };
	struct ares_mx_reply *first = NULL;
	a.status = status_of(ares_parse_mx_reply(s, len, &first));
	for (struct ares_mx_reply *mx = first; mx; mx = mx->next)
		add(&a, mx->host, strlen(mx->host), mx->priority);
	question_end(q, &a);
	ares_free_data(first);
}

/* The strings of a record are one text. */
static int
join_txt(stralloc *all, struct ares_txt_ext const *first,
    size_t start[DNS_RECORDS_MAX + 1])
{
	int count = 0;
	for (struct ares_txt_ext const *t = first; t; t = t->next) {
		if (t->record_start && t != first && !stralloc_0(all))
			return -1;
		if (t->record_start) {
			if (count == DNS_RECORDS_MAX)
				break;
			start[count++] = all->len;
		}
		if (!stralloc_catb(all, (char *)t->txt, t->length))
			return -1;
	}
	start[count] = all->len + 1;
	return stralloc_0(all) ? count : -1;
}

static void
answer_txt(struct question *q, unsigned char const *s, int len)
{
	struct dns_answer a = { .status = DNS_FAILED };
	struct ares_txt_ext *first = NULL;
	size_t start[DNS_RECORDS_MAX + 1];
	stralloc all = STRALLOC_ZERO;
	a.status = status_of(ares_parse_txt_reply_ext(s, len, &first));
	int count = first ? join_txt(&all, first, start) : 0;
	if (count < 0)
		a.status = DNS_FAILED;
	for (int i = 0; i < count; i++)
		add(&a, all.s + start[i], start[i + 1] - start[i] - 1, 0);
	question_end(q, &a);
	ares_free_data(first);
	stralloc_free(&all);
}

static void
read_reply(struct question *q, unsigned char const *s, int len)
{
	struct dns_answer a = { .status = DNS_FAILED };
	struct texts t;
	switch (q->type) {
	case DNS_MX:
		answer_mx(q, s, len);
		return;
	case DNS_TXT:
		answer_txt(q, s, len);
		return;
	case DNS_A:
		a.status = status_of(read_a(&a, &t, s, len));
		break;
	case DNS_AAAA:
		a.status = status_of(read_aaaa(&a, &t, s, len));
		break;
	}
	question_end(q, &a);
}

static void
on_records(void *arg, int status, int timeouts, unsigned char *s, int len)
{
	struct dns_answer a = { .status = status_of(status) };
	(void)timeouts;
	if (status == ARES_EBADNAME) /* what cannot be asked is not there */
		a.status = DNS_NO_NAME;
	if (a.status == DNS_FOUND)
		read_reply(arg, s, len);
	else
		question_end(arg, &a);
}

void
dns_read(char const *s, size_t len, enum dns_type type, dns_then *then,
    void *arg)
{
	struct question *q = question_new(type, then, arg);
	if (q)
		read_reply(q, (unsigned char const *)s, (int)len);
}

void
dns_ask(struct dns *d, char const *name, enum dns_type type, dns_then *then,
    void *arg)
{
	struct question *q = question_new(type, then, arg);
	if (q)
		ares_query(d->channel, name, CLASS_IN, (int)type, on_records,
		    q);
}

/* --- hosts ---------------------------------------------------------------- */

static void
on_names(void *arg, int status, int timeouts, struct hostent *host)
{
	struct dns_answer a = { .status = status_of(status) };
	(void)timeouts;
	if (a.status == DNS_FOUND && host) {
		if (host->h_name)
			add(&a, host->h_name, strlen(host->h_name), 0);
		for (char **alias = host->h_aliases; alias && *alias; alias++)
			if (!host->h_name ||
			    strcasecmp(*alias, host->h_name) != 0)
				add(&a, *alias, strlen(*alias), 0);
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

static void
on_hosts(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct dns_answer a = { .status = status_of(status) };
	struct texts t;
	(void)timeouts;
	for (struct ares_addrinfo_node *n = found ? found->nodes : NULL; n;
	     n = n->ai_next)
		add_address(&a, &t, n->ai_family,
		    n->ai_family == AF_INET
		        ? (void *)&((struct sockaddr_in *)n->ai_addr)->sin_addr
		        : &((struct sockaddr_in6 *)n->ai_addr)->sin6_addr);
	if (a.status == DNS_FOUND && !a.count)
		a.status = DNS_NO_DATA;
	question_end(arg, &a);
	if (found)
		ares_freeaddrinfo(found);
}

void
dns_ask_hosts(struct dns *d, char const *name, int family, dns_then *then,
    void *arg)
{
	struct ares_addrinfo_hints hints = { .ai_family = family,
		.ai_flags = ARES_AI_NOSORT };
	struct question *q = question_new(DNS_A, then, arg);
	if (q)
		ares_getaddrinfo(d->channel, name, NULL, &hints, on_hosts, q);
}

/* --- waiting -------------------------------------------------------------- */

int64_t
dns_deadline(struct dns const *d)
{
	return now_ms() + d->limit;
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
		int64_t left = deadline - now_ms();
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
	if (choose_server(&d, settings->resolver))
		return &d;
	dns_close(&d);
	return NULL;
}

void
dns_close(struct dns *d)
{
	if (d)
		ares_destroy(d->channel);
}
