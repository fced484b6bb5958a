/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/wait.h>

#include "../check.h"
#include "lib/command-list.h"
#include "lib/stage.h"

static int
fits(enum verdict v, char const *line)
{
	return stage_reply_fits(v, line, strlen(line));
}

static void
test_verdicts(void)
{
	CHECK(stage_verdict(W_EXITCODE(0, 0)) == VERDICT_PASS);
	CHECK(stage_verdict(W_EXITCODE(65, 0)) == VERDICT_REFUSED);
	CHECK(stage_verdict(W_EXITCODE(67, 0)) == VERDICT_REFUSED);
	CHECK(stage_verdict(W_EXITCODE(77, 0)) == VERDICT_REFUSED);
	CHECK(stage_verdict(W_EXITCODE(99, 0)) == VERDICT_DISCARD);
	for (int code = 1; code < 256; code++)
		if (code != 65 && code != 67 && code != 77 && code != 99)
			CHECK(stage_verdict(W_EXITCODE(code, 0)) ==
			    VERDICT_LATER);
	CHECK(stage_verdict(W_EXITCODE(0, 9)) == VERDICT_LATER);
	CHECK(stage_verdict(W_EXITCODE(0, 11)) == VERDICT_LATER);
}

static void
test_reply(void)
{
	CHECK(fits(VERDICT_REFUSED, "5.7.1 Score 14.2 is over 10"));
	CHECK(fits(VERDICT_LATER, "4.3.1 No space"));
	CHECK(!fits(VERDICT_LATER, "5.7.1 no"));
	CHECK(!fits(VERDICT_REFUSED, "4.7.1 no"));
	CHECK(!fits(VERDICT_REFUSED, "5.7.1"));
	CHECK(!fits(VERDICT_REFUSED, "5.7.1 "));
	CHECK(!fits(VERDICT_REFUSED, "5.7 x words here"));
	CHECK(!fits(VERDICT_REFUSED, "5.7.1 a\rb"));
	CHECK(!fits(VERDICT_REFUSED, "5.7.1 \xc3\xa9t\xc3\xa9"));
	CHECK(!fits(VERDICT_REFUSED, ""));
	CHECK(!fits(VERDICT_REFUSED, "dkimsign: unable to read key"));
}

static void
test_commands(void)
{
	struct command_list l;
	CHECK(command_list_parse("", &l) == 1 && l.count == 0);
	command_list_free(&l);
	CHECK(command_list_parse("  ", &l) == 1 && l.count == 0);
	command_list_free(&l);
	CHECK(command_list_parse("mailauth|spamscore -C \"my rules.cf\" | a b",
	          &l) == 1);
	CHECK(l.count == 3);
	CHECK(strcmp(l.argv[0][0], "mailauth") == 0 && !l.argv[0][1]);
	CHECK(strcmp(l.argv[1][2], "my rules.cf") == 0 && !l.argv[1][3]);
	CHECK(strcmp(l.argv[2][0], "a") == 0 && !strcmp(l.argv[2][1], "b"));
	command_list_free(&l);
	CHECK(command_list_parse("a \"\" b", &l) == 1);
	CHECK(strcmp(l.argv[0][1], "") == 0 && !strcmp(l.argv[0][2], "b"));
	command_list_free(&l);
	CHECK(command_list_parse("\"a|b\"c", &l) == 1 && l.count == 1);
	CHECK(strcmp(l.argv[0][0], "a|bc") == 0);
	command_list_free(&l);
	CHECK(command_list_parse("a | | b", &l) == 0);
	CHECK(command_list_parse("a |", &l) == 0);
	CHECK(command_list_parse("| a", &l) == 0);
	CHECK(command_list_parse("a \"open", &l) == 0);
}

int
main(void)
{
	test_verdicts();
	test_reply();
	test_commands();
	return check_failed;
}
