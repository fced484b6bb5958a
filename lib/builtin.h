/* SPDX-License-Identifier: ISC */
/* Programs of ours that another has in itself: it runs them by fork() alone, at
 * a third of what execve() and the C library's start cost. Nothing else may
 * differ from the program of that name: what holds for one holds for the other.
 */
#ifndef BESACE_BUILTIN_H
#define BESACE_BUILTIN_H

struct builtin {
	char const *name; /* a table of them ends with NULL */
	int (*run)(int argc, char *const *argv);
};

/* The one that a command's first word means: its plain name. A word with a
 * slash is a file. NULL when there is none; TABLE may be NULL. */
struct builtin const *builtin_find(struct builtin const *table,
    char const *word);

/* In a child of fork(), with descriptors 0, 1 and 2, process group and signals
 * as the program is to have them: makes the rest as execve() would, runs it and
 * exits. */
_Noreturn void builtin_run(struct builtin const *b, char *const *argv,
    char *const *envp);

#endif
