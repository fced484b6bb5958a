/* SPDX-License-Identifier: ISC */
#include "besace.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exitcode.h"
#include "log.h"

struct verb {
	char const *name;
	verb_function *function;
	char const *arguments;
	char const *summary;
};

static verb_function verb_help;
static verb_function verb_version;

/* The only list of what the command can do. */
static struct verb const verbs[] = {
	{ "init", verb_init, "DIR [-o NAME=VALUE]...",
	    "write a trial instance" },
	{ "serve", verb_serve, "DIR [--base-port N] [--listen ADDRESS]",
	    "start an instance's listeners, until SIGTERM" },
	{ "maps", verb_maps, "", "check the text files and make the maps" },
	{ "user", verb_user, "add|del|password|passwords|folder|list ...",
	    "manage accounts" },
	{ "alias", verb_alias, "add|del|list ...",
	    "give addresses away, for a time" },
	{ "quota", verb_quota, "list|show|recalc|set ...",
	    "what mailboxes hold, and may hold" },
	{ "lookup", verb_lookup, "ADDRESS [SENDER]",
	    "show where an address leads" },
	{ "import", verb_import, "ADDRESS SOURCE... | --tree DIR...",
	    "take old mail over" },
	{ "export", verb_export, "ADDRESS [--folder FOLDER]",
	    "write a folder as mbox" },
	{ "ban", verb_ban, "list|add|del ...", "refuse clients for a time" },
	{ "queue", verb_queue, "list|show|retry|hold|release|drop|flush ...",
	    "look at waiting mail, and change it" },
	{ "trace", verb_trace, "ID|ADDRESS [FILE...]",
	    "follow a message through the log" },
	{ "settings", verb_settings, "", "list the settings" },
	{ "help", verb_help, "", "show this list" },
	{ "version", verb_version, "", "show the version" },
	{ NULL, NULL, NULL, NULL },
};

static void
print_verbs(FILE *out)
{
	fputs("usage: besace VERB ...\n\n", out);
	for (struct verb const *v = verbs; v->name; v++) {
		char line[80];
		snprintf(line, sizeof line, "%s %s", v->name, v->arguments);
		fprintf(out, "  %-46s %s\n", line, v->summary);
	}
	fputs("\nThe manual page besace(8) says more.\n", out);
}

static int
verb_help(int argc, char *const *argv)
{
	(void)argc;
	(void)argv;
	print_verbs(stdout);
	return EXIT_OK;
}

static int
verb_version(int argc, char *const *argv)
{
	(void)argc;
	(void)argv;
	puts("besace " BESACE_VERSION);
	return EXIT_OK;
}

/* "--version" and "--help" are what people try first. */
static struct verb const *
find_verb(char const *name)
{
	if (strncmp(name, "--", 2) == 0)
		name += 2;
	for (struct verb const *v = verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

int
main(int argc, char **argv)
{
	log_open("besace");
	umask(077);
	struct verb const *verb = argc > 1 ? find_verb(argv[1]) : NULL;
	if (!verb) {
		if (argc > 1)
			fprintf(stderr, "besace: no verb \"%s\"\n", argv[1]);
		print_verbs(stderr);
		return EXIT_USE;
	}
	int code = verb->function(argc - 2, argv + 2);
	if (fflush(stdout) != 0 && code == EXIT_OK) {
		perror("besace: standard output");
		code = EXIT_IO;
	}
	return code;
}
