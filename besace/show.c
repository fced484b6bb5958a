/* SPDX-License-Identifier: ISC */
/* Verbs that only look: lookup and settings. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <skalibs/genalloc.h>

#include "address.h"
#include "entry.h"
#include "exitcode.h"
#include "lookup.h"
#include "map.h"
#include "path.h"
#include "settings.h"

/* --- settings ------------------------------------------------------------------ */

/* The explanation, in lines of a terminal's width. */
static void
print_folded(char const *text)
{
	size_t column = 0;
	while (*text) {
		size_t n = strcspn(text, " ");
		if (column && column + 1 + n > 70) {
			putchar('\n');
			column = 0;
		}
		fputs(column ? " " : "    ", stdout);
		printf("%.*s", (int)n, text);
		column += n + 1;
		text += n + (text[n] == ' ');
	}
	putchar('\n');
}

int
verb_settings(int argc, char *const *argv)
{
	(void)argv;
	stralloc value = STRALLOC_ZERO;
	if (argc) {
		fputs("usage: besace settings\n", stderr);
		return EXIT_USE;
	}
	struct map *map = map_open("settings");
	if (!map)
		fprintf(stderr, "besace: %s/settings.cdb: %s; the defaults:\n",
		    path_etc(), strerror(errno));
	for (struct setting const *s = settings_table; s->name; s++) {
		int set =
		    map ? map_get(map, s->name, strlen(s->name), &value) : 0;
		if (set > 0)
			printf("%s = %.*s\n    (default: %s)\n", s->name,
			    (int)value.len, value.s, s->fallback);
		else
			printf("%s = %s\n", s->name, s->fallback);
		print_folded(s->explanation);
	}
	map_close(map);
	stralloc_free(&value);
	return EXIT_OK;
}

/* --- lookup -------------------------------------------------------------------- */

enum { DEPTH_MAX = 20, STEPS_MAX = 1000 };

struct way {
	struct lookup lookup;
	struct settings settings;
	unsigned int steps;
	bool lost;      /* some end of it is unknown, remote or a loop */
	stralloc above; /* the aliases that led here, one a line */
};

static void
indent(unsigned int depth)
{
	printf("%*s", (int)(4 * depth), "");
}

static void
print_match(struct lookup_result const *r, char const *asked, char const *table)
{
	printf("%.*s in %s", (int)r->key.len, r->key.s, table);
	if (r->extension.len)
		printf(", extension \"%.*s\"", (int)r->extension.len,
		    r->extension.s);
	else if (r->key.len && r->key.s[0] == '@' && *asked != '@')
		fputs(", the catch-all", stdout);
}

static bool
led_here(struct way const *w, stralloc const *key)
{
	struct bytes rest = { w->above.s, w->above.len };
	while (rest.len) {
		struct bytes one = bytes_take_until(&rest, '\n');
		if (one.len == key->len && memcmp(one.s, key->s, one.len) == 0)
			return true;
	}
	return false;
}

static int show(struct way *w, struct bytes text, unsigned int depth);

static int
show_targets(struct way *w, struct lookup_result const *r, unsigned int depth)
{
	struct bytes targets = { r->targets.s, r->targets.len };
	size_t above = w->above.len;
	int code = EXIT_OK;
	if (!stralloc_cat(&w->above, &r->key) ||
	    !stralloc_append(&w->above, '\n'))
		return EXIT_OSERR;
	while (targets.len && code == EXIT_OK)
		code = show(w, bytes_take_until(&targets, '\n'), depth + 1);
	w->above.len = above;
	return code;
}

static int
show_alias(struct way *w, struct lookup_result const *r, char const *asked,
    unsigned int depth)
{
	fputs("alias: ", stdout);
	print_match(r, asked, "aliases");
	if (led_here(w, &r->key)) {
		puts(": leads back to itself");
		return EXIT_OK;
	}
	putchar('\n');
	if (depth == DEPTH_MAX) {
		indent(depth + 1);
		puts("...: too many aliases");
		w->lost = true;
		return EXIT_OK;
	}
	return show_targets(w, r, depth);
}

static int
show_result(struct way *w, struct lookup_result const *r, char const *asked,
    unsigned int depth)
{
	switch (r->kind) {
	case LOOKUP_MAILBOX:
		fputs("mailbox: ", stdout);
		print_match(r, asked, "mailboxes");
		printf(", in %s/%.*s\n", w->settings.virtual_mailbox_base,
		    (int)r->path.len, r->path.s);
		return EXIT_OK;
	case LOOKUP_ALIAS:
		return show_alias(w, r, asked, depth);
	case LOOKUP_REMOTE:
		puts("remote: not one of our domains");
		return EXIT_OK;
	case LOOKUP_UNKNOWN:
		puts("unknown: in no table, and no catch-all");
		w->lost = true;
		return EXIT_OK;
	default:
		puts("cannot be told: a map is missing or damaged");
		return EXIT_TEMP;
	}
}

static int
show(struct way *w, struct bytes text, unsigned int depth)
{
	struct lookup_result r = LOOKUP_RESULT_ZERO;
	struct address a;
	if (++w->steps > STEPS_MAX)
		return EXIT_OK;
	indent(depth);
	printf("%.*s\n", (int)text.len, text.s);
	indent(depth);
	fputs("  ", stdout);
	if (!address_parse(text.s, text.len, &a)) {
		puts("not a mail address");
		return EXIT_MALFORMED;
	}
	lookup_address(&w->lookup, &a, &r);
	int code = show_result(w, &r, text.s, depth);
	stralloc_free(&r.key);
	stralloc_free(&r.extension);
	stralloc_free(&r.path);
	stralloc_free(&r.targets);
	return code;
}

int
verb_lookup(int argc, char *const *argv)
{
	static struct way way;
	if (argc != 1) {
		fputs("usage: besace lookup ADDRESS\n", stderr);
		return EXIT_USE;
	}
	if (!settings_load(&way.settings) ||
	    !lookup_open(&way.lookup, &way.settings))
		return EXIT_TEMP;
	int code = show(&way, (struct bytes){ argv[0], strlen(argv[0]) }, 0);
	lookup_close(&way.lookup);
	return code == EXIT_OK && way.lost ? EXIT_NOUSER : code;
}
