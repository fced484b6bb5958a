/* SPDX-License-Identifier: ISC */
#include "dns-reply.h"

#include <ares.h>
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* RFC 1035 section 4.1; the bit AD is of RFC 4035 section 3.2.3. */
enum {
	HEADER = 12,
	RECORD_FIXED = 10, /* type, class, TTL, length */
	QUESTION_FIXED = 4,
	FLAG_AD = 0x20,
	RCODE = 0x0f,
	RCODE_NXDOMAIN = 3
};

_Static_assert(sizeof((struct dns_addresses *)0)->text[0] == INET6_ADDRSTRLEN,
    "an address fits");

/* --- the answer ----------------------------------------------------------- */

static struct dns_record *
worst(struct dns_answer *a)
{
	struct dns_record *r = a->record;
	for (unsigned int i = 1; i < a->count; i++)
		if (a->record[i].preference > r->preference)
			r = &a->record[i];
	return r;
}

void
dns_answer_add(struct dns_answer *a, char const *text, size_t len,
    unsigned int preference)
{
	struct dns_record *r =
	    a->count < DNS_RECORDS_MAX ? &a->record[a->count++] : worst(a);
	if (!r->text || preference < r->preference)
		*r = (struct dns_record){ preference, text, len };
}

void
dns_answer_add_address(struct dns_answer *a, struct dns_addresses *t,
    int family, void const *addr)
{
	if (a->count == DNS_RECORDS_MAX)
		return;
	char *text = t->text[a->count];
	if (inet_ntop(family, addr, text, sizeof t->text[0]))
		dns_answer_add(a, text, strlen(text), 0);
}

static void
give(struct dns_answer *a, dns_then *then, void *arg)
{
	if (a->status == DNS_FAILED)
		a->secure = false;
	then(arg, a);
}

enum dns_status
dns_status_of(int ares)
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

/* --- the message ---------------------------------------------------------- */

struct message {
	unsigned char const *s;
	int len;
	int at;
};

/* A record of the answer section. */
struct record {
	char owner[DNS_NAME_MAX + 1]; /* "": longer than a host's name */
	unsigned int type;
	int start, len; /* of its data */
};

static unsigned int
number(struct message const *m, int at)
{
	return (unsigned int)m->s[at] << 8 | m->s[at + 1];
}

/* 1, or 0 when there is none. */
static int
read_name(struct message const *m, int at, char out[DNS_NAME_MAX + 1],
    int *used)
{
	char *name = NULL;
	long n = 0;
	*out = 0;
	if (at >= m->len ||
	    ares_expand_name(m->s + at, m->s, m->len, &name, &n) !=
	        ARES_SUCCESS)
		return 0;
	size_t len = strlen(name);
	if (len <= DNS_NAME_MAX)
		memcpy(out, name, len + 1);
	ares_free_string(name);
	*used = (int)n;
	return 1;
}

/* 1, or 0 when it is broken. */
static int
read_record(struct message *m, struct record *r)
{
	int used;
	if (!read_name(m, m->at, r->owner, &used) ||
	    m->len - m->at - used < RECORD_FIXED)
		return 0;
	int fixed = m->at + used;
	r->type = number(m, fixed);
	r->len = (int)number(m, fixed + 8);
	r->start = fixed + RECORD_FIXED;
	m->at = r->start + r->len;
	return m->at <= m->len;
}

/* What all types have: how it ended, whether it is signed, and where aliases
 * led, from the question's name on. M is then at the first record of COUNT. */
static int
read_head(struct message *m, bool trusted, struct dns_answer *a,
    char name[DNS_NAME_MAX + 1], unsigned int *count)
{
	int used;
	if (m->len < HEADER || number(m, 4) != 1 ||
	    !read_name(m, HEADER, name, &used) ||
	    m->len - HEADER - used < QUESTION_FIXED)
		return 0;
	unsigned int rcode = m->s[3] & RCODE;
	m->at = HEADER + used + QUESTION_FIXED;
	*count = number(m, 6);
	a->secure = trusted && (m->s[3] & FLAG_AD);
	a->status = rcode == RCODE_NXDOMAIN ? DNS_NO_NAME
	    : rcode                         ? DNS_FAILED
	    : *count                        ? DNS_FOUND
	                                    : DNS_NO_DATA;
	return 1;
}

/* Resolvers put aliases in the order in which they lead on. */
static int
follow_aliases(struct message m, unsigned int count,
    char name[DNS_NAME_MAX + 1])
{
	struct record r;
	int used;
	for (; count; count--) {
		if (!read_record(&m, &r))
			return 0;
		if (r.type == DNS_CNAME && strcasecmp(r.owner, name) == 0 &&
		    !read_name(&m, r.start, name, &used))
			return 0;
	}
	return 1;
}

/* --- records -------------------------------------------------------------- */

