/* SPDX-License-Identifier: ISC */
#include "syscall-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#else
#error "name this machine's AUDIT_ARCH_ here (linux/audit.h)"
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOWER_HALF 0
#else
#define LOWER_HALF 4
#endif

void
syscall_filter_add_if(struct syscall_filter *f, int call, int arg,
    uint32_t mask, uint32_t value)
{
	if (f->count < SYSCALL_RULES)
		f->rule[f->count] =
		    (struct syscall_rule){ (uint32_t)call, arg, mask, value };
	f->count++;
}

void
syscall_filter_add(struct syscall_filter *f, int const *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		syscall_filter_add_if(f, calls[i], -1, 0, 0);
}

/* --- the stretches of numbers --------------------------------------------- */

static int
by_call(void const *a, void const *b)
{
	struct syscall_rule const *x = a;
	struct syscall_rule const *y = b;
	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return (x->arg > y->arg) - (x->arg < y->arg);
}

/* Call numbers from FIRST on, to the next stretch, that share a verdict. */
struct stretch {
	uint32_t first;
	struct syscall_rule const *rule; /* NULL: forbidden */
};

struct stretches {
	struct stretch at[2 * SYSCALL_RULES + 1];
	size_t count;
	uint32_t end; /* behind the last call so far */
};

static void
begin_stretch(struct stretches *s, uint32_t first,
    struct syscall_rule const *rule)
{
	s->at[s->count++] = (struct stretch){ first, rule };
}

static bool
goes_on(struct stretches const *s, struct syscall_rule const *rule)
{
	struct syscall_rule const *last =
	    s->count ? s->at[s->count - 1].rule : NULL;
	return last && last->arg < 0 && rule->arg < 0 && rule->call == s->end;
}

/* The rules are in order; of one call only the first counts. */
static void
find_stretches(struct syscall_filter const *f, struct stretches *s)
{
	s->count = 0;
	s->end = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct syscall_rule const *rule = &f->rule[i];
		if (i && rule->call < s->end)
			continue;
		if (rule->call > s->end)
			begin_stretch(s, s->end, NULL);
		if (!goes_on(s, rule))
			begin_stretch(s, rule->call, rule);
		s->end = rule->call + 1;
	}
	begin_stretch(s, s->end, NULL);
}

/* --- the program ---------------------------------------------------------- */

struct program {
	struct sock_filter *at;
	size_t len;
};

static void
emit(struct program *p, unsigned int code, uint32_t k, unsigned int if_true,
    unsigned int if_false)
{
	p->at[p->len++] = (struct sock_filter){ (uint16_t)code,
		(uint8_t)if_true, (uint8_t)if_false, k };
}

static void
emit_load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
emit_verdict(struct program *p, struct syscall_rule const *rule)
{
	if (rule && rule->arg >= 0) {
		emit_load(p,
		    offsetof(struct seccomp_data, args) +
		        8 * (size_t)rule->arg + LOWER_HALF);
		emit(p, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, rule->value, 1, 0);
		emit(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	}
	emit(p, BPF_RET | BPF_K,
	    rule ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS, 0, 0);
}

/* NOLINTBEGIN(misc-no-recursion): each step halves N */
/* 0 when a jump would be too long. */
static int
emit_search(struct program *p, struct stretch const *s, size_t n)
{
	if (n == 1) {
		emit_verdict(p, s->rule);
		return 1;
	}
	size_t jump = p->len;
	emit(p, BPF_JMP | BPF_JGE | BPF_K, s[n / 2].first, 0, 0);
	int ok = emit_search(p, s, n / 2);
	size_t over = p->len - jump - 1;
	p->at[jump].jt = (uint8_t)over;
	return ok && over <= UINT8_MAX && emit_search(p, s + n / 2, n - n / 2);
}

/* NOLINTEND(misc-no-recursion) */

size_t
syscall_filter_compile(struct syscall_filter *f, struct sock_filter *program)
{
	struct stretches s;
	struct program p = { program, 0 };
	errno = E2BIG;
	if (f->count > SYSCALL_RULES)
		return 0;
	qsort(f->rule, f->count, sizeof *f->rule, by_call);
	find_stretches(f, &s);
	emit_load(&p, offsetof(struct seccomp_data, arch));
	emit(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	emit_verdict(&p, NULL);
	emit_load(&p, offsetof(struct seccomp_data, nr));
	return emit_search(&p, s.at, s.count) ? p.len : 0;
}

int
syscall_filter_apply(struct syscall_filter *f)
{
	struct sock_filter code[SYSCALL_PROGRAM];
	size_t len = syscall_filter_compile(f, code);
	struct sock_fprog program = { (unsigned short)len, code };
	return len &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
