/* SPDX-License-Identifier: ISC */
#include "transfer-encoding.h"

#include <stdbool.h>
#include <string.h>
#include "../check.h"

static struct {
	enum transfer kind;
	char const *in, *want;
} const cases[] = {
	{ TRANSFER_PLAIN, "a=3D", "a=3D" },
	{ TRANSFER_BASE64, "YWJj", "abc" },
	{ TRANSFER_BASE64, "YW\r\nJj\n", "abc" },
	{ TRANSFER_BASE64, "YQ==YmM=", "abc" },
	{ TRANSFER_BASE64, "Y!Q", "a" },
	{ TRANSFER_BASE64, "!", "" },
	{ TRANSFER_QP, "a=3Db", "a=b" },
	{ TRANSFER_QP, "a=3db_", "a=b_" },
	{ TRANSFER_QP, "soft=\r\nbreak=\nx", "softbreakx" },
	{ TRANSFER_QP, "blanks= \t\r\nb", "blanksb" },
	{ TRANSFER_QP, "no break= \tb", "no break= \tb" },
	{ TRANSFER_QP, "a=zb", "a=zb" },
	{ TRANSFER_QP, "a=3zb=3\n", "a=3zb=3\n" },
	{ TRANSFER_QP, "==3D=3=3D", "===3=" },
	{ TRANSFER_QP, "a=4", "a=4" },
	{ TRANSFER_QP, "a=", "a" },
	{ TRANSFER_QP, "a= \r", "a" },
	{ TRANSFER_QP, "a \t\nb=20 \r\nc", "a\nb \r\nc" },
	{ TRANSFER_QP, "a b =\n c\rd \r e ", "a b  c\rd \r e" },
	{ TRANSFER_QP, " \n \r\n-- \n", "\n\r\n--\n" },
};

static bool
decodes(size_t i, size_t first)
{
	char const *in = cases[i].in;
	struct transfer_decoder d = { .kind = cases[i].kind };
	stralloc out = STRALLOC_ZERO;
	bool ok = transfer_decode(&d, in, first, &out) &&
	    transfer_decode(&d, in + first, strlen(in) - first, &out) &&
	    transfer_end(&d, &out) && stralloc_0(&out) &&
	    strcmp(out.s, cases[i].want) == 0;
	if (!ok)
		fprintf(stderr, "[%s] cut at %zu\n", in, first);
	stralloc_free(&out);
	return ok;
}

/* More blanks than are held are no line break, and none is lost. */
static void
check_long(void)
{
	char in[1 + 2 * TRANSFER_HELD_MAX];
	struct transfer_decoder d = { .kind = TRANSFER_QP };
	stralloc out = STRALLOC_ZERO;
	memset(in, ' ', sizeof in);
	in[0] = '=';
	in[sizeof in - 1] = 'x';
	for (size_t i = 0; i < sizeof in; i++)
		CHECK(transfer_decode(&d, in + i, 1, &out));
	CHECK(transfer_end(&d, &out));
	CHECK(out.len == sizeof in && memcmp(out.s, in, sizeof in) == 0);
	stralloc_free(&out);
}

static void
check_q(char const *in, char const *want)
{
	stralloc out = STRALLOC_ZERO;
	CHECK(transfer_decode_q(in, strlen(in), &out));
	CHECK(out.len == strlen(want) && memcmp(out.s, want, out.len) == 0);
	stralloc_free(&out);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t cut = 0; cut <= strlen(cases[i].in); cut++)
			CHECK(decodes(i, cut));
	check_long();
	check_q("a_b=5F=e9", "a b_\xe9");
	check_q("= \n=4=zz==41=", "= \n=4=zz=A=");
	return check_failed;
}
