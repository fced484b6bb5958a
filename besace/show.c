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

/* An address still to be looked up. */
struct pending {
	size_t start; /* in the way's texts */
	size_t len;
	unsigned int depth;
};

struct way {
	struct lookup lookup;
	struct settings settings;
	stralloc texts;
	genalloc pending;              /* struct pending: the last is next */
	stralloc above[DEPTH_MAX + 1]; /* the aliases that led here */
	bool lost;                     /* some end of it is unknown */
};

static int
push(struct way *w, struct bytes text, unsigned int depth)
{
	struct pending p = { w->texts.len, text.len, depth };
	return stralloc_catb(&w->texts, text.s, text.len) &&
	    genalloc_append(struct pending, &w->pending, &p);
}

/* The last target first, as the last pushed is the next shown. */
static int
push_targets(struct way *w, stralloc const *targets, unsigned int depth)
{
	size_t end = targets->len;
	while (end) {
		char const *lf = memrchr(targets->s, '\n', end);
		size_t start = lf ? (size_t)(lf - targets->s) + 1 : 0;
		if (!push(w, (struct bytes){ targets->s + start, end - start },
		        depth))
			return 0;
		end = start ? start - 1 : 0;
	}
	return 1;
}

static bool
led_here(struct way const *w, stralloc const *key, unsigned int depth)
{
	for (unsigned int i = 0; i < depth; i++)
		if (w->above[i].len == key->len &&
		    memcmp(w->above[i].s, key->s, key->len) == 0)
			return true;
	return false;
}

static void
print_match(struct lookup_result const *r, char const *table)
{
	printf("%.*s in %s", (int)r->key.len, r->key.s, table);
	if (r->extension.len)
		printf(", extension \"%.*s\"", (int)r->extension.len,
		    r->extension.s);
	else if (r->key.len && r->key.s[0] == '@')
		fputs(", the catch-all", stdout);
}

static int
show_alias(struct way *w, struct lookup_result const *r, unsigned int depth)
{
	fputs("alias: ", stdout);
	print_match(r, "aliases");
	if (led_here(w, &r->key, depth)) {
		puts(": leads back to itself");
		return EXIT_OK;
	}
	if (depth == DEPTH_MAX ||
	    genalloc_len(struct pending, &w->pending) > STEPS_MAX) {
		puts(": too many aliases");
		w->lost = true;
		return EXIT_OK;
	}
	putchar('\n');
	return stralloc_copy(&w->above[depth], &r->key) &&
	        push_targets(w, &r->targets, depth + 1)
	    ? EXIT_OK
	    : EXIT_OSERR;
}

static char const *
why_unknown(struct lookup_result const *r)
{
	switch (r->srs) {
	case SRS_FORGED:
		return "a reverse-path that was not made here";
	case SRS_EXPIRED:
		return "a reverse-path that is too old";
	default:
		return "in no table, and no catch-all";
	}
}

static int
show_result(struct way *w, struct lookup_result const *r, unsigned int depth)
{
	switch (r->kind) {
	case LOOKUP_MAILBOX:
		fputs("mailbox: ", stdout);
		print_match(r, "mailboxes");
		printf(", in %s/%.*s\n", w->settings.virtual_mailbox_base,
		    (int)r->path.len, r->path.s);
		return EXIT_OK;
	case LOOKUP_ALIAS:
		return show_alias(w, r, depth);
	case LOOKUP_REMOTE:
		puts("remote: not one of our domains");
		return EXIT_OK;
	case LOOKUP_RETURN:
		puts("reverse-path of mail sent on, taken for bounces only");
		return push(w, (struct bytes){ r->targets.s, r->targets.len },
		           depth + 1)
		    ? EXIT_OK
		    : EXIT_OSERR;
	case LOOKUP_UNKNOWN:
		printf("unknown: %s\n", why_unknown(r));
		w->lost = true;
		return EXIT_OK;
	default:
		puts("cannot be told: a map is missing or damaged");
		return EXIT_TEMP;
	}
}

/* The address in a line, and below it what it is. */
static int
show_next(struct way *w, struct lookup_result *r)
{
	size_t last = genalloc_len(struct pending, &w->pending) - 1;
	struct pending p = genalloc_s(struct pending, &w->pending)[last];
	genalloc_setlen(struct pending, &w->pending, last);
	char const *text = w->texts.s + p.start;
	struct address a;
	int margin = (int)(4 * p.depth);
	printf("%*s%.*s\n%*s  ", margin, "", (int)p.len, text, margin, "");
	if (!address_parse(text, p.len, &a)) {
		puts("not a mail address");
		return EXIT_MALFORMED;
	}
	w->texts.len = p.start;
	lookup_address(&w->lookup, &a, r);
	return show_result(w, r, p.depth);
}

static int
show_all(struct way *w)
{
	struct lookup_result r = LOOKUP_RESULT_ZERO;
	int code = EXIT_OK;
	unsigned int steps = 0;
	while (code == EXIT_OK && steps++ < STEPS_MAX &&
	    genalloc_len(struct pending, &w->pending))
		code = show_next(w, &r);
	stralloc_free(&r.key);
	stralloc_free(&r.extension);
	stralloc_free(&r.path);
	stralloc_free(&r.targets);
	return code == EXIT_OK && w->lost ? EXIT_NOUSER : code;
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
	struct bytes text = { argv[0], strlen(argv[0]) };
	int code = push(&way, text, 0) ? show_all(&way) : EXIT_OSERR;
	lookup_close(&way.lookup);
	return code;
}
