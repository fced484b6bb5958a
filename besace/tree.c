/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
remove_one(FTSENT const *e)
{
	switch (e->fts_info) {
	case FTS_D:
		return true;
	case FTS_DP:
		return rmdir(e->fts_accpath) == 0;
	case FTS_DNR:
	case FTS_ERR:
		errno = e->fts_errno;
		return false;
	default:
		return unlink(e->fts_accpath) == 0 || errno == ENOENT;
	}
}

int
tree_remove(char const *path)
{
	char *copy = strdup(path);
	if (!copy)
		return 0;
	char *const paths[] = { copy, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOSTAT, NULL);
	FTSENT *e;
	bool ok = tree != NULL;
	while (ok && (e = fts_read(tree)))
		ok = remove_one(e);
	int saved = errno;
	if (tree)
		fts_close(tree);
	free(copy);
	errno = saved;
	return ok || saved == ENOENT;
}
