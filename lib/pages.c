/* SPDX-License-Identifier: ISC */
#include "pages.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE = 2 << 20, HEAP_KEPT = 512 << 10 };

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

/* What lies between the first and the last whole page. */
static size_t
whole_pages(void *s, size_t len, char **start)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = (page - (uintptr_t)s % page) % page;
	if (len < before + page)
		return 0;
	*start = (char *)s + before;
	return (len - before) / page * page;
}

void
pages_prepare(size_t len)
{
	char *start;
	if (mallopt(M_MMAP_THRESHOLD, HEAP_KEPT) != 1 ||
	    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT) != 1)
		return;
	void *s = malloc(len);
	size_t whole = s ? whole_pages(s, len, &start) : 0;
	/* a kernel that knows it not gives each page when it is touched */
	if (whole)
		(void)madvise(start, whole, MADV_POPULATE_WRITE);
	free(s);
}

void
pages_release(void *s, size_t len)
{
	char *start;
	size_t whole = whole_pages(s, len, &start);
	/* a kernel that keeps them costs memory, no more */
	if (whole)
		(void)madvise(start, whole, MADV_DONTNEED);
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
