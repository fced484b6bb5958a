/* SPDX-License-Identifier: ISC */
/* Accounts: an address, its mailbox, its login, and what it may send as. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "account.h"
#include "address.h"
#include "edit.h"
#include "exitcode.h"
#include "file.h"
#include "maps.h"
#include "password.h"
#include "tables.h"

static int
usage(void)
{
	fputs("usage: besace user add ADDRESS [--password-stdin]\n"
	      "       besace user passwd ADDRESS [--password-stdin]\n"
	      "       besace user del ADDRESS [--yes] [--delete-mail]\n"
	      "       besace user list\n",
	    stderr);
	return EXIT_USE;
}

static int
no_memory(void)
{
	fprintf(stderr, "besace: %s\n", strerror(errno));
	return EXIT_OSERR;
}

/* --- the account's name ------------------------------------------------------ */

struct account {
	stralloc address; /* lower case: key of all tables, and the login */
	stralloc domain;
	stralloc path; /* of a new mailbox: domain/user */
	struct tables tables;
	struct settings settings;
	int lock; /* maps_lock, or -1 */
};

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
		return no_memory();
	address->len--;
	account->domain.len--;
	if (!stralloc_copy(&account->path, &account->domain) ||
	    !stralloc_append(&account->path, '/') ||
	    !stralloc_catb(&account->path, address->s,
	        address->len - 1 - account->domain.len) ||
	    !stralloc_0(&account->path))
		return no_memory();
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
	    : no_memory();
}

/* Nobody else writes from now on. The tables are read anew: they may have
 * changed while a question was asked. */
static int
lock_tables(struct account *account)
{
	account->lock = maps_lock();
	return account->lock < 0 ? EXIT_CANTCREAT : load_tables(account);
}

static struct record const *
find(struct account const *account, enum table_id id)
{
	return table_find(&account->tables.table[id], account->address.s,
	    account->address.len);
}

/* --- the password ------------------------------------------------------------ */

static int
check_password(stralloc const *password)
{
	if (password->len && password->len <= PASSWORD_STORE_MAX &&
	    !memchr(password->s, 0, password->len))
		return EXIT_OK;
	fprintf(stderr, "besace: a password has 1 to %d octets and no NUL\n",
	    PASSWORD_STORE_MAX);
	return EXIT_MALFORMED;
}

/* The first line of stdin. */
static int
password_from_stdin(stralloc *password)
{
	if (!file_read(0, password, 65536)) {
		fprintf(stderr, "besace: unable to read the password: %s\n",
		    strerror(errno));
		return EXIT_IO;
	}
	char *lf = memchr(password->s, '\n', password->len);
	if (lf)
		password->len = (size_t)(lf - password->s);
	if (password->len && password->s[password->len - 1] == '\r')
		password->len--;
	return check_password(password);
}

/* One line of the terminal, not shown. */
static int
ask_hidden(char const *prompt, stralloc *line)
{
	FILE *tty = fopen("/dev/tty", "r+");
	struct termios shown, hidden;
	char *text = NULL;
	size_t size = 0;
	line->len = 0;
	if (!tty || tcgetattr(fileno(tty), &shown) < 0) {
		if (tty)
			fclose(tty);
		return 0;
	}
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &hidden);
	fputs(prompt, tty);
	fflush(tty);
	ssize_t n = getline(&text, &size, tty);
	tcsetattr(fileno(tty), TCSAFLUSH, &shown);
	fputs("\n", tty);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	int ok = n >= 0 && stralloc_copyb(line, text, (size_t)n);
	if (text)
		explicit_bzero(text, size);
	free(text);
	fclose(tty);
	return ok;
}

static int
password_from_terminal(stralloc *password)
{
	stralloc again = STRALLOC_ZERO;
	int code = EXIT_MALFORMED;
	if (!ask_hidden("Password: ", password)) {
		fputs("besace: no terminal to ask for the password: use "
		      "--password-stdin\n",
		    stderr);
		code = EXIT_USE;
	} else if ((code = check_password(password)) == EXIT_OK &&
	    (!ask_hidden("The same again: ", &again) ||
	        again.len != password->len ||
	        memcmp(again.s, password->s, again.len) != 0)) {
		fputs("besace: the two differ\n", stderr);
		code = EXIT_MALFORMED;
	}
	if (again.s)
		explicit_bzero(again.s, again.len);
	stralloc_free(&again);
	return code;
}

