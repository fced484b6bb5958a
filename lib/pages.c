/* SPDX-License-Identifier: ISC */
#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void
pages_release(void *s, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = (page - (uintptr_t)s % page) % page;
	if (len < before + page)
		return;
	/* a kernel that keeps them costs memory, no more */
	(void)madvise((char *)s + before, (len - before) / page * page,
	    MADV_DONTNEED);
}
