/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include "../check.h"
#include "lib/utc.h"

static int64_t
parsed(char const *s)
{
	int64_t t;
	return utc_parse(s, strlen(s), &t) ? t : -1;
}

/* As the C library has it, at odd times through all the years. */
static void
test_all_years(void)
{
	for (int64_t t = 0; t < 253402300800; t += 86399 * 13) {
		char out[UTC_MAX], wanted[UTC_MAX];
		time_t when = t;
		struct tm tm;
		gmtime_r(&when, &tm);
		strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &tm);
		utc_format(t, out);
		if (strcmp(out, wanted) != 0 || parsed(out) != t) {
			fprintf(stderr, "%s is not %s\n", out, wanted);
			check_failed = 1;
			return;
		}
	}
}

static void
test_edges(void)
{
	char out[UTC_MAX];
	CHECK(parsed("1970-01-01T00:00:00Z") == 0);
	CHECK(parsed("2026-11-21T14:04:38Z") == 1795269878);
	CHECK(parsed("9999-12-31T23:59:59Z") == 253402300799);
	CHECK(parsed("2024-02-29T00:00:00Z") == 1709164800);
	utc_format(-5, out);
	CHECK(strcmp(out, "1970-01-01T00:00:00Z") == 0);
	utc_format(INT64_MAX, out);
	CHECK(strcmp(out, "9999-12-31T23:59:59Z") == 0);
}

static void
test_none(void)
{
	static char const *const none[] = { "", "2026-11-21",
		"2026-11-21T14:04:38", "2026-11-21T14:04:38z",
		"2026-11-21 14:04:38Z", "2023-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
		"1969-12-31T23:59:59Z", "0000-00-00T00:00:00Z",
		"2026-11-21T14:04:3aZ" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (parsed(none[i]) != -1) {
			fprintf(stderr, "%s was taken\n", none[i]);
			check_failed = 1;
		}
}

int
main(void)
{
	test_all_years();
	test_edges();
	test_none();
	return check_failed;
}
