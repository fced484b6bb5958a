/* SPDX-License-Identifier: ISC */
/* A list of allowed system calls as a seccomp filter: every other call, and
 * every call of another architecture, kills the process. A binary search, made
 * anew in a few microseconds: it is part of the start of every connection. */
#ifndef BESACE_SYSCALL_FILTER_H
#define BESACE_SYSCALL_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYSCALL_RULES = 120,
	/* a rule makes two stretches of numbers, each with a jump and what is
	 * done there: one step, or five */
	SYSCALL_PROGRAM = 8 * SYSCALL_RULES + 16
};

/* A call, allowed when MASK of its argument ARG (the lower 32 bits) is VALUE;
 * ARG -1: always. */
struct syscall_rule {
	uint32_t call;
	int arg;
	uint32_t mask;
	uint32_t value;
};

struct syscall_filter {
	size_t count; /* above SYSCALL_RULES: too many were added */
	struct syscall_rule rule[SYSCALL_RULES];
};

/* A call may be added more than once; without a condition counts most. */
void syscall_filter_add(struct syscall_filter *f, int const *calls, size_t n);
void syscall_filter_add_if(struct syscall_filter *f, int call, int arg,
    uint32_t mask, uint32_t value);

/* Instructions written to PROGRAM, of SYSCALL_PROGRAM; 0 with errno. */
size_t syscall_filter_compile(struct syscall_filter *f,
    struct sock_filter *program);

/* For this process from now on; needs no_new_privs. 1, or 0 with errno. */
int syscall_filter_apply(struct syscall_filter *f);

#endif
