/* SPDX-License-Identifier: ISC */
#include "names.h"

#include <stdint.h>
#include <string.h>
#include "base64.h"
#include "imap-word.h"
#include "utf8.h"

/* The alphabet has "," instead of "/". */
static int
digit_value(char c)
{
	return c == ',' ? 63 : c == '/' ? -1 : base64_digit(c);
}

/* UTF-16 units of one shifted run: well-formed, and nothing that could stand
 * for itself. */
struct utf16 {
	uint32_t bits;
	unsigned int count; /* bits not yet taken */
	bool high;          /* a high surrogate waits for its low one */
	bool bad;
	size_t units;
};

static void
utf16_unit(struct utf16 *u, uint32_t unit)
{
	bool low = unit >= 0xdc00 && unit <= 0xdfff;
	u->bad = u->bad || low != u->high || (unit >= 0x20 && unit < 0x7f) ||
	    unit < 0x20 || unit == 0x7f || (unit >= 0x80 && unit < 0xa0);
	u->high = unit >= 0xd800 && unit <= 0xdbff;
	u->units++;
}

static void
utf16_feed(struct utf16 *u, int sextet)
{
	u->bits = (u->bits << 6 | (uint32_t)sextet) & 0x3fffff;
	u->count += 6;
	if (u->count < 16)
		return;
	u->count -= 16;
	utf16_unit(u, u->bits >> u->count & 0xffff);
}

/* Behind '&'. Octets used with the '-'; 0 not valid. */
static size_t
shifted(char const *s, size_t len)
{
	struct utf16 u = { 0, 0, false, false, 0 };
	size_t i = 0;
	int value;
	if (len && s[0] == '-')
		return 1;
	while (i < len && (value = digit_value(s[i])) >= 0) {
		utf16_feed(&u, value);
		i++;
	}
	bool rest = (u.bits & ((UINT32_C(1) << u.count) - 1)) != 0;
	if (i == len || s[i] != '-' || !u.units || u.bad || u.high ||
	    u.count >= 6 || rest)
		return 0;
	return i + 1;
}

bool
name_is_mutf7(char const *s, size_t len)
{
	bool after_shift = false;
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c > 0x7e)
			return false;
		i++;
		if (c != '&') {
			after_shift = false;
			continue;
		}
		size_t n = shifted(s + i, len - i);
		/* "&AOQ-&AOQ-" is "&AOQA5A-" written in two. */
		if (!n || (after_shift && n > 1))
			return false;
		after_shift = n > 1;
		i += n;
	}
	return true;
}

static int
append_unit(stralloc *run, uint32_t unit)
{
	char octets[2] = { (char)(unit >> 8), (char)(unit & 0xff) };
	return stralloc_catb(run, octets, sizeof octets);
}

static int
append_utf16(stralloc *run, uint32_t point)
{
	if (point < 0x10000)
		return append_unit(run, point);
	point -= 0x10000;
	return append_unit(run, 0xd800 | point >> 10) &&
	    append_unit(run, 0xdc00 | (point & 0x3ff));
}

/* What has gathered in RUN, UTF-16, as one shifted run. */
static int
flush_run(stralloc *run, stralloc *out)
{
	if (!run->len)
		return 1;
	size_t start = out->len + 1;
	if (!stralloc_append(out, '&') || !base64_encode(run->s, run->len, out))
		return 0;
	while (out->s[out->len - 1] == '=')
		out->len--;
	for (size_t i = start; i < out->len; i++)
		if (out->s[i] == '/')
			out->s[i] = ',';
	run->len = 0;
	return stralloc_append(out, '-');
}

static int
append_point(stralloc *run, uint32_t point, stralloc *out)
{
	if (point < 0x20 || point >= 0x7f)
		return append_utf16(run, point);
	return flush_run(run, out) && stralloc_append(out, (char)point) &&
	    (point != '&' || stralloc_append(out, '-'));
}

