/* SPDX-License-Identifier: ISC */
/* deliver-floor MAILDIR COUNT: the least that a durable delivery does, COUNT
 * times: the message on stdin written to tmp/, synced, renamed into new/, that
 * directory synced. What deliver and its peers are measured beside. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int
deliver_one(char const *message, size_t len, int newfd, int n)
{
	char tmp[64], visible[64];
	snprintf(tmp, sizeof tmp, "tmp/%d.%d", (int)getpid(), n);
	snprintf(visible, sizeof visible, "new/%d.%d", (int)getpid(), n);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd >= 0 && write(fd, message, len) == (ssize_t)len &&
	    fsync(fd) == 0 && close(fd) == 0 && rename(tmp, visible) == 0 &&
	    fsync(newfd) == 0;
}

int
main(int argc, char **argv)
{
	struct stat st;
	if (argc != 3 || chdir(argv[1]) != 0 || fstat(0, &st) != 0)
		return 64;
	size_t len = (size_t)st.st_size;
	void *message = mmap(NULL, len, PROT_READ, MAP_PRIVATE, 0, 0);
	int newfd = open("new", O_RDONLY | O_DIRECTORY);
	if (message == MAP_FAILED || newfd < 0)
		return 75;
	for (int n = 0; n < atoi(argv[2]); n++)
		if (!deliver_one(message, len, newfd, n))
			return 75;
	return 0;
}
