/* SPDX-License-Identifier: ISC */
/* What one text file alone cannot tell. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "credentials.h"
#include "lookup.h"
#include "owner.h"
#include "path.h"
#include "unix-user.h"

/* --- one key, several lines ------------------------------------------------ */

/* The label of a password: what stands after the first tab. */
static bool
same_label(struct table const *t, struct record const *a,
    struct record const *b)
{
	struct bytes va = { table_value(t, a), a->value_len };
	struct bytes vb = { table_value(t, b), b->value_len };
	bytes_take_until(&va, '\t');
	bytes_take_until(&vb, '\t');
	struct bytes la = bytes_take_until(&va, '\t');
	struct bytes lb = bytes_take_until(&vb, '\t');
	return la.len == lb.len && memcmp(la.s, lb.s, la.len) == 0;
}

static void
report_duplicate(struct tables *t, enum table_id id, struct record const *first,
    struct record *again)
{
	char why[120];
	bool same = table_same_value(&t->table[id], first, again);
	again->repeated = same;
	snprintf(why, sizeof why,
	    same ? "stands in line %u already, with the same meaning"
	        : id == TABLE_PASSWORDS
	        ? "has a password of this label in line %u: remove one, or "
	          "give each a label=NAME"
	        : "stands in line %u already, with another meaning: remove "
	          "one of the two",
	    first->line);
	tables_report_record(t, same ? WARNING : ERROR, id, again, why);
}

/* A login may have several passwords, told apart by their labels. */
static void
check_duplicates(struct tables *t, enum table_id id)
{
	struct table *table = &t->table[id];
	for (size_t i = 1, group = 0; i < table_count(table); i++) {
		struct record *r = table_at(table, i);
		if (!table_same_key(table, table_at(table, group), r)) {
			group = i;
			continue;
		}
		size_t k = group;
		while (id == TABLE_PASSWORDS && k < i &&
		    !same_label(table, table_at(table, k), r))
			k++;
		if (k < i)
			report_duplicate(t, id, table_at(table, k), r);
	}
}

/* --- addresses ------------------------------------------------------------- */

static struct bytes
domain_of(struct bytes address)
{
	char const *at = memrchr(address.s, '@', address.len);
	size_t skip = at ? (size_t)(at - address.s) + 1 : 0;
	return (struct bytes){ address.s + skip, address.len - skip };
}

static bool
is_ours(struct tables const *t, struct bytes address)
{
	struct bytes domain = domain_of(address);
	return table_find(&t->table[TABLE_DOMAINS], domain.s, domain.len);
}

static void
check_domain(struct tables *t, enum table_id id, struct record const *r)
{
	struct bytes key = { table_key(&t->table[id], r), r->key_len };
	if (!is_ours(t, key))
		tables_report_record(t, ERROR, id, r,
		    "is of a domain that is not ours: add it to the file "
		    "domains");
}

/* A target in the words of a key: unquoted, lower case. Whether it is alias R
 * itself. */
static bool
check_target(struct tables *t, struct record const *r, struct bytes target)
{
	struct table const *table = &t->table[TABLE_ALIASES];
	stralloc key = STRALLOC_ZERO;
	struct address a;
	bool itself = false;
	if (address_parse(target.s, target.len, &a) && address_key(&a, &key)) {
		itself = key.len == r->key_len &&
		    memcmp(key.s, table_key(table, r), key.len) == 0;
		if (is_ours(t, (struct bytes){ key.s, key.len }) &&
		    !tables_resolve(t, key.s, key.len) &&
		    !lookup_is_postmaster(&a, ""))
			tables_report(t, WARNING, TABLE_ALIASES, r->line, key.s,
			    key.len, "leads nowhere: there is no such address",
			    NULL);
	}
	stralloc_free(&key);
	return itself;
}

static void
check_alias(struct tables *t, struct record const *r)
{
	struct table const *table = &t->table[TABLE_ALIASES];
	struct bytes value = { table_value(table, r), r->value_len };
	struct bytes targets = bytes_take_until(&value, '\t');
	bool keeps = false;
	while (targets.len)
		keeps |= check_target(t, r, bytes_take_until(&targets, '\n'));
	if (!keeps &&
	    table_find(&t->table[TABLE_MAILBOXES], table_key(table, r),
	        r->key_len))
		tables_report_record(t, WARNING, TABLE_ALIASES, r,
		    "is a mailbox too, which gets no mail by this alias: to "
		    "keep a copy, name the address among the targets");
	if (check_alias_is_circle(t, r))
		tables_report_record(t, WARNING, TABLE_ALIASES, r,
		    "leads only back to itself: mail to it is refused");
}

