/* SPDX-License-Identifier: ISC */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pcre2.h>

/* What one match may cost: steps, and KiB of backtracking memory. */
enum { MATCH_STEPS_MAX = 300000, MATCH_HEAP_MAX = 16384 };

struct pattern {
	pcre2_code *code;
};

/* One for all patterns: a scan is one thread. */
static pcre2_match_data *match_data;
static pcre2_match_context *match_limits;

static bool
prepare(void)
{
	if (match_data && match_limits)
		return true;
	match_data = pcre2_match_data_create(1, NULL);
	match_limits = pcre2_match_context_create(NULL);
	if (!match_data || !match_limits)
		return false;
	pcre2_set_match_limit(match_limits, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(match_limits, MATCH_STEPS_MAX);
	pcre2_set_heap_limit(match_limits, MATCH_HEAP_MAX);
	return true;
}

/* The delimiter that ends what OPEN begins; 0: it begins nothing. */
static char
closing(char open)
{
	if (isalnum((unsigned char)open) || isspace((unsigned char)open))
		return 0;
	static char const pairs[] = "{}()[]<>";
	char const *p = open ? strchr(pairs, open) : NULL;
	return p && (p - pairs) % 2 == 0 ? p[1] : open;
}

static uint32_t
flag_option(char c)
{
	return c == 'i' ? PCRE2_CASELESS
	    : c == 's'  ? PCRE2_DOTALL
	    : c == 'm'  ? PCRE2_MULTILINE
	    : c == 'x'  ? PCRE2_EXTENDED
	                : 0;
}

/* Perl's flags; "a" (ASCII classes) is how we match anyway, "g" and "o" mean
 * nothing here. */
static bool
read_flags(char const *s, size_t len, uint32_t *options)
{
	for (size_t i = 0; i < len; i++) {
		if (!s[i] || !strchr("ismxago", s[i]))
			return false;
		*options |= flag_option(s[i]);
	}
	return true;
}

struct pattern *
pattern_compile(char const *s, size_t len, char why[static PATTERN_WHY_MAX])
{
	size_t start = len && s[0] == 'm' ? 1 : 0;
	char end = len > start ? closing(s[start]) : 0;
	char const *last = end ? memrchr(s, end, len) : NULL;
	uint32_t options =
	    PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	snprintf(why, PATTERN_WHY_MAX, "no pattern in delimiters");
	if (!last || last <= s + start || (start == 0 && end != '/'))
		return NULL;
	snprintf(why, PATTERN_WHY_MAX, "unknown pattern flag");
	if (!read_flags(last + 1, (size_t)(s + len - last - 1), &options))
		return NULL;
	int error;
	PCRE2_SIZE at;
	snprintf(why, PATTERN_WHY_MAX, "out of memory");
	struct pattern *p = prepare() ? malloc(sizeof *p) : NULL;
	if (!p)
		return NULL;
	p->code = pcre2_compile((PCRE2_SPTR)s + start + 1,
	    (size_t)(last - s) - start - 1, options, &error, &at, NULL);
	if (p->code)
		return p;
	unsigned char text[PATTERN_WHY_MAX - 32];
	pcre2_get_error_message(error, text, sizeof text);
	snprintf(why, PATTERN_WHY_MAX, "%s at offset %zu", (char *)text, at);
	free(p);
	return NULL;
}

unsigned int
pattern_count(struct pattern const *p, char const *s, size_t len,
    unsigned int max)
{
	unsigned int n = 0;
	size_t at = 0;
	while (at <= len) {
		int r = pcre2_match(p->code, (PCRE2_SPTR)s, len, at, 0,
		    match_data, match_limits);
		if (r < 0)
			break;
		PCRE2_SIZE const *ends = pcre2_get_ovector_pointer(match_data);
		if (++n >= max)
			break;
		/* an empty match is not to be found again; \K in a look-ahead
		 * can put the end before the start */
		size_t next = ends[1] > ends[0] ? ends[1] : ends[1] + 1;
		at = next > at ? next : at + 1;
	}
	return n;
}

void
pattern_free(struct pattern *p)
{
	if (p)
		pcre2_code_free(p->code);
	free(p);
}
