/* SPDX-License-Identifier: ISC */
/* "besace alias": addresses to give away, which can end by themselves. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "edit.h"
#include "exitcode.h"
#include "expiry.h"
#include "maps.h"
#include "password.h"
#include "tables.h"

enum { LABEL_MAX = 64, NAME_MAX_OF_LABEL = 20, RANDOM_LENGTH = 6, TRIES = 20 };

struct job {
	char const *address; /* or "@domain", or NULL */
	char const *to;
	char const *label;
	char const *expires;
	struct tables tables;
	struct settings settings;
	stralloc name; /* the address as it is written, NUL-terminated */
	stralloc key;  /* and as the tables have it */
};

static int
usage(void)
{
	fputs("usage: besace alias add [ADDRESS | @DOMAIN] --to ADDRESS,...\n"
	      "           [--for LABEL] [--expires TIME]\n"
	      "       besace alias del ADDRESS\n"
	      "       besace alias list\n"
	      "TIME is a number with s, m, h, d or w, or a date: 2027-02-19 or\n"
	      "2027-02-19T14:03Z\n",
	    stderr);
	return EXIT_USE;
}

static int
no_memory(void)
{
	fprintf(stderr, "besace: %s\n", strerror(errno));
	return EXIT_OSERR;
}

static int
malformed(char const *text, char const *why)
{
	fprintf(stderr, "besace: \"%s\" %s\n", text, why);
	return EXIT_MALFORMED;
}

/* --- the new entry ---------------------------------------------------------- */

static bool
is_label(char const *label)
{
	size_t len = strlen(label);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)label[i] <= 0x20 || label[i] == 0x7f ||
		    strchr(",\"@", label[i]))
			return false;
	return len > 0 && len <= LABEL_MAX;
}

/* Whole minutes, as the file has them: never sooner than it was said. */
static int
take_time(char const *text, int64_t *when)
{
	static struct setting const time_of = { .name = "expires",
		.type = SETTING_TIME };
	struct settings place;
	char const *why;
	uint64_t seconds;
	size_t len = strlen(text);
	if (expiry_parse(text, len, when))
		return 1;
	if (!settings_parse(&time_of, text, len, &place, &why))
		return 0;
	memcpy(&seconds, &place, sizeof seconds);
	*when = time(NULL) + 59 + (int64_t)(seconds % INT32_MAX);
	return seconds > 0 && seconds < INT32_MAX;
}

static int
append_options(struct job const *j, stralloc *line)
{
	char until[EXPIRY_MAX] = "";
	int64_t when;
	if (j->expires && take_time(j->expires, &when))
		expiry_format(when, until);
	if (j->expires && !*until)
		return malformed(j->expires, "is not a time");
	if (j->label && !is_label(j->label))
		return malformed(j->label,
		    "is not a label: 1 to 64 octets, no blanks, commas, quotes "
		    "or @");
	if ((*until &&
	        (!stralloc_cats(line, " expires=") ||
	            !stralloc_cats(line, until))) ||
	    (j->label &&
	        (!stralloc_cats(line, " label=") ||
	            !stralloc_cats(line, j->label))))
		return no_memory();
	return EXIT_OK;
}

/* The line of the file. What it says is what the file's reader finds in it. */
static int
make_line(struct job const *j, stralloc *line)
{
	struct entry e = ENTRY_ZERO;
	if (!stralloc_copys(line, j->name.s) || !stralloc_cats(line, "  ") ||
	    !stralloc_cats(line, j->to))
		return no_memory();
	struct bytes given = { j->to, strlen(j->to) };
	if (bytes_have_control(given))
		return malformed("--to", "has a control character");
	if (*line->s == '#')
		return malformed(j->name.s, "would be a comment in the file");
	int code = append_options(j, line);
	if (code != EXIT_OK)
		return code;
	enum entry_result r = entry_alias(line->s, line->len, &e);
	if (r == ENTRY_MEMORY)
		code = no_memory();
	else if (r != ENTRY_GOOD) {
		fprintf(stderr, "besace: %.*s: %s\n", (int)e.about.len,
		    e.about.s, e.why);
		code = EXIT_MALFORMED;
	}
	entry_free(&e);
	return code == EXIT_OK && !stralloc_0(line) ? no_memory() : code;
}