static void
check_sender(struct tables *t, struct record const *r)
{
	struct table const *table = &t->table[TABLE_SENDERS];
	struct bytes logins = { table_value(table, r), r->value_len };
	while (logins.len) {
		struct bytes login = bytes_take_until(&logins, '\n');
		if (!table_find(&t->table[TABLE_PASSWORDS], login.s,
		        login.len) &&
		    !unix_user_exists(login.s, login.len))
			tables_report(t, WARNING, TABLE_SENDERS, r->line,
			    login.s, login.len,
			    "is no login: it stands in no line of passwords",
			    NULL);
	}
}

static void
check_addresses(struct tables *t, enum table_id id,
    void (*check)(struct tables *, struct record const *))
{
	struct table const *table = &t->table[id];
	for (size_t i = 0; i < table_count(table); i++) {
		struct record const *r = table_at(table, i);
		if (r->repeated)
			continue;
		if (id == TABLE_MAILBOXES || id == TABLE_ALIASES)
			check_domain(t, id, r);
		if (check)
			check(t, r);
	}
}

/* --- postmaster and abuse --------------------------------------------------- */

/* Whether ADDRESS is somebody, here or elsewhere. */
static bool
leads_somewhere(struct tables const *t, struct address const *a, bool elsewhere)
{
	stralloc key = STRALLOC_ZERO;
	bool leads = address_key(a, &key) &&
	    (is_ours(t, (struct bytes){ key.s, key.len })
	            ? tables_resolve(t, key.s, key.len)
	            : elsewhere);
	stralloc_free(&key);
	return leads;
}

static bool
parse_name_at(char const *name, char const *domain, size_t len,
    struct address *a)
{
	char text[ADDRESS_MAX];
	int n = snprintf(text, sizeof text, "%s@%.*s", name, (int)len, domain);
	return n > 0 && (size_t)n < sizeof text &&
	    address_parse(text, (size_t)n, a);
}

/* Whether somebody gets what has no entry of its own. */
static bool
has_postmaster(struct tables *t, struct settings const *s)
{
	static char const name[] = "postmaster_address";
	struct address a;
	size_t len = strlen(s->postmaster_address);
	if (!len)
		return parse_name_at("postmaster", s->myhostname,
		           strlen(s->myhostname), &a) &&
		    leads_somewhere(t, &a, false);
	bool good = address_parse(s->postmaster_address, len, &a);
	if (!good)
		tables_report_record(t, ERROR, TABLE_SETTINGS,
		    table_find(&t->table[TABLE_SETTINGS], name, strlen(name)),
		    "is not a mail address: write it in full");
	return good && leads_somewhere(t, &a, true);
}

static bool
has_name(struct tables *t, struct record const *r, char const *name)
{
	char const *domain = table_key(&t->table[TABLE_DOMAINS], r);
	struct address a;
	return !parse_name_at(name, domain, r->key_len, &a) ||
	    leads_somewhere(t, &a, true);
}

static void
check_domain_postmaster(struct tables *t, struct record const *r)
{
	bool postmaster = has_name(t, r, "postmaster");
	bool abuse = has_name(t, r, "abuse");
	char why[240];
	if (postmaster && abuse)
		return;
	snprintf(why, sizeof why,
	    "has %s, which every domain must have: mail to %s is kept in "
	    "the mailbox " LOOKUP_POSTMASTER " below virtual_mailbox_base; "
	    "name somebody in postmaster_address, or add an alias",
	    postmaster  ? "no abuse"
	        : abuse ? "no postmaster"
	                : "neither postmaster nor abuse",
	    postmaster || abuse ? "it" : "both");
	tables_report_record(t, WARNING, TABLE_DOMAINS, r, why);
}

/* RFC 5321 4.5.1, RFC 2142. */
static int
check_postmasters(struct tables *t)
{
	struct settings s;
	if (!tables_settings(t, &s))
		return 0;
	if (!has_postmaster(t, &s))
		check_addresses(t, TABLE_DOMAINS, check_domain_postmaster);
	return 1;
}

/* --- keys and certificates -------------------------------------------------- */

/* NAME below BESACE_ETC unless it is absolute, NUL-terminated. */
static int
file_path(struct bytes name, stralloc *path)
{
	int ok = 1;
	path->len = 0;
	if (!name.len || name.s[0] != '/')
		ok = stralloc_cats(path, path_etc()) &&
		    stralloc_append(path, '/');
	return ok && stralloc_catb(path, name.s, name.len) && stralloc_0(path);
}

static void
report_file(struct tables *t, enum severity severity, enum table_id id,
    struct record const *r, stralloc const *path, char const *why)
{
	tables_report(t, severity, id, r->line, path->s, path->len - 1, why,
	    NULL);
}

/* Programs that systemd starts are the mail's owner from the first: what only
 * root can read would fail there. Whoever is not root sees by reading. */
/* MODE: S_IROTH, or S_IXOTH for a directory. */
static bool
owner_may(struct tables const *t, char const *path, mode_t mode)
{
	struct stat st;
	if (geteuid() != 0 || !t->uid || stat(path, &st) < 0)
		return true;
	if (st.st_uid == t->uid)
		return st.st_mode & (mode << 6);
	if (st.st_gid == t->gid)
		return st.st_mode & (mode << 3);
	return st.st_mode & mode;
}

