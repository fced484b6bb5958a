/* SPDX-License-Identifier: ISC */
/* Address tables of any bytes. Each line is an alias, "KEY VALUE...", the blanks
 * in VALUE standing for LF; "=KEY VALUE" is a mailbox, "!CHARACTERS" the
 * delimiters, "^ADDRESS" postmaster_address, "~" keeps extensions from going
 * through aliases. ">ADDRESS" is a recipient. The domains are x and y. */
#ifndef TESTS_FUZZ_MAPS_H
#define TESTS_FUZZ_MAPS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lookup.h"
#include "map.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

struct fuzz_map {
	char path[64];
	struct map_writer *writer;
};

static void
fuzz_map_begin(struct fuzz_map *m, char const *name)
{
	snprintf(m->path, sizeof m->path, "/dev/shm/besace-fuzz-%s.%ld", name,
	    (long)getpid());
	m->writer = map_write_begin(m->path);
	must(m->writer != NULL);
}

static void
fuzz_map_add(struct fuzz_map *m, char const *key, char const *value)
{
	if (*key)
		must(map_write_add(m->writer, key, strlen(key), value,
		    strlen(value)));
}

static struct map *
fuzz_map_end(struct fuzz_map *m)
{
	must(map_write_commit(m->writer, 0600));
	struct map *map = map_open_file(m->path);
	must(map && unlink(m->path) == 0);
	return map;
}

struct fuzz_tables {
	struct fuzz_map domains;
	struct fuzz_map mailboxes;
	struct fuzz_map aliases;
	struct lookup lookup;
};

static void
fuzz_entry(struct fuzz_tables *t, char *line)
{
	char *value = strchr(line, ' ');
	if (!value)
		return;
	*value++ = 0;
	if (*line == '=') {
		fuzz_map_add(&t->mailboxes, line + 1, value);
		return;
	}
	for (char *p = value; *p; p++)
		if (*p == ' ')
			*p = '\n';
	fuzz_map_add(&t->aliases, line, value);
}

static void
fuzz_line(struct fuzz_tables *t, char *line)
{
	switch (*line) {
	case '>':
		break;
	case '!':
		t->lookup.delimiters = line + 1;
		break;
	case '^':
		t->lookup.postmaster = line + 1;
		break;
	case '~':
		t->lookup.propagate = false;
		break;
	default:
		fuzz_entry(t, line);
	}
}

/* What stands in TEXT is used by the lookup. */
static void
fuzz_tables_make(struct fuzz_tables *t, char *text)
{
	char *save = NULL;
	fuzz_map_begin(&t->domains, "domains");
	fuzz_map_begin(&t->mailboxes, "mailboxes");
	fuzz_map_begin(&t->aliases, "aliases");
	fuzz_map_add(&t->domains, "x", "");
	fuzz_map_add(&t->domains, "y", "");
	t->lookup = (struct lookup){ .delimiters = "+-",
		.propagate = true,
		.postmaster = "",
		.hostname = "X",
		.srs = { .count = 1, .domain = "x", .days = 1 },
		.srs_open = true };
	for (char *p = strtok_r(text, "\n", &save); p;
	     p = strtok_r(NULL, "\n", &save))
		fuzz_line(t, p);
	t->lookup.domains = fuzz_map_end(&t->domains);
	t->lookup.mailboxes = fuzz_map_end(&t->mailboxes);
	t->lookup.aliases = fuzz_map_end(&t->aliases);
}

/* Calls TEST with each recipient. */
static void
fuzz_tables_run(uint8_t const *data, size_t size,
    void (*test)(struct fuzz_tables *, char const *))
{
	struct fuzz_tables t;
	char *save = NULL;
	char *text = strndup((char const *)data, size);
	char *recipients = strndup((char const *)data, size);
	must(text && recipients);
	fuzz_tables_make(&t, text);
	for (char *p = strtok_r(recipients, "\n", &save); p;
	     p = strtok_r(NULL, "\n", &save))
		if (*p == '>')
			test(&t, p + 1);
	lookup_close(&t.lookup);
	free(text);
	free(recipients);
}

#endif