/* --- its address -------------------------------------------------------------- */

static int
set_address(struct job *j, char const *text)
{
	struct address a;
	j->name.len = j->key.len = 0;
	if (!address_parse(text, strlen(text), &a) || a.literal)
		return malformed(text, "is not a mail address");
	if (!address_format(&a, &j->name) || !stralloc_0(&j->name) ||
	    !address_key(&a, &j->key) || !stralloc_0(&j->key))
		return no_memory();
	j->key.len--;
	if (!table_find(&j->tables.table[TABLE_DOMAINS], a.domain,
	        a.domain_len))
		return malformed(text, "is of a domain that is not ours");
	return EXIT_OK;
}

static bool
has_key(struct job const *j, enum table_id id)
{
	return table_find(&j->tables.table[id], j->key.s, j->key.len);
}

static bool
is_taken(struct job const *j)
{
	return has_key(j, TABLE_MAILBOXES) || has_key(j, TABLE_ALIASES);
}

/* What the label has of letters and digits, and something to tell it from
 * others, and from what somebody could guess. */
static int
make_name(struct job const *j, stralloc *name)
{
	char const *delimiters = j->settings.recipient_delimiter;
	char const *between = strchr(delimiters, '-') ? "" : "-";
	name->len = 0;
	for (char const *p = j->label ? j->label : "";
	     *p && name->len < NAME_MAX_OF_LABEL; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
		if (((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) &&
		    !stralloc_append(name, c))
			return 0;
	}
	return (!name->len || stralloc_cats(name, between)) &&
	    password_random(RANDOM_LENGTH, name);
}

/* DOMAIN: "@example.test". */
static int
find_address(struct job *j, char const *domain)
{
	stralloc text = STRALLOC_ZERO;
	int code = EXIT_CANTCREAT;
	for (int i = 0; code == EXIT_CANTCREAT && i < TRIES; i++) {
		if (!make_name(j, &text) || !stralloc_cats(&text, domain) ||
		    !stralloc_0(&text))
			code = no_memory();
		else
			code = set_address(j, text.s);
		if (code == EXIT_OK && is_taken(j))
			code = EXIT_CANTCREAT;
	}
	stralloc_free(&text);
	return code;
}

static int
choose_address(struct job *j)
{
	char const *domain = j->address ? j->address : strchr(j->to, '@');
	if (domain && *domain == '@') {
		char first[ADDRESS_MAX];
		snprintf(first, sizeof first, "%.*s",
		    (int)strcspn(domain, ", \t"), domain);
		return find_address(j, first);
	}
	int code = set_address(j, j->address ? j->address : j->to);
	if (code != EXIT_OK || !is_taken(j))
		return code;
	fprintf(stderr, "besace: %s stands in mailboxes or aliases already\n",
	    j->key.s);
	return EXIT_CANTCREAT;
}

/* --- the verbs ---------------------------------------------------------------- */

static int
load(struct job *j)
{
	return tables_read(&j->tables, true) &&
	        tables_settings(&j->tables, &j->settings)
	    ? EXIT_OK
	    : no_memory();
}

static int
add(struct job *j)
{
	struct edit e;
	stralloc line = STRALLOC_ZERO;
	int code = choose_address(j);
	if (code == EXIT_OK)
		code = make_line(j, &line);
	if (code == EXIT_OK && !edit_begin(&e))
		code = EXIT_IO;
	if (code == EXIT_OK && !edit_append(&e, TABLE_ALIASES, line.s))
		code = no_memory();
	if (code == EXIT_OK)
		code = edit_commit(&e);
	if (code == EXIT_OK)
		puts(j->name.s);
	stralloc_free(&line);
	return code;
}

static int
del(struct job *j)
{
	struct edit e;
	int code = set_address(j, j->address);
	if (code != EXIT_OK)
		return code;
	if (!has_key(j, TABLE_ALIASES)) {
		fprintf(stderr, "besace: there is no alias %s\n", j->key.s);
		return EXIT_NOUSER;
	}
	if (!edit_begin(&e))
		return EXIT_IO;
	if (!edit_remove(&e, TABLE_ALIASES, j->key.s))
		return no_memory();
	return edit_commit(&e);
}

/* "alice@example.test, bob@example.test" */
static void
print_targets(struct bytes targets)
{
	char const *between = "";
	while (targets.len) {
		struct bytes target = bytes_take_until(&targets, '\n');
		printf("%s%.*s", between, (int)target.len, target.s);
		between = ", ";
	}
}

/* Digits that entry_alias wrote. */
static int64_t
to_number(struct bytes digits)
{
	int64_t number = 0;
	for (size_t i = 0; i < digits.len; i++)
		number = 10 * number + (digits.s[i] - '0');
	return number;
}

/* A value of the table as the map has it. */
static void
print_alias(struct bytes value)
{
	char until[EXPIRY_MAX] = "-";
	int64_t when = 0;
	struct bytes label = { "-", 1 };
	print_targets(bytes_take_until(&value, '\t'));
	while (value.len) {
		struct bytes option = bytes_take_until(&value, '\t');
		struct bytes name = bytes_take_until(&option, '=');
		if (name.len == strlen("label"))
			label = option;
		else
			when = to_number(option);
	}
	if (when)
		expiry_format(when, until);
	printf("\t%s%s\t%.*s\n", when && when <= time(NULL) ? "expired " : "",
	    until, (int)label.len, label.s);
}

static int
list(struct job *j)
{
	struct table const *t = &j->tables.table[TABLE_ALIASES];
	for (size_t i = 0; i < table_count(t); i++) {
		struct record const *r = table_at(t, i);
		printf("%.*s\t", (int)r->key_len, table_key(t, r));
		print_alias((struct bytes){ table_value(t, r), r->value_len });
	}
	return EXIT_OK;
}

struct alias_verb {
	char const *name;
	int (*function)(struct job *j);
	bool takes_options;
	bool needs_address;
	bool changes;
};

static struct alias_verb const alias_verbs[] = {
	{ "add", add, true, false, true },
	{ "del", del, false, true, true },
	{ "list", list, false, false, false },
};

static char const **
find_option(char const *word, struct job *j)
{
	return strcmp(word, "--to") == 0     ? &j->to
	    : strcmp(word, "--for") == 0     ? &j->label
	    : strcmp(word, "--expires") == 0 ? &j->expires
	                                     : NULL;
}

/* 1, or 0 when the words are wrong. */
static int
take_words(struct alias_verb const *verb, int argc, char *const *argv,
    struct job *j)
{
	for (int i = 0; i < argc; i++) {
		char const **option = find_option(argv[i], j);
		if (option && verb->takes_options && i + 1 < argc)
			*option = argv[++i];
		else if (option || *argv[i] == '-' || j->address ||
		    verb->function == list)
			return 0;
		else
			j->address = argv[i];
	}
	return !verb->takes_options == !j->to &&
	    (j->address || !verb->needs_address);
}

int
verb_alias(int argc, char *const *argv)
{
	static struct job job;
	struct alias_verb const *verb = NULL;
	for (size_t i = 0; i < sizeof alias_verbs / sizeof *alias_verbs; i++)
		if (argc && strcmp(alias_verbs[i].name, argv[0]) == 0)
			verb = &alias_verbs[i];
	if (!verb || !take_words(verb, argc - 1, argv + 1, &job))
		return usage();
	int lock = verb->changes ? maps_lock() : -1;
	if (verb->changes && lock < 0)
		return EXIT_CANTCREAT;
	int code = load(&job);
	if (code == EXIT_OK)
		code = verb->function(&job);
	if (lock >= 0)
		close(lock);
	return code;
}