/* *LINE becomes "LOGIN:{SCHEME}HASH" with a NUL. */
static int
make_password_line(struct account const *account, bool from_stdin,
    stralloc *line)
{
	stralloc password = STRALLOC_ZERO, hash = STRALLOC_ZERO;
	int code = from_stdin ? password_from_stdin(&password)
	                      : password_from_terminal(&password);
	if (code == EXIT_OK &&
	    (!password_hash(PASSWORD_SCHEME, password.s, password.len, "", 0,
	         &hash) ||
	        !stralloc_copy(line, &account->address) ||
	        !stralloc_append(line, ':') || !stralloc_cat(line, &hash) ||
	        !stralloc_0(line)))
		code = no_memory();
	if (password.s)
		explicit_bzero(password.s, password.a);
	stralloc_free(&password);
	stralloc_free(&hash);
	return code;
}

/* --- the verbs ---------------------------------------------------------------- */

struct options {
	char const *address;
	bool password_stdin;
	bool yes;
	bool delete_mail;
};

static int
append_pair(struct edit *e, enum table_id id, char const *key,
    char const *value, char const *end)
{
	stralloc line = STRALLOC_ZERO;
	int ok = stralloc_cats(&line, key) && stralloc_cats(&line, "  ") &&
	    stralloc_cats(&line, value) && stralloc_cats(&line, end) &&
	    stralloc_0(&line) && edit_append(e, id, line.s);
	stralloc_free(&line);
	return ok;
}

static int
commit_new(struct account *account, char const *password_line, bool *new_domain)
{
	struct edit e;
	char const *address = account->address.s;
	if (!edit_begin(&e))
		return EXIT_IO;
	*new_domain = !table_find(&account->tables.table[TABLE_DOMAINS],
	    account->domain.s, account->domain.len);
	if ((*new_domain &&
	        !edit_append(&e, TABLE_DOMAINS, account->domain.s)) ||
	    !append_pair(&e, TABLE_MAILBOXES, address, account->path.s, "/") ||
	    (!find(account, TABLE_SENDERS) &&
	        !append_pair(&e, TABLE_SENDERS, address, address, "")) ||
	    !edit_append(&e, TABLE_PASSWORDS, password_line))
		return no_memory();
	return edit_commit(&e);
}

/* Where an address must not stand yet. */
static enum table_id const taken[] = { TABLE_MAILBOXES, TABLE_PASSWORDS,
	TABLE_ALIASES };

static int
check_free(struct account const *account)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (find(account, taken[i])) {
			fprintf(stderr, "besace: %s stands in %s already\n",
			    account->address.s, sources[taken[i]].file);
			return EXIT_CANTCREAT;
		}
	return EXIT_OK;
}

static int
add_locked(struct account *account, char const *password_line)
{
	bool new_domain = false;
	int code = lock_tables(account);
	if (code == EXIT_OK)
		code = check_free(account);
	if (code == EXIT_OK &&
	    !account_make_mail(&account->settings, account->path.s))
		code = EXIT_CANTCREAT;
	if (code == EXIT_OK)
		code = commit_new(account, password_line, &new_domain);
	if (code != EXIT_OK)
		return code;
	printf("%s can receive, log in and send\n", account->address.s);
	if (new_domain)
		printf("%s is one of our domains now\n", account->domain.s);
	return EXIT_OK;
}

static int
user_add(struct account *account, struct options const *o)
{
	stralloc line = STRALLOC_ZERO;
	int code = check_free(account);
	if (code == EXIT_OK)
		code = make_password_line(account, o->password_stdin, &line);
	if (code == EXIT_OK)
		code = add_locked(account, line.s);
	stralloc_free(&line);
	return code;
}

/* The password without a label, the one typed by hand. */
static bool
has_no_label(char const *value, size_t len)
{
	struct bytes rest = { value, len };
	bytes_take_until(&rest, '\t');
	return bytes_take_until(&rest, '\t').len == 0;
}

static int
check_known(struct account const *account)
{
	if (find(account, TABLE_PASSWORDS) || find(account, TABLE_MAILBOXES))
		return EXIT_OK;
	fprintf(stderr, "besace: there is no account %s\n", account->address.s);
	return EXIT_NOUSER;
}

static int
commit_password(struct account *account, char const *line)
{
	struct edit e;
	int code = lock_tables(account);
	if (code == EXIT_OK)
		code = check_known(account);
	if (code != EXIT_OK)
		return code;
	if (!edit_begin(&e))
		return EXIT_IO;
	int done = edit_replace(&e, TABLE_PASSWORDS, account->address.s,
	    has_no_label, line);
	if (done == 2)
		done = edit_append(&e, TABLE_PASSWORDS, line);
	return done ? edit_commit(&e) : no_memory();
}

static int
user_passwd(struct account *account, struct options const *o)
{
	stralloc line = STRALLOC_ZERO;
	int code = check_known(account);
	if (code == EXIT_OK)
		code = make_password_line(account, o->password_stdin, &line);
	if (code == EXIT_OK)
		code = commit_password(account, line.s);
	if (code == EXIT_OK)
		printf("%s has a new password\n", account->address.s);
	stralloc_free(&line);
	return code;
}

