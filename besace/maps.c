/* SPDX-License-Identifier: ISC */
#include "maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "besace.h"
#include "exitcode.h"
#include "map.h"
#include "mechanisms.h"
#include "path.h"
#include "tables.h"

#define TRUSTED_HOSTS "trusted_hosts"

int
maps_lock(void)
{
	int fd = open(path_etc(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		fprintf(stderr, "besace: unable to lock %s: %s\n", path_etc(),
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* The maps of logins are read by the mail user, who is not us: new files get
 * his group. Root keeps every right with it. */
static void
take_group(struct tables const *t)
{
	if (geteuid() == 0 && t->gid && setegid(t->gid) < 0)
		fprintf(stderr, "besace: unable to take on group %lu: %s\n",
		    (unsigned long)t->gid, strerror(errno));
}

/* What the map says for the record at I and those of the same key that follow:
 * *NEXT is the first after them. Only passwords has several. */
static int
join_values(struct table const *t, size_t i, size_t *next, stralloc *value)
{
	struct record const *first = table_at(t, i);
	value->len = 0;
	for (; i < table_count(t); i++) {
		struct record const *r = table_at(t, i);
		if (!table_same_key(t, first, r))
			break;
		if (r->repeated)
			continue;
		if ((r != first && !stralloc_append(value, '\n')) ||
		    !stralloc_catb(value, table_value(t, r), r->value_len))
			return 0;
	}
	*next = i;
	return 1;
}

/* A signing line's value is the name of a key: the map has the key itself. */
static int
follow_key(struct tables const *t, stralloc *value)
{
	struct table const *keys = &t->table[TABLE_DKIM_KEYS];
	struct record const *r = table_find(keys, value->s, value->len);
	return r && stralloc_copyb(value, table_value(keys, r), r->value_len);
}

/* The setting trusted_hosts: its own value, and the file trusted-hosts. */
static int
trusted_hosts(struct tables const *t, stralloc *value)
{
	struct table const *settings = &t->table[TABLE_SETTINGS];
	struct table const *hosts = &t->table[TABLE_TRUSTED_HOSTS];
	struct record const *r =
	    table_find(settings, TRUSTED_HOSTS, strlen(TRUSTED_HOSTS));
	int ok =
	    !r || stralloc_copyb(value, table_value(settings, r), r->value_len);
	for (size_t i = 0; ok && i < table_count(hosts); i++) {
		r = table_at(hosts, i);
		ok = (!value->len || stralloc_cats(value, ", ")) &&
		    stralloc_catb(value, table_key(hosts, r), r->key_len);
	}
	return ok;
}

static int
add_trusted_hosts(struct tables const *t, struct map_writer *w)
{
	stralloc value = STRALLOC_ZERO;
	int ok = trusted_hosts(t, &value) &&
	    (!value.len ||
	        map_write_add(w, TRUSTED_HOSTS, strlen(TRUSTED_HOSTS), value.s,
	            value.len));
	stralloc_free(&value);
	return ok;
}

/* Not written as it stands in its file. */
static bool
is_joined(struct table const *table, enum table_id id, struct record const *r)
{
	return id == TABLE_SETTINGS && r->key_len == strlen(TRUSTED_HOSTS) &&
	    memcmp(table_key(table, r), TRUSTED_HOSTS, r->key_len) == 0;
}

static int
add_records(struct tables const *t, enum table_id id, struct map_writer *w)
{
	struct table const *table = &t->table[id];
	stralloc value = STRALLOC_ZERO;
	int ok = 1;
	for (size_t i = 0; ok && i < table_count(table);) {
		struct record const *r = table_at(table, i);
		ok = join_values(table, i, &i, &value) &&
		    (id != TABLE_DKIM_SIGNING || follow_key(t, &value)) &&
		    (is_joined(table, id, r) ||
		        map_write_add(w, table_key(table, r), r->key_len,
		            value.s ? value.s : "", value.len));
	}
	stralloc_free(&value);
	return ok && (id != TABLE_SETTINGS || add_trusted_hosts(t, w));
}

static struct map_writer *
start_map(struct tables const *t, enum table_id id, char const *path)
{
	struct map_writer *w = map_write_begin(path);
	if (w &&
	    (!add_records(t, id, w) ||
	        (id == TABLE_PASSWORDS && !mechanisms_note(&t->table[id], w)))) {
		map_write_abandon(w);
		return NULL;
	}
	return w;
}

static int
map_path(enum table_id id, stralloc *path)
{
	return path_join(path, path_etc(), sources[id].map) &&
	    stralloc_cats(path, ".cdb") && stralloc_0(path);
}

/* All maps are filled before the first takes its place. */
static int
write_maps(struct tables const *t)
{
	struct map_writer *writer[TABLES] = { NULL };
	stralloc path = STRALLOC_ZERO;
	enum table_id id;
	int ok = 1;
	for (id = 0; ok && id < TABLES; id++)
		if (sources[id].map)
			ok = map_path(id, &path) &&
			    (writer[id] = start_map(t, id, path.s));
	for (id = 0; id < TABLES; id++) {
		if (!writer[id])
			continue;
		if (ok)
			ok = map_path(id, &path) &&
			    map_write_commit(writer[id], sources[id].mode);
		else
			map_write_abandon(writer[id]);
	}
	if (!ok)
		fprintf(stderr, "besace: unable to write %s: %s\n",
		    path.s ? path.s : "maps", strerror(errno));
	stralloc_free(&path);
	return ok;
}

static int
replace_maps(struct tables const *t)
{
	struct settings settings;
	struct mechanisms_noted noted = mechanisms_noted();
	gid_t before = getegid();
	take_group(t);
	int code = write_maps(t) ? EXIT_OK : EXIT_CANTCREAT;
	if (getegid() != before && setegid(before) < 0)
		code = EXIT_OSERR;
	if (code == EXIT_OK && tables_settings(t, &settings))
		mechanisms_tell(noted, settings.auth_mechanisms);
	return code;
}

int
maps_compile(void)
{
	struct tables t;
	int code = EXIT_OSERR;
	if (!tables_read(&t, false) || !tables_check(&t))
		fprintf(stderr, "besace: %s\n", strerror(errno));
	else if (t.errors) {
		fprintf(stderr,
		    "besace: %u error%s; the maps are as they were\n", t.errors,
		    t.errors == 1 ? "" : "s");
		code = EXIT_CONFIG;
	} else {
		code = replace_maps(&t);
	}
	tables_free(&t);
	return code;
}

int
verb_maps(int argc, char *const *argv)
{
	(void)argv;
	if (argc) {
		fputs("usage: besace maps\n", stderr);
		return EXIT_USE;
	}
	int lock = maps_lock();
	if (lock < 0)
		return EXIT_CANTCREAT;
	int code = maps_compile();
	close(lock);
	return code;
}
