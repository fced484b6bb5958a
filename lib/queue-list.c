/* SPDX-License-Identifier: ISC */
#include "queue-list.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
queue_list_open(struct queue_list *l, int queue, enum queue_box box)
{
	int fd = openat(queue, queue_box_name(box),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	l->box = box;
	l->foreign = 0;
	l->dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !l->dir) {
		int saved = errno;
		close(fd);
		errno = saved;
	}
	return l->dir != NULL;
}

int
queue_list_next(struct queue_list *l, struct queue_name *name)
{
	struct dirent const *entry;
	for (;;) {
		errno = 0;
		if (!(entry = readdir(l->dir)))
			return errno ? -1 : 0;
		if (queue_name_parse_in(l->box, entry->d_name, name))
			return 1;
		l->foreign += entry->d_name[0] != '.';
	}
}

void
queue_list_close(struct queue_list *l)
{
	if (l->dir)
		closedir(l->dir);
	l->dir = NULL;
}