/* A question on stdout, the answer from stdin: yes only when it says so. */
static bool
confirm(char const *question, char const *about)
{
	char *line = NULL;
	size_t size = 0;
	printf("%s %s? [y/N] ", question, about);
	fflush(stdout);
	bool yes = getline(&line, &size, stdin) > 0 &&
	    (line[0] == 'y' || line[0] == 'Y');
	free(line);
	return yes;
}

/* The mailbox's path as the table has it, NUL-terminated. 1, or 0. */
static int
path_of(struct account const *account, stralloc *path)
{
	struct record const *r = find(account, TABLE_MAILBOXES);
	if (!r)
		return 0;
	struct bytes value = {
		table_value(&account->tables.table[TABLE_MAILBOXES], r),
		r->value_len
	};
	struct bytes name = bytes_take_until(&value, '\t');
	return stralloc_copyb(path, name.s, name.len) && stralloc_0(path);
}

static int
commit_removal(char const *address)
{
	struct edit e;
	if (!edit_begin(&e))
		return EXIT_IO;
	if (!edit_remove(&e, TABLE_MAILBOXES, address) ||
	    !edit_remove(&e, TABLE_PASSWORDS, address) ||
	    !edit_remove(&e, TABLE_SENDERS, address) ||
	    !edit_remove_value(&e, TABLE_SENDERS, address))
		return no_memory();
	return edit_commit(&e);
}

static int
remove_account_mail(struct account const *account, char const *path)
{
	if (!account_remove_mail(&account->settings, path))
		return EXIT_IO;
	printf("the mail in %s/%s is gone\n",
	    account->settings.virtual_mailbox_base, path);
	return EXIT_OK;
}

/* The answers come before the lock: a question may stand open for long. */
static int
user_del(struct account *account, struct options const *o)
{
	stralloc path = STRALLOC_ZERO;
	bool mail = o->delete_mail;
	int code = check_known(account);
	if (code != EXIT_OK)
		return code;
	bool mailbox = path_of(account, &path);
	if (!o->yes && !confirm("Delete the account", account->address.s)) {
		puts("aborting: nothing was changed");
		return EXIT_REFUSED;
	}
	if (!o->yes && !mail && mailbox)
		mail = confirm("Delete its mail too, in", path.s);
	code = lock_tables(account);
	if (code == EXIT_OK)
		code = commit_removal(account->address.s);
	if (code == EXIT_OK) {
		printf("%s is deleted\n", account->address.s);
		if (mailbox && mail)
			code = remove_account_mail(account, path.s);
		else if (mailbox)
			printf("its mail stays in %s/%s\n",
			    account->settings.virtual_mailbox_base, path.s);
	}
	stralloc_free(&path);
	return code;
}

static int
user_list(struct account *account, struct options const *o)
{
	(void)o;
	struct table const *boxes = &account->tables.table[TABLE_MAILBOXES];
	struct table const *logins = &account->tables.table[TABLE_PASSWORDS];
	for (size_t i = 0; i < table_count(boxes); i++) {
		struct record const *r = table_at(boxes, i);
		char const *key = table_key(boxes, r);
		printf("%.*s\t%.*s%s\n", (int)r->key_len, key,
		    (int)r->value_len, table_value(boxes, r),
		    table_find(logins, key, r->key_len) ? "" : "\tno password");
	}
	return EXIT_OK;
}

struct user_verb {
	char const *name;
	int (*function)(struct account *, struct options const *);
	bool address; /* needs one */
	bool password;
	bool removal;
};

static struct user_verb const user_verbs[] = {
	{ "add", user_add, true, true, false },
	{ "passwd", user_passwd, true, true, false },
	{ "del", user_del, true, false, true },
	{ "list", user_list, false, false, false },
	{ NULL, NULL, false, false, false },
};

static bool
take_option(struct user_verb const *verb, char const *word, struct options *o)
{
	if (verb->password && strcmp(word, "--password-stdin") == 0)
		return o->password_stdin = true;
	if (verb->removal && strcmp(word, "--yes") == 0)
		return o->yes = true;
	if (verb->removal && strcmp(word, "--delete-mail") == 0)
		return o->delete_mail = true;
	if (!verb->address || o->address || *word == '-')
		return false;
	o->address = word;
	return true;
}

static int
run(struct user_verb const *verb, struct options const *o)
{
	static struct account account = { .lock = -1 };
	int code = verb->address ? name_account(o->address, &account) : EXIT_OK;
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
	struct options o = { 0 };
	if (argc < 1)
		return usage();
	while (verb->name && strcmp(verb->name, argv[0]) != 0)
		verb++;
	if (!verb->name)
		return usage();
	for (int i = 1; i < argc; i++)
		if (!take_option(verb, argv[i], &o))
			return usage();
	if (verb->address != (o.address != NULL))
		return usage();
	return run(verb, &o);
}
