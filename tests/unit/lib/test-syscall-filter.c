/* SPDX-License-Identifier: ISC */
/* The filter's program is run by a small machine of our own, for every call
 * number there is; then by the kernel. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/syscall-filter.h"

enum { CALLS = 1000 };

static struct sock_filter program[SYSCALL_PROGRAM];
static size_t program_len;

/* The verdict; 0 when the program is not one the kernel would take. */
static uint32_t
run(struct seccomp_data const *data)
{
	uint32_t a = 0;
	for (size_t pc = 0; pc < program_len; pc++) {
		struct sock_filter const *i = &program[pc];
		bool yes = false;
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (char const *)data + i->k, sizeof a);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= i->k;
			break;
		default:
			return 0;
		}
		pc += yes ? i->jt : i->jf;
	}
	return 0;
}

/* This machine's AUDIT_ARCH_ as the program has it: its second step. */
static bool
allows(uint32_t call, uint64_t argument)
{
	struct seccomp_data data = { .nr = (int)call,
		.arch = program[1].k,
		.args = { 0, 0, argument } };
	uint32_t verdict = run(&data);
	CHECK(verdict == SECCOMP_RET_ALLOW ||
	    verdict == SECCOMP_RET_KILL_PROCESS);
	return verdict == SECCOMP_RET_ALLOW;
}

static void
compile(struct syscall_filter *f)
{
	program_len = syscall_filter_compile(f, program);
	CHECK(program_len > 4 && program_len <= SYSCALL_PROGRAM);
}

/* CALLS allowed, N of them; no other number. */
static void
check_list(int const *calls, size_t n)
{
	struct syscall_filter f = { 0 };
	bool wanted[CALLS] = { false };
	for (size_t i = 0; i < n; i++)
		wanted[calls[i]] = true;
	syscall_filter_add(&f, calls, n);
	compile(&f);
	for (uint32_t call = 0; call < CALLS; call++)
		CHECK(allows(call, 0) == wanted[call]);
	CHECK(!allows(0x40000000, 0)); /* read, of the x32 kind */
	CHECK(!allows(UINT32_MAX, 0));
}

static void
test_lists(void)
{
	static int const one[] = { 17 };
	static int const edges[] = { 0, 999, 1, 998, 500, 1, 0 };
	static int const runs[] = { 9, 8, 7, 3, 4, 6, 20, 21, 23 };
	int many[SYSCALL_RULES];
	check_list(one, 0);
	check_list(one, 1);
	check_list(edges, sizeof edges / sizeof *edges);
	check_list(runs, sizeof runs / sizeof *runs);
	for (int i = 0; i < SYSCALL_RULES; i++)
		many[i] = i * 7 % CALLS;
	check_list(many, SYSCALL_RULES);
}

static void
test_conditions(void)
{
	static int const calls[] = { 8, 10, 11 };
	struct syscall_filter f = { 0 };
	syscall_filter_add_if(&f, 9, 2, 4, 0);
	syscall_filter_add_if(&f, 11, 2, 4, 0);
	syscall_filter_add_if(&f, 12, 2, UINT32_MAX, 7);
	syscall_filter_add(&f, calls, 3);
	compile(&f);
	CHECK(allows(8, 4) && allows(10, 4) && !allows(7, 0) && !allows(13, 0));
	CHECK(allows(9, 0) && allows(9, 3) && !allows(9, 4) && !allows(9, 7));
	CHECK(allows(11, 4)); /* said without a condition as well */
	CHECK(allows(12, 7) && !allows(12, 6) && !allows(12, 0));
}

static void
test_other_architecture(void)
{
	static int const calls[] = { 0, 1, 2 };
	struct syscall_filter f = { 0 };
	struct seccomp_data data = { .nr = 1, .arch = AUDIT_ARCH_M68K };
	syscall_filter_add(&f, calls, 3);
	compile(&f);
	CHECK(run(&data) == SECCOMP_RET_KILL_PROCESS);
}

static void
test_too_many(void)
{
	struct syscall_filter f = { 0 };
	for (int i = 0; i <= SYSCALL_RULES; i++)
		syscall_filter_add(&f, &i, 1);
	CHECK(syscall_filter_compile(&f, program) == 0 && errno == E2BIG);
}

static void
test_kernel(void)
{
	static int const calls[] = { SYS_getpid, SYS_exit_group };
	static int const tried[] = { SYS_getpid, SYS_getppid };
	struct syscall_filter f = { 0 };
	syscall_filter_add(&f, calls, 2);
	for (int i = 0; i < 2; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			    !syscall_filter_apply(&f))
				_exit(1);
			syscall(tried[i]);
			syscall(SYS_exit_group, 0);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(i == 0 ? WIFEXITED(status) && !WEXITSTATUS(status)
		             : WIFSIGNALED(status));
	}
}

int
main(void)
{
	test_lists();
	test_conditions();
	test_other_architecture();
	test_too_many();
	test_kernel();
	return check_failed;
}
