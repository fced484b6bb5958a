/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "../check.h"
#include "spamscore/expr.h"

/* Names are single letters: a is 1, b is 2, ...; f(x) is 10; no others. */
static int
name(void *data, char const *s, size_t len, char const *arg, size_t arg_len,
    struct expr_item *item)
{
	(void)data;
	if (arg && len == 1 && *s == 'f') {
		item->number = arg_len == 1 && *arg == 'x' ? 10 : 0;
		return 1;
	}
	if (len != 1 || arg)
		return 0;
	item->op = EXPR_NAME;
	item->index = (size_t)(*s - 'a');
	return 1;
}

static double
value(void *data, size_t index)
{
	(void)data;
	return (double)index + 1;
}

static int
compile(char const *s, size_t len, double *result)
{
	genalloc items = GENALLOC_ZERO;
	int r = expr_compile(s, len, name, NULL, &items);
	if (r > 0)
		*result = expr_value(genalloc_s(struct expr_item, &items),
		    genalloc_len(struct expr_item, &items), value, NULL);
	genalloc_free(struct expr_item, &items);
	return r;
}

static struct {
	char const *text;
	double value;
} const good[] = {
	{ "1", 1 },
	{ "a", 1 },
	{ "a+b*c", 7 },
	{ "(a+b)*c", 9 },
	{ "c-b-a", 0 },
	{ "8/2/2", 2 },
	{ "1/0", 0 },
	{ "!a", 0 },
	{ "!!a", 1 },
	{ "!0 && a", 1 },
	{ "-b + c", 1 },
	{ "+a", 1 },
	{ "2 - -1", 3 },
	{ "a < b", 1 },
	{ "b <= 2", 1 },
	{ "a > b", 0 },
	{ "b >= 3", 0 },
	{ "a == 1", 1 },
	{ "a != 1", 0 },
	{ "0 || b", 2 },
	{ "c && b", 2 },
	{ "0 && b", 0 },
	{ "1 || 0 && 0", 1 },
	{ "1 + 1 == 2 && 3 > 2", 1 },
	{ "\t( ( a ) )\n", 1 },
	{ "f(x)", 10 },
	{ "!f(y)", 1 },
	{ "1.5 * b", 3 },
	{ ".5 + .5", 1 },
	{ "a&&(b||c)", 2 },
};

static char const *const bad[] = { "", " ", "(", ")", "()", "a b", "a +",
	"&& a", "(a", "a)", "a ! b", "a & b", "a = b", "1.2.3", "1..2", "$a",
	"long", "a(", "f(x", "a,b", "!", "1 2",
	"11111111111111111111111111111111111" };

static void
check_depth(void)
{
	static char text[2 * EXPR_DEPTH_MAX + 16];
	double v = 0;
	size_t n = EXPR_DEPTH_MAX - 1;
	memset(text, '(', n);
	text[n] = '1';
	memset(text + n + 1, ')', n);
	CHECK(compile(text, 2 * n + 1, &v) == 1 && v > 0.5);
	n = EXPR_DEPTH_MAX + 1;
	memset(text, '(', n);
	CHECK(compile(text, n, &v) == 0);
	memset(text, '!', n);
	CHECK(compile(text, n, &v) == 0);
}

int
main(void)
{
	double v;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char const *s = good[i].text;
		v = -1;
		int r = compile(s, strlen(s), &v);
		if (r != 1 || v < good[i].value || v > good[i].value) {
			fprintf(stderr, "%s: %d %g\n", s, r, v);
			check_failed = 1;
		}
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (compile(bad[i], strlen(bad[i]), &v) == 0)
			continue;
		fprintf(stderr, "taken: %s\n", bad[i]);
		check_failed = 1;
	}
	/* the length rules, not a NUL */
	CHECK(compile("a+bX", 3, &v) == 1 && v > 2.5);
	CHECK(compile("a\0b", 3, &v) == 0);
	check_depth();
	return check_failed;
}
