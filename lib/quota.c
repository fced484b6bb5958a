/* SPDX-License-Identifier: ISC */
#include "quota.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"

/* --- numbers ---------------------------------------------------------------- */

/* Digits at the start of *B, which is moved behind them. Nothing beyond 63 bits,
 * so that sums can be signed. */
static bool
take_number(struct bytes *b, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;
	for (; i < b->len && b->s[i] >= '0' && b->s[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(b->s[i] - '0'), &n) ||
		    n > INT64_MAX)
			return false;
	b->s += i;
	b->len -= i;
	*out = n;
	return i > 0;
}

static bool
take_char(struct bytes *b, char c)
{
	if (!b->len || *b->s != c)
		return false;
	b->s++;
	b->len--;
	return true;
}

/* --- the limit -------------------------------------------------------------- */

bool
quota_limit_is_any(struct quota_limit const *l)
{
	return l->bytes || l->messages;
}

/* The power of two that C stands for. -1: none. */
static int
unit_of(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	case 'S':
		return 0;
	default:
		return -1;
	}
}

enum { SEEN_BYTES = 1, SEEN_MESSAGES = 2 };

/* What is said twice is a mistake. A number alone is octets, then messages. */
static bool
take_limit(struct bytes item, struct quota_limit *l, unsigned int *seen)
{
	uint64_t n;
	if (!take_number(&item, &n) || item.len > 1)
		return false;
	bool messages = item.len ? *item.s == 'C' : *seen & SEEN_BYTES;
	unsigned int kind = messages ? SEEN_MESSAGES : SEEN_BYTES;
	int shift = item.len && !messages ? unit_of(*item.s) : 0;
	if (*seen & kind || shift < 0 || n > (uint64_t)INT64_MAX >> shift)
		return false;
	*seen |= kind;
	*(messages ? &l->messages : &l->bytes) = n << shift;
	return true;
}

bool
quota_limit_parse(char const *s, size_t len, struct quota_limit *l)
{
	struct quota_limit found = { 0, 0 };
	struct bytes rest = { s, len };
	unsigned int seen = 0;
	if (!len || s[len - 1] == ',')
		return false;
	while (rest.len)
		if (!take_limit(bytes_take_until(&rest, ','), &found, &seen))
			return false;
	*l = found;
	return true;
}

size_t
quota_limit_format(struct quota_limit const *l, char text[QUOTA_TEXT])
{
	int n;
	if (!l->messages)
		n = snprintf(text, QUOTA_TEXT, "%" PRIu64 "S", l->bytes);
	else if (!l->bytes)
		n = snprintf(text, QUOTA_TEXT, "%" PRIu64 "C", l->messages);
	else
		n = snprintf(text, QUOTA_TEXT, "%" PRIu64 "S,%" PRIu64 "C",
		    l->bytes, l->messages);
	return (size_t)n;
}

size_t
quota_option_format(struct quota_limit const *l, char text[QUOTA_TEXT])
{
	int n = l->messages
	    ? snprintf(text, QUOTA_TEXT, "quota=%" PRIu64 ",%" PRIu64, l->bytes,
	          l->messages)
	    : snprintf(text, QUOTA_TEXT, "quota=%" PRIu64, l->bytes);
	return (size_t)n;
}

struct quota_limit
quota_limit_of(char const *options, size_t len, uint64_t fallback)
{
	static char const name[] = "quota=";
	struct quota_limit l = { fallback < INT64_MAX ? fallback : INT64_MAX,
		0 };
	struct bytes rest = { options, len };
	while (rest.len) {
		struct bytes option = bytes_take_until(&rest, '\t');
		size_t n = sizeof name - 1;
		if (option.len > n && memcmp(option.s, name, n) == 0)
			quota_limit_parse(option.s + n, option.len - n, &l);
	}
	return l;
}

/* --- the file --------------------------------------------------------------- */

static void
skip_blanks(struct bytes *b)
{
	while (take_char(b, ' ') || take_char(b, '\t'))
		continue;
}

/* Blanks, as Courier aligns its columns, a sign, digits: added to *SUM. */
static bool
add_number(struct bytes *b, int64_t *sum)
{
	uint64_t n;
	skip_blanks(b);
	bool minus = take_char(b, '-');
	if (!minus)
		take_char(b, '+');
	return take_number(b, &n) &&
	    !__builtin_add_overflow(*sum, minus ? -(int64_t)n : (int64_t)n,
	        sum);
}

static bool
add_line(struct bytes line, int64_t *bytes, int64_t *messages)
{
	size_t before;
	if (!add_number(&line, bytes))
		return false;
	before = line.len;
	skip_blanks(&line);
	if (line.len == before || !add_number(&line, messages))
		return false;
	skip_blanks(&line);
	return !line.len;
}

bool
quota_sums_parse(char const *s, size_t len, struct quota_sums *sums)
{
	struct bytes rest = { s, len };
	int64_t bytes = 0;
	int64_t messages = 0;
	memset(sums, 0, sizeof *sums);
	/* the last line's LF: without it a number may be cut */
	if (!len || s[len - 1] != '\n')
		return false;
	struct bytes head = bytes_take_until(&rest, '\n');
	if (head.len && !quota_limit_parse(head.s, head.len, &sums->limit))
		return false;
	for (; rest.len; sums->lines++)
		if (!add_line(bytes_take_until(&rest, '\n'), &bytes, &messages))
			return false;
	sums->used.bytes = (uint64_t)bytes;
	sums->used.messages = (uint64_t)messages;
	return sums->lines && bytes >= 0 && messages >= 0;
}

size_t
quota_line_format(int64_t bytes, int64_t messages, char text[QUOTA_TEXT])
{
	return (size_t)snprintf(text, QUOTA_TEXT, "%" PRId64 " %" PRId64 "\n",
	    bytes, messages);
}

/* --- decisions -------------------------------------------------------------- */

static uint64_t
plus(uint64_t a, uint64_t b)
{
	uint64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

bool
quota_has_room(struct quota_limit const *l, struct quota_usage const *used,
    uint64_t bytes, uint64_t messages, uint64_t grace)
{
	uint64_t then = plus(used->bytes, bytes);
	if (l->messages && plus(used->messages, messages) > l->messages)
		return false;
	return !l->bytes || then <= l->bytes ||
	    (used->bytes < l->bytes && then <= plus(l->bytes, grace));
}

static unsigned int
percent_of(uint64_t used, uint64_t limit)
{
	if (!limit)
		return 0;
	/* by the hundredth where a hundredfold is too large a number */
	uint64_t percent = used <= UINT64_MAX / 100
	    ? used * 100 / limit
	    : used / (limit / 100 ? limit / 100 : 1);
	return percent < UINT32_MAX ? (unsigned int)percent : UINT32_MAX;
}

unsigned int
quota_percent(struct quota_limit const *l, struct quota_usage const *used)
{
	unsigned int bytes = percent_of(used->bytes, l->bytes);
	unsigned int messages = percent_of(used->messages, l->messages);
	return bytes > messages ? bytes : messages;
}

int
quota_warnings_parse(char const *s, size_t len,
    unsigned char percent[QUOTA_WARNINGS])
{
	struct bytes rest = { s, len };
	int count = 0;
	for (;;) {
		uint64_t n;
		skip_blanks(&rest);
		take_char(&rest, ',');
		skip_blanks(&rest);
		if (!rest.len)
			return count;
		if (count == QUOTA_WARNINGS || !take_number(&rest, &n) ||
		    n < 1 || n > 100 || (count && n <= percent[count - 1]))
			return -1;
		take_char(&rest, '%');
		percent[count++] = (unsigned char)n;
	}
}
