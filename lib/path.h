/* SPDX-License-Identifier: ISC */
/* Where the installation lives: BESACE_ETC and BESACE_VAR. */
#ifndef BESACE_PATH_H
#define BESACE_PATH_H

#include <skalibs/stralloc.h>

/* The directories, from the environment or the defaults. */
char const *path_etc(void);
char const *path_var(void);

/* The same two as directories that are open: for all that a program opens in
 * them, so that it may become another user below a directory that is closed to
 * him. A new descriptor; -1 with errno. */
int path_open_etc(void);
int path_open_var(void);

/* Opens both for good: to be called before the program becomes another user.
 * One that cannot be had fails when it is asked for. */
void path_hold(void);

/* *SA becomes DIR/NAME, NUL-terminated and the NUL not counted. 1, or 0 with
 * errno. */
int path_join(stralloc *sa, char const *dir, char const *name);

/* *SA becomes the path of one of our programs: NAME itself when it holds a
 * slash, the file beside the running program when there is one, else NAME (to
 * be searched in PATH). NUL-terminated, not counted. 1, or 0 with errno. */
int path_program(stralloc *sa, char const *name);

#endif
