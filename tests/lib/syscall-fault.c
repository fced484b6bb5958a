/* SPDX-License-Identifier: ISC */
/* Runs a program and breaks one of its system calls, by ptrace(2).
 *
 * usage: syscall-fault TRACE ACTION NUMBER [VALUE] PROGRAM [ARGUMENT]...
 *
 * Calls are counted from 1, the first one after execve. ACTION at call NUMBER:
 *   none              nothing (NUMBER is 0)
 *   kill-before       SIGKILL before the kernel does it
 *   kill-after        SIGKILL when it is done, before the program knows
 *   error ERRNO       it is not done and fails so
 *   errors ERRNO      the same, and every later call of its name
 *   dead ERRNO        the same, and every later call that a disk has a part in
 *   short LENGTH      done, by the kernel, with this as its third argument:
 *                     a true short read or write
 * errors and dead leave what goes to standard error alone.
 * TRACE gets a line for each call, "NUMBER NAME THIRD-ARGUMENT RESULT", and
 * "fault" at the end when the fault was met. Exit status: the program's, 128
 * and its signal; 69 where this processor is not known here. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__

struct fault {
	char const *action;
	long number;
	long value;
	FILE *trace;
	pid_t pid;
	long count;    /* of calls begun */
	long call;     /* the kernel's number of the last one */
	long again;    /* errors: the call that fails from now on */
	bool met;      /* the fault has been made */
	bool inside;   /* between a call's entry and its exit */
	bool breaking; /* the call under way is to fail */
};

struct name {
	long call;
	char const *name;
};

static struct name const names[] = {
	{ SYS_read, "read" },
	{ SYS_pread64, "pread64" },
	{ SYS_readv, "readv" },
	{ SYS_write, "write" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_writev, "writev" },
	{ SYS_open, "open" },
	{ SYS_openat, "openat" },
	{ SYS_close, "close" },
	{ SYS_stat, "stat" },
	{ SYS_fstat, "fstat" },
	{ SYS_newfstatat, "newfstatat" },
	{ SYS_lseek, "lseek" },
	{ SYS_mmap, "mmap" },
	{ SYS_munmap, "munmap" },
	{ SYS_mremap, "mremap" },
	{ SYS_brk, "brk" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_rename, "rename" },
	{ SYS_renameat, "renameat" },
	{ SYS_renameat2, "renameat2" },
	{ SYS_link, "link" },
	{ SYS_linkat, "linkat" },
	{ SYS_unlink, "unlink" },
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_mkdir, "mkdir" },
	{ SYS_mkdirat, "mkdirat" },
	{ SYS_getdents64, "getdents64" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_flock, "flock" },
	{ SYS_setgroups, "setgroups" },
	{ SYS_setresuid, "setresuid" },
	{ SYS_setresgid, "setresgid" },
	{ SYS_umask, "umask" },
	{ SYS_exit_group, "exit_group" },
	{ SYS_ftruncate, "ftruncate" },
	{ SYS_utimensat, "utimensat" },
	{ SYS_fchmod, "fchmod" },
	{ SYS_fchown, "fchown" },
	{ SYS_faccessat, "faccessat" },
};

static char const *
name_of(long call)
{
	static char other[24];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].call == call)
			return names[i].name;
	snprintf(other, sizeof other, "call-%ld", call);
	return other;
}

static void
die(char const *what)
{
	fprintf(stderr, "syscall-fault: %s: %s\n", what, strerror(errno));
	exit(111);
}

static bool
is(struct fault const *f, char const *action)
{
	return strcmp(f->action, action) == 0;
}

static void
set_registers(struct fault *f, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, f->pid, NULL, regs) < 0)
		die("PTRACE_SETREGS");
}

static bool
is_disk_call(long call)
{
	static long const calls[] = { SYS_write, SYS_pwrite64, SYS_writev,
		SYS_fsync, SYS_fdatasync, SYS_openat, SYS_mkdirat,
		SYS_renameat2, SYS_renameat, SYS_rename, SYS_link, SYS_linkat,
		SYS_unlink, SYS_unlinkat, SYS_getdents64, SYS_ftruncate,
		SYS_pread64 };
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i] == call)
			return true;
	return false;
}

/* Whether this call is one of those that fail from the fault on. */
static bool
fails_again(struct fault const *f, struct user_regs_struct const *regs)
{
	if (!f->met || (f->call == SYS_write && regs->rdi == 2))
		return false;
	return (is(f, "errors") && f->call == f->again) ||
	    (is(f, "dead") && is_disk_call(f->call));
}

static void
on_entry(struct fault *f, struct user_regs_struct *regs)
{
	f->call = (long)regs->orig_rax;
	f->count++;
	bool here = f->count == f->number;
	fprintf(f->trace, "%ld %s %lld", f->count, name_of(f->call),
	    (long long)regs->rdx);
	f->met |= here;
	if (here && is(f, "kill-before"))
		kill(f->pid, SIGKILL);
	if (here)
		f->again = f->call;
	f->breaking = (here && is(f, "error")) || fails_again(f, regs);
	if (f->breaking)
		regs->orig_rax = (unsigned long long)-1;
	if (here && is(f, "short"))
		regs->rdx = (unsigned long long)f->value;
	if (f->breaking || (here && is(f, "short")))
		set_registers(f, regs);
}

static void
on_exit_of(struct fault *f, struct user_regs_struct *regs)
{
	if (f->breaking) {
		regs->rax = (unsigned long long)-f->value;
		set_registers(f, regs);
	}
	fprintf(f->trace, " %lld\n", (long long)regs->rax);
	if (f->count == f->number && is(f, "kill-after"))
		kill(f->pid, SIGKILL);
}

static void
on_stop(struct fault *f)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, f->pid, NULL, &regs) < 0) {
		if (errno == ESRCH) /* killed meanwhile */
			return;
		die("PTRACE_GETREGS");
	}
	f->inside = !f->inside;
	if (f->inside)
		on_entry(f, &regs);
	else
		on_exit_of(f, &regs);
}

static int
end(struct fault *f, int status)
{
	fprintf(f->trace, f->met ? "\nfault\n" : "\n");
	if (fclose(f->trace) != 0)
		die("trace");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
follow(struct fault *f)
{
	int status, sig = 0;
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, f->pid, NULL, (long)sig) < 0 &&
		    errno != ESRCH)
			die("PTRACE_SYSCALL");
		if (waitpid(f->pid, &status, 0) < 0)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return end(f, status);
		sig = WSTOPSIG(status);
		if (sig == (SIGTRAP | 0x80)) {
			on_stop(f);
			sig = 0;
		}
	}
}

static pid_t
start(char **program)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
			execvp(program[0], program);
			die(program[0]);
		}
		die("PTRACE_TRACEME");
	}
	int status;
	/* The stop at the execve. */
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		die("start");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
	        PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		die("PTRACE_SETOPTIONS");
	return pid;
}

int
main(int argc, char **argv)
{
	struct fault f = { .again = -1 };
	if (argc < 5)
		return 100;
	f.trace = fopen(argv[1], "we");
	if (!f.trace)
		die(argv[1]);
	f.action = argv[2];
	f.number = atol(argv[3]);
	bool has_value = is(&f, "error") || is(&f, "errors") ||
	    is(&f, "dead") || is(&f, "short");
	f.value = has_value ? atol(argv[4]) : 0;
	f.pid = start(argv + 4 + has_value);
	return follow(&f);
}

#else

int
main(void)
{
	return 69;
}

#endif
