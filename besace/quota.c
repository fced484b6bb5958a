/* SPDX-License-Identifier: ISC */
/* "besace quota": what mailboxes hold, and what they may. */
#include "besace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "bytes.h"
#include "edit.h"
#include "exitcode.h"
#include "log.h"
#include "maildir.h"
#include "map.h"
#include "maps.h"
#include "owner.h"
#include "quota-count.h"
#include "quota-file.h"
#include "settings.h"
#include "tables.h"

struct report {
	struct settings settings;
	struct map *mailboxes;
	int base;
	bool recount;
};

static int
usage(void)
{
	fputs("usage: besace quota list\n"
	      "       besace quota show ADDRESS\n"
	      "       besace quota recalc ADDRESS\n"
	      "       besace quota set ADDRESS SIZE[,MESSAGES] | none | "
	      "default\n",
	    stderr);
	return EXIT_USE;
}

static int
complain(char const *what, char const *about)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, about,
	    strerror(errno));
	return 0;
}

static int
no_memory(void)
{
	fprintf(stderr, "besace: %s\n", strerror(errno));
	return EXIT_OSERR;
}

/* TEXT as the tables have it, NUL-terminated. An exit code. */
static int
read_address(char const *text, stralloc *key)
{
	struct address a;
	bool catch_all = *text == '@';
	char full[ADDRESS_MAX + 2];
	snprintf(full, sizeof full, "%s%s", catch_all ? "x" : "", text);
	if (!address_parse(full, strlen(full), &a)) {
		fprintf(stderr, "besace: this is not an address\n");
		return EXIT_MALFORMED;
	}
	if (catch_all)
		a.local_len = 0;
	if (!address_key(&a, key) || !stralloc_0(key))
		return no_memory();
	key->len--;
	return EXIT_OK;
}

/* --- what they hold --------------------------------------------------------- */

/* Without a limit nothing is written, but a file that may be wrong goes. */
static int
count_unlimited(struct quota *q, int root, bool recount)
{
	bool stable;
	if (recount && unlinkat(root, QUOTA_FILE, 0) < 0 && errno != ENOENT)
		return 0;
	return quota_count(root, &q->used, &stable);
}

/* 1, or 0 with errno. A mailbox that nobody has written to yet is empty. */
static int
measure(struct report const *r, char const *path, struct quota_limit *limit,
    struct quota_usage *used)
{
	struct quota q = { .fd = -1 };
	int root = maildir_open(r->base, path, false);
	if (root < 0)
		return errno == ENOENT;
	int ok;
	if (quota_limit_is_any(limit))
		ok = quota_open(&q, root, path, limit) &&
		    (!r->recount || quota_recount(&q));
	else
		ok = count_unlimited(&q, root, r->recount);
	*used = q.used;
	quota_close(&q);
	close(root);
	return ok;
}

static void
print_limit(uint64_t limit)
{
	if (limit)
		printf("\t%" PRIu64, limit);
	else
		fputs("\t-", stdout);
}

/* VALUE is the map's, and is changed. */
static int
print_mailbox(struct report const *r, stralloc const *key, stralloc *value)
{
	struct quota_usage used = { 0, 0 };
	struct bytes rest = { value->s, value->len };
	struct bytes path = bytes_take_until(&rest, '\t');
	struct quota_limit limit =
	    quota_limit_of(rest.s, rest.len, r->settings.virtual_mailbox_limit);
	value->len = path.len;
	if (!stralloc_0(value))
		return complain("name", "a mailbox");
	if (!measure(r, value->s, &limit, &used))
		return complain("count", value->s);
	printf("%.*s", (int)key->len, key->s);
	if (quota_limit_is_any(&limit))
		printf("\t%u%%", quota_percent(&limit, &used));
	else
		fputs("\t-", stdout);
	printf("\t%" PRIu64, used.bytes);
	print_limit(limit.bytes);
	printf("\t%" PRIu64, used.messages);
	print_limit(limit.messages);
	putchar('\n');
	return 1;
}

/* What root may open is opened; then it is the mail's owner who looks. */
static int
begin(struct report *r)
{
	if (!settings_load(&r->settings) ||
	    !(r->mailboxes = map_open_logged("mailboxes")))
		return EXIT_TEMP;
	char const *base = r->settings.virtual_mailbox_base;
	r->base = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->base < 0) {
		complain("open virtual_mailbox_base", base);
		return EXIT_IO;
	}
	return owner_become(&r->settings) ? EXIT_OK : EXIT_CONFIG;
}

