/* SPDX-License-Identifier: ISC */
#include "owners.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "map.h"

enum { ALIAS_DEPTH = 20 };

struct search {
	struct lookup *lookup;
	struct map *senders;
	struct owners *owners;
	struct lookup_result result;
	stralloc key;
	stralloc value;
};

/* -1 failed, 0 nothing, 1 something was added. */
static int
add_login(struct search *s, char const *login, size_t len)
{
	stralloc *logins = &s->owners->logins;
	return stralloc_catb(logins, login, len) &&
	        stralloc_append(logins, '\n')
	    ? 1
	    : -1;
}

/* What SENDERS has for KEY. */
static int
add_senders(struct search *s, stralloc const *key)
{
	int found =
	    s->senders ? map_get(s->senders, key->s, key->len, &s->value) : 0;
	if (found < 0)
		log_error("look up", "the table of senders", errno);
	if (found <= 0)
		return found;
	return add_login(s, s->value.s, s->value.len);
}

static int
add_domain(struct search *s, struct address const *a)
{
	struct address domain = *a;
	domain.local_len = 0;
	s->key.len = 0;
	return address_key(&domain, &s->key) ? add_senders(s, &s->key) : -1;
}

/* The entry that matched has another name: an extension was cut off, or it is
 * the catch-all. */
static int
add_entry(struct search *s)
{
	stralloc const *entry = &s->result.key;
	if (entry->len == s->key.len &&
	    memcmp(entry->s, s->key.s, entry->len) == 0)
		return 0; /* had already */
	return add_senders(s, entry);
}

/* A catch-all mailbox has no login of its name. */
static int
mailbox_owners(struct search *s)
{
	stralloc const *entry = &s->result.key;
	if (add_entry(s) < 0)
		return -1;
	return *entry->s == '@' ? 0 : add_login(s, entry->s, entry->len);
}

/* An alias for one address: 1 and *A, else 0. */
static bool
only_target(stralloc const *targets, struct address *a)
{
	return !memchr(targets->s, '\n', targets->len) &&
	    address_parse(targets->s, targets->len, a);
}

/* One address. 1: *A is what it leads to; 0: that was all; -1 failed. */
static int
step(struct search *s, struct address *a)
{
	s->key.len = 0;
	int found = address_key(a, &s->key) ? add_senders(s, &s->key) : -1;
	if (found < 0)
		return -1;
	switch (lookup_address(s->lookup, a, &s->result)) {
	case LOOKUP_MAILBOX:
		return mailbox_owners(s) < 0 ? -1 : 0;
	case LOOKUP_ALIAS:
		if (s->result.path.len && !s->result.substitute)
			/* the owner sends mail on */
			return mailbox_owners(s) < 0 ? -1 : 0;
		if (!found)
			found = add_entry(s);
		return found ? (found < 0 ? -1 : 0)
		             : only_target(&s->result.targets, a);
	case LOOKUP_REMOTE:
	case LOOKUP_UNKNOWN:
	case LOOKUP_EXPIRED:
		return !found && add_domain(s, a) < 0 ? -1 : 0;
	case LOOKUP_RETURN: /* nobody's: mail that we sent on, come back */
		return 0;
	case LOOKUP_FAILED:
		break;
	}
	return -1;
}

int
owners_find(struct lookup *lookup, struct map *senders, struct address const *a,
    struct owners *o)
{
	struct search s = { .lookup = lookup, .senders = senders, .owners = o };
	struct address at = *a;
	o->logins.len = 0;
	int r = step(&s, &at);
	o->kind =
	    s.result.kind == LOOKUP_EXPIRED ? LOOKUP_UNKNOWN : s.result.kind;
	for (unsigned int depth = 1; r > 0 && depth < ALIAS_DEPTH; depth++)
		r = step(&s, &at);
	lookup_result_free(&s.result);
	stralloc_free(&s.key);
	stralloc_free(&s.value);
	return r >= 0;
}

bool
owners_have(struct owners const *o, stralloc const *login)
{
	if (!o->logins.len)
		return false;
	char const *p = o->logins.s;
	char const *end = p + o->logins.len;
	while (p < end) {
		char const *lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf)
			return false;
		if ((size_t)(lf - p) == login->len &&
		    memcmp(p, login->s, login->len) == 0)
			return true;
		p = lf + 1;
	}
	return false;
}
