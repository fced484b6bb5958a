/* SPDX-License-Identifier: ISC */
/* Postfix's lookup tables in their text form, postmap(1): "key value". */
#include "entry.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "expiry.h"
#include "quota.h"
#include "text.h"

/* "user@domain" or "@domain". 1; 0 when it is neither; -1 out of memory. */
static int
append_key(struct bytes key, stralloc *sa)
{
	struct address a;
	struct bytes domain = { key.s + 1, key.len - 1 };
	sa->len = 0;
	if (key.s[0] == '@')
		return !bytes_are_domain(domain) ? 0
		    : bytes_fold_domain(sa, key) ? 1
		                                 : -1;
	return !address_parse(key.s, key.len, &a) ? 0
	    : address_key(&a, sa)                 ? 1
	                                          : -1;
}

static enum entry_result
address_as_key(struct bytes key, struct entry *e)
{
	if (!memchr(key.s, '@', key.len))
		return entry_wrong(e, "has no @domain: write the full address",
		    key);
	int r = append_key(key, &e->key);
	if (r == 0)
		return entry_wrong(e, "is not a mail address", key);
	return r < 0 ? ENTRY_MEMORY : ENTRY_GOOD;
}

enum entry_result
entry_domain(char const *s, size_t len, struct entry *e)
{
	struct bytes rest = { s, len };
	struct bytes name = bytes_take_word(&rest);
	e->key.len = 0;
	if (!bytes_are_domain(name))
		return entry_wrong(e, "is not a domain name", name);
	if (bytes_have_control(rest))
		return entry_wrong(e, "a control character is in the options",
		    name);
	return bytes_fold_domain(&e->key, name) &&
	        stralloc_copyb(&e->value, rest.s, rest.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

/* A path below virtual_mailbox_base: no way out of it, no empty step. Postfix
 * puts the base before whatever it finds and marks a Maildir by a slash at the
 * end, so slashes at both ends mean nothing here. */
static bool
clean_path(struct bytes *path)
{
	while (path->len && path->s[0] == '/') {
		path->s++;
		path->len--;
	}
	while (path->len && path->s[path->len - 1] == '/')
		path->len--;
	size_t step = 0;
	for (size_t i = 0; i <= path->len; i++) {
		if (i < path->len && path->s[i] != '/') {
			step++;
			continue;
		}
		char const *start = path->s + i - step;
		if (step == 0 || (step == 1 && start[0] == '.') ||
		    (step == 2 && memcmp(start, "..", 2) == 0))
			return false;
		step = 0;
	}
	return !bytes_have_control(*path);
}

/* "quota=5G,10000"; the map has plain numbers, the second only if there is a
 * limit. */
static enum entry_result
mailbox_option(struct bytes option, struct entry *e)
{
	struct quota_limit limit;
	char text[QUOTA_TEXT];
	if (option.len < 6 || memcmp(option.s, "quota=", 6) != 0)
		return entry_wrong(e,
		    "is not a mailbox option: quota=SIZE or quota=SIZE,COUNT "
		    "is",
		    option);
	if (!quota_limit_parse(option.s + 6, option.len - 6, &limit))
		return entry_wrong(e,
		    "is not a limit: a size is a number with k, M, G or "
		    "nothing, a count of messages may follow a comma",
		    option);
	size_t n = quota_option_format(&limit, text);
	return stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, text, n)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

/* DOMAIN/USER, where the line does not say otherwise. */
static enum entry_result
default_path(struct bytes key, struct entry *e)
{
	char const *at = memrchr(e->key.s, '@', e->key.len);
	size_t local = (size_t)(at - e->key.s);
	struct bytes path = { e->key.s, local };
	if (!clean_path(&path) || path.len != local ||
	    memchr(path.s, '/', path.len))
		return entry_wrong(e,
		    "cannot be the name of a directory: write \"ADDRESS "
		    "DOMAIN/USER/\"",
		    key);
	return stralloc_copyb(&e->value, at + 1, e->key.len - local - 1) &&
	        stralloc_append(&e->value, '/') &&
	        stralloc_catb(&e->value, path.s, path.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

static enum entry_result
given_path(struct bytes path, struct entry *e)
{
	struct bytes given = path;
	if (!clean_path(&path))
		return entry_wrong(e,
		    "is not a path below virtual_mailbox_base (no empty, . or "
		    ".. part)",
		    given);
	return stralloc_copyb(&e->value, path.s, path.len) ? ENTRY_GOOD
	                                                   : ENTRY_MEMORY;
}

enum entry_result
entry_mailbox(char const *s, size_t len, struct entry *e)
{
	struct bytes rest = { s, len };
	struct bytes key = bytes_take_word(&rest);
	enum entry_result r = address_as_key(key, e);
	if (r != ENTRY_GOOD)
		return r;
	bool has_path =
	    rest.len && (rest.len < 6 || memcmp(rest.s, "quota=", 6) != 0);
	r = has_path ? given_path(bytes_take_word(&rest), e)
	             : default_path(key, e);
	if (r != ENTRY_GOOD)
		return r;
	struct bytes option = bytes_take_word(&rest);
	if (rest.len)
		return entry_wrong(e,
		    "stands behind the mailbox's path and quota", rest);
	return option.len ? mailbox_option(option, e) : ENTRY_GOOD;
}

/* The next item of a list separated by commas or white space. */
static bool
take_item(struct bytes *rest, struct bytes *item)
{
	bool quoted = false;
	size_t n = 0;
	while (rest->len &&
	    (rest->s[0] == ',' || text_space(rest->s, rest->len))) {
		rest->s++;
		rest->len--;
	}
	for (; n < rest->len; n++) {
		char c = rest->s[n];
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted && n + 1 < rest->len)
			n++;
		else if (!quoted && (c == ',' || text_space(rest->s + n, 1)))
			break;
	}
	*item = (struct bytes){ rest->s, n };
	rest->s += n;
	rest->len -= n;
	return n > 0;
}

static enum entry_result
alias_target(struct bytes item, struct entry *e)
{
	struct address a;
	if (item.s[0] == '@')
		return entry_wrong(e,
		    "rewriting a whole domain is not to be had: name the "
		    "addresses",
		    item);
	if (item.s[0] == '|' || item.s[0] == '/' || item.s[0] == ':')
		return entry_wrong(e,
		    "an alias leads to addresses only, not to programs, files "
		    "or includes",
		    item);
	if (!memchr(item.s, '@', item.len))
		return entry_wrong(e, "has no @domain: write the full address",
		    item);
	if (!address_parse(item.s, item.len, &a))
		return entry_wrong(e, "is not a mail address", item);
	return (!e->value.len || stralloc_append(&e->value, '\n')) &&
	        address_format(&a, &e->value)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

/* What stands among the targets of an alias and is none: Postfix would take it
 * for the name of a local user. */
struct alias_options {
	struct bytes expires;
	struct bytes label;
};

/* 1 when ITEM is an option; 0 when it is not; -1 when it stands there twice. */
static int
take_option(struct bytes item, struct alias_options *o)
{
	static char const expires[] = "expires=", label[] = "label=";
	struct bytes *option = NULL;
	size_t skip = 0;
	if (memchr(item.s, '@', item.len))
		return 0;
	if (item.len >= (skip = sizeof expires - 1) &&
	    memcmp(item.s, expires, skip) == 0)
		option = &o->expires;
	else if (item.len >= (skip = sizeof label - 1) &&
	    memcmp(item.s, label, skip) == 0)
		option = &o->label;
	if (!option)
		return 0;
	if (option->s)
		return -1;
	*option = (struct bytes){ item.s + skip, item.len - skip };
	return 1;
}

static enum entry_result
append_expiry(struct bytes expires, struct entry *e)
{
	char text[40];
	int64_t when;
	if (!expiry_parse(expires.s, expires.len, &when))
		return entry_wrong(e,
		    "is not a time: write expires=2027-02-19 or "
		    "expires=2027-02-19T14:03Z (UTC)",
		    expires);
	snprintf(text, sizeof text, "\texpires=%jd", (intmax_t)when);
	return stralloc_cats(&e->value, text) ? ENTRY_GOOD : ENTRY_MEMORY;
}

static enum entry_result
append_options(struct alias_options const *o, struct entry *e)
{
	enum entry_result r =
	    o->expires.s ? append_expiry(o->expires, e) : ENTRY_GOOD;
	if (r != ENTRY_GOOD || !o->label.s)
		return r;
	if (!o->label.len || bytes_have_control(o->label))
		return entry_wrong(e, "is not a label", o->label);
	return stralloc_cats(&e->value, "\tlabel=") &&
	        stralloc_catb(&e->value, o->label.s, o->label.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}

static enum entry_result
alias_item(struct bytes item, struct alias_options *o, struct entry *e)
{
	int r = take_option(item, o);
	return r > 0 ? ENTRY_GOOD
	    : r < 0  ? entry_wrong(e, "stands behind one of its kind", item)
	             : alias_target(item, e);
}

enum entry_result
entry_alias(char const *s, size_t len, struct entry *e)
{
	struct bytes rest = { s, len }, item;
	struct bytes key = bytes_take_word(&rest);
	/* virtual(5): a bare domain's line says that the domain is ours. */
	if (!memchr(key.s, '@', key.len) && memchr(key.s, '.', key.len) &&
	    bytes_are_domain(key))
		return entry_say(e, ENTRY_IGNORED,
		    "is a domain, no address: its place is the file domains; "
		    "line ignored",
		    key);
	enum entry_result r = address_as_key(key, e);
	struct alias_options options = { { NULL, 0 }, { NULL, 0 } };
	e->value.len = 0;
	while (r == ENTRY_GOOD && take_item(&rest, &item))
		r = alias_item(item, &options, e);
	if (r == ENTRY_GOOD && !e->value.len)
		return entry_wrong(e,
		    "leads nowhere: write \"ALIAS ADDRESS, ...\"", key);
	return r == ENTRY_GOOD ? append_options(&options, e) : r;
}

enum entry_result
entry_sender(char const *s, size_t len, struct entry *e)
{
	struct bytes rest = { s, len }, item;
	struct bytes key = bytes_take_word(&rest);
	enum entry_result r = address_as_key(key, e);
	e->value.len = 0;
	while (r == ENTRY_GOOD && take_item(&rest, &item)) {
		if (bytes_have_control(item))
			return entry_wrong(e, "a control character is in it",
			    item);
		if ((e->value.len && !stralloc_append(&e->value, '\n')) ||
		    !address_login_key(item.s, item.len, &e->value))
			return ENTRY_MEMORY;
	}
	if (r == ENTRY_GOOD && !e->value.len)
		return entry_wrong(e,
		    "has no login: write \"ADDRESS LOGIN, ...\"", key);
	return r;
}

/* "*", "*.domain" or a host name. */
static bool
server_name(struct bytes name)
{
	if (name.len == 1 && name.s[0] == '*')
		return true;
	if (name.len > 2 && memcmp(name.s, "*.", 2) == 0) {
		name.s += 2;
		name.len -= 2;
	}
	return bytes_are_domain(name);
}

enum entry_result
entry_certificate(char const *s, size_t len, struct entry *e)
{
	struct bytes rest = { s, len };
	struct bytes name = bytes_take_word(&rest);
	struct bytes chain = bytes_take_word(&rest);
	struct bytes key = bytes_take_word(&rest);
	if (!server_name(name))
		return entry_wrong(e, "is not a server name, *.domain or *",
		    name);
	if (!chain.len || rest.len)
		return entry_wrong(e, "write \"NAME CHAINFILE KEYFILE\"", name);
	if (!key.len)
		key = chain;
	if (bytes_have_control(chain) || bytes_have_control(key))
		return entry_wrong(e, "a control character is in a file name",
		    name);
	e->key.len = 0;
	return bytes_fold_domain(&e->key, name) &&
	        stralloc_copyb(&e->value, chain.s, chain.len) &&
	        stralloc_append(&e->value, '\t') &&
	        stralloc_catb(&e->value, key.s, key.len)
	    ? ENTRY_GOOD
	    : ENTRY_MEMORY;
}
