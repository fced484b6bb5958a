/* SPDX-License-Identifier: ISC */
#include "expr.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_BRACKET = -1, NUMBER_MAX = 32 };

struct operation {
	char text[3];
	enum expr_op op;
	int precedence; /* higher binds tighter */
};

/* Longer spellings stand before their prefixes. */
static struct operation const binary[] = {
	{ "&&", EXPR_AND, 2 },
	{ "||", EXPR_OR, 1 },
	{ "==", EXPR_EQUAL, 3 },
	{ "!=", EXPR_NOT_EQUAL, 3 },
	{ "<=", EXPR_LESS_EQUAL, 4 },
	{ ">=", EXPR_GREATER_EQUAL, 4 },
	{ "<", EXPR_LESS, 4 },
	{ ">", EXPR_GREATER, 4 },
	{ "+", EXPR_ADD, 5 },
	{ "-", EXPR_SUBTRACT, 5 },
	{ "*", EXPR_MULTIPLY, 6 },
	{ "/", EXPR_DIVIDE, 6 },
};

static struct operation const unary[] = {
	{ "!", EXPR_NOT, 7 }, { "-", EXPR_NEGATE, 7 },
	{ "+", EXPR_NUMBER, 0 }, /* says nothing: skipped */
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Dijkstra's two stacks: finished steps go to ITEMS, waiting operators here.
 * WANT_VALUE: where the next token stands, before a value or behind one. */
struct compiler {
	char const *s;
	char const *end;
	genalloc *items;
	expr_name *name;
	void *data;
	int waiting[EXPR_DEPTH_MAX];
	int precedence[EXPR_DEPTH_MAX];
	size_t depth;
	size_t values;
	bool want_value;
};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    is_digit(c) || c == '_' || c == ':';
}

static int
emit(struct compiler *c, struct expr_item item)
{
	if (item.op == EXPR_NUMBER || item.op == EXPR_NAME)
		c->values++;
	else if (item.op != EXPR_NOT && item.op != EXPR_NEGATE)
		c->values--;
	if (c->values > EXPR_DEPTH_MAX)
		return 0;
	return genalloc_append(struct expr_item, c->items, &item) ? 1 : -1;
}

static int
emit_waiting(struct compiler *c)
{
	struct expr_item item = { .op = c->waiting[--c->depth] };
	return emit(c, item);
}

static int
push(struct compiler *c, int op, int precedence)
{
	if (c->depth == EXPR_DEPTH_MAX)
		return 0;
	c->waiting[c->depth] = op;
	c->precedence[c->depth++] = precedence;
	return 1;
}

static struct operation const *
find_operator(struct operation const *table, size_t n, struct compiler *c)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(table[i].text);
		if ((size_t)(c->end - c->s) < len ||
		    memcmp(c->s, table[i].text, len) != 0)
			continue;
		c->s += len;
		return &table[i];
	}
	return NULL;
}

static int
read_number(struct compiler *c)
{
	char text[NUMBER_MAX];
	size_t n = 0;
	while (c->s < c->end && (is_digit(*c->s) || *c->s == '.')) {
		if (n == sizeof text - 1)
			return 0;
		text[n++] = *c->s++;
	}
	text[n] = 0;
	char *rest;
	struct expr_item item = { .op = EXPR_NUMBER,
		.number = strtod(text, &rest) };
	c->want_value = false;
	return *rest ? 0 : emit(c, item);
}

static int
read_name(struct compiler *c)
{
	char const *name = c->s;
	while (c->s < c->end && is_name_byte(*c->s))
		c->s++;
	size_t len = (size_t)(c->s - name);
	char const *arg = NULL;
	size_t arg_len = 0;
	char const *close = c->s < c->end && *c->s == '('
	    ? memchr(c->s, ')', (size_t)(c->end - c->s))
	    : NULL;
	if (close) {
		arg = c->s + 1;
		arg_len = (size_t)(close - arg);
		c->s = close + 1;
	}
	struct expr_item item = { .op = EXPR_NUMBER };
	int r = c->name(c->data, name, len, arg, arg_len, &item);
	c->want_value = false;
	return r > 0 ? emit(c, item) : r;
}

