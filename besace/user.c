/* SPDX-License-Identifier: ISC */
/* "besace user": which verb, whose account. */
#include "user.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "besace.h"
#include "exitcode.h"
#include "maps.h"

static int
usage(void)
{
	fputs("usage: besace user add ADDRESS [--password-stdin | --random]\n"
	      "           [--scheme SCHEME]\n"
	      "       besace user password ADDRESS [--label NAME]\n"
	      "           [--scope SERVICE,...] [--scheme SCHEME]\n"
	      "           [--password-stdin | --random | --remove]\n"
	      "       besace user passwords ADDRESS\n"
	      "       besace user folder ADDRESS NAME\n"
	      "       besace user del ADDRESS [--yes] [--delete-mail]\n"
	      "       besace user list\n",
	    stderr);
	return EXIT_USE;
}

int
user_no_memory(void)
{
	fprintf(stderr, "besace: %s\n", strerror(errno));
	return EXIT_OSERR;
}

/* --- the account ---------------------------------------------------------- */

/* What the tables' formats, a file name and a login can all hold as it is. */
static bool
is_plain_local(struct address const *a)
{
	static char const refused[] = " \t\"\\,:;/()<>[]";
	char const *s = a->local;
	for (size_t i = 0; i < a->local_len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c == 0x7f || memchr(refused, c, sizeof refused))
			return false;
	}
	return a->local_len && *s != '.' && *s != '#' && *s != '{';
}

static int
name_account(char const *text, struct account *account)
{
	struct address a;
	if (!strchr(text, '@')) {
		fprintf(stderr,
		    "besace: \"%s\" has no @domain: write the full address\n",
		    text);
		return EXIT_MALFORMED;
	}
	if (!address_parse(text, strlen(text), &a) || a.literal ||
	    !is_plain_local(&a)) {
		fputs("besace: this is not an address that can have an "
		      "account\n",
		    stderr);
		return EXIT_MALFORMED;
	}
	stralloc *address = &account->address;
	if (!address_key(&a, address) || !stralloc_0(address) ||
	    !stralloc_copyb(&account->domain, a.domain, a.domain_len) ||
	    !stralloc_0(&account->domain))
		return user_no_memory();
	address->len--;
	account->domain.len--;
	if (!stralloc_copy(&account->path, &account->domain) ||
	    !stralloc_append(&account->path, '/') ||
	    !stralloc_catb(&account->path, address->s,
	        address->len - 1 - account->domain.len) ||
	    !stralloc_0(&account->path))
		return user_no_memory();
	return EXIT_OK;
}

/* The tables with no word about their faults: maps_compile has that. */
static int
load_tables(struct account *account)
{
	tables_free(&account->tables);
	return tables_read(&account->tables, true) &&
	        tables_settings(&account->tables, &account->settings)
	    ? EXIT_OK
	    : user_no_memory();
}

int
user_lock(struct account *account)
{
	account->lock = maps_lock();
	return account->lock < 0 ? EXIT_CANTCREAT : load_tables(account);
}

struct record const *
user_find(struct account const *account, enum table_id id)
{
	return table_find(&account->tables.table[id], account->address.s,
	    account->address.len);
}

int
user_check_known(struct account const *account)
{
	if (user_find(account, TABLE_PASSWORDS) ||
	    user_find(account, TABLE_MAILBOXES))
		return EXIT_OK;
	fprintf(stderr, "besace: there is no account %s\n", account->address.s);
	return EXIT_NOUSER;
}

/* --- the verbs ------------------------------------------------------------ */

enum takes {
	TAKES_ADDRESS = 1,
	TAKES_PASSWORD = 2, /* --password-stdin, --random, --scheme */
	TAKES_LABEL = 4,    /* --label, --scope, --remove */
	TAKES_REMOVAL = 8,  /* --yes, --delete-mail */
	TAKES_FOLDER = 16   /* a folder's name after the address */
};

struct user_verb {
	char const *name;
	user_function *function;
	unsigned int takes;
};

