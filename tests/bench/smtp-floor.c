/* SPDX-License-Identifier: ISC */
/* smtp-floor [MAIL]: the least an SMTP server can be: answers that look at
 * nothing but the verb, and the text as it came, written to tmp/ of the mailbox
 * MAIL/<first word of the address>, synced, renamed into new/, that directory
 * synced. What a connection and a durable message cost before anything is done
 * for them. Honest clients only. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char const end_of_data[] = "\r\n.\r\n";

enum { END = sizeof end_of_data - 1, ROOM = 2 << 20 };

static char buf[ROOM];
static size_t len; /* read, and not yet taken */

static int
reply(char const *text)
{
	size_t n = strlen(text);
	return write(1, text, n) == (ssize_t)n;
}

/* Until MARK has come; where it ends, or 0. */
static size_t
read_until(char const *mark, size_t size)
{
	size_t seen = 0;
	for (;;) {
		char const *at = memmem(buf + seen, len - seen, mark, size);
		if (at)
			return (size_t)(at - buf) + size;
		seen = len > size ? len - size : 0;
		ssize_t r = read(0, buf + len, sizeof buf - len);
		if (r <= 0)
			return 0;
		len += (size_t)r;
	}
}

static void
take(size_t n)
{
	len -= n;
	memmove(buf, buf + n, len);
}

/* Below the current directory. */
static int
store(char const *box, size_t n)
{
	static int count;
	char name[64], tmp[128], visible[128], dir[128];
	snprintf(name, sizeof name, "%d.%d", (int)getpid(), count++);
	snprintf(tmp, sizeof tmp, "%s/tmp/%s", box, name);
	snprintf(visible, sizeof visible, "%s/new/%s", box, name);
	snprintf(dir, sizeof dir, "%s/new", box);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	int newfd = open(dir, O_RDONLY | O_DIRECTORY);
	return fd >= 0 && newfd >= 0 && write(fd, buf, n) == (ssize_t)n &&
	    fsync(fd) == 0 && close(fd) == 0 && rename(tmp, visible) == 0 &&
	    fsync(newfd) == 0 && close(newfd) == 0;
}

static int
data(char const *box)
{
	if (!reply("354 go on\r\n"))
		return 0;
	size_t n = read_until(end_of_data, END);
	if (!n || !store(box, n - END + 2))
		return 0;
	take(n);
	return reply("250 kept\r\n");
}

/* "RCPT TO:<box1@example.test>": box1. */
static void
take_box(char const *line, char box[32])
{
	char const *start = strchr(line, '<');
	size_t n = start ? strcspn(start + 1, "@>\r") : 0;
	if (n && n < 32) {
		memcpy(box, start + 1, n);
		box[n] = 0;
	}
}

int
main(int argc, char **argv)
{
	char box[32] = ".", line[512];
	size_t n;
	int one = 1;
	setsockopt(1, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if ((argc > 1 && chdir(argv[1]) < 0) ||
	    !reply("220 example.test ESMTP\r\n"))
		return 1;
	while ((n = read_until("\r\n", 2)) > 0 && n < sizeof line) {
		memcpy(line, buf, n);
		line[n] = 0;
		take(n);
		if (strncasecmp(line, "QUIT", 4) == 0)
			return !reply("221 Bye\r\n");
		if (strncasecmp(line, "RCPT", 4) == 0)
			take_box(line, box);
		if (!(strncasecmp(line, "DATA", 4) == 0
		            ? data(box)
		            : reply("250 example.test\r\n")))
			return 1;
	}
	return 1;
}