/* Every directory above PATH; those above our own are not looked at, as without
 * them nothing works. */
static bool
owner_can_reach(struct tables const *t, stralloc const *path)
{
	stralloc above = STRALLOC_ZERO;
	char const *etc = path_etc();
	bool can = true;
	for (size_t i = 1; can && i + 1 < path->len; i++) {
		if (path->s[i] != '/' ||
		    (strncmp(path->s, etc, i) == 0 &&
		        (!etc[i] || etc[i] == '/')))
			continue;
		above.len = 0;
		can = !stralloc_catb(&above, path->s, i) ||
		    !stralloc_0(&above) || owner_may(t, above.s, S_IXOTH);
	}
	stralloc_free(&above);
	return can;
}

static void
check_secret(struct tables *t, enum table_id id, struct record const *r,
    stralloc const *path)
{
	if (!owner_can_reach(t, path))
		report_file(t, WARNING, id, r, path,
		    "is in a directory that the mail's owner may not enter: "
		    "copy it to another, or let him in");
	else if (!owner_may(t, path->s, S_IROTH))
		report_file(t, WARNING, id, r, path,
		    "cannot be read by the mail's owner: give it his group "
		    "(virtual_gid_maps) and mode 0640");
}

static int
check_signing(struct tables *t, struct record const *r)
{
	struct table const *table = &t->table[TABLE_DKIM_SIGNING];
	if (!table_find(&t->table[TABLE_DKIM_KEYS], table_value(table, r),
	        r->value_len))
		tables_report(t, ERROR, TABLE_DKIM_SIGNING, r->line,
		    table_value(table, r), r->value_len,
		    "is no key: it stands in no line of dkim-keys", NULL);
	return 1;
}

static int
check_dkim_key(struct tables *t, struct record const *r)
{
	struct bytes value = { table_value(&t->table[TABLE_DKIM_KEYS], r),
		r->value_len };
	stralloc path = STRALLOC_ZERO;
	bytes_take_until(&value, '\t');
	bytes_take_until(&value, '\t');
	int ok = file_path(value, &path);
	char const *why = ok ? credentials_check_dkim(path.s) : NULL;
	if (why)
		report_file(t, ERROR, TABLE_DKIM_KEYS, r, &path, why);
	else if (ok)
		check_secret(t, TABLE_DKIM_KEYS, r, &path);
	stralloc_free(&path);
	return ok;
}

static int
check_certificate(struct tables *t, struct record const *r)
{
	struct bytes key = { table_value(&t->table[TABLE_CERTIFICATES], r),
		r->value_len };
	struct bytes chain = bytes_take_until(&key, '\t');
	stralloc chain_path = STRALLOC_ZERO, key_path = STRALLOC_ZERO;
	int ok = file_path(chain, &chain_path) && file_path(key, &key_path);
	struct credentials_fault fault = { NULL, false, false };
	if (ok)
		fault = credentials_check_pair(chain_path.s, key_path.s);
	if (fault.why)
		report_file(t, fault.warning ? WARNING : ERROR,
		    TABLE_CERTIFICATES, r, fault.key ? &key_path : &chain_path,
		    fault.why);
	else if (ok)
		check_secret(t, TABLE_CERTIFICATES, r, &key_path);
	stralloc_free(&chain_path);
	stralloc_free(&key_path);
	return ok;
}

/* -------------------------------------------------------------------------- */

static int
check_owner(struct tables *t)
{
	struct settings s;
	if (!tables_settings(t, &s))
		return 0;
	if (!owner_ids(&s, &t->uid, &t->gid))
		tables_report(t, WARNING, TABLE_SETTINGS, 0, NULL, 0,
		    "virtual_uid_maps or virtual_gid_maps cannot be used: no "
		    "mail will be delivered by root",
		    NULL);
	return 1;
}

static int
check_each(struct tables *t, enum table_id id,
    int (*check)(struct tables *, struct record const *))
{
	for (size_t i = 0; i < table_count(&t->table[id]); i++)
		if (!check(t, table_at(&t->table[id], i)))
			return 0;
	return 1;
}

int
tables_check(struct tables *t)
{
	for (enum table_id id = 0; id < TABLES; id++)
		check_duplicates(t, id);
	check_addresses(t, TABLE_MAILBOXES, NULL);
	check_addresses(t, TABLE_ALIASES, check_alias);
	check_addresses(t, TABLE_SENDERS, check_sender);
	return check_postmasters(t) && check_owner(t) && check_programs(t) &&
	    check_each(t, TABLE_DKIM_KEYS, check_dkim_key) &&
	    check_each(t, TABLE_DKIM_SIGNING, check_signing) &&
	    check_each(t, TABLE_CERTIFICATES, check_certificate) &&
	    check_routes(t);
}
