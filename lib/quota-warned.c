/* SPDX-License-Identifier: ISC */
#include "quota-warned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "quota.h"

enum { NAME_ROOM = 40 };

static void
name_of(unsigned int step, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, "besace.quota-warned.%u", step);
}

int
quota_warned_begin(int root, unsigned int step)
{
	char name[NAME_ROOM];
	name_of(step, name);
	int fd =
	    openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : -1;
	close(fd);
	return fsync(root) == 0 ? 1 : -1;
}

void
quota_warned_end(int root, char const *steps, unsigned int percent)
{
	unsigned char step[QUOTA_WARNINGS];
	char name[NAME_ROOM];
	int n = quota_warnings_parse(steps, strlen(steps), step);
	for (int i = 0; i < n; i++) {
		if (step[i] <= percent)
			continue;
		name_of(step[i], name);
		if (unlinkat(root, name, 0) < 0 && errno != ENOENT)
			log_error("remove", name, errno);
	}
}
