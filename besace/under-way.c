/* SPDX-License-Identifier: ISC */
#include "under-way.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes.h"
#include "file.h"

enum { LOCKS_MAX = 4 * 1024 * 1024 }; /* octets */

/* proc(5): "1: FLOCK  ADVISORY  WRITE 715 fe:01:1839 0 EOF". Several file systems
 * show another device there than stat(2) does, so the number alone counts. */
static bool
is_held(struct bytes locks, int fd)
{
	char wanted[32];
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	int n = snprintf(wanted, sizeof wanted, ":%llu ",
	    (unsigned long long)st.st_ino);
	while (locks.len) {
		struct bytes line = bytes_take_until(&locks, '\n');
		if (memmem(line.s, line.len, ": FLOCK ", 8) &&
		    memmem(line.s, line.len, wanted, (size_t)n))
			return true;
	}
	return false;
}

bool
is_under_way(struct queue_file const *f)
{
	static stralloc locks;
	static bool known;
	if (!known)
		known = file_slurp("/proc/locks", &locks, LOCKS_MAX) &&
		    stralloc_readyplus(&locks, 1);
	return known &&
	    (f->name.box == QUEUE_NEW || f->name.box == QUEUE_DEFERRED) &&
	    is_held((struct bytes){ locks.s, locks.len }, f->fd);
}
