/* SPDX-License-Identifier: ISC */
/* Memory that a process holds for good, but not always needs. */
#ifndef BESACE_PAGES_H
#define BESACE_PAGES_H

#include <stddef.h>

/* Gives the whole pages in LEN octets at S back to the kernel: what was in them
 * is lost, and they take no memory until they are written again. What is left
 * at both ends stays. */
void pages_release(void *s, size_t len);

#endif
