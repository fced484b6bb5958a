/* SPDX-License-Identifier: ISC */
#include "lookup.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "log.h"
#include "map.h"
#include "srs-secrets.h"
#include "words.h"

int
lookup_open(struct lookup *l, struct settings const *settings)
{
	l->delimiters = settings->recipient_delimiter;
	l->mailbox_limit = settings->virtual_mailbox_limit;
	l->hostname = settings->myhostname;
	l->propagate =
	    words_have(settings->propagate_unmatched_extensions, "virtual");
	l->settings = settings;
	l->srs_open = false;
	l->domains = map_open_logged("domains");
	l->mailboxes = map_open_logged("mailboxes");
	l->aliases = map_open_logged("aliases");
	return l->domains && l->mailboxes && l->aliases;
}

void
lookup_close(struct lookup *l)
{
	map_close(l->domains);
	map_close(l->mailboxes);
	map_close(l->aliases);
	l->domains = l->mailboxes = l->aliases = NULL;
}

static enum lookup_kind
failed(char const *map)
{
	log_error("look up", map, errno ? errno : EPROTO);
	return LOOKUP_FAILED;
}

/* The value of a mailbox: PATH, or PATH TAB options. */
static void
split_mailbox(struct lookup const *l, struct lookup_result *r)
{
	struct bytes rest = { r->path.s, r->path.len };
	r->path.len = bytes_take_until(&rest, '\t').len;
	r->quota = quota_limit_of(rest.s, rest.len, l->mailbox_limit);
}

/* The key in r->key. An alias comes first, so that a mailbox may keep a copy of
 * what it sends on; r->path then has the mailbox. */
static enum lookup_kind
try_key(struct lookup *l, struct lookup_result *r)
{
	int alias = map_get(l->aliases, r->key.s, r->key.len, &r->targets);
	if (alias < 0)
		return failed("aliases.cdb");
	int mailbox = map_get(l->mailboxes, r->key.s, r->key.len, &r->path);
	if (mailbox < 0)
		return failed("mailboxes.cdb");
	if (mailbox)
		split_mailbox(l, r);
	else
		r->path.len = 0;
	return alias ? LOOKUP_ALIAS : mailbox ? LOOKUP_MAILBOX : LOOKUP_UNKNOWN;
}

/* The local part cut to its first N octets. */
static enum lookup_kind
try_cut(struct lookup *l, struct address const *a, size_t n,
    struct lookup_result *r)
{
	struct address cut = *a;
	cut.local_len = n;
	r->key.len = r->extension.len = 0;
	r->delimiter = 0;
	if (n < a->local_len) {
		r->delimiter = a->local[n];
		if (!stralloc_catb(&r->extension, a->local + n + 1,
		        a->local_len - n - 1))
			return failed("memory");
	}
	return address_key(&cut, &r->key) ? try_key(l, r) : failed("memory");
}

/* An extension has something before it. */
static bool
is_delimiter(struct lookup const *l, struct address const *a, size_t i)
{
	return i > 0 && a->local[i] && strchr(l->delimiters, a->local[i]);
}

static enum lookup_kind
try_extensions(struct lookup *l, struct address const *a,
    struct lookup_result *r)
{
	for (size_t n = a->local_len; n-- > 0;) {
		if (!is_delimiter(l, a, n))
			continue;
		enum lookup_kind kind = try_cut(l, a, n, r);
		if (kind != LOOKUP_UNKNOWN)
			return kind;
	}
	return LOOKUP_UNKNOWN;
}

/* "@domain": what the address has no entry of its own for. */
static enum lookup_kind
try_catch_all(struct lookup *l, struct address const *a,
    struct lookup_result *r)
{
	struct address domain = *a;
	domain.local_len = 0;
	r->key.len = r->extension.len = 0;
	r->delimiter = 0;
	return address_key(&domain, &r->key) ? try_key(l, r) : failed("memory");
}

