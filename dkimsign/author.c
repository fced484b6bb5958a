/* SPDX-License-Identifier: ISC */
#include "author.h"

#include <stdbool.h>
#include <string.h>
#include "idn.h"
#include "message.h"

/* Octet offset behind the comment at S[0]; comments nest (RFC 5322 3.2.2), so
 * they are counted, not recursed into. */
static size_t
skip_comment(char const *s, size_t len)
{
	size_t depth = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\')
			i++;
		else if (s[i] == '(')
			depth++;
		else if (s[i] == ')' && --depth == 0)
			return i + 1;
	}
	return len;
}

/* Octet offset behind the quoted string or domain literal at S[0]. */
static size_t
skip_quoted(char const *s, size_t len, char end)
{
	for (size_t i = 1; i < len; i++) {
		if (s[i] == '\\')
			i++;
		else if (s[i] == end)
			return i + 1;
	}
	return len;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_domain_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

/* Labels of letters, digits, '-', '_' or UTF-8 (RFC 6531), none empty. */
static bool
is_domain(char const *s, size_t len)
{
	if (!len || len > AUTHOR_DOMAIN_MAX || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_domain_byte(s[i]) || (s[i] == '.' && s[i + 1] == '.'))
			return false;
	return true;
}

/* The domain of the first mailbox in a mailbox list: what stands behind the
 * last "@" of the first address, be it bare or in angle brackets. Display
 * names, group names and source routes are dropped on the way. 1; 0 for none;
 * -1 with errno. */
static int
first_domain(char const *s, size_t len, stralloc *domain)
{
	bool at = false;
	bool angle = false;
	domain->len = 0;
	for (size_t i = 0; i < len;) {
		char c = s[i];
		if (c == '(') {
			i += skip_comment(s + i, len - i);
			continue;
		}
		if (c == '"') {
			i += skip_quoted(s + i, len - i, '"');
			continue;
		}
		i++;
		if (is_space(c))
			continue;
		bool ends = c == '>' || (!angle && (c == ',' || c == ';'));
		angle = angle || c == '<';
		if (c == '@' || c == '<' || c == ':') {
			at = c == '@';
			domain->len = 0;
		} else if (ends) {
			if (at)
				break;
		} else if (at && !stralloc_append(domain, lower(c))) {
			return -1;
		}
	}
	return at && is_domain(domain->s, domain->len);
}

/* RFC 6376 5.4.2, 8616 4: keys are found by the name in the DNS. As
 * first_domain. */
static int
to_dns_name(stralloc *domain)
{
	char name[AUTHOR_DOMAIN_MAX];
	if (!idn_is_special(domain->s, domain->len))
		return 1;
	size_t n = idn_to_ascii(domain->s, domain->len, name, sizeof name);
	if (!n)
		return 0;
	return stralloc_copyb(domain, name, n) ? 1 : -1;
}

int
author_domain(char const *m, size_t len, stralloc *domain)
{
	struct message_field f;
	struct message_field from = { 0 };
	size_t pos = message_mbox_line(m, len);
	bool seen = false;
	while (message_next_field(m, len, &pos, &f)) {
		if (!message_field_is(&f, "From"))
			continue;
		if (seen)
			return AUTHOR_SEVERAL;
		seen = true;
		from = f;
	}
	if (!seen)
		return AUTHOR_NONE;
	int r = first_domain(from.value, from.value_len, domain);
	if (r > 0)
		r = to_dns_name(domain);
	return r < 0 ? -1 : r ? AUTHOR_ONE : AUTHOR_BAD;
}
