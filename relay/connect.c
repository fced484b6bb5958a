/* SPDX-License-Identifier: ISC */
#include "connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"

enum { SECONDS_MAX = 3600 };

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
make_name(union name *n, char const *ip, unsigned int port)
{
	memset(n, 0, sizeof *n);
	if (strchr(ip, ':')) {
		n->in6.sin6_family = AF_INET6;
		n->in6.sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, ip, &n->in6.sin6_addr) == 1
		    ? sizeof n->in6
		    : 0;
	}
	n->in.sin_family = AF_INET;
	n->in.sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, ip, &n->in.sin_addr) == 1 ? sizeof n->in : 0;
}

/* 1, or 0 with errno. */
static int
wait_connected(int fd, uint64_t seconds)
{
	int64_t end = monotonic_ms() +
	    (int64_t)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1000;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int r;
	do {
		int64_t left = end - monotonic_ms();
		r = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	if (r == 0)
		errno = ETIMEDOUT;
	if (r <= 0)
		return 0;
	int error = 0;
	socklen_t len = sizeof error;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return 0;
	errno = error;
	return error == 0;
}

/* Connections are blocking otherwise (conn.h), and send what they have. */
static int
make_ready(int fd)
{
	int one = 1;
	int flags = fcntl(fd, F_GETFL);
	return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
}

int
connect_to(char const *ip, unsigned int port, uint64_t seconds)
{
	union name name;
	socklen_t len = make_name(&name, ip, port);
	if (!len) {
		errno = EINVAL;
		return -1;
	}
	int fd = socket(name.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	bool ok = connect(fd, &name.any, len) == 0 ||
	    (errno == EINPROGRESS && wait_connected(fd, seconds));
	if (ok && make_ready(fd))
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
