/* SPDX-License-Identifier: ISC */
#include "charset-wide.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* The pairs of octets of a set, lead by lead; 0: no letter. */
struct pairs {
	uint16_t const *points;
	unsigned char lead_first, lead_last, trail_first, trail_last;
};

/* From INDEX on, POINT and what follows it. */
struct run {
	uint16_t index, point;
};

#include "wide-charsets.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum {
	KATAKANA = 0xff61 - 0xa1, /* of one octet, from 0xa1 on */
	FOUR_OCTETS = 39420,      /* of GB18030, up to U+FFFF */
	FOUR_OCTETS_BEYOND = 189000
};

static uint32_t
pair_point(struct pairs const *p, unsigned lead, unsigned trail)
{
	if (lead < p->lead_first || lead > p->lead_last ||
	    trail < p->trail_first || trail > p->trail_last)
		return WIDE_UNKNOWN;
	size_t row = p->trail_last - p->trail_first + 1U;
	uint32_t point =
	    p->points[(lead - p->lead_first) * row + trail - p->trail_first];
	return point ? point : WIDE_UNKNOWN;
}

/* One octet of ASCII or a pair; of what is neither, one octet. */
static size_t
read_pair(struct pairs const *p, unsigned char const *s, size_t len,
    uint32_t *point)
{
	*point = s[0] < 0x80 ? s[0] : WIDE_UNKNOWN;
	if (s[0] < 0x80 || len < 2)
		return 1;
	*point = pair_point(p, s[0], s[1]);
	return *point == WIDE_UNKNOWN ? 1 : 2;
}

/* --- Chinese and Korean ----------------------------------------------------- */

static uint32_t
run_point(uint32_t index)
{
	size_t low = 0;
	size_t high = COUNT(gb18030_runs);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (gb18030_runs[mid].index <= index)
			low = mid;
		else
			high = mid;
	}
	struct run const *r = &gb18030_runs[low];
	return r->point ? r->point + index - r->index : WIDE_UNKNOWN;
}

static bool
is_between(unsigned char c, unsigned first, unsigned last)
{
	return c >= first && c <= last;
}

/* Four octets count on through Unicode. */
static uint32_t
four_point(unsigned char const *s)
{
	uint32_t index = (s[0] - 0x81U) * 12600 + (s[1] - 0x30U) * 1260 +
	    (s[2] - 0x81U) * 10 + s[3] - 0x30U;
	if (index < FOUR_OCTETS)
		return run_point(index);
	if (index >= FOUR_OCTETS_BEYOND &&
	    index - FOUR_OCTETS_BEYOND < 0x100000)
		return index - FOUR_OCTETS_BEYOND + 0x10000;
	return WIDE_UNKNOWN;
}

static size_t
read_gb18030(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	if (len >= 4 && is_between(s[0], 0x81, 0xfe) &&
	    is_between(s[1], '0', '9') && is_between(s[2], 0x81, 0xfe) &&
	    is_between(s[3], '0', '9')) {
		*point = four_point(s);
		return 4;
	}
	return read_pair(&gb18030, s, len, point);
}

/* RFC 1843. */
static size_t
read_hz(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	if (s[0] == '~' && len >= 2 && strchr("~{}\n", s[1])) {
		*point = s[1] == '~' ? '~' : WIDE_NONE;
		if (s[1] == '{' || s[1] == '}')
			state->set = s[1] == '{';
		return 2;
	}
	if (!state->set || s[0] <= ' ' || len < 2) {
		*point = s[0] < 0x80 ? s[0] : WIDE_UNKNOWN;
		return 1;
	}
	*point = pair_point(&gb18030, s[0] | 0x80U, s[1] | 0x80U);
	return 2;
}

static size_t
read_big5(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	return read_pair(&big5, s, len, point);
}

static size_t
read_cp949(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	return read_pair(&cp949, s, len, point);
}

/* --- Japanese --------------------------------------------------------------- */

static size_t
read_cp932(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	if (is_between(s[0], 0xa1, 0xdf)) {
		*point = s[0] + KATAKANA;
		return 1;
	}
	return read_pair(&cp932, s, len, point);
}

