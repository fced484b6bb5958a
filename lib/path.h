/* SPDX-License-Identifier: ISC */
/* Where the installation lives: BESACE_ETC and BESACE_VAR. */
#ifndef BESACE_PATH_H
#define BESACE_PATH_H

#include <skalibs/stralloc.h>

/* The directories, from the environment or the defaults. */
char const *path_etc(void);
char const *path_var(void);

/* *SA becomes DIR/NAME, NUL-terminated and the NUL not counted. 1, or 0 with
 * errno. */
int path_join(stralloc *sa, char const *dir, char const *name);

/* *SA becomes the path of one of our programs: NAME itself when it holds a
 * slash, the file beside the running program when there is one, else NAME (to
 * be searched in PATH). NUL-terminated, not counted. 1, or 0 with errno. */
int path_program(stralloc *sa, char const *name);

#endif
