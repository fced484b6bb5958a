/* SPDX-License-Identifier: ISC */
#include "service.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"
#include "path.h"
#include "program.h"

static int
connect_to(char const *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof a.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* Nobody writes to the words: execve's type is older than const. */
union words {
	char const *in[4];
	char *out[4];
};

/* In the child. Standard error on the connection, as inetd has it, sends the
 * session's log to syslog, if there is one, and not to the user's terminal. */
static void
become_session(char const *program, int fd)
{
	union words argv = { .in = { "smtp-session", "-s", "local", NULL } };
	bool syslog = access("/dev/log", F_OK) == 0;
	if (dup2(fd, 0) == 0 && dup2(fd, 1) == 1 &&
	    (!syslog || dup2(fd, 2) == 2))
		program_exec(program, argv.out, environ);
	_exit(EXIT_UNAVAILABLE);
}

static int
start_session(struct service *s)
{
	stralloc program = STRALLOC_ZERO;
	int ends[2];
	if (!path_program(&program, "smtp-session") ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 0;
	s->session = fork();
	if (s->session == 0)
		become_session(program.s, ends[1]);
	close(ends[1]);
	stralloc_free(&program);
	s->fd = ends[0];
	if (s->session < 0)
		close(ends[0]);
	return s->session > 0;
}

int
service_open(struct service *s, struct settings const *settings)
{
	char const *path = settings->sendmail_socket;
	s->session = 0;
	s->fd = connect_to(path);
	if (s->fd >= 0)
		return 1;
	int why = errno;
	if (access(path_var(), W_OK) == 0) {
		if (start_session(s))
			return 1;
		fprintf(stderr, "sendmail: unable to start smtp-session: %s\n",
		    strerror(errno));
		return 0;
	}
	fprintf(stderr, "sendmail: unable to connect to %s: %s\n", path,
	    strerror(why));
	return 0;
}

void
service_close(struct service *s)
{
	close(s->fd);
	while (s->session > 0 && waitpid(s->session, NULL, 0) < 0 &&
	    errno == EINTR)
		continue;
}

/* What is there goes on. 1; 0 at the end; -1 with errno. */
static int
pass(int from, int to)
{
	char piece[16384];
	ssize_t r = read(from, piece, sizeof piece);
	if (r < 0)
		return errno == EINTR ? 1 : -1;
	return r == 0 ? 0 : file_write(to, piece, (size_t)r) ? 1 : -1;
}

int
service_relay(struct service const *s)
{
	bool open = true;
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = s->fd, .events = POLLIN },
			{ .fd = open ? 0 : -1, .events = POLLIN },
		};
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return 0;
		if (p[0].revents) {
			int r = pass(s->fd, 1);
			if (r <= 0)
				return r == 0;
		}
		if (p[1].revents && pass(0, s->fd) <= 0) {
			open = false;
			shutdown(s->fd, SHUT_WR);
		}
	}
}
