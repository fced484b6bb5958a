/* SPDX-License-Identifier: ISC */
#include "mta-sts-policy.h"

#include <string.h>
#include <strings.h>

#include "ascii.h"
#include "hostname.h"
#include "utf8.h"

enum { NAME_LEN_MAX = 32, AGE_DIGITS = 10 };

static char const *const mode_names[] = { "none", "testing", "enforce" };

char const *
mta_sts_mode_name(enum mta_sts_mode mode)
{
	return mode_names[mode];
}

/* --- lines ------------------------------------------------------------------ */

struct field {
	struct bytes name;
	struct bytes value;
};

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* sts-policy-ext-name; those that mean something are of its form, too */
static bool
is_name(struct bytes b)
{
	if (!b.len || b.len > NAME_LEN_MAX || !ascii_is_alnum(*b.s))
		return false;
	for (size_t i = 1; i < b.len; i++)
		if (!ascii_is_alnum(b.s[i]) &&
		    (!b.s[i] || !strchr("_-.", b.s[i])))
			return false;
	return true;
}

/* sts-policy-ext-value: visible, also beyond ASCII, blanks inside */
static bool
is_value(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.s[i] < ' ' || b.s[i] == 0x7f)
			return false;
	return b.len && *b.s != ' ' && b.s[b.len - 1] != ' ' &&
	    utf8_valid(b.s, b.len);
}

/* The next field, with its sts-policy-term: LF, CRLF, or the end. False when
 * the line is none. */
static bool
take_field(struct bytes *rest, struct field *f)
{
	bool ended = memchr(rest->s, '\n', rest->len) != NULL;
	struct bytes line = bytes_take_until(rest, '\n');
	if (ended && line.len && line.s[line.len - 1] == '\r')
		line.len--;
	while (line.len && is_wsp(line.s[line.len - 1]))
		line.len--;
	if (!memchr(line.s, ':', line.len))
		return false;
	f->name = bytes_take_until(&line, ':');
	while (line.len && is_wsp(*line.s)) {
		line.s++;
		line.len--;
	}
	f->value = line;
	return is_name(f->name) && is_value(f->value);
}

/* --- values ----------------------------------------------------------------- */

static bool
read_mode(struct bytes b, enum mta_sts_mode *mode)
{
	for (int i = MTA_STS_NONE; i <= MTA_STS_ENFORCE; i++)
		if (bytes_are(b, mode_names[i])) {
			*mode = (enum mta_sts_mode)i;
			return true;
		}
	return false;
}

/* More than the most is the most. */
static bool
read_age(struct bytes b, uint32_t *age)
{
	uint64_t n = 0;
	if (!b.len || b.len > AGE_DIGITS)
		return false;
	for (size_t i = 0; i < b.len; i++) {
		if (!is_digit(b.s[i]))
			return false;
		n = 10 * n + (uint64_t)(b.s[i] - '0');
	}
	*age = n < MTA_STS_AGE_MAX ? (uint32_t)n : MTA_STS_AGE_MAX;
	return true;
}

static bool
is_label(struct bytes b)
{
	if (!b.len || b.len > HOSTNAME_LABEL_MAX || *b.s == '-' ||
	    b.s[b.len - 1] == '-')
		return false;
	for (size_t i = 0; i < b.len; i++)
		if (!ascii_is_alnum(b.s[i]) && b.s[i] != '-')
			return false;
	return true;
}

static bool
is_wildcard(struct bytes b)
{
	return b.len > 2 && memcmp(b.s, "*.", 2) == 0;
}

/* ["*."] Domain, RFC 5321 section 4.1.2: A-labels without a last dot */
static bool
is_mx(struct bytes b)
{
	if (b.len > HOSTNAME_MAX || b.s[b.len - 1] == '.')
		return false;
	if (is_wildcard(b))
		b = (struct bytes){ b.s + 2, b.len - 2 };
	while (b.len)
		if (!is_label(bytes_take_until(&b, '.')))
			return false;
	return true;
}

/* --- the file --------------------------------------------------------------- */

struct seen {
	bool version, mode, max_age, mx;
};

/* What is said again does not count, but for mx; what is unknown neither. */
static char const *
read_field(struct field const *f, struct seen *seen, struct mta_sts_policy *p)
{
	if (bytes_are(f->name, "version") && !seen->version) {
		seen->version = true;
		if (!bytes_are(f->value, "STSv1"))
			return "its version is not STSv1";
	} else if (bytes_are(f->name, "mode") && !seen->mode) {
		seen->mode = true;
		if (!read_mode(f->value, &p->mode))
			return "its mode is unknown";
	} else if (bytes_are(f->name, "max_age") && !seen->max_age) {
		seen->max_age = true;
		if (!read_age(f->value, &p->max_age))
			return "its max_age is no number of seconds";
	} else if (bytes_are(f->name, "mx")) {
		seen->mx = true;
		if (!is_mx(f->value))
			return "an mx of it is no host name";
	}
	return NULL;
}

static char const *
missing(struct seen const *seen, struct mta_sts_policy const *p)
{
	return !seen->version                      ? "it has no version"
	    : !seen->mode                          ? "it has no mode"
	    : !seen->max_age                       ? "it has no max_age"
	    : !seen->mx && p->mode != MTA_STS_NONE ? "it has no mx"
	                                           : NULL;
}

bool
mta_sts_policy_parse(char const *s, size_t len, struct mta_sts_policy *p,
    char const **why)
{
	struct bytes rest = { s, len };
	struct seen seen = { .version = false };
	struct field f;
	*p = (struct mta_sts_policy){ .text = rest };
	*why = len > MTA_STS_POLICY_MAX ? "it is longer than 64 KB" : NULL;
	while (!*why && rest.len)
		*why = take_field(&rest, &f) ? read_field(&f, &seen, p)
		                             : "a line of it is no field";
	if (!*why)
		*why = missing(&seen, p);
	return !*why;
}

/* --- hosts ------------------------------------------------------------------ */

static bool
fits(struct bytes mx, char const *name, size_t len)
{
	if (is_wildcard(mx)) {
		char const *dot = memchr(name, '.', len);
		if (!dot || dot == name)
			return false;
		len -= (size_t)(dot - name);
		name = dot;
		mx = (struct bytes){ mx.s + 1, mx.len - 1 };
	}
	return mx.len == len && strncasecmp(mx.s, name, len) == 0;
}

bool
mta_sts_policy_lists(struct mta_sts_policy const *p, char const *name)
{
	struct bytes rest = p->text;
	struct field f;
	size_t len = strlen(name);
	if (len && name[len - 1] == '.')
		len--;
	while (rest.len && take_field(&rest, &f))
		if (bytes_are(f.name, "mx") && fits(f.value, name, len))
			return true;
	return false;
}