static enum lookup_kind
look_up(struct lookup *l, struct address const *a, struct lookup_result *r)
{
	int ours = map_get(l->domains, a->domain, a->domain_len, &r->targets);
	if (ours <= 0)
		return ours < 0 ? failed("domains.cdb") : LOOKUP_REMOTE;
	enum lookup_kind kind = try_cut(l, a, a->local_len, r);
	if (kind == LOOKUP_UNKNOWN)
		kind = try_extensions(l, a, r);
	if (kind == LOOKUP_UNKNOWN)
		kind = try_catch_all(l, a, r);
	return kind;
}

/* A bounce to a reverse-path that an alias was sent on with. LOOKUP_REMOTE when
 * it is somebody else's. */
static enum lookup_kind
look_up_return(struct lookup *l, struct address const *a,
    struct lookup_result *r)
{
	struct address to;
	l->srs_open = l->srs_open || srs_open(&l->srs, l->settings);
	if (!l->srs_open)
		return LOOKUP_FAILED;
	r->srs = srs_return(&l->srs, a, &to);
	if (r->srs == SRS_NONE)
		return LOOKUP_REMOTE;
	if (!address_key(a, &r->key) ||
	    (r->srs == SRS_OK && !address_format(&to, &r->targets)))
		return failed("memory");
	return r->srs == SRS_OK ? LOOKUP_RETURN : LOOKUP_UNKNOWN;
}

void
lookup_complete(struct lookup const *l, struct address *a)
{
	if (a->domain_len)
		return;
	a->domain_len = strnlen(l->hostname, sizeof a->domain);
	memcpy(a->domain, l->hostname, a->domain_len);
	for (size_t i = 0; i < a->domain_len; i++)
		if (a->domain[i] >= 'A' && a->domain[i] <= 'Z')
			a->domain[i] = (char)(a->domain[i] - 'A' + 'a');
}

enum lookup_kind
lookup_address(struct lookup *l, struct address const *given,
    struct lookup_result *r)
{
	struct address a = *given;
	r->key.len = r->extension.len = r->path.len = r->targets.len = 0;
	r->delimiter = 0;
	if (!l->domains || !l->mailboxes || !l->aliases)
		return r->kind = LOOKUP_FAILED; /* logged by lookup_open */
	lookup_complete(l, &a);
	r->srs = SRS_NONE;
	r->kind = srs_is(&a) ? look_up_return(l, &a, r) : LOOKUP_REMOTE;
	if (r->kind == LOOKUP_REMOTE)
		r->kind = look_up(l, &a, r);
	if (r->kind != LOOKUP_MAILBOX && r->kind != LOOKUP_ALIAS)
		r->path.len = 0;
	if (r->kind != LOOKUP_ALIAS && r->kind != LOOKUP_RETURN)
		r->targets.len = 0;
	return r->kind;
}

/* Whether TARGET has an extension of its own, as far as can be told. */
static bool
has_extension(struct lookup *l, struct address const *target)
{
	struct lookup_result found = LOOKUP_RESULT_ZERO;
	size_t i = 0;
	while (i < target->local_len && !is_delimiter(l, target, i))
		i++;
	bool has = i < target->local_len;
	if (has) {
		lookup_address(l, target, &found);
		has = !(found.kind == LOOKUP_MAILBOX ||
		          found.kind == LOOKUP_ALIAS) ||
		    found.delimiter || *found.key.s == '@';
	}
	lookup_result_free(&found);
	return has;
}

void
lookup_extend(struct lookup *l, struct lookup_result const *alias,
    struct address *target)
{
	stralloc const *extension = &alias->extension;
	size_t room = sizeof target->local - target->local_len;
	if (!l->propagate || !extension->len || extension->len >= room ||
	    has_extension(l, target))
		return;
	char *end = target->local + target->local_len;
	*end = alias->delimiter;
	memcpy(end + 1, extension->s, extension->len);
	target->local_len += 1 + extension->len;
	for (size_t i = 0; i < extension->len; i++)
		if ((unsigned char)extension->s[i] > 0x7f)
			target->utf8 = true;
}

void
lookup_result_free(struct lookup_result *r)
{
	stralloc_free(&r->key);
	stralloc_free(&r->extension);
	stralloc_free(&r->path);
	stralloc_free(&r->targets);
}
