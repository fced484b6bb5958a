/* SPDX-License-Identifier: ISC */
/* Programs and files that the settings name. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command-list.h"
#include "path.h"

/* A directory is executable, too. */
static bool
can_be_run(char const *file)
{
	struct stat st;
	return stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(file, X_OK) == 0;
}

/* As execvp looks for it. */
static bool
is_in_path(char const *name)
{
	char const *path = getenv("PATH");
	stralloc file = STRALLOC_ZERO;
	bool found = false;
	for (size_t len; path && *path && !found;
	     path += len + (path[len] != 0)) {
		len = strcspn(path, ":");
		file.len = 0;
		found = stralloc_catb(&file, path, len) &&
		    stralloc_append(&file, '/') && stralloc_cats(&file, name) &&
		    stralloc_0(&file) && can_be_run(file.s);
	}
	stralloc_free(&file);
	return found;
}

/* Those of smtp-session/builtins.c. */
static bool
is_built_in(char const *name)
{
	static char const *const names[] = { "deliver", "dkimsign",
		"spamscore" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What is wrong with FILE, found for NAME; NULL when nothing is. */
static char const *
program_fault(char const *name, char const *file)
{
	bool beside = strchr(file, '/') != NULL;
	if (!(beside ? can_be_run(file) : is_in_path(file)))
		return "is no program that can be run: mail waits until it is";
	if (!beside && is_built_in(name))
		return "is not this one in PATH for smtp-session, which has it "
		       "in itself: name it by its path";
	return NULL;
}

static int
check_program(struct tables *t, unsigned int line, char const *name)
{
	stralloc file = STRALLOC_ZERO;
	if (!path_program(&file, name))
		return 0;
	char const *fault = program_fault(name, file.s);
	if (fault)
		tables_report(t, WARNING, TABLE_SETTINGS, line, name,
		    strlen(name), fault, NULL);
	stralloc_free(&file);
	return 1;
}

static int
check_commands(struct tables *t, char const *setting, size_t least, size_t most)
{
	struct table const *table = &t->table[TABLE_SETTINGS];
	struct record const *r = table_find(table, setting, strlen(setting));
	struct command_list list;
	stralloc text = STRALLOC_ZERO;
	if (!r)
		return 1;
	int ok = stralloc_catb(&text, table_value(table, r), r->value_len) &&
	    stralloc_0(&text);
	int parsed = ok ? command_list_parse(text.s, &list) : -1;
	if (parsed == 0)
		tables_report(t, WARNING, TABLE_SETTINGS, r->line, setting,
		    strlen(setting), "is no command: mail waits until it is",
		    NULL);
	else if (parsed > 0 && (list.count < least || list.count > most))
		tables_report(t, WARNING, TABLE_SETTINGS, r->line, setting,
		    strlen(setting),
		    "is not one command: mail waits until it is", NULL);
	ok = parsed >= 0;
	for (size_t i = 0; ok && parsed && i < list.count; i++)
		ok = check_program(t, r->line, list.argv[i][0]);
	if (parsed > 0)
		command_list_free(&list);
	stralloc_free(&text);
	return ok;
}

/* The default is Debian's, and may be missing where nobody asks for it. */
static int
check_authorities(struct tables *t)
{
	static char const name[] = "smtp_tls_CAfile";
	struct table const *table = &t->table[TABLE_SETTINGS];
	struct record const *r = table_find(table, name, sizeof name - 1);
	stralloc path = STRALLOC_ZERO;
	if (!r)
		return 1;
	int ok = stralloc_catb(&path, table_value(table, r), r->value_len) &&
	    stralloc_0(&path);
	if (ok && access(path.s, R_OK) < 0)
		tables_report(t, WARNING, TABLE_SETTINGS, r->line, name,
		    sizeof name - 1,
		    "cannot be read: no certificate is verified by it, and "
		    "mail that asks for that waits",
		    NULL);
	stralloc_free(&path);
	return ok;
}

int
check_programs(struct tables *t)
{
	return check_authorities(t) &&
	    check_commands(t, "inbound_filters", 0, COMMAND_LIST_MAX) &&
	    check_commands(t, "outbound_filters", 0, COMMAND_LIST_MAX) &&
	    check_commands(t, "virtual_transport", 1, 1) &&
	    check_commands(t, "mailbox_command", 0, 1);
}