static int
read_value(struct compiler *c)
{
	if (*c->s == '(') {
		c->s++;
		return push(c, OPEN_BRACKET, 0);
	}
	if (is_digit(*c->s) || *c->s == '.')
		return read_number(c);
	if (is_name_byte(*c->s))
		return read_name(c);
	struct operation const *o = find_operator(unary, COUNT(unary), c);
	if (!o)
		return 0;
	return o->op == EXPR_NUMBER ? 1 : push(c, o->op, o->precedence);
}

static int
read_close(struct compiler *c)
{
	c->s++;
	int r = 1;
	while (r > 0 && c->depth && c->waiting[c->depth - 1] != OPEN_BRACKET)
		r = emit_waiting(c);
	if (r > 0 && !c->depth)
		return 0;
	if (r > 0)
		c->depth--;
	return r;
}

static int
read_operator(struct compiler *c)
{
	if (*c->s == ')')
		return read_close(c);
	struct operation const *o = find_operator(binary, COUNT(binary), c);
	int r = o != NULL;
	while (r > 0 && c->depth && c->waiting[c->depth - 1] != OPEN_BRACKET &&
	    c->precedence[c->depth - 1] >= o->precedence)
		r = emit_waiting(c);
	c->want_value = true;
	return r > 0 ? push(c, o->op, o->precedence) : r;
}

int
expr_compile(char const *s, size_t len, expr_name *name, void *data,
    genalloc *items)
{
	struct compiler c = { .s = s,
		.end = s + len,
		.items = items,
		.name = name,
		.data = data,
		.want_value = true };
	int r = 1;
	genalloc_setlen(struct expr_item, items, 0);
	while (r > 0 && c.s < c.end) {
		if (is_space(*c.s))
			c.s++;
		else
			r = c.want_value ? read_value(&c) : read_operator(&c);
	}
	while (r > 0 && c.depth) {
		if (c.waiting[c.depth - 1] == OPEN_BRACKET)
			return 0;
		r = emit_waiting(&c);
	}
	return r > 0 && c.want_value ? 0 : r;
}

static double
apply(enum expr_op op, double a, double b)
{
	switch (op) {
	case EXPR_MULTIPLY:
		return a * b;
	case EXPR_DIVIDE:
		return b != 0 ? a / b : 0;
	case EXPR_ADD:
		return a + b;
	case EXPR_SUBTRACT:
		return a - b;
	case EXPR_LESS:
		return a < b;
	case EXPR_LESS_EQUAL:
		return a <= b;
	case EXPR_GREATER:
		return a > b;
	case EXPR_GREATER_EQUAL:
		return a >= b;
	case EXPR_EQUAL:
		return !(a < b) && !(a > b);
	case EXPR_NOT_EQUAL:
		return a < b || a > b;
	/* Perl's: the value that decided */
	case EXPR_AND:
		return a != 0 ? b : a;
	case EXPR_OR:
		return a != 0 ? a : b;
	case EXPR_NUMBER:
	case EXPR_NAME:
	case EXPR_NOT:
	case EXPR_NEGATE:
		break;
	}
	return 0;
}

double
expr_value(struct expr_item const *items, size_t n,
    double (*value)(void *data, size_t index), void *data)
{
	double stack[EXPR_DEPTH_MAX + 1] = { 0 };
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		enum expr_op op = items[i].op;
		if (op == EXPR_NUMBER) {
			stack[used++] = items[i].number;
		} else if (op == EXPR_NAME) {
			stack[used++] = value(data, items[i].index);
		} else if (op == EXPR_NOT) {
			stack[used - 1] = stack[used - 1] == 0;
		} else if (op == EXPR_NEGATE) {
			stack[used - 1] = -stack[used - 1];
		} else {
			used--;
			stack[used - 1] =
			    apply(op, stack[used - 1], stack[used]);
		}
	}
	return used ? stack[0] : 0;
}
