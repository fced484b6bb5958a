/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "charset-wide.h"

/* --- UTF-16 (RFC 2781) ------------------------------------------------------ */

enum { ORDER_UNKNOWN, ORDER_BIG, ORDER_LITTLE };

static unsigned
unit(unsigned char const *s, bool little)
{
	return little ? s[1] * 256U + s[0] : s[0] * 256U + s[1];
}

static bool
is_high(unsigned u)
{
	return u >= 0xd800 && u < 0xdc00;
}

static bool
is_low(unsigned u)
{
	return u >= 0xdc00 && u < 0xe000;
}

static size_t
read_units(unsigned char const *s, size_t len, bool little, uint32_t *point)
{
	*point = WIDE_UNKNOWN;
	if (len < 2)
		return 1;
	unsigned first = unit(s, little);
	if (!is_high(first) && !is_low(first)) {
		*point = first;
		return 2;
	}
	if (is_low(first) || len < 4 || !is_low(unit(s + 2, little)))
		return 2;
	*point =
	    0x10000 + ((first & 0x3ff) << 10) + (unit(s + 2, little) & 0x3ff);
	return 4;
}

size_t
wide_utf16be(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	return read_units(s, len, false, point);
}

size_t
wide_utf16le(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	return read_units(s, len, true, point);
}

/* Without a mark it is big-endian. */
size_t
wide_utf16(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	if (state->set != ORDER_UNKNOWN)
		return read_units(s, len, state->set == ORDER_LITTLE, point);
	bool little = len >= 2 && s[0] == 0xff && s[1] == 0xfe;
	state->set = little ? ORDER_LITTLE : ORDER_BIG;
	size_t n = read_units(s, len, little, point);
	if (*point == 0xfeff)
		*point = WIDE_NONE;
	return n;
}

/* --- UTF-7 (RFC 2152) ------------------------------------------------------- */

static int
base64_value(unsigned char c)
{
	static char const digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                             "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char const *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* A whole unit is in the bits; of a pair the first waits for the second. */
static uint32_t
take_unit(struct wide_state *state)
{
	state->bit_count -= 16;
	uint32_t u = state->bits >> state->bit_count & 0xffff;
	if (state->set > 1 && is_low(u)) {
		uint32_t point =
		    0x10000 + ((state->set & 0x3ff) << 10) + (u & 0x3ff);
		state->set = 1;
		return point;
	}
	state->set = is_high(u) ? u : 1;
	return is_high(u) ? WIDE_NONE : is_low(u) ? WIDE_UNKNOWN : u;
}

/* SET is 0 outside of base64, 1 within, or a first surrogate. */
size_t
wide_utf7(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	*point = s[0] < 0x80 ? s[0] : WIDE_UNKNOWN;
	if (!state->set) {
		if (s[0] != '+')
			return 1;
		bool plus = len > 1 && s[1] == '-';
		*point = plus ? '+' : WIDE_NONE;
		state->set = !plus;
		state->bits = state->bit_count = 0;
		return plus ? 2 : 1;
	}
	int v = base64_value(s[0]);
	if (v < 0) {
		state->set = 0;
		*point = s[0] == '-' ? WIDE_NONE : *point;
		return 1;
	}
	state->bits = state->bits << 6 | (uint32_t)v;
	state->bit_count += 6;
	*point = state->bit_count >= 16 ? take_unit(state) : WIDE_NONE;
	return 1;
}
