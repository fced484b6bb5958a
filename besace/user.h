/* SPDX-License-Identifier: ISC */
/* The verbs of "besace user": an account, and what was asked to be done with
 * it. Functions return an exit code unless it says otherwise. */
#ifndef BESACE_USER_H
#define BESACE_USER_H

#include <stdbool.h>
#include <skalibs/stralloc.h>
#include "tables.h"

struct account {
	stralloc address; /* lower case: key of all tables, and the login */
	stralloc domain;
	stralloc path; /* of a new mailbox: domain/user */
	struct tables tables;
	struct settings settings;
	int lock; /* maps_lock, or -1 */
};

struct user_options {
	char const *address;
	char const *folder; /* its name, UTF-8 */
	char const *label;  /* NULL: the password without one */
	char const *scope;  /* NULL: as it is, or all services */
	char const *scheme; /* NULL: the setting password_scheme */
	bool password_stdin;
	bool random;
	bool remove;
	bool yes;
	bool delete_mail;
};

typedef int user_function(struct account *account,
    struct user_options const *o);

/* user.c */
int user_no_memory(void);

/* Nobody else writes from now on. The tables are read anew: they may have
 * changed while a question was asked. */
int user_lock(struct account *account);

/* The account's first record in a table, or NULL. */
struct record const *user_find(struct account const *account, enum table_id id);

/* Whether there is such an account; else said on stderr. */
int user_check_known(struct account const *account);

/* user-account.c */
user_function user_add, user_del, user_folder, user_list;

/* user-password.c */
user_function user_password, user_passwords;

/* A new password as asked for, asked for on the terminal, or read. *LINE becomes
 * its line in the file passwords, with a NUL; *WORD the password, when it is a
 * random one that is to be shown. */
int user_make_password(struct account const *account,
    struct user_options const *o, stralloc *line, stralloc *word);

/* Prints WORD, the random password that was made, if any. */
void user_show_password(stralloc const *word);

#endif
