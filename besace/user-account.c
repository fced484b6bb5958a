/* SPDX-License-Identifier: ISC */
/* Accounts come and go: an address, its mailbox, and what it may send as. */
#include "user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "edit.h"
#include "exitcode.h"
#include "names.h"

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
	    (!user_find(account, TABLE_SENDERS) &&
	        !append_pair(&e, TABLE_SENDERS, address, address, "")) ||
	    !edit_append(&e, TABLE_PASSWORDS, password_line))
		return user_no_memory();
	return edit_commit(&e);
}

/* Where an address must not stand yet. */
static enum table_id const taken[] = { TABLE_MAILBOXES, TABLE_PASSWORDS,
	TABLE_ALIASES };

static int
check_free(struct account const *account)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (user_find(account, taken[i])) {
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
	int code = user_lock(account);
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

int
user_add(struct account *account, struct user_options const *o)
{
	stralloc line = STRALLOC_ZERO, word = STRALLOC_ZERO;
	int code = check_free(account);
	if (code == EXIT_OK)
		code = user_make_password(account, o, &line, &word);
	if (code == EXIT_OK)
		code = add_locked(account, line.s);
	if (code == EXIT_OK)
		user_show_password(&word);
	stralloc_free(&line);
	stralloc_free(&word);
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
	struct record const *r = user_find(account, TABLE_MAILBOXES);
	if (!r)
		return 0;
	struct bytes value = {
		table_value(&account->tables.table[TABLE_MAILBOXES], r),
		r->value_len
	};
	struct bytes name = bytes_take_until(&value, '\t');
	return stralloc_copyb(path, name.s, name.len) && stralloc_0(path);
}

/* FOLDER becomes the name on disk of what was typed, levels joined by '.'. */
static int
folder_of(char const *typed, char folder[NAME_MAX_DISK + 1])
{
	stralloc name = STRALLOC_ZERO;
	int code = name_from_utf8(typed, strlen(typed), &name);
	if (code < 0 ||
	    (code > 0 &&
	        (!name_to_folder(name.s, name.len, '.', folder) || !*folder)))
		code = EXIT_MALFORMED;
	else
		code = code ? EXIT_OK : user_no_memory();
	if (code == EXIT_MALFORMED)
		fprintf(stderr,
		    "besace: \"%s\" cannot be a folder: UTF-8, levels joined "
		    "by one dot\n",
		    typed);
	stralloc_free(&name);
	return code;
}

int
user_folder(struct account *account, struct user_options const *o)
{
	char folder[NAME_MAX_DISK + 1];
	stralloc path = STRALLOC_ZERO;
	int code = user_check_known(account);
	if (code == EXIT_OK)
		code = folder_of(o->folder, folder);
	if (code == EXIT_OK && !path_of(account, &path)) {
		fprintf(stderr, "besace: %s has no mailbox\n",
		    account->address.s);
		code = EXIT_NOUSER;
	}
	if (code == EXIT_OK &&
	    !account_make_folder(&account->settings, path.s, folder))
		code = EXIT_CANTCREAT;
	if (code == EXIT_OK)
		printf("%s has the folder %s in %s/%s/.%s\n",
		    account->address.s, o->folder,
		    account->settings.virtual_mailbox_base, path.s, folder);
	stralloc_free(&path);
	return code;
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
		return user_no_memory();
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
int
user_del(struct account *account, struct user_options const *o)
{
	stralloc path = STRALLOC_ZERO;
	bool mail = o->delete_mail;
	int code = user_check_known(account);
	if (code != EXIT_OK)
		return code;
	bool mailbox = path_of(account, &path);
	if (!o->yes && !confirm("Delete the account", account->address.s)) {
		puts("aborting: nothing was changed");
		return EXIT_REFUSED;
	}
	if (!o->yes && !mail && mailbox)
		mail = confirm("Delete its mail too, in", path.s);
	code = user_lock(account);
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

int
user_list(struct account *account, struct user_options const *o)
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
