/* SPDX-License-Identifier: ISC */
#include "uidvalidity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "file.h"

#define UIDVALIDITY_FILE "dovecot-uidvalidity"

enum { HEX = 8, TRIES = 50 };

static bool
parse_hex(char const *s, uint32_t *value)
{
	char *end;
	unsigned long n = strtoul(s, &end, 16);
	*value = (uint32_t)n;
	return end == s + HEX && !*end;
}

/* The greatest "dovecot-uidvalidity.XXXXXXXX", 0 for none. */
static uint32_t
marker(int root)
{
	uint32_t best = 0;
	uint32_t value;
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	size_t n = strlen(UIDVALIDITY_FILE ".");
	struct dirent const *e;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, UIDVALIDITY_FILE ".", n) == 0 &&
		    parse_hex(e->d_name + n, &value) && value > best)
			best = value;
	closedir(d);
	return best;
}

static uint32_t
stored(int root)
{
	char text[HEX + 1] = "";
	uint32_t value;
	int fd = file_open(root, UIDVALIDITY_FILE, O_RDONLY);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, HEX);
	close(fd);
	return n == HEX && parse_hex(text, &value) ? value : 0;
}

static void
marker_name(char name[64], uint32_t value)
{
	snprintf(name, 64, "%s.%08x", UIDVALIDITY_FILE, (unsigned)value);
}

/* 1 it is ours; 0 somebody else was faster or, with errno, it failed. */
static int
take(int root, uint32_t old, uint32_t value)
{
	char from[64];
	char to[64];
	marker_name(from, old);
	marker_name(to, value);
	if (old)
		return renameat(root, from, root, to) == 0;
	int fd =
	    openat(root, to, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
store(int root, uint32_t value)
{
	char text[HEX + 1];
	char tmp[64];
	snprintf(text, sizeof text, "%08x", (unsigned)value);
	snprintf(tmp, sizeof tmp, "%s.%ld.tmp", UIDVALIDITY_FILE,
	    (long)getpid());
	int fd =
	    openat(root, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	int ok = file_write(fd, text, HEX) && file_sync(fd);
	ok = file_close(fd) && ok &&
	    renameat(root, tmp, root, UIDVALIDITY_FILE) == 0 && file_sync(root);
	if (!ok)
		unlinkat(root, tmp, 0);
	return ok;
}

uint32_t
uidvalidity_next(int root, uint32_t floor)
{
	for (int i = 0; i < TRIES; i++) {
		uint32_t old = marker(root);
		uint32_t last = stored(root);
		uint32_t value = (uint32_t)time(NULL);
		uint32_t least = old > last ? old : last;
		if (floor > least)
			least = floor;
		if (value <= least)
			value = least + 1;
		if (!value)
			break;
		if (take(root, old, value))
			return store(root, value) ? value : 0;
		if (errno != ENOENT && errno != EEXIST)
			return 0;
	}
	errno = EBUSY;
	return 0;
}
