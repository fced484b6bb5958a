/* SPDX-License-Identifier: ISC */
/* Verbs that only look: lookup and settings. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "exitcode.h"
#include "expand.h"
#include "expiry.h"
#include "lookup.h"
#include "map.h"
#include "path.h"
#include "routes.h"
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

static void
print_match(struct lookup_result const *r, char const *table)
{
	if (r->substitute) {
		printf("%.*s has no entry", (int)r->key.len, r->key.s);
		return;
	}
	printf("%.*s in %s", (int)r->key.len, r->key.s, table);
	if (r->extension.len)
		printf(", extension \"%.*s\"", (int)r->extension.len,
		    r->extension.s);
	else if (r->key.len && r->key.s[0] == '@')
		fputs(", the catch-all", stdout);
}

static char const *
why_unknown(struct lookup_result const *r)
{
	if (r->kind == LOOKUP_EXPIRED)
		return "an alias that has expired";
	switch (r->srs) {
	case SRS_FORGED:
		return "a reverse-path that was not made here";
	case SRS_EXPIRED:
		return "a reverse-path that is too old";
	default:
		return "in no table, and no catch-all";
	}
}

static void
print_alias(struct lookup_result const *r)
{
	if (r->kind == LOOKUP_RETURN) {
		puts("reverse-path of mail sent on, taken for bounces only");
		return;
	}
	fputs("alias: ", stdout);
	print_match(r, "aliases");
	if (r->expires) {
		char until[EXPIRY_MAX];
		expiry_format(r->expires, until);
		printf(", until %s", until);
	}
	putchar('\n');
}

/* --- the way to other servers --------------------------------------------------- */

struct ways {
	struct settings const *settings;
	struct routes routes; /* not open: they cannot be read */
	char const *sender;   /* NULL: none was given */
};

/* Without asking the DNS: what it says may raise the level, as relay(8) has it. */
static void
print_level(struct settings const *s, struct way const *w)
{
	char const *level = way_level(w, s);
	bool raised = strcmp(level, "may") == 0 ||
	    (strcmp(level, "encrypt") == 0 && !*w->level);
	bool dane = raised && !w->hop.address &&
	    strcmp(s->smtp_dns_support_level, "dnssec") == 0;
	bool sts = raised && !w->hop.exact && s->smtp_tls_mta_sts;
	printf(", TLS %s%s%s%s%s", level, dane || sts ? ", or more by " : "",
	    dane ? "DANE" : "", dane && sts ? " or " : "",
	    sts ? "MTA-STS" : "");
}

static void
print_way(struct ways const *ways, struct way const *w, char const *domain)
{
	char name[NEXT_HOP_TEXT_MAX];
	way_name(w, domain, name);
	if (w->nowhere)
		fputs(", and no place that mail can go to", stdout);
	else if (w->named)
		printf(", by %s", name);
	else
		fputs(", by its own servers", stdout);
	if (w->by == WAY_RELAYHOST)
		fputs(" (relayhost)", stdout);
	else if (w->by == WAY_ROUTE)
		printf(" (%s in routes)", w->key);
	if (!w->nowhere)
		print_level(ways->settings, w);
	if (*w->login)
		printf(", login %s", w->login);
}

static void
print_remote(struct ways const *ways, char const *to)
{
	static struct way way;
	struct address a;
	char domain[ADDRESS_DOMAIN_MAX + 1];
	fputs("remote: not one of our domains", stdout);
	if (ways->routes.map && address_parse(to, strlen(to), &a)) {
		memcpy(domain, a.domain, a.domain_len);
		domain[a.domain_len] = 0;
		if (routes_find(&ways->routes, ways->sender, domain, &way))
			print_way(ways, &way, domain);
		explicit_bzero(&way, sizeof way);
	}
	putchar('\n');
}

static void
print_result(struct expand_step const *step, struct ways const *ways)
{
	switch (step->kind) {
	case EXPAND_MAILBOX:
		fputs("mailbox: ", stdout);
		print_match(&step->found, "mailboxes");
		printf(", in %s/%.*s\n", ways->settings->virtual_mailbox_base,
		    (int)step->found.path.len, step->found.path.s);
		break;
	case EXPAND_ALIAS:
		print_alias(&step->found);
		break;
	case EXPAND_REPEATED:
		puts("named before: not followed again");
		break;
	case EXPAND_REMOTE:
		print_remote(ways, step->to);
		break;
	case EXPAND_UNKNOWN:
		printf("unknown: %s\n", why_unknown(&step->found));
		break;
	case EXPAND_PENDING:
		puts("not looked up");
		break;
	default:
		puts(step->reason);
	}
}

/* The first step from FROM on that step PARENT names, or the number of steps. */
static size_t
next_child(struct expansion const *e, size_t from, size_t parent)
{
	while (from < expand_count(e) && expand_step(e, from)->parent != parent)
		from++;
	return from;
}

/* What stands below step I in the tree, else after it. */
static size_t
next_in_tree(struct expansion const *e, size_t i)
{
	size_t count = expand_count(e), next = count;
	if (expand_step(e, i)->kind == EXPAND_ALIAS)
		next = next_child(e, i + 1, i);
	for (; next == count && i; i = expand_step(e, i)->parent)
		next = next_child(e, i + 1, expand_step(e, i)->parent);
	return next;
}

static void
print_tree(struct expansion const *e, struct ways const *ways)
{
	for (size_t i = 0; i < expand_count(e); i = next_in_tree(e, i)) {
		struct expand_step const *step = expand_step(e, i);
		int margin = (int)(4 * step->depth);
		printf("%*s%s\n%*s  ", margin, "", step->to, margin, "");
		print_result(step, ways);
	}
}

/* 67 when an end of it is unknown, 75 when one cannot be told. */
static int
expand_all(struct expansion *e)
{
	struct expand_step const *target;
	int code = EXIT_OK, more;
	while ((more = expand_next(e, &target)) > 0)
		if (target->kind == EXPAND_FAILED)
			code = EXIT_TEMP;
		else if (code == EXIT_OK &&
		    (target->kind == EXPAND_UNKNOWN ||
		        target->kind == EXPAND_CIRCLE))
			code = EXIT_NOUSER;
	return more < 0 ? EXIT_OSERR : code;
}

static int
show_expansion(struct lookup *lookup, struct address const *a,
    struct ways const *ways)
{
	struct expansion e;
	size_t addresses = 0;
	int code = EXIT_OSERR;
	if (expand_begin(&e, lookup, a, &addresses))
		code = expand_all(&e);
	print_tree(&e, ways);
	expand_end(&e);
	return code;
}

int
verb_lookup(int argc, char *const *argv)
{
	static struct settings settings;
	struct ways ways = { .settings = &settings };
	struct lookup lookup;
	struct address a;
	if (argc != 1 && argc != 2) {
		fputs("usage: besace lookup ADDRESS [SENDER]\n", stderr);
		return EXIT_USE;
	}
	if (!settings_load(&settings) || !lookup_open(&lookup, &settings))
		return EXIT_TEMP;
	ways.sender = argc == 2 ? argv[1] : NULL;
	(void)routes_open(&ways.routes,
	    &settings); /* logged, and done without */
	int code = EXIT_MALFORMED;
	if (expand_parse(&lookup, argv[0], &a))
		code = show_expansion(&lookup, &a, &ways);
	else
		puts("not a mail address");
	routes_close(&ways.routes);
	lookup_close(&lookup);
	return code;
}
