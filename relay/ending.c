/* SPDX-License-Identifier: ISC */
#include "ending.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

static int fd = -1;

void
ending_watch(void)
{
	sigset_t wanted;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &wanted, NULL);
}

int
ending_fd(void)
{
	return fd;
}

bool
ending_is_asked(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}