int
name_from_utf8(char const *s, size_t len, stralloc *out)
{
	stralloc run = STRALLOC_ZERO;
	int ok = 1;
	for (size_t n; ok > 0 && len; s += n, len -= n) {
		uint32_t point;
		n = utf8_read(s, len, &point);
		ok = n ? append_point(&run, point, out) : -1;
	}
	if (ok > 0)
		ok = flush_run(&run, out);
	stralloc_free(&run);
	return ok;
}

/* The run behind '&', without its '-'. */
static int
append_run(char const *s, size_t len, stralloc *out)
{
	uint32_t bits = 0;
	uint32_t high = 0;
	unsigned int count = 0;
	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | ((uint32_t)digit_value(s[i]) & 63);
		count += 6;
		if (count < 16)
			continue;
		count -= 16;
		uint32_t unit = bits >> count & 0xffff;
		if (unit >> 10 == 0xd800 >> 10) {
			high = unit;
			continue;
		}
		if (unit >> 10 == 0xdc00 >> 10)
			unit =
			    0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff);
		if (!utf8_append(out, unit))
			return 0;
	}
	return 1;
}

int
name_to_utf8(char const *s, size_t len, stralloc *out)
{
	for (size_t i = 0; i < len; i++) {
		char const *end =
		    s[i] == '&' ? memchr(s + i, '-', len - i) : NULL;
		size_t run = end ? (size_t)(end - s) - i - 1 : 0;
		if (!(run ? append_run(s + i + 1, run, out)
		          : stralloc_append(out, s[i])))
			return 0;
		if (end)
			i += run + 1;
	}
	return 1;
}

bool
name_is_folder(char const *name, size_t len)
{
	if (!len || len > NAME_MAX_DISK || name[0] == '.' ||
	    name[len - 1] == '.' || memmem(name, len, "..", 2) ||
	    memchr(name, '/', len))
		return false;
	return name_is_mutf7(name, len);
}

static bool
starts_with_inbox(char const *s, size_t len, char separator)
{
	return len >= 5 && imap_equal(s, 5, "INBOX") &&
	    (len == 5 || s[5] == separator);
}

bool
name_to_folder(char const *name, size_t len, char separator,
    char folder[NAME_MAX_DISK + 1])
{
	if (len > 1 && name[len - 1] == separator)
		len--;
	if (!len || len > NAME_MAX_DISK)
		return false;
	memcpy(folder, name, len);
	folder[len] = 0;
	if (starts_with_inbox(name, len, separator))
		memcpy(folder, "INBOX", 5);
	for (size_t i = 0; i < len; i++) {
		if (folder[i] == separator)
			folder[i] = '.';
		else if (folder[i] == '.')
			return false;
	}
	if (len == 5 && memcmp(folder, "INBOX", 5) == 0) {
		folder[0] = 0;
		return true;
	}
	return name_is_folder(folder, len);
}

int
name_from_folder(char const *folder, char separator, stralloc *out)
{
	if (!*folder)
		return stralloc_cats(out, "INBOX");
	size_t start = out->len;
	if (!stralloc_cats(out, folder))
		return 0;
	for (size_t i = start; i < out->len; i++)
		if (out->s[i] == '.')
			out->s[i] = separator;
	return 1;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Every place in the name the pattern may have come to is kept at once, so a
 * pattern of many wildcards costs no more than its length. */
bool
name_match(char const *pattern, size_t pattern_len, char const *name,
    size_t len, char separator)
{
	bool at[NAME_MAX_UTF8 + 2] = { true };
	bool inbox = starts_with_inbox(name, len, separator);
	if (len > NAME_MAX_UTF8 || pattern_len > PATTERN_MAX)
		return false;
	for (size_t p = 0; p < pattern_len; p++) {
		char c = pattern[p];
		bool any = false;
		if (c == '*' || c == '%') {
			for (size_t i = 0; i < len; i++)
				if (at[i] && (c == '*' || name[i] != separator))
					at[i + 1] = true;
			continue;
		}
		for (size_t i = len; i-- > 0;) {
			bool same = c == name[i] ||
			    (inbox && i < 5 && upper(c) == upper(name[i]));
			at[i + 1] = at[i] && same;
			any = any || at[i + 1];
		}
		at[0] = false;
		if (!any)
			return false;
	}
	return at[len];
}
