/* SPDX-License-Identifier: ISC */
/* lib/lock: the lock of a holder that died is taken away once. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAITING = 8, DEATHS = 30, TURNS = 4 };

static char const name[] = "it.lock";

static int failures;

static void
check(bool good, char const *what)
{
	if (good)
		return;
	printf("failed: %s (%s)\n", what, strerror(errno));
	failures++;
}

/* What the processes share: who holds the lock, and how often there were two. */
struct shared {
	atomic_int holder, twice;
};

static void
hold(struct shared *s, int dir)
{
	struct lock l;
	if (!lock_take(&l, dir, name))
		_exit(1);
	if (atomic_exchange(&s->holder, 1))
		atomic_fetch_add(&s->twice, 1);
	usleep(200);
	atomic_store(&s->holder, 0);
	if (!lock_drop(&l))
		atomic_fetch_add(&s->twice, 1);
}

/* Dies under the lock. */
static void
die(int dir)
{
	struct lock l;
	pid_t pid = fork();
	if (pid == 0)
		_exit(!lock_take(&l, dir, name));
	int status;
	check(waitpid(pid, &status, 0) == pid && status == 0, "die");
}

/* All wait for a holder that is dead: one of them takes its lock away, and the
 * others do not take away that of the next. */
static void
one_death(struct shared *s, int dir)
{
	die(dir);
	for (int i = 0; i < WAITING; i++)
		if (fork() == 0) {
			for (int k = 0; k < TURNS; k++)
				hold(s, dir);
			_exit(0);
		}
	int status;
	while (wait(&status) > 0)
		check(status == 0, "a process");
}

int
main(void)
{
	char where[] = "/tmp/test-lock.XXXXXX";
	check(mkdtemp(where) != NULL, "mkdtemp");
	int dir = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(dir >= 0 && s != MAP_FAILED, "open, mmap");
	for (int i = 0; i < DEATHS && !failures; i++)
		one_death(s, dir);
	check(atomic_load(&s->twice) == 0, "two had the lock");
	check(rmdir(where) == 0, "nothing is left");
	return failures != 0;
}