/* One that cannot be read does not hide the others. */
static int
list(struct report *r)
{
	stralloc key = STRALLOC_ZERO;
	stralloc value = STRALLOC_ZERO;
	unsigned int pos = 0;
	int more;
	int code = begin(r);
	if (code != EXIT_OK)
		return code;
	while ((more = map_next(r->mailboxes, &pos, &key, &value)) > 0)
		if (!print_mailbox(r, &key, &value))
			code = EXIT_IO;
	if (more < 0) {
		log_error("read", "mailboxes.cdb", errno);
		code = EXIT_TEMP;
	}
	stralloc_free(&key);
	stralloc_free(&value);
	return code;
}

static int
show_key(struct report *r, stralloc const *key)
{
	stralloc value = STRALLOC_ZERO;
	int code = begin(r);
	if (code != EXIT_OK)
		return code;
	int found = map_get(r->mailboxes, key->s, key->len, &value);
	if (found < 0) {
		log_error("read", "mailboxes.cdb", errno);
		code = EXIT_TEMP;
	} else if (!found) {
		fprintf(stderr, "besace: %s has no mailbox\n", key->s);
		code = EXIT_NOUSER;
	} else if (!print_mailbox(r, key, &value)) {
		code = EXIT_IO;
	}
	stralloc_free(&value);
	return code;
}

static int
show(struct report *r, char const *address)
{
	stralloc key = STRALLOC_ZERO;
	int code = read_address(address, &key);
	if (code == EXIT_OK)
		code = show_key(r, &key);
	stralloc_free(&key);
	return code;
}

/* --- what they may hold ----------------------------------------------------- */

static bool
any_value(char const *value, size_t len, char const *arg)
{
	(void)value;
	(void)len;
	(void)arg;
	return true;
}

/* "ADDRESS  PATH/ quota=LIMIT", with NUL. */
static int
make_line(stralloc *line, char const *address, struct bytes path,
    char const *limit)
{
	return stralloc_copys(line, address) && stralloc_cats(line, "  ") &&
	    stralloc_catb(line, path.s, path.len) && stralloc_cats(line, "/") &&
	    (!*limit ||
	        (stralloc_cats(line, " quota=") &&
	            stralloc_cats(line, limit))) &&
	    stralloc_0(line);
}

static int
commit(struct tables const *tables, stralloc const *key, char const *limit)
{
	struct table const *mailboxes = &tables->table[TABLE_MAILBOXES];
	struct record const *r = table_find(mailboxes, key->s, key->len);
	stralloc line = STRALLOC_ZERO;
	struct edit e;
	if (!r) {
		fprintf(stderr, "besace: %s has no mailbox\n", key->s);
		return EXIT_NOUSER;
	}
	struct bytes rest = { table_value(mailboxes, r), r->value_len };
	if (!edit_begin(&e))
		return EXIT_IO;
	int ok = make_line(&line, key->s, bytes_take_until(&rest, '\t'), limit);
	if (ok)
		ok = edit_replace(&e, TABLE_MAILBOXES, key->s, any_value, NULL,
		    line.s);
	stralloc_free(&line);
	return ok ? edit_commit(&e) : no_memory();
}

static int
set_locked(char const *address, char const *limit)
{
	static struct tables tables;
	stralloc key = STRALLOC_ZERO;
	int code = read_address(address, &key);
	if (code == EXIT_OK && !tables_read(&tables, true))
		code = no_memory();
	if (code == EXIT_OK)
		code = commit(&tables, &key, limit);
	if (code == EXIT_OK)
		printf("%s may hold %s\n", key.s,
		    *limit ? limit : "virtual_mailbox_limit");
	tables_free(&tables);
	stralloc_free(&key);
	return code;
}

static int
set(char const *address, char const *limit)
{
	struct quota_limit parsed;
	if (strcmp(limit, "none") == 0)
		limit = "0";
	if (strcmp(limit, "default") == 0)
		limit = "";
	else if (!quota_limit_parse(limit, strlen(limit), &parsed)) {
		fputs("besace: a limit is a size with k, M, G or nothing, as "
		      "5G; a count of messages may follow, as 5G,10000\n",
		    stderr);
		return EXIT_MALFORMED;
	}
	int lock = maps_lock();
	if (lock < 0)
		return EXIT_CANTCREAT;
	int code = set_locked(address, limit);
	close(lock);
	return code;
}

int
verb_quota(int argc, char *const *argv)
{
	struct report r = { .base = -1 };
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(&r);
	if (argc == 3 && strcmp(argv[0], "set") == 0)
		return set(argv[1], argv[2]);
	r.recount = argc == 2 && strcmp(argv[0], "recalc") == 0;
	if (r.recount || (argc == 2 && strcmp(argv[0], "show") == 0))
		return show(&r, argv[1]);
	return usage();
}
