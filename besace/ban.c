/* SPDX-License-Identifier: ISC */
/* Who is banned, by whom and how long: a look at BESACE_VAR/abuse, and a hand
 * in it. */
#include "besace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <skalibs/genalloc.h>

#include "abuse.h"
#include "exitcode.h"
#include "path.h"
#include "settings.h"

enum { NETWORK_TEXT = INET6_ADDRSTRLEN + 4 };

static int
usage(void)
{
	fputs("usage: besace ban list\n"
	      "       besace ban add ADDRESS[/PREFIX] [--for TIME]\n"
	      "       besace ban del ADDRESS[/PREFIX]\n"
	      "TIME is a number with s, m, h, d or w\n",
	    stderr);
	return EXIT_USE;
}

static int
open_table(struct hash_file *file)
{
	return abuse_table(file) ? EXIT_OK : EXIT_CANTCREAT;
}

/* --- list ------------------------------------------------------------------ */

static void
network_text(struct network const *n, char text[NETWORK_TEXT])
{
	char addr[INET6_ADDRSTRLEN];
	unsigned int whole = n->family == AF_INET ? 32 : 128;
	if (!inet_ntop(n->family, n->addr, addr, sizeof addr))
		addr[0] = 0;
	if (n->bits == whole)
		snprintf(text, NETWORK_TEXT, "%s", addr);
	else
		snprintf(text, NETWORK_TEXT, "%s/%u", addr, n->bits);
}

static int
compare(void const *a, void const *b)
{
	struct network const *x = &((struct abuse_ban const *)a)->network;
	struct network const *y = &((struct abuse_ban const *)b)->network;
	int by_family = (x->family > y->family) - (x->family < y->family);
	int by_address = memcmp(x->addr, y->addr, sizeof x->addr);
	return by_family ? by_family
	    : by_address ? by_address
	                 : (int)x->bits - (int)y->bits;
}

static int
list(void)
{
	struct hash_file file;
	struct abuse_ban ban;
	genalloc bans = GENALLOC_ZERO;
	uint32_t pos = 0;
	int code = open_table(&file);
	if (code != EXIT_OK)
		return code;
	while (abuse_next_ban(&file, &pos, &ban))
		if (!genalloc_append(struct abuse_ban, &bans, &ban))
			return EXIT_OSERR;
	struct abuse_ban *all = genalloc_s(struct abuse_ban, &bans);
	size_t count = genalloc_len(struct abuse_ban, &bans);
	if (count)
		qsort(all, count, sizeof *all, compare);
	for (size_t i = 0; i < count; i++) {
		char text[NETWORK_TEXT];
		char until[ABUSE_TIME_MAX];
		network_text(&all[i].network, text);
		abuse_time(all[i].until, until);
		printf("%-24s %-20s %-8s %u\n", text, until, all[i].why,
		    all[i].failures);
	}
	genalloc_free(struct abuse_ban, &bans);
	hash_file_close(&file);
	return EXIT_OK;
}

/* --- add and del ------------------------------------------------------------ */

static int
parse_network(char const *text, struct network *n)
{
	if (abuse_network(text, n))
		return EXIT_OK;
	fprintf(stderr,
	    "besace: \"%s\" is not an address or network: write it as "
	    "192.0.2.1, 192.0.2.0/24 or 2001:db8::/64\n",
	    text);
	return EXIT_MALFORMED;
}

/* As a setting's time is written. */
static int
parse_until(char const *text, int64_t *until)
{
	static char const name[] = "abuse_ban_time";
	struct settings settings;
	char const *why;
	struct setting const *s = settings_find(name, sizeof name - 1);
	if (!s || !settings_parse(s, text, strlen(text), &settings, &why) ||
	    !settings.abuse_ban_time || settings.abuse_ban_time > UINT32_MAX)
		return usage();
	*until = time(NULL) + (int64_t)settings.abuse_ban_time;
	return EXIT_OK;
}

static int
change_failed(void)
{
	fprintf(stderr, "besace: unable to change %s/abuse: %s\n", path_var(),
	    strerror(errno));
	return EXIT_IO;
}

/* Such a ban would be listed, and do nothing. */
static void
warn_of_exempt(char const *text, struct network const *n)
{
	struct settings settings;
	char addr[INET6_ADDRSTRLEN];
	if (!settings_load(&settings) ||
	    !inet_ntop(n->family, n->addr, addr, sizeof addr) ||
	    !abuse_is_exempt(&settings, addr))
		return;
	fprintf(stderr,
	    "besace: warning: %s is served all the same: it is in "
	    "abuse_exempt or mynetworks\n",
	    text);
}

static int
add(int argc, char *const *argv)
{
	struct network n;
	struct hash_file file;
	int64_t until = ABUSE_FOREVER;
	if (argc != 1 && (argc != 3 || strcmp(argv[1], "--for") != 0))
		return usage();
	int code = parse_network(argv[0], &n);
	if (code == EXIT_OK && argc == 3)
		code = parse_until(argv[2], &until);
	if (code == EXIT_OK)
		code = open_table(&file);
	if (code != EXIT_OK)
		return code;
	bool ok = abuse_ban(&file, &n, until);
	hash_file_close(&file);
	if (!ok)
		return change_failed();
	warn_of_exempt(argv[0], &n);
	return EXIT_OK;
}

static int
del(int argc, char *const *argv)
{
	struct network n;
	struct hash_file file;
	if (argc != 1)
		return usage();
	int code = parse_network(argv[0], &n);
	if (code == EXIT_OK)
		code = open_table(&file);
	if (code != EXIT_OK)
		return code;
	int found = abuse_unban(&file, &n);
	hash_file_close(&file);
	if (found < 0)
		return change_failed();
	if (!found)
		fprintf(stderr,
		    "besace: %s was not banned (\"besace ban list\" shows "
		    "what is)\n",
		    argv[0]);
	return found ? EXIT_OK : EXIT_NOUSER;
}

int
verb_ban(int argc, char *const *argv)
{
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list();
	if (argc > 1 && strcmp(argv[0], "add") == 0)
		return add(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[0], "del") == 0)
		return del(argc - 1, argv + 1);
	return usage();
}
