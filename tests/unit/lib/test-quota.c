/* SPDX-License-Identifier: ISC */
/* Limits and maildirsize: the parsers, and what is decided on their word. */
#include "lib/quota.h"

#include <string.h>

#include "../check.h"

struct limit {
	char const *text;
	bool good;
	uint64_t bytes, messages;
};

static struct limit const limit_cases[] = {
	{ "5G", true, 5368709120, 0 },
	{ "5G,10000", true, 5368709120, 10000 },
	{ "5368709120S,10000C", true, 5368709120, 10000 },
	{ "10000C,1k", true, 1024, 10000 },
	{ "7C", true, 0, 7 },
	{ "0", true, 0, 0 },
	{ "0S", true, 0, 0 },
	{ "9223372036854775807", true, INT64_MAX, 0 },
	{ "8589934591G", true, 8589934591ULL << 30, 0 },
	{ "9223372036854775808", false, 0, 0 },
	{ "8589934592G", false, 0, 0 },
	{ "99999999999999999999999999", false, 0, 0 },
	{ "", false, 0, 0 },
	{ "-1", false, 0, 0 },
	{ "5G,", false, 0, 0 },
	{ ",5G", false, 0, 0 },
	{ "5G,6G", false, 0, 0 },
	{ "5C,6C", false, 0, 0 },
	{ "5G,6,7", false, 0, 0 },
	{ "5GB", false, 0, 0 },
	{ "5X", false, 0, 0 },
	{ "G", false, 0, 0 },
	{ "5 G", false, 0, 0 },
};

static void
limits(void)
{
	for (size_t i = 0; i < sizeof limit_cases / sizeof *limit_cases; i++) {
		struct quota_limit l = { 3, 4 };
		bool good = quota_limit_parse(limit_cases[i].text,
		    strlen(limit_cases[i].text), &l);
		bool same = good ? l.bytes == limit_cases[i].bytes &&
		        l.messages == limit_cases[i].messages
		                 : l.bytes == 3 && l.messages == 4;
		if (good != limit_cases[i].good || !same) {
			fprintf(stderr, "limit \"%s\"\n", limit_cases[i].text);
			check_failed = 1;
		}
	}
}

struct format {
	struct quota_limit l;
	char const *text;
};

static struct format const format_cases[] = {
	{ { 5368709120, 0 }, "5368709120S" },
	{ { 5368709120, 10 }, "5368709120S,10C" },
	{ { 0, 10 }, "10C" },
	{ { 0, 0 }, "0S" },
	{ { INT64_MAX, INT64_MAX },
	    "9223372036854775807S,9223372036854775807C" },
};

static void
formats(void)
{
	for (size_t i = 0; i < sizeof format_cases / sizeof *format_cases;
	     i++) {
		char text[QUOTA_TEXT];
		struct quota_limit l;
		size_t n = quota_limit_format(&format_cases[i].l, text);
		CHECK(strcmp(text, format_cases[i].text) == 0 &&
		    n == strlen(text));
		CHECK(quota_limit_parse(text, n, &l) &&
		    l.bytes == format_cases[i].l.bytes &&
		    l.messages == format_cases[i].l.messages);
	}
}

static void
options(void)
{
	static char const both[] = "quota=1000,20";
	static char const other[] = "colour=red\tquota=5";
	static char const odd[] = "quota=x";
	char text[QUOTA_TEXT];
	struct quota_limit l = quota_limit_of(both, sizeof both - 1, 7);
	CHECK(l.bytes == 1000 && l.messages == 20);
	CHECK(quota_option_format(&l, text) == strlen(both) &&
	    strcmp(text, both) == 0);
	l = quota_limit_of(other, sizeof other - 1, 7);
	CHECK(l.bytes == 5 && l.messages == 0);
	l = quota_limit_of(odd, sizeof odd - 1, 7);
	CHECK(l.bytes == 7);
	l = quota_limit_of("", 0, 7);
	CHECK(l.bytes == 7 && l.messages == 0);
	l = quota_limit_of("quota=0", 7, 7);
	CHECK(!quota_limit_is_any(&l));
	l = quota_limit_of("", 0, UINT64_MAX);
	CHECK(l.bytes == INT64_MAX);
}

struct file {
	char const *text;
	bool good;
	uint64_t bytes, messages;
	unsigned int lines;
};