static struct user_verb const user_verbs[] = {
	{ "add", user_add, TAKES_ADDRESS | TAKES_PASSWORD },
	{ "password", user_password,
	    TAKES_ADDRESS | TAKES_PASSWORD | TAKES_LABEL },
	{ "passwd", user_password,
	    TAKES_ADDRESS | TAKES_PASSWORD | TAKES_LABEL },
	{ "passwords", user_passwords, TAKES_ADDRESS },
	{ "folder", user_folder, TAKES_ADDRESS | TAKES_FOLDER },
	{ "del", user_del, TAKES_ADDRESS | TAKES_REMOVAL },
	{ "list", user_list, 0 },
	{ NULL, NULL, 0 },
};

struct user_switch {
	char const *name;
	unsigned int of; /* verbs that take this */
	size_t offset;   /* of its bool in struct user_options */
};

static struct user_switch const switches[] = {
	{ "--password-stdin", TAKES_PASSWORD,
	    offsetof(struct user_options, password_stdin) },
	{ "--random", TAKES_PASSWORD, offsetof(struct user_options, random) },
	{ "--remove", TAKES_LABEL, offsetof(struct user_options, remove) },
	{ "--yes", TAKES_REMOVAL, offsetof(struct user_options, yes) },
	{ "--delete-mail", TAKES_REMOVAL,
	    offsetof(struct user_options, delete_mail) },
};

/* Where the switch WORD is kept, NULL when this verb has none such. */
static bool *
find_switch(unsigned int takes, char const *word, struct user_options *o)
{
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		if (takes & switches[i].of &&
		    strcmp(switches[i].name, word) == 0)
			return (bool *)((char *)o + switches[i].offset);
	return NULL;
}

/* The same for options with a value. */
static char const **
find_option(unsigned int takes, char const *word, struct user_options *o)
{
	if (takes & TAKES_PASSWORD && strcmp(word, "--scheme") == 0)
		return &o->scheme;
	if (takes & TAKES_LABEL && strcmp(word, "--label") == 0)
		return &o->label;
	if (takes & TAKES_LABEL && strcmp(word, "--scope") == 0)
		return &o->scope;
	return NULL;
}

/* Takes one or two words; how many, 0 when they are wrong. NEXT may be NULL. */
static int
take_option(unsigned int takes, char const *word, char const *next,
    struct user_options *o)
{
	bool *on = find_switch(takes, word, o);
	char const **value = find_option(takes, word, o);
	if (on)
		return *on = true;
	if (value && next) {
		*value = next;
		return 2;
	}
	char const **place = o->address ? &o->folder : &o->address;
	if (!(takes & (o->address ? TAKES_FOLDER : TAKES_ADDRESS)) || *place ||
	    *word == '-')
		return 0;
	*place = word;
	return 1;
}

static bool
fit_together(struct user_verb const *verb, struct user_options const *o)
{
	if (o->password_stdin + o->random + o->remove > 1 ||
	    (o->remove && (o->scope || o->scheme)))
		return false;
	return !(verb->takes & TAKES_ADDRESS) == !o->address &&
	    !(verb->takes & TAKES_FOLDER) == !o->folder;
}

static int
run(struct user_verb const *verb, struct user_options const *o)
{
	static struct account account = { .lock = -1 };
	int code = o->address ? name_account(o->address, &account) : EXIT_OK;
	if (code == EXIT_OK)
		code = load_tables(&account);
	if (code == EXIT_OK)
		code = verb->function(&account, o);
	if (account.lock >= 0)
		close(account.lock);
	return code;
}

int
verb_user(int argc, char *const *argv)
{
	struct user_verb const *verb = user_verbs;
	struct user_options o = { 0 };
	if (argc < 1)
		return usage();
	while (verb->name && strcmp(verb->name, argv[0]) != 0)
		verb++;
	if (!verb->name)
		return usage();
	for (int i = 1, taken; i < argc; i += taken) {
		char const *next = i + 1 < argc ? argv[i + 1] : NULL;
		taken = take_option(verb->takes, argv[i], next, &o);
		if (!taken)
			return usage();
	}
	return fit_together(verb, &o) ? run(verb, &o) : usage();
}
