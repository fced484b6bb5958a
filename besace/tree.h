/* SPDX-License-Identifier: ISC */
/* Removes a directory with all that is below it. */
#ifndef BESACE_TREE_H
#define BESACE_TREE_H

/* Links are removed, not followed. 1, also when there is no such directory;
 * 0 with errno, a part of it perhaps gone. */
int tree_remove(char const *path);

#endif
