/* SPDX-License-Identifier: ISC */
/* Each sandbox: what it is for still works, what it is against kills or fails.
 * Every case runs in a child of its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/sandbox.h"

static char dir[] = "/tmp/besace-test-sandbox.XXXXXX";

enum { WORKED = 0, DENIED = 1, KILLED = 2, NO_SANDBOX = 3 };

/* The exit of ACTION (0: it worked) in a child; a signal is KILLED. */
static int
outcome(int (*sandbox)(void), int (*action)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(!sandbox() ? NO_SANDBOX : action() ? WORKED : DENIED);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFSIGNALED(status) ? KILLED : WEXITSTATUS(status);
}

static int
below(void)
{
	int root = open(dir, O_RDONLY | O_DIRECTORY);
	return root >= 0 && fchdir(root) == 0 && sandbox_below(root);
}

static int
nothing(void)
{
	return 1;
}

static int
use_memory(void)
{
	char *big = malloc(50000000);
	if (!big)
		return 0;
	memset(big, 'x', 50000000);
	free(big);
	return 1;
}

static int
open_outside(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static int
open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int
run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 0;
}

static int
fork_child(void)
{
	return fork() >= 0;
}

static int
make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int
become_root(void)
{
	return setuid(0) == 0;
}

static int
files_below(void)
{
	int fd = open("new", O_CREAT | O_EXCL | O_WRONLY, 0600);
	return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 &&
	    mkdirat(AT_FDCWD, "sub", 0700) == 0 &&
	    renameat(AT_FDCWD, "new", AT_FDCWD, "sub/new") == 0 &&
	    unlinkat(AT_FDCWD, "sub/new", 0) == 0 &&
	    unlinkat(AT_FDCWD, "sub", AT_REMOVEDIR) == 0;
}

static int
climb_out(void)
{
	return openat(AT_FDCWD, "../..", O_RDONLY | O_DIRECTORY) >= 0 &&
	    openat(AT_FDCWD, "/etc/hostname", O_RDONLY) >= 0;
}

static void
test_no_files(int (*sandbox)(void))
{
	CHECK(outcome(sandbox, nothing) == WORKED);
	CHECK(outcome(sandbox, use_memory) == WORKED);
	/* a sanitizer's run-time may open; Landlock still says no */
	int r = outcome(sandbox, open_outside);
	CHECK(r == KILLED || r == DENIED);
	CHECK(outcome(sandbox, open_socket) == KILLED);
	CHECK(outcome(sandbox, run_program) == KILLED);
	CHECK(outcome(sandbox, fork_child) == KILLED);
	CHECK(outcome(sandbox, make_code) == KILLED);
	CHECK(outcome(sandbox, become_root) == KILLED);
}

static void
test_below(void)
{
	CHECK(outcome(below, files_below) == WORKED);
	CHECK(outcome(below, use_memory) == WORKED);
	CHECK(outcome(below, climb_out) == DENIED);
	CHECK(outcome(below, open_outside) == DENIED);
	CHECK(outcome(below, open_socket) == KILLED);
	CHECK(outcome(below, run_program) == KILLED);
	CHECK(outcome(below, fork_child) == KILLED);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 1;
	test_no_files(sandbox_front);
	test_no_files(sandbox_filter);
	test_below();
	rmdir(dir);
	return check_failed;
}
