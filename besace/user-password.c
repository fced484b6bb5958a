/* SPDX-License-Identifier: ISC */
/* The passwords of an account: one without a label, typed by hand, and others
 * that have a label each, for one device or program. */
#include "user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <errno.h>

#include "auth.h"
#include "edit.h"
#include "exitcode.h"
#include "file.h"
#include "password.h"

enum { LABEL_MAX = 64, RANDOM_LENGTH = 20 };

/* --- where it comes from -------------------------------------------------- */

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

static int
password_from(struct user_options const *o, stralloc *password)
{
	if (o->random)
		return password_random(RANDOM_LENGTH, password)
		    ? EXIT_OK
		    : user_no_memory();
	return o->password_stdin ? password_from_stdin(password)
	                         : password_from_terminal(password);
}

void
user_show_password(stralloc const *word)
{
	if (word->len)
		printf("its password is %.*s\n", (int)word->len, word->s);
}

/* --- the password that is there ------------------------------------------- */

static char const *
label_of(struct user_options const *o)
{
	return o->label ? o->label : "";
}

/* Calls back for each of the account's passwords. */
static void
each_password(struct account const *account,
    void (*see)(void *arg, struct auth_entry const *e), void *arg)
{
	struct table const *t = &account->tables.table[TABLE_PASSWORDS];
	struct record const *first = user_find(account, TABLE_PASSWORDS);
	size_t i = first ? (size_t)(first - table_at(t, 0)) : table_count(t);
	for (; i < table_count(t); i++) {
		struct record const *r = table_at(t, i);
		struct auth_entry e;
		size_t pos = 0;
		if (!table_same_key(t, first, r))
			return;
		if (auth_next_entry(table_value(t, r), r->value_len, &pos, &e))
			see(arg, &e);
	}
}

struct neighbours {
	char const *label;
	struct bytes scope; /* of the one that is replaced */
	struct bytes scram; /* another one of this scheme */
};

static void
see_neighbour(void *arg, struct auth_entry const *e)
{
	struct neighbours *n = arg;
	struct scram_secret secret;
	if (bytes_are(e->label, n->label))
		n->scope = e->scope;
	else if (password_scram(e->hash.s, e->hash.len, &secret))
		n->scram = e->hash;
}

/* --- a line of the file --------------------------------------------------- */

static bool
is_label(char const *label)
{
	size_t len = strlen(label);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)label[i] <= 0x20 || label[i] == 0x7f)
			return false;
	return len > 0 && len <= LABEL_MAX;
}

static int
check_options(struct account const *account, struct user_options const *o)
{
	char const *scheme =
	    o->scheme ? o->scheme : account->settings.password_scheme;
	if (o->label && !is_label(o->label)) {
		fprintf(stderr,
		    "besace: a label has 1 to %d octets and no blanks\n",
		    LABEL_MAX);
		return EXIT_MALFORMED;
	}
	if (!password_scheme_makes(scheme)) {
		fprintf(stderr,
		    "besace: no new password can be of the scheme \"%s\"\n",
		    scheme);
		return o->scheme ? EXIT_MALFORMED : EXIT_CONFIG;
	}
	return EXIT_OK;
}

/* *LINE becomes "LOGIN:{SCHEME}HASH::::::label=LABEL scope=SCOPE". */
static int
format_line(struct account const *account, struct user_options const *o,
    struct neighbours const *n, stralloc const *hash, stralloc *line)
{
	struct bytes scope = o->scope ? bytes_of(o->scope) : n->scope;
	return stralloc_copy(line, &account->address) &&
	    stralloc_append(line, ':') && stralloc_cat(line, hash) &&
	    (!(o->label || scope.len) || stralloc_cats(line, "::::::")) &&
	    (!o->label ||
	        (stralloc_cats(line, "label=") &&
	            stralloc_cats(line, o->label))) &&
	    (!(o->label && scope.len) || stralloc_append(line, ' ')) &&
	    (!scope.len ||
	        (stralloc_cats(line, "scope=") &&
	            stralloc_catb(line, scope.s, scope.len))) &&
	    stralloc_0(line);
}

