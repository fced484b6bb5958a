/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534 };

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Reading, writing, waiting, memory, time, the end. */
static int const calls_basic[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(futex),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(sysinfo), /* qsort(3) asks how much memory there is */
	SCMP_SYS(sched_yield),
	SCMP_SYS(membarrier),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
};

/* A Maildir's life; where, Landlock and the root directory say. */
static int const calls_files[] = {
	SCMP_SYS(openat),
	SCMP_SYS(statx),
	SCMP_SYS(getdents64),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(linkat),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdirat),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(utimensat),
	SCMP_SYS(fchmod),
	SCMP_SYS(fcntl),
	SCMP_SYS(flock),
	SCMP_SYS(dup),
	SCMP_SYS(fadvise64),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlinkat),
	SCMP_SYS(sendfile),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(inotify_init1),
	SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_rm_watch),
	SCMP_SYS(fchdir), /* inotify wants a path */
	SCMP_SYS(uname),
	SCMP_SYS(umask),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
};

/* What the sanitizers' run-time does besides. */
static int const calls_sanitizer[] = {
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_yield),
	SCMP_SYS(readlink),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(prctl),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(openat),
	SCMP_SYS(open),
	SCMP_SYS(ioctl),
	SCMP_SYS(dup),
	SCMP_SYS(fcntl),
};

static bool
allow(scmp_filter_ctx ctx, int const *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0) < 0)
			return false;
	return true;
}

/* mmap and mprotect, but nothing that can be run. */
static bool
allow_memory(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	           no_exec) >= 0 &&
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	        no_exec) >= 0;
}

/* kill with no signal: is the process that left this lock file still there? */
static bool
allow_probe(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
	           SCMP_A1(SCMP_CMP_EQ, 0)) >= 0;
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int
apply_seccomp(bool files)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	errno = ENOMEM;
	if (!ctx)
		return 0;
	bool ok = allow(ctx, calls_basic, COUNT(calls_basic)) &&
	    allow_memory(ctx) &&
	    (!files ||
	        (allow(ctx, calls_files, COUNT(calls_files)) &&
	            allow_probe(ctx))) &&
	    (!SANITIZED || allow(ctx, calls_sanitizer, COUNT(calls_sanitizer)));
	int r = ok ? seccomp_load(ctx) : -EINVAL;
	seccomp_release(ctx);
	errno = -r;
	return r == 0;
}

/* Handled access rights by ABI; a right the kernel does not know is an error
 * there, so each ABI adds its own. */
static uint64_t
landlock_rights(long abi)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
	if (abi >= 2)
		rights |= 1ULL << 13; /* REFER */
	if (abi >= 3)
		rights |= 1ULL << 14; /* TRUNCATE */
	return rights;
}

static int
allow_below(int ruleset, int rootfd, uint64_t rights)
{
	struct landlock_path_beneath_attr below = { .parent_fd = rootfd,
		.allowed_access =
		    rights & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE };
	return syscall(SYS_landlock_add_rule, ruleset,
	           LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
}

/* ROOTFD -1: no files at all. */
static int
apply_landlock(int rootfd)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi <= 0)
		return 1; /* not in this kernel */
	if (abi < 2 && rootfd >= 0)
		return 1; /* would forbid every rename between directories */
	uint64_t rights = landlock_rights(abi);
	struct landlock_ruleset_attr attr = { .handled_access_fs = rights };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof attr.handled_access_fs, 0);
	if (fd < 0)
		return 0;
	int ok = (rootfd < 0 || allow_below(fd, rootfd, rights)) &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

/* A directory that is removed while we are in it: nothing is in it, nothing
 * can be made in it. */
static int
enter_empty_root(void)
{
	char dir[] = "/tmp/besace-empty.XXXXXX";
	if (!mkdtemp(dir))
		return 0;
	int ok = chdir(dir) == 0;
	int saved = errno;
	if (rmdir(dir) < 0 && ok)
		return 0;
	errno = saved;
	return ok && chroot(".") == 0;
}

static int
drop_root(void)
{
	if (geteuid() != 0)
		return 1;
	return enter_empty_root() && setgroups(0, NULL) == 0 &&
	    setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static int
no_privileges(void)
{
	struct rlimit none = { 0, 0 };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    (SANITIZED || setrlimit(RLIMIT_CORE, &none) == 0);
}

int
sandbox_front(void)
{
	/* a change of user clears the death signal, so it comes after */
	return drop_root() && no_privileges() &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && apply_landlock(-1) &&
	    apply_seccomp(false);
}

int
sandbox_filter(void)
{
	return no_privileges() && apply_landlock(-1) && apply_seccomp(false);
}

int
sandbox_below(int rootfd)
{
	return no_privileges() && apply_landlock(rootfd) && apply_seccomp(true);
}
