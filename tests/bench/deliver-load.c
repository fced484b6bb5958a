/* SPDX-License-Identifier: ISC */
/* deliver-load COUNT JOBS USER FILE PROGRAM [ARGUMENT]...: runs PROGRAM COUNT
 * times, JOBS at a time, with FILE on stdin, as user and group number USER.
 * Prints: runs, failures, seconds, seconds of processor time, and the largest
 * resident size of one of them in KB. */
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct load {
	int count, jobs, started, ended, failures;
	uid_t user;
	char const *file;
	char **command;
	long largest; /* KB */
};

static double
seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
start_one(struct load *l)
{
	/* vfork: the time of a fork is not what is measured */
	pid_t pid = vfork();
	if (pid == 0) {
		int fd = open(l->file, O_RDONLY);
		if (fd < 0 || dup2(fd, 0) != 0 || close(fd) != 0)
			_exit(127);
		execv(l->command[0], l->command);
		_exit(127);
	}
	l->started += pid > 0;
	return pid > 0;
}

static int
wait_for_one(struct load *l)
{
	struct rusage used;
	int status;
	if (wait4(-1, &status, 0, &used) < 0)
		return 0;
	l->ended++;
	l->failures += status != 0;
	if (used.ru_maxrss > l->largest)
		l->largest = used.ru_maxrss;
	return 1;
}

static int
run(struct load *l)
{
	while (l->ended < l->count) {
		int more =
		    l->started < l->count && l->started - l->ended < l->jobs;
		if (!(more ? start_one(l) : wait_for_one(l)))
			return 0;
	}
	return 1;
}

static int
become(uid_t user)
{
	return getuid() != 0 ||
	    (setgroups(0, NULL) == 0 && setgid(user) == 0 && setuid(user) == 0);
}

int
main(int argc, char **argv)
{
	struct rusage used;
	if (argc < 6)
		return 64;
	struct load l = {
		.count = atoi(argv[1]),
		.jobs = atoi(argv[2]),
		.user = (uid_t)atoi(argv[3]),
		.file = argv[4],
		.command = argv + 5,
	};
	if (!become(l.user))
		return 77;
	double start = now();
	if (!run(&l) || getrusage(RUSAGE_CHILDREN, &used) != 0)
		return 71;
	printf("%d %d %f %f %ld\n", l.ended, l.failures, now() - start,
	    seconds_of(used.ru_utime) + seconds_of(used.ru_stime), l.largest);
	return 0;
}