int
user_make_password(struct account const *account, struct user_options const *o,
    stralloc *line, stralloc *word)
{
	struct neighbours n = { label_of(o), { "", 0 }, { "", 0 } };
	stralloc password = STRALLOC_ZERO, hash = STRALLOC_ZERO;
	char const *scheme =
	    o->scheme ? o->scheme : account->settings.password_scheme;
	int code = check_options(account, o);
	if (code == EXIT_OK)
		code = password_from(o, &password);
	each_password(account, see_neighbour, &n);
	if (code == EXIT_OK &&
	    (!password_hash(scheme, password.s, password.len, n.scram.s,
	         n.scram.len, &hash) ||
	        !format_line(account, o, &n, &hash, line) ||
	        (o->random && !stralloc_copy(word, &password))))
		code = user_no_memory();
	if (password.s)
		explicit_bzero(password.s, password.a);
	stralloc_free(&password);
	stralloc_free(&hash);
	return code;
}

/* --- the verbs ------------------------------------------------------------ */

static bool
has_label(char const *value, size_t len, char const *label)
{
	struct auth_entry e;
	size_t pos = 0;
	return auth_next_entry(value, len, &pos, &e) &&
	    bytes_are(e.label, label);
}

/* LINE NULL: it goes. */
static int
commit_password(struct account *account, struct user_options const *o,
    char const *line)
{
	struct edit e;
	int code = user_lock(account);
	if (code == EXIT_OK)
		code = user_check_known(account);
	if (code != EXIT_OK)
		return code;
	if (!edit_begin(&e))
		return EXIT_IO;
	int done = edit_replace(&e, TABLE_PASSWORDS, account->address.s,
	    has_label, label_of(o), line);
	if (done == 2 && !line) {
		fprintf(stderr, "besace: %s has no password %s\n",
		    account->address.s,
		    o->label ? "of this label" : "without a label");
		return EXIT_NOUSER;
	}
	if (done == 2)
		done = edit_append(&e, TABLE_PASSWORDS, line);
	return done ? edit_commit(&e) : user_no_memory();
}

static int
remove_password(struct account *account, struct user_options const *o)
{
	int code = commit_password(account, o, NULL);
	if (code == EXIT_OK)
		printf("%s has one password less\n", account->address.s);
	return code;
}

int
user_password(struct account *account, struct user_options const *o)
{
	stralloc line = STRALLOC_ZERO, word = STRALLOC_ZERO;
	int code = user_check_known(account);
	if (code == EXIT_OK && o->remove)
		return remove_password(account, o);
	if (code == EXIT_OK)
		code = user_make_password(account, o, &line, &word);
	if (code == EXIT_OK)
		code = commit_password(account, o, line.s);
	if (code == EXIT_OK)
		printf("%s has a new password\n", account->address.s);
	if (code == EXIT_OK)
		user_show_password(&word);
	stralloc_free(&line);
	stralloc_free(&word);
	return code;
}

/* "{SCHEME}" of a hash; what has no braces is crypt(3)'s. */
static void
print_password(void *arg, struct auth_entry const *e)
{
	struct bytes rest = e->hash, scheme = bytes_of("CRYPT");
	(void)arg;
	if (rest.len && *rest.s == '{') {
		scheme = bytes_take_until(&rest, '}');
		scheme.s++;
		scheme.len--;
	}
	printf("%.*s\t%.*s\t%.*s\n", e->label.len ? (int)e->label.len : 1,
	    e->label.len ? e->label.s : "-", (int)scheme.len, scheme.s,
	    e->scope.len ? (int)e->scope.len : 3,
	    e->scope.len ? e->scope.s : "all");
}

int
user_passwords(struct account *account, struct user_options const *o)
{
	int code = user_check_known(account);
	(void)o;
	if (code == EXIT_OK)
		each_password(account, print_password, NULL);
	return code;
}
