/* SPDX-License-Identifier: ISC */
/* Memory that the kernel is told about. */
#ifndef BESACE_PAGES_H
#define BESACE_PAGES_H

#include <stddef.h>

/* Has malloc's next LEN octets there at once: they are known to be needed, and a
 * page at a time they take three times as long. Memory that is free again stays
 * malloc's up to half a megabyte. */
void pages_prepare(size_t len);

/* Gives the whole pages in LEN octets at S back to the kernel: what was in them
 * is lost, and they take no memory until they are written again. What is left
 * at both ends stays. */
void pages_release(void *s, size_t len);

/* As malloc(3), for memory that is about to be written as a whole: where it is
 * more than half a huge page the kernel is asked for these, which take a tenth of
 * the time to come by. */
void *pages_alloc(size_t len);

#endif