static struct file const files[] = {
	{ "10S,2C\n169 4\n41 1\n-47 -1\n", true, 163, 4, 3 },
	{ "10S\n0 0\n", true, 0, 0, 1 },
	{ "\n5 1\n", true, 5, 1, 1 },
	/* Courier's columns */
	{ "10S,2C\n          169            4\n", true, 169, 4, 1 },
	{ "10S\n+5\t+1 \n", true, 5, 1, 1 },
	{ "10S\n9223372036854775807 1\n", true, INT64_MAX, 1, 1 },
	{ "10S\n9223372036854775807 1\n1 1\n", false, 0, 0, 0 },
	{ "10S\n9223372036854775808 1\n", false, 0, 0, 0 },
	{ "10S\n99999999999999999999999 1\n", false, 0, 0, 0 },
	{ "10S\n1 1\n-2 0\n", false, 0, 0, 0 },
	{ "10S\n1 0\n0 -1\n", false, 0, 0, 0 },
	{ "10S\n169 4\n-4", false, 0, 0, 0 },
	{ "10S\n", false, 0, 0, 0 },
	{ "", false, 0, 0, 0 },
	{ "10S", false, 0, 0, 0 },
	{ "10X\n1 1\n", false, 0, 0, 0 },
	{ "10S\n1\n", false, 0, 0, 0 },
	{ "10S\n1 1 1\n", false, 0, 0, 0 },
	{ "10S\n\n1 1\n", false, 0, 0, 0 },
	{ "10S\n--1 1\n", false, 0, 0, 0 },
	{ "10S\n1-1\n", false, 0, 0, 0 },
	{ "10S\nnan 1\n", false, 0, 0, 0 },
	{ "10S\n0x10 1\n", false, 0, 0, 0 },
};

static void
sums(void)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct file const *f = &files[i];
		struct quota_sums s;
		bool good = quota_sums_parse(f->text, strlen(f->text), &s);
		if (good != f->good ||
		    (good &&
		        (s.used.bytes != f->bytes ||
		            s.used.messages != f->messages ||
		            s.lines != f->lines))) {
			fprintf(stderr, "file \"%s\"\n", f->text);
			check_failed = 1;
		}
	}
	struct quota_sums s;
	CHECK(!quota_sums_parse("10S\n1 1\n\0\n", 10, &s));
	CHECK(quota_sums_parse("10S,2C\n1 1\n", 11, &s) &&
	    s.limit.bytes == 10 && s.limit.messages == 2);
}

static void
room(void)
{
	struct quota_limit const l = { 100, 10 };
	struct quota_usage const some = { 60, 5 };
	struct quota_usage const full = { 100, 5 };
	struct quota_usage const many = { 1, 10 };
	struct quota_limit const none = { 0, 0 };
	CHECK(quota_has_room(&l, &some, 40, 1, 0));
	CHECK(!quota_has_room(&l, &some, 41, 1, 0));
	CHECK(quota_has_room(&l, &some, 50, 1, 10));
	CHECK(!quota_has_room(&l, &some, 51, 1, 10));
	CHECK(!quota_has_room(&l, &full, 1, 1, 1000));
	CHECK(!quota_has_room(&l, &many, 1, 1, 1000));
	CHECK(!quota_has_room(&l, &some, UINT64_MAX, 1, 0));
	CHECK(!quota_has_room(&l, &some, 1, UINT64_MAX, 0));
	CHECK(quota_has_room(&l, &some, 1000, 1, UINT64_MAX));
	CHECK(quota_has_room(&none, &full, UINT64_MAX, UINT64_MAX, 0));
}

static void
percents(void)
{
	struct quota_limit const l = { 200, 10 };
	struct quota_limit const huge = { INT64_MAX, 0 };
	struct quota_limit const none = { 0, 0 };
	struct quota_usage used = { 159, 1 };
	CHECK(quota_percent(&l, &used) == 79);
	used.bytes = 160;
	CHECK(quota_percent(&l, &used) == 80);
	used.messages = 9;
	CHECK(quota_percent(&l, &used) == 90);
	CHECK(quota_percent(&none, &used) == 0);
	used.bytes = INT64_MAX;
	CHECK(quota_percent(&huge, &used) == 100);
	CHECK(quota_percent(&l, &used) == UINT32_MAX);
}

static int
warnings(char const *text, unsigned char percent[QUOTA_WARNINGS])
{
	return quota_warnings_parse(text, strlen(text), percent);
}

static void
warning_steps(void)
{
	unsigned char p[QUOTA_WARNINGS];
	CHECK(warnings("80 95", p) == 2 && p[0] == 80 && p[1] == 95);
	CHECK(warnings("80%, 95%", p) == 2 && p[0] == 80 && p[1] == 95);
	CHECK(warnings("", p) == 0);
	CHECK(warnings("100", p) == 1 && p[0] == 100);
	CHECK(warnings("0", p) == -1);
	CHECK(warnings("101", p) == -1);
	CHECK(warnings("95 80", p) == -1);
	CHECK(warnings("80 80", p) == -1);
	CHECK(warnings("x", p) == -1);
	CHECK(warnings("1 2 3 4 5 6 7 8", p) == 8);
	CHECK(warnings("1 2 3 4 5 6 7 8 9", p) == -1);
}

int
main(void)
{
	limits();
	formats();
	options();
	sums();
	room();
	percents();
	warning_steps();
	return check_failed;
}