static int
read_a(struct dns_answer *a, struct dns_addresses *t, unsigned char const *s,
    int len)
{
	struct ares_addrttl addrs[DNS_RECORDS_MAX];
	int count = DNS_RECORDS_MAX;
	int r = ares_parse_a_reply(s, len, NULL, addrs, &count);
	for (int i = 0; r == ARES_SUCCESS && i < count; i++)
		dns_answer_add_address(a, t, AF_INET, &addrs[i].ipaddr);
	return r;
}

static int
read_aaaa(struct dns_answer *a, struct dns_addresses *t, unsigned char const *s,
    int len)
{
	struct ares_addr6ttl addrs[DNS_RECORDS_MAX];
	int count = DNS_RECORDS_MAX;
	int r = ares_parse_aaaa_reply(s, len, NULL, addrs, &count);
	for (int i = 0; r == ARES_SUCCESS && i < count; i++)
		dns_answer_add_address(a, t, AF_INET6, &addrs[i].ip6addr);
	return r;
}

static void
answer_addresses(struct dns_answer *a, enum dns_type type,
    struct message const *m, dns_then *then, void *arg)
{
	struct dns_addresses t;
	a->status =
	    dns_status_of(type == DNS_A ? read_a(a, &t, m->s, m->len)
	                                : read_aaaa(a, &t, m->s, m->len));
	give(a, then, arg);
}

static void
answer_mx(struct dns_answer *a, struct message const *m, dns_then *then,
    void *arg)
{
	struct ares_mx_reply *first = NULL;
	a->status = dns_status_of(ares_parse_mx_reply(m->s, m->len, &first));
	for (struct ares_mx_reply *mx = first; mx; mx = mx->next)
		dns_answer_add(a, mx->host, strlen(mx->host), mx->priority);
	give(a, then, arg);
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

/* COUNT texts, each with a NUL behind it. */
static void
answer_texts(struct dns_answer *a, stralloc const *all, size_t const *start,
    int count, dns_then *then, void *arg)
{
	if (count < 0)
		a->status = DNS_FAILED;
	for (int i = 0; i < count; i++)
		dns_answer_add(a, all->s + start[i],
		    start[i + 1] - start[i] - 1, 0);
	give(a, then, arg);
}

static void
answer_txt(struct dns_answer *a, struct message const *m, dns_then *then,
    void *arg)
{
	struct ares_txt_ext *first = NULL;
	size_t start[DNS_RECORDS_MAX + 1];
	stralloc all = STRALLOC_ZERO;
	a->status =
	    dns_status_of(ares_parse_txt_reply_ext(m->s, m->len, &first));
	int count = first ? join_txt(&all, first, start) : 0;
	answer_texts(a, &all, start, count, then, arg);
	ares_free_data(first);
	stralloc_free(&all);
}

/* The data of the records of a type, as they are. -1 without memory. */
static int
join_data(stralloc *all, struct message m, unsigned int records,
    enum dns_type type, size_t start[DNS_RECORDS_MAX + 1])
{
	struct record r;
	int count = 0;
	for (; records && read_record(&m, &r); records--) {
		if (r.type != type || count == DNS_RECORDS_MAX)
			continue;
		start[count++] = all->len;
		if (!stralloc_catb(all, (char const *)m.s + r.start,
		        (size_t)r.len) ||
		    !stralloc_0(all))
			return -1;
	}
	start[count] = all->len;
	return count;
}

static void
answer_data(struct dns_answer *a, enum dns_type type, struct message const *m,
    unsigned int records, dns_then *then, void *arg)
{
	size_t start[DNS_RECORDS_MAX + 1];
	stralloc all = STRALLOC_ZERO;
	int count = join_data(&all, *m, records, type, start);
	if (!count)
		a->status = DNS_NO_DATA;
	answer_texts(a, &all, start, count, then, arg);
	stralloc_free(&all);
}

/* --- all of it ------------------------------------------------------------ */

void
dns_read(char const *s, size_t len, enum dns_type type, bool trusted,
    dns_then *then, void *arg)
{
	char name[DNS_NAME_MAX + 1] = "";
	unsigned int count = 0;
	struct message m = { (unsigned char const *)s, (int)len, 0 };
	struct dns_answer a = { .status = DNS_FAILED, .name = name };
	if (!read_head(&m, trusted, &a, name, &count) ||
	    !follow_aliases(m, count, name))
		a.status = DNS_FAILED;
	if (a.status != DNS_FOUND)
		give(&a, then, arg);
	else if (type == DNS_MX)
		answer_mx(&a, &m, then, arg);
	else if (type == DNS_TXT)
		answer_txt(&a, &m, then, arg);
	else if (type == DNS_A || type == DNS_AAAA)
		answer_addresses(&a, type, &m, then, arg);
	else
		answer_data(&a, type, &m, count, then, arg);
}
