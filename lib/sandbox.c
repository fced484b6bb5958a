/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
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

#include "syscall-filter.h"

enum { NOBODY = 65534 };

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Reading, writing, waiting, memory, time, the end. */
static int const calls_basic[] = {
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_lseek,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll,
	SYS_sendto,
	SYS_sendmsg,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_shutdown,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_clock_gettime,
	SYS_gettimeofday,
#ifdef SYS_time
	SYS_time,
#endif
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_restart_syscall,
	SYS_getrandom,
	SYS_getpid,
	SYS_gettid,
	SYS_futex,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_tgkill,
	SYS_exit,
	SYS_exit_group,
	SYS_sysinfo, /* qsort(3) asks how much memory there is */
	SYS_sched_yield,
	SYS_membarrier,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
};

/* A Maildir's life; where, Landlock and the root directory say. */
static int const calls_files[] = {
	SYS_openat,
	SYS_statx,
	SYS_getdents64,
#ifdef SYS_renameat
	SYS_renameat,
#endif
	SYS_renameat2,
	SYS_linkat,
	SYS_unlinkat,
	SYS_mkdirat,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_utimensat,
	SYS_fchmod,
	SYS_fcntl,
	SYS_flock,
	SYS_dup,
	SYS_fadvise64,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlinkat,
	SYS_sendfile,
	SYS_copy_file_range,
	SYS_inotify_init1,
	SYS_inotify_add_watch,
	SYS_inotify_rm_watch,
	SYS_fchdir, /* inotify wants a path */
	SYS_uname,
	SYS_umask,
	SYS_getuid,
	SYS_geteuid,
};

/* What libcurl does with a socket that is there. */
static int const calls_connected[] = {
	SYS_fcntl,
	SYS_getsockname,
	SYS_getpeername,
	SYS_getsockopt,
	SYS_setsockopt,
};

/* What the sanitizers' run-time does besides. */
static int const calls_sanitizer[] = {
	SYS_sigaltstack,
	SYS_sched_yield,
#ifdef SYS_readlink
	SYS_readlink,
#endif
	SYS_getuid,
	SYS_geteuid,
	SYS_prctl,
#ifdef SYS_getrlimit
	SYS_getrlimit,
#endif
	SYS_prlimit64,
	SYS_sysinfo,
	SYS_sched_getaffinity,
	SYS_openat,
#ifdef SYS_open
	SYS_open,
#endif
	SYS_ioctl,
	SYS_dup,
	SYS_fcntl,
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* mmap and mprotect, but nothing that can be run. */
static void
add_memory(struct syscall_filter *f)
{
	syscall_filter_add_if(f, SYS_mmap, 2, PROT_EXEC, 0);
	syscall_filter_add_if(f, SYS_mprotect, 2, PROT_EXEC, 0);
}

enum more_calls { CALLS_BASIC, CALLS_CONNECTED, CALLS_FILES };

static int
apply_seccomp(enum more_calls more)
{
	struct syscall_filter f = { 0 };
	syscall_filter_add(&f, calls_basic, COUNT(calls_basic));
	add_memory(&f);
	if (more == CALLS_CONNECTED)
		syscall_filter_add(&f, calls_connected, COUNT(calls_connected));
	if (more == CALLS_FILES) {
		syscall_filter_add(&f, calls_files, COUNT(calls_files));
		/* kill with no signal: is the process that left this lock file
		 * still there? */
		syscall_filter_add_if(&f, SYS_kill, 1, UINT32_MAX, 0);
	}
	if (SANITIZED)
		syscall_filter_add(&f, calls_sanitizer, COUNT(calls_sanitizer));
	return syscall_filter_apply(&f);
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
	    apply_seccomp(CALLS_BASIC);
}

int
sandbox_filter(void)
{
	return no_privileges() && apply_landlock(-1) &&
	    apply_seccomp(CALLS_BASIC);
}

int
sandbox_connected(void)
{
	return no_privileges() && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    apply_landlock(-1) && apply_seccomp(CALLS_CONNECTED);
}

int
sandbox_below(int rootfd)
{
	return no_privileges() && apply_landlock(rootfd) &&
	    apply_seccomp(CALLS_FILES);
}
