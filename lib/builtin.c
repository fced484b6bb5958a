/* SPDX-License-Identifier: ISC */
#include "builtin.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"

struct builtin const *
builtin_find(struct builtin const *table, char const *word)
{
	for (; table && table->name; table++)
		if (strcmp(table->name, word) == 0)
			return table;
	return NULL;
}

static int
replace_environment(char *const *envp)
{
	if (clearenv() != 0)
		return 0;
	for (; *envp; envp++)
		if (putenv(*envp) != 0)
			return 0;
	return 1;
}

static int
count_words(char *const *argv)
{
	int n = 0;
	while (argv[n])
		n++;
	return n;
}

/* _exit: what this process would do at its end, it has from its parent. */
void
builtin_run(struct builtin const *b, char *const *argv, char *const *envp)
{
	log_close();
	optind = 0; /* getopt(3) begins anew */
	if (close_range(3, ~0U, 0) < 0 || !replace_environment(envp) ||
	    prctl(PR_SET_NAME, b->name) < 0)
		_exit(EXIT_OSERR);
	_exit(b->run(count_words(argv), argv));
}
