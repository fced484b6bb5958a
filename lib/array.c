/* SPDX-License-Identifier: ISC */
#include "array.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOM_FIRST = 16 };

void *
array_grow(void *array, size_t count, size_t size, size_t most, size_t *room)
{
	if (count < *room)
		return array;
	if (count >= most) {
		errno = ENOMEM;
		return NULL;
	}
	size_t more = count ? count * 2 : ROOM_FIRST;
	if (more > most)
		more = most;
	void *p = reallocarray(array, more, size);
	if (p)
		*room = more;
	return p;
}
