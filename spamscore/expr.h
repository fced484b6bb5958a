/* SPDX-License-Identifier: ISC */
/* Expressions of "meta" rules and "if" conditions: numbers, names, ! && ||,
 * comparisons, + - * / and brackets, in C's precedence. */
#ifndef SPAMSCORE_EXPR_H
#define SPAMSCORE_EXPR_H

#include <stddef.h>
#include <skalibs/genalloc.h>

enum expr_op {
	EXPR_NUMBER,
	EXPR_NAME, /* value of names[index] */
	EXPR_NOT,
	EXPR_NEGATE,
	EXPR_MULTIPLY,
	EXPR_DIVIDE,
	EXPR_ADD,
	EXPR_SUBTRACT,
	EXPR_LESS,
	EXPR_LESS_EQUAL,
	EXPR_GREATER,
	EXPR_GREATER_EQUAL,
	EXPR_EQUAL,
	EXPR_NOT_EQUAL,
	EXPR_AND,
	EXPR_OR
};

/* One step of the compiled form, in postfix order. */
struct expr_item {
	enum expr_op op;
	double number;
	size_t index;
};

/* A name met in the text, with the word in brackets behind it ("can(x)") or
 * ARG NULL. It fills *ITEM with EXPR_NUMBER or EXPR_NAME. 1; 0: no such name;
 * -1 with errno. */
typedef int expr_name(void *data, char const *name, size_t len, char const *arg,
    size_t arg_len, struct expr_item *item);

enum { EXPR_DEPTH_MAX = 128 };

/* Compiles S to ITEMS (of struct expr_item; replaced). 1; 0 when it is no
 * expression; -1 with errno. */
int expr_compile(char const *s, size_t len, expr_name *name, void *data,
    genalloc *items);

/* The value; names are asked for by index. Division by zero is 0. Pure. */
double expr_value(struct expr_item const *items, size_t n,
    double (*value)(void *data, size_t index), void *data);

#endif
