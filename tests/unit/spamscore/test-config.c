/* SPDX-License-Identifier: ISC */
/* Lines of rule files, one by one: what they leave in the rules. */
#include <string.h>

#include "../check.h"
#include "spamscore/config.h"

static char last_why[PATTERN_WHY_MAX];
static unsigned int last_line;
static bool last_fault;

static void
warn(char const *file, unsigned int line, char const *why, char const *what,
    bool fault)
{
	(void)file;
	(void)what;
	snprintf(last_why, sizeof last_why, "%s", why);
	last_line = line;
	last_fault = fault;
}

static struct rules rules;

static struct rule *
read_rule(char const *text, char const *name)
{
	struct config c = { &rules, warn };
	size_t index;
	last_line = 0;
	CHECK(config_text(&c, "test", text, strlen(text), 0) == 1);
	CHECK(rules_index(&rules, name, strlen(name), &index));
	return rules_at(&rules, index);
}

static bool
near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static struct target *
target_of(struct rule const *rule)
{
	return genalloc_s(struct target, &rules.targets) + rule->target;
}

static void
check_tests(void)
{
	struct rule *r = read_rule("header A Subject =~ /x/i", "A");
	CHECK(!last_line && r->kind == RULE_HEADER && !r->negate);
	CHECK(strcmp(target_of(r)->field, "Subject") == 0);
	CHECK(pattern_count(r->pattern, "aXbx", 4, 9) == 2);
	r = read_rule("header A To:addr:raw!~m{/}  [if-unset:  u v ]", "A");
	CHECK(!last_line && r->negate && strcmp(r->if_unset, "u v") == 0);
	CHECK(target_of(r)->modifiers == (TARGET_ADDR | TARGET_RAW));
	CHECK(pattern_count(r->pattern, "a/b", 3, 9) == 1);
	r = read_rule("  header\tA  exists:X-Y  ", "A");
	CHECK(!last_line && r->kind == RULE_EXISTS && !r->pattern);
	r = read_rule("body A m(x{2})s", "A");
	CHECK(!last_line && r->kind == RULE_BODY);
	CHECK(pattern_count(r->pattern, "xxxxx", 5, 9) == 2);
	CHECK(pattern_count(r->pattern, "xxxxx", 5, 1) == 1);
	r = read_rule("rawbody A /a\\#b/ # comment", "A");
	CHECK(!last_line && r->kind == RULE_RAWBODY);
	CHECK(pattern_count(r->pattern, "a#b", 3, 9) == 1);
	r = read_rule("body A /(?=a)/", "A");
	CHECK(pattern_count(r->pattern, "aba", 3, 9) == 2);
	r = read_rule("body A /a$/m\nbody A /b/x\n", "A");
	CHECK(pattern_count(r->pattern, "a", 1, 9) == 0);
}

static char const *const faults[] = { "header", "header A", "header A Subject",
	"header A Subject ~ /x/", "header A =~ /x/",
	"header A-B Subject =~ /x/", "body A", "body A x", "body A /x",
	"body A //q", "body A /[/", "body A m", "body A mxx", "meta A",
	"meta A B &&", "meta A f(B)", "score A", "score A x", "score A 1 2 3",
	"score A 1 2 3 4 5", "score A 1e5", "tflags A maxhits=0",
	"tflags A maxhits=x", "required_score", "required_score high",
	"report_safe 3", "add_header", "add_header some X y", "add_header all",
	"add_header all a:b c", "fold_headers yes", "time_limit -1", "else",
	"endif", "include", "nonsense", "if (", "if 1" };

static void
check_faults(void)
{
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		unsigned int before = rules.faults;
		char text[80];
		snprintf(text, sizeof text, "# first\n%s", faults[i]);
		read_rule(text, "A");
		if (rules.faults > before && last_line == 2 && last_fault &&
		    *last_why)
			continue;
		fprintf(stderr, "no fault: %s\n", faults[i]);
		check_failed = 1;
	}
	/* a definition that cannot be read leaves no older one behind */
	CHECK(read_rule("body A /x/\nbody A /(/", "A")->kind == RULE_NONE);
	CHECK(read_rule("body A /x/\nmeta A (", "A")->kind == RULE_NONE);
	CHECK(read_rule("meta A 1\nbody A eval:x()", "A")->kind == RULE_NONE);
	CHECK(!last_fault);
}

static void
check_scores(void)
{
	CHECK(near(rule_score(read_rule("body S /x/", "S")), 1));
	CHECK(near(rule_score(read_rule("tflags S nice", "S")), -1));
	CHECK(near(rule_score(read_rule("score S (0.5)", "S")), -0.5));
	CHECK(near(rule_score(read_rule("score S -2.5", "S")), -2.5));
	CHECK(near(rule_score(read_rule("score S 1 2 3 4", "S")), 1));
	CHECK(near(rule_score(read_rule("body T_S /x/", "T_S")), 0.01));
	CHECK(near(rule_score(read_rule("score __S 4", "__S")), 0));
	struct rule *r = read_rule("tflags S multiple maxhits=7 net", "S");
	CHECK(r->flags == (RULE_NICE | RULE_MULTIPLE) && r->max_hits == 7);
	r = read_rule("describe S  Some words # cut ", "S");
	CHECK(strcmp(r->describe, "Some words") == 0);
}

/* Names stay apart, however many there are. */
static void
check_names(void)
{
	char name[32];
	size_t first = rules_count(&rules);
	size_t index;
	for (size_t i = 0; i < 5000; i++) {
		int n = snprintf(name, sizeof name, "NAME_%zu", i);
		CHECK(rules_index(&rules, name, (size_t)n, &index));
		CHECK(index == first + i);
	}
	CHECK(rules_index(&rules, "NAME_4711", 9, &index));
	CHECK(index == first + 4711);
	CHECK(rules_index(&rules, "NAME_4711", 8, &index));
	CHECK(index == first + 471);
}

/* Any beginning of a rule file is read to its end. */
static void
check_prefixes(void)
{
	static char const text[] =
	    "if (version > 3)\nheader B Subject:raw =~ /a\\#b/ [if-unset: c]\n"
	    "meta C (B && !A) || A > 2\nelse\nscore B 1.0\nendif\n"
	    "add_header all X \"_STARS(*)_\\n\"\ntflags B multiple maxhits=3";
	struct config c = { &rules, warn };
	for (size_t len = 0; len < sizeof text; len++)
		CHECK(config_text(&c, "prefix", text, len, 0) == 1);
}

int
main(void)
{
	struct config c = { &rules, warn };
	CHECK(rules_init(&rules));
	CHECK(config_builtin(&c) && !rules.faults && !rules.unsupported);
	check_tests();
	check_faults();
	check_scores();
	check_names();
	check_prefixes();
	rules_free(&rules);
	return check_failed;
}
