/* SPDX-License-Identifier: ISC */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "file.h"
#include "log.h"
#include "path.h"

enum { TEXT_FILE_MAX = 256 * 1024 * 1024 };

struct source const sources[TABLES] = {
	[TABLE_SETTINGS] = { "settings", TEXT_LOGICAL, entry_setting,
	    "settings", 0644, 0644 },
	[TABLE_DOMAINS] = { "domains", TEXT_LOGICAL, entry_domain, "domains",
	    0644, 0644 },
	[TABLE_MAILBOXES] = { "mailboxes", TEXT_LOGICAL, entry_mailbox,
	    "mailboxes", 0644, 0644 },
	[TABLE_ALIASES] = { "aliases", TEXT_LOGICAL, entry_alias, "aliases",
	    0644, 0644 },
	[TABLE_SENDERS] = { "senders", TEXT_LOGICAL, entry_sender, "senders",
	    0644, 0644 },
	[TABLE_PASSWORDS] = { "passwords", TEXT_PLAIN, entry_password,
	    "passwords", 0640, 0640 },
	[TABLE_DKIM_KEYS] = { "dkim-keys", TEXT_CUT, entry_dkim_key, NULL, 0,
	    0644 },
	[TABLE_DKIM_SIGNING] = { "dkim-signing", TEXT_CUT, entry_dkim_signing,
	    "dkim", 0644, 0644 },
	[TABLE_TRUSTED_HOSTS] = { "trusted-hosts", TEXT_CUT, entry_trusted_host,
	    NULL, 0, 0644 },
	[TABLE_CERTIFICATES] = { "certificates", TEXT_LOGICAL,
	    entry_certificate, "certificates", 0644, 0644 },
	[TABLE_ROUTES] = { "routes", TEXT_LOGICAL, entry_route, "routes", 0640,
	    0640 },
};

void
tables_report(struct tables *t, enum severity severity, enum table_id id,
    unsigned int line, char const *about, size_t about_len, char const *why,
    char const *instead)
{
	stralloc quoted = STRALLOC_ZERO;
	if (severity == ERROR)
		t->errors++;
	else
		t->warnings++;
	if (t->silent)
		return;
	fprintf(stderr, "%s/%s:", path_etc(), sources[id].file);
	if (line)
		fprintf(stderr, "%u:", line);
	if (severity == WARNING)
		fputs(" warning:", stderr);
	/* What stands in the file may hold anything: log_quote tames it. */
	if (about_len && log_quote(&quoted, about, about_len))
		fprintf(stderr, " %.*s:", (int)quoted.len, quoted.s);
	fprintf(stderr, " %s", why);
	if (instead)
		fprintf(stderr, "; did you mean %s?", instead);
	fputc('\n', stderr);
	stralloc_free(&quoted);
}

void
tables_report_record(struct tables *t, enum severity severity, enum table_id id,
    struct record const *r, char const *why)
{
	tables_report(t, severity, id, r->line, table_key(&t->table[id], r),
	    r->key_len, why, NULL);
}

static int
read_entry(struct tables *t, enum table_id id, stralloc const *text,
    unsigned int line, struct entry *e)
{
	e->value.len = e->about.len = 0;
	e->why = e->instead = NULL;
	enum entry_result r = sources[id].parse(text->s, text->len, e);
	if (r == ENTRY_MEMORY)
		return 0;
	if (r != ENTRY_GOOD)
		tables_report(t, r == ENTRY_WRONG ? ERROR : WARNING, id, line,
		    e->about.s, e->about.len, e->why, e->instead);
	if (r == ENTRY_WRONG || r == ENTRY_IGNORED)
		return 1;
	return table_add(&t->table[id], &e->key, &e->value, line);
}

static int
read_entries(struct tables *t, enum table_id id, stralloc const *file)
{
	struct text text = { .s = file->s, .len = file->len };
	struct entry e = ENTRY_ZERO;
	stralloc line = STRALLOC_ZERO;
	unsigned int number;
	int r;
	while ((r = text_next(&text, sources[id].style, &line, &number)) > 0)
		if (!read_entry(t, id, &line, number, &e)) {
			r = -1;
			break;
		}
	entry_free(&e);
	stralloc_free(&line);
	return r == 0;
}

static int
read_file(struct tables *t, enum table_id id)
{
	stralloc path = STRALLOC_ZERO, file = STRALLOC_ZERO;
	int ok = path_join(&path, path_etc(), sources[id].file);
	if (ok && file_slurp(path.s, &file, TEXT_FILE_MAX))
		ok = read_entries(t, id, &file);
	else if (ok && errno != ENOENT)
		tables_report(t, ERROR, id, 0, NULL, 0, strerror(errno), NULL);
	stralloc_free(&path);
	stralloc_free(&file);
	table_sort(&t->table[id]);
	return ok;
}

int
tables_read(struct tables *t, bool silent)
{
	memset(t, 0, sizeof *t);
	t->silent = silent;
	int ok = 1;
	for (enum table_id id = 0; ok && id < TABLES; id++)
		ok = read_file(t, id);
	return ok;
}

int
tables_settings(struct tables const *t, struct settings *into)
{
	struct table const *table = &t->table[TABLE_SETTINGS];
	if (!settings_defaults(into))
		return 0;
	for (size_t i = 0; i < table_count(table); i++) {
		struct record const *r = table_at(table, i);
		struct setting const *s =
		    settings_find(table_key(table, r), r->key_len);
		char const *why;
		if (s &&
		    !settings_parse(s, table_value(table, r), r->value_len,
		        into, &why)) {
			errno = ENOMEM;
			return 0;
		}
	}
	return 1;
}

static bool
has_address(struct tables const *t, char const *key, size_t len)
{
	return table_find(&t->table[TABLE_MAILBOXES], key, len) ||
	    table_find(&t->table[TABLE_ALIASES], key, len);
}

/* The same steps as lookup_address, on the text that is to become the maps. */
bool
tables_resolve(struct tables const *t, char const *address, size_t len)
{
	char key[ADDRESS_MAX + 1];
	struct table const *settings = &t->table[TABLE_SETTINGS];
	struct record const *r = table_find(settings, "recipient_delimiter",
	    strlen("recipient_delimiter"));
	char const *delimiters = r ? table_value(settings, r) : "+";
	size_t count = r ? r->value_len : 1;
	char const *at = memrchr(address, '@', len);
	if (!at || len > ADDRESS_MAX)
		return false;
	size_t local = (size_t)(at - address), domain = len - local;
	if (has_address(t, address, len) || has_address(t, at, domain))
		return true;
	for (size_t n = local; n-- > 1;) {
		if (!memchr(delimiters, address[n], count))
			continue;
		memcpy(key, address, n);
		memcpy(key + n, at, domain);
		if (has_address(t, key, n + domain))
			return true;
	}
	return false;
}

void
tables_free(struct tables *t)
{
	for (enum table_id id = 0; id < TABLES; id++)
		table_free(&t->table[id]);
}
