/* SPDX-License-Identifier: ISC */
/* Arrays that grow by one element. */
#ifndef BESACE_ARRAY_H
#define BESACE_ARRAY_H

#include <stddef.h>

/* Makes room for one more than COUNT elements of SIZE bytes in ARRAY (NULL at
 * first), which has *ROOM places and may have MOST. The array where it now is;
 * NULL with errno, and ARRAY as it was. */
void *array_grow(void *array, size_t count, size_t size, size_t most,
    size_t *room);

#endif
