/* SPDX-License-Identifier: ISC */
#include "lookup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bytes.h"
#include "log.h"
#include "map.h"
#include "srs-kept.h"
#include "srs-secrets.h"
#include "words.h"

int
lookup_open(struct lookup *l, struct settings const *settings)
{
	l->delimiters = settings->recipient_delimiter;
	l->postmaster = settings->postmaster_address;
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

/* 1, or 0 when it is no number that we wrote. */
static int
parse_seconds(struct bytes number, int64_t *seconds)
{
	*seconds = 0;
	for (size_t i = 0; i < number.len && i < 18; i++) {
		if (number.s[i] < '0' || number.s[i] > '9')
			return 0;
		*seconds = 10 * *seconds + (number.s[i] - '0');
	}
	return number.len && number.len < 18;
}

/* The value of an alias: targets, TAB, options. One that has expired is none;
 * it hides the catch-all, or that would bring it back. */
static enum lookup_kind
split_alias(struct lookup_result *r)
{
	static char const expires[] = "expires=";
	size_t skip = sizeof expires - 1;
	struct bytes rest = { r->targets.s, r->targets.len };
	r->targets.len = bytes_take_until(&rest, '\t').len;
	while (rest.len) {
		struct bytes option = bytes_take_until(&rest, '\t');
		if (option.len < skip || memcmp(option.s, expires, skip) != 0)
			continue;
		option.s += skip;
		option.len -= skip;
		errno = EPROTO;
		if (!parse_seconds(option, &r->expires))
			return failed("aliases.cdb");
	}
	return r->expires && r->expires <= time(NULL) ? LOOKUP_EXPIRED
	                                              : LOOKUP_ALIAS;
}

static enum lookup_kind
try_alias(struct lookup *l, struct lookup_result *r)
{
	int found = map_get(l->aliases, r->key.s, r->key.len, &r->targets);
	r->expires = 0;
	return found < 0 ? failed("aliases.cdb")
	    : found      ? split_alias(r)
	                 : LOOKUP_UNKNOWN;
}

/* The key in r->key. An alias comes first, so that a mailbox may keep a copy of
 * what it sends on; r->path then has the mailbox. */
static enum lookup_kind
try_key(struct lookup *l, struct lookup_result *r)
{
	enum lookup_kind kind = try_alias(l, r);
	if (kind == LOOKUP_FAILED)
		return kind;
	int mailbox = map_get(l->mailboxes, r->key.s, r->key.len, &r->path);
	if (mailbox < 0)
		return failed("mailboxes.cdb");
	if (mailbox)
		split_mailbox(l, r);
	else
		r->path.len = 0;
	return mailbox && kind != LOOKUP_ALIAS ? LOOKUP_MAILBOX : kind;
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

/* What the tables say. */
static enum lookup_kind
try_entries(struct lookup *l, struct address const *a, struct lookup_result *r)
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

/* Of this host's own name, which need not be one of our domains. */
static bool
is_here(struct lookup const *l, struct address const *a)
{
	struct address here = { 0 };
	lookup_complete(l, &here);
	return here.domain_len == a->domain_len &&
	    memcmp(here.domain, a->domain, a->domain_len) == 0;
}

/* --- postmaster and abuse ------------------------------------------------ */

bool
lookup_is_postmaster(struct address const *a, char const *delimiters)
{
	static char const *const names[] = { "postmaster", "abuse" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t len = strlen(names[i]);
		if (a->local_len >= len &&
		    strncasecmp(names[i], a->local, len) == 0 &&
		    (a->local_len == len ||
		        (a->local[len] && strchr(delimiters, a->local[len]))))
			return true;
	}
	return false;
}

static void
find_postmaster(struct lookup const *l, struct address *p)
{
	static char const name[] = "postmaster";
	if (l->postmaster && *l->postmaster &&
	    address_parse(l->postmaster, strlen(l->postmaster), p))
		return;
	*p = (struct address){ .local_len = sizeof name - 1 };
	memcpy(p->local, name, p->local_len);
	lookup_complete(l, p);
}

static bool
is_nobody(enum lookup_kind kind)
{
	return kind == LOOKUP_UNKNOWN || kind == LOOKUP_EXPIRED;
}

/* An alias for *P, who may be one for A in turn: the mailbox of A's name stands
 * behind that. When P is nobody, it is the mailbox. */
static enum lookup_kind
substitute(struct lookup *l, struct address const *a, struct address const *p,
    enum lookup_kind kind_of_p, struct lookup_result *r)
{
	r->key.len = r->extension.len = r->targets.len = 0;
	r->delimiter = 0;
	r->substitute = true;
	r->expires = 0;
	r->quota = quota_limit_of("", 0, l->mailbox_limit);
	if (!address_key(a, &r->key) ||
	    !stralloc_copys(&r->path, LOOKUP_POSTMASTER) ||
	    !address_format(p, &r->targets))
		return failed("memory");
	return is_nobody(kind_of_p) ? LOOKUP_MAILBOX : LOOKUP_ALIAS;
}

static bool
same_address(struct address const *a, struct address const *b)
{
	return a->local_len == b->local_len && a->domain_len == b->domain_len &&
	    strncasecmp(a->local, b->local, a->local_len) == 0 &&
	    memcmp(a->domain, b->domain, a->domain_len) == 0;
}

/* RFC 5321 4.5.1, RFC 2142: these always answer. */
static enum lookup_kind
look_up_postmaster(struct lookup *l, struct address const *a,
    struct lookup_result *r)
{
	struct address p;
	enum lookup_kind kind = LOOKUP_UNKNOWN;
	find_postmaster(l, &p);
	if (!same_address(a, &p))
		kind = try_entries(l, &p, r);
	if (kind == LOOKUP_REMOTE && is_here(l, &p))
		kind = LOOKUP_UNKNOWN;
	return kind == LOOKUP_FAILED ? kind : substitute(l, a, &p, kind, r);
}

/* The catch-all is for A what it leads to: then there is no entry. */
static bool
leads_to_itself(struct lookup_result const *r, struct address const *a)
{
	struct bytes rest = { r->targets.s, r->targets.len };
	struct address target;
	if (r->kind != LOOKUP_ALIAS || *r->key.s != '@')
		return false;
	while (rest.len) {
		struct bytes line = bytes_take_until(&rest, '\n');
		if (address_parse(line.s, line.len, &target) &&
		    same_address(&target, a))
			return true;
	}
	return false;
}

static enum lookup_kind
look_up(struct lookup *l, struct address const *a, struct lookup_result *r)
{
	r->kind = try_entries(l, a, r);
	if (!lookup_is_postmaster(a, l->delimiters))
		return r->kind;
	if (is_nobody(r->kind) || leads_to_itself(r, a) ||
	    (r->kind == LOOKUP_REMOTE && is_here(l, a)))
		return look_up_postmaster(l, a, r);
	return r->kind;
}

/* -------------------------------------------------------------------------- */

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
	r->srs = srs_bring_back(&l->srs, a, &to);
	if (r->srs == SRS_NONE)
		return LOOKUP_REMOTE;
	if (r->srs == SRS_FAILED)
		return LOOKUP_FAILED;
	if (!address_key(a, &r->key) ||
	    (r->srs == SRS_OK && !address_format(&to, &r->targets)))
		return failed("memory");
	return r->srs == SRS_OK ? LOOKUP_RETURN : LOOKUP_UNKNOWN;
}

/* What is not found is refused for good: not by a map that has changed. */
static enum lookup_kind
verify(struct lookup *l, enum lookup_kind kind)
{
	if (kind != LOOKUP_UNKNOWN && kind != LOOKUP_REMOTE)
		return kind;
	if (!map_verify(l->domains))
		return failed("domains.cdb");
	if (kind == LOOKUP_REMOTE)
		return kind;
	return !map_verify(l->mailboxes) ? failed("mailboxes.cdb")
	    : !map_verify(l->aliases)    ? failed("aliases.cdb")
	                                 : kind;
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
	r->substitute = false;
	r->expires = 0;
	r->kind = srs_is(&a) ? look_up_return(l, &a, r) : LOOKUP_REMOTE;
	if (r->kind == LOOKUP_REMOTE)
		r->kind = verify(l, look_up(l, &a, r));
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
