/* SPDX-License-Identifier: ISC */
#include "utf8.h"

#include <string.h>
#include "../check.h"

static struct {
	char const *s;
	size_t len;
	uint32_t point;
} const good[] = {
	{ "\0", 1, 0 },
	{ "a\xcc", 1, 'a' },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
};

static char const *const bad[] = { "\x80", "\xbf", "\xc0\x80",
	"\xc1\xbf",                         /* overlong */
	"\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", /* overlong */
	"\xed\xa0\x80", "\xed\xbf\xbf",     /* surrogates */
	"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2x", "\xe1\x80x",
	"\xf1\x80\x80x" };

static void
check_good(size_t i)
{
	stralloc out = STRALLOC_ZERO;
	uint32_t point = 1;
	size_t n = good[i].len;
	CHECK(utf8_read(good[i].s, n + (good[i].s[n] != 0), &point) == n);
	CHECK(point == good[i].point);
	for (size_t cut = 0; cut < n; cut++)
		CHECK(!utf8_read(good[i].s, cut, &point));
	CHECK(utf8_append(&out, good[i].point));
	CHECK(out.len == n && memcmp(out.s, good[i].s, n) == 0);
	stralloc_free(&out);
}

int
main(void)
{
	static uint32_t const none[] = { 0xd800, 0xdfff, 0x110000, UINT32_MAX };
	stralloc out = STRALLOC_ZERO;
	uint32_t point;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check_good(i);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!utf8_read(bad[i], strlen(bad[i]), &point));
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		CHECK(utf8_append(&out, none[i]) && !out.len);
	CHECK(utf8_valid("", 0) && utf8_valid("a\xc3\xa9z", 4));
	CHECK(!utf8_valid("a\xc3\xa9z", 2) && !utf8_valid("a\xe9", 2));
	return check_failed;
}
