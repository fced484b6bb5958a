/* SPDX-License-Identifier: ISC */
/* Any tables and addresses: what is found is what a plain reading of the order
 * finds. */
#include "lookup.h"

#include "address.h"
#include "fuzz-maps.h"

static bool
has(struct map *map, stralloc const *key)
{
	stralloc value = STRALLOC_ZERO;
	int r = map_get(map, key->s, key->len, &value);
	must(r >= 0);
	stralloc_free(&value);
	return r;
}

/* The local part cut to N octets: an alias 'a', a mailbox 'm', neither 0. */
static char
entry(struct lookup *l, struct address a, size_t n)
{
	stralloc key = STRALLOC_ZERO;
	a.local_len = n;
	must(address_key(&a, &key));
	char kind = has(l->aliases, &key) ? 'a' : 0;
	if (!kind && has(l->mailboxes, &key))
		kind = 'm';
	stralloc_free(&key);
	return kind;
}

static char
expected(struct lookup *l, struct address const *a, size_t *cut)
{
	char kind = entry(l, *a, *cut = a->local_len);
	while (!kind && *cut > 1) {
		char c = a->local[--*cut];
		if (c && strchr(l->delimiters, c))
			kind = entry(l, *a, *cut);
	}
	return kind ? kind : entry(l, *a, *cut = 0);
}

static char
sign(struct lookup_result const *r)
{
	switch (r->kind) {
	case LOOKUP_ALIAS:
	case LOOKUP_EXPIRED:
		return 'a';
	case LOOKUP_MAILBOX:
		return 'm';
	default:
		return 0;
	}
}

static void
check_ours(struct lookup *l, struct address const *a, struct lookup_result *r)
{
	size_t cut;
	char kind = expected(l, a, &cut);
	if (r->kind == LOOKUP_FAILED || r->substitute)
		return; /* expires= is no number; postmaster */
	/* an alias that has expired may leave a mailbox */
	must(kind == sign(r) || (kind == 'a' && r->kind == LOOKUP_MAILBOX));
	must(r->kind == LOOKUP_UNKNOWN || r->key.len);
	if (r->kind == LOOKUP_UNKNOWN)
		must(!lookup_is_postmaster(a, l->delimiters));
	else if (cut)
		must(!r->delimiter == (cut == a->local_len) &&
		    (!r->delimiter ||
		        cut + 1 + r->extension.len == a->local_len));
	else
		must(*r->key.s == '@' && !r->delimiter);
}

static void
look_up(struct fuzz_tables *t, char const *recipient)
{
	struct lookup_result r = LOOKUP_RESULT_ZERO;
	struct address a;
	if (!address_parse(recipient, strlen(recipient), &a))
		return;
	lookup_address(&t->lookup, &a, &r);
	bool ours = a.domain_len == 1 && strchr("xy", a.domain[0]);
	if (r.srs == SRS_NONE && ours)
		check_ours(&t->lookup, &a, &r);
	lookup_extend(&t->lookup, &r, &a);
	must(a.local_len <= sizeof a.local);
	lookup_result_free(&r);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	fuzz_tables_run(data, size, look_up);
	return 0;
}