static size_t
read_euc_jp(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	(void)state;
	if (s[0] == 0x8e && len >= 2 && is_between(s[1], 0xa1, 0xdf)) {
		*point = s[1] + KATAKANA;
		return 2;
	}
	if (s[0] == 0x8f && len >= 3) {
		*point = pair_point(&jis0212, s[1], s[2]);
		return *point == WIDE_UNKNOWN ? 1 : 3;
	}
	return read_pair(&jis0208, s, len, point);
}

/* What an escape sequence of ISO-2022-JP (RFC 1468, and RFC 1554's) and
 * ISO-2022-KR (RFC 1557) switches to. */
enum iso2022_set { ISO2022_ASCII, ISO2022_KANA, ISO2022_PAIRS };

struct escape {
	char const *text;
	enum iso2022_set set;
	struct pairs const *pairs;
};

static struct escape const escapes[] = {
	{ "\033(B", ISO2022_ASCII, NULL },
	{ "\033(J", ISO2022_ASCII, NULL },
	{ "\033(I", ISO2022_KANA, NULL },
	{ "\033$@", ISO2022_PAIRS, &jis0208 },
	{ "\033$B", ISO2022_PAIRS, &jis0208 },
	{ "\033$(D", ISO2022_PAIRS, &jis0212 },
	{ "\033$A", ISO2022_PAIRS, &gb18030 },
	{ "\033$(C", ISO2022_PAIRS, &cp949 },
	{ "\033$)C", ISO2022_ASCII, NULL },
	{ "\016", ISO2022_PAIRS, &cp949 },
	{ "\017", ISO2022_ASCII, NULL },
};

static size_t
read_escape(struct wide_state *state, unsigned char const *s, size_t len)
{
	for (size_t i = 0; i < COUNT(escapes); i++) {
		size_t n = strlen(escapes[i].text);
		if (n <= len && memcmp(s, escapes[i].text, n) == 0) {
			state->set = (unsigned)i;
			return n;
		}
	}
	return 0;
}

static size_t
read_iso2022(struct wide_state *state, unsigned char const *s, size_t len,
    uint32_t *point)
{
	size_t n = read_escape(state, s, len);
	struct escape const *now = &escapes[state->set];
	*point = WIDE_NONE;
	if (n)
		return n;
	*point = s[0] < 0x80 ? s[0] : WIDE_UNKNOWN;
	if (!is_between(s[0], 0x21, 0x7e) || now->set == ISO2022_ASCII)
		return 1;
	if (now->set == ISO2022_KANA) {
		*point =
		    s[0] <= 0x5f ? (s[0] | 0x80U) + KATAKANA : WIDE_UNKNOWN;
		return 1;
	}
	*point = WIDE_UNKNOWN;
	if (len < 2)
		return 1;
	*point = pair_point(now->pairs, s[0] | 0x80U, s[1] | 0x80U);
	return 2;
}

/* --- names ------------------------------------------------------------------ */

static struct {
	char const *name;
	wide_read *read;
} const sets[] = {
	{ "gb18030", read_gb18030 },
	{ "gbk", read_gb18030 },
	{ "gb2312", read_gb18030 },
	{ "cp936", read_gb18030 },
	{ "windows-936", read_gb18030 },
	{ "hz-gb-2312", read_hz },
	{ "big5", read_big5 },
	{ "cp950", read_big5 },
	{ "big5-hkscs", read_big5 },
	{ "shift_jis", read_cp932 },
	{ "cp932", read_cp932 },
	{ "windows-31j", read_cp932 },
	{ "sjis", read_cp932 },
	{ "euc-jp", read_euc_jp },
	{ "iso-2022-jp", read_iso2022 },
	{ "iso-2022-jp-1", read_iso2022 },
	{ "iso-2022-jp-2", read_iso2022 },
	{ "iso-2022-kr", read_iso2022 },
	{ "euc-kr", read_cp949 },
	{ "ks_c_5601-1987", read_cp949 },
	{ "cp949", read_cp949 },
	{ "uhc", read_cp949 },
	{ "utf-16", wide_utf16 },
	{ "utf16", wide_utf16 },
	{ "utf-16le", wide_utf16le },
	{ "utf-16be", wide_utf16be },
	{ "utf-7", wide_utf7 },
};

wide_read *
wide_find(char const *name, size_t len)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		if (strlen(sets[i].name) == len &&
		    strncasecmp(name, sets[i].name, len) == 0)
			return sets[i].read;
	return NULL;
}
