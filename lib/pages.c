/* SPDX-License-Identifier: ISC */
#include "pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE = 2 << 20 };

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

void *
pages_alloc(size_t len)
{
	if (len < HUGE / 2 || len > SIZE_MAX - HUGE)
		return malloc(len);
	size_t all = (len + HUGE - 1) / HUGE * HUGE;
	void *s = aligned_alloc(HUGE, all);
	if (s)
		(void)madvise(s, all, MADV_HUGEPAGE);
	return s;
}
