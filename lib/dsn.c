/* SPDX-License-Identifier: ISC */
#include "dsn.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

static bool
is_word(char const *s, size_t len, char const *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* --- xtext ------------------------------------------------------------------ */

/* Upper case only, as the RFCs have it. -1 for none. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* xchar = %d33-42 / %d44-60 / %d62-126, without "+" and "=" */
static bool
is_xchar(char c)
{
	return c > 0x20 && c < 0x7f && c != '+' && c != '=';
}

/* hexchar = "+" 2(%x30-39 / %x41-46). Its octet, -1 for none. */
static int
hexchar(char const *s, size_t len)
{
	if (len < 3 || s[0] != '+' || hex_digit(s[1]) < 0 ||
	    hex_digit(s[2]) < 0)
		return -1;
	return hex_digit(s[1]) * 16 + hex_digit(s[2]);
}

/* What xtext decodes to, in OUT, at most LEN octets. 0 when it is none. */
static size_t
decode_xtext(char const *s, size_t len, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		int c = is_xchar(s[i]) ? s[i] : hexchar(s + i, len - i);
		if (c < 0)
			return 0;
		i += s[i] == '+' ? 2 : 0;
		out[n++] = (char)c;
	}
	return n;
}

/* May it be seen? No controls, of ASCII or UTF-8. */
static bool
is_visible(char const *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_read(s + i, len - i, &point);
		if (!n || point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
		i += n;
	}
	return true;
}

static bool
is_ascii(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* UTF8: it may stand for UTF-8, as Postfix sends the address of a recipient
 * beyond ASCII. */
static bool
is_xtext(char const *s, size_t len, bool utf8)
{
	char text[DSN_XTEXT_MAX];
	if (len > sizeof text)
		return false;
	size_t n = decode_xtext(s, len, text);
	return n && is_visible(text, n) && (utf8 || is_ascii(text, n));
}

bool
dsn_is_xtext(char const *s, size_t len)
{
	return is_xtext(s, len, false);
}

int
dsn_decode(char const *s, size_t len, stralloc *sa)
{
	if (!stralloc_readyplus(sa, len))
		return 0;
	size_t n = decode_xtext(s, len, sa->s + sa->len);
	if (!n)
		return stralloc_catb(sa, s, len);
	sa->len += n;
	return 1;
}

/* --- RFC 6533: addresses beyond ASCII --------------------------------------- */

enum { HEXPOINT_MAX = 6 };

/* EmbeddedUnicodeChar = "\x{" HEXPOINT "}", of what may be seen. Its length,
 * 0 when it is none. */
static size_t
embedded(char const *s, size_t len)
{
	uint32_t point = 0;
	size_t i = 3;
	if (len < 5 || memcmp(s, "\\x{", 3) != 0)
		return 0;
	for (; i < len && i < 3 + HEXPOINT_MAX && hex_digit(s[i]) >= 0; i++)
		point = point * 16 + (uint32_t)hex_digit(s[i]);
	bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
	if (i == 3 || i >= len || s[i] != '}' || control || point > 0x10ffff ||
	    (point >= 0xd800 && point < 0xe000))
		return 0;
	return i + 1;
}

/* utf-8-addr-xtext, and utf-8-addr-unitext for SMTPUTF8 */
static bool
is_utf8_address(char const *s, size_t len, bool smtputf8)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = 0;
		if (s[i] == '\\')
			n = embedded(s + i, len - i);
		else if (is_xchar(s[i]))
			n = 1;
		else if (smtputf8 && (n = utf8_read(s + i, len - i, &point)))
			n = point >= 0xa0 ? n : 0;
		if (!n)
			return false;
		i += n;
	}
	return len > 0;
}

/* --- the values ------------------------------------------------------------- */

enum dsn_ret
dsn_ret(char const *s, size_t len)
{
	return is_word(s, len, "FULL") ? DSN_RET_FULL
	    : is_word(s, len, "HDRS")  ? DSN_RET_HDRS
	                               : DSN_RET_UNSAID;
}

static struct {
	char const *name;
	unsigned int bit;
} const events[] = {
	{ "NEVER", DSN_NEVER },
	{ "SUCCESS", DSN_SUCCESS },
	{ "FAILURE", DSN_FAILURE },
	{ "DELAY", DSN_DELAY },
};

enum { EVENTS = sizeof events / sizeof *events };

static unsigned int
event(char const *s, size_t len)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (is_word(s, len, events[i].name))
			return events[i].bit;
	return 0;
}

unsigned int
dsn_notify(char const *s, size_t len)
{
	unsigned int notify = 0;
	for (size_t i = 0; i <= len;) {
		char const *comma = memchr(s + i, ',', len - i);
		size_t n = comma ? (size_t)(comma - s) - i : len - i;
		unsigned int bit = event(s + i, n);
		if (!bit)
			return 0;
		notify |= bit;
		i += n + 1;
	}
	return notify & DSN_NEVER && notify != DSN_NEVER ? 0 : notify;
}

int
dsn_notify_format(unsigned int notify, stralloc *sa)
{
	bool first = true;
	for (size_t i = 0; i < EVENTS; i++) {
		if (!(notify & events[i].bit))
			continue;
		if ((!first && !stralloc_append(sa, ',')) ||
		    !stralloc_cats(sa, events[i].name))
			return 0;
		first = false;
	}
	return 1;
}

bool
dsn_is_envid(char const *s, size_t len)
{
	return len <= DSN_ENVID_MAX && dsn_is_xtext(s, len);
}

/* addr-type = atom */
static bool
is_address_type(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] >= 0x7f ||
		    strchr("()<>@,;:\\\".[]", s[i]))
			return false;
	return len > 0;
}

bool
dsn_is_orcpt(char const *s, size_t len, bool smtputf8)
{
	char const *semicolon = memchr(s, ';', len);
	if (!semicolon || len > DSN_ORCPT_MAX)
		return false;
	size_t type = (size_t)(semicolon - s);
	char const *value = semicolon + 1;
	size_t n = len - type - 1;
	if (is_word(s, type, "utf-8"))
		return is_utf8_address(value, n, smtputf8);
	return is_address_type(s, type) && is_xtext(value, n, true);
}
