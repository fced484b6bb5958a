/* SPDX-License-Identifier: ISC */
#include "address.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "ascii.h"
#include "idn.h"
#include "utf8.h"

enum { LABEL_MAX = 63 };

/* One reader over the bytes; every step checks against the end. */
struct cursor {
	char const *s;
	size_t len;
	size_t pos;
};

static int
peek(struct cursor const *c)
{
	return c->pos < c->len ? (unsigned char)c->s[c->pos] : -1;
}

static bool
take(struct cursor *c, char wanted)
{
	if (peek(c) != (unsigned char)wanted)
		return false;
	c->pos++;
	return true;
}

static bool
is_atext(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c > 0 && c < 0x80 && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
put_local(struct address *a, char const *s, size_t n)
{
	if (a->local_len + n > sizeof a->local)
		return false;
	memcpy(a->local + a->local_len, s, n);
	a->local_len += n;
	return true;
}

/* The domain as it is written, but for the case of ASCII letters. */
static bool
put_domain(struct address *a, char const *s, size_t n)
{
	if (a->domain_len + n > sizeof a->domain)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		a->domain[a->domain_len++] = c;
	}
	return true;
}

/* RFC 6531 3.3: copies the UTF-8 sequence at the cursor by PUT; false if there
 * is none. C1 controls are refused. */
static bool
take_utf8(struct cursor *c, struct address *a,
    bool (*put)(struct address *, char const *, size_t))
{
	uint32_t point;
	size_t n = utf8_read(c->s + c->pos, c->len - c->pos, &point);
	if (!n || point < 0xa0 || !put(a, c->s + c->pos, n))
		return false;
	c->pos += n;
	a->utf8 = true;
	return true;
}

/* Dot-string = Atom *("." Atom) */
static bool
dot_string(struct cursor *c, struct address *a)
{
	do {
		size_t before = c->pos;
		for (int ch; (ch = peek(c)) >= 0;) {
			if (ch >= 0x80) {
				if (!take_utf8(c, a, put_local))
					return false;
				continue;
			}
			if (!is_atext(ch))
				break;
			if (!put_local(a, c->s + c->pos, 1))
				return false;
			c->pos++;
		}
		if (c->pos == before)
			return false;
	} while (peek(c) == '.' && put_local(a, ".", 1) && take(c, '.'));
	return true;
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE, without control octets */
static bool
quoted_string(struct cursor *c, struct address *a)
{
	if (!take(c, '"'))
		return false;
	for (int ch; (ch = peek(c)) >= 0;) {
		if (ch == '"') {
			c->pos++;
			return true;
		}
		if (ch >= 0x80) {
			if (!take_utf8(c, a, put_local))
				return false;
			continue;
		}
		if (ch == '\\') {
			c->pos++;
			ch = peek(c);
		}
		if (ch < 0x20 || ch >= 0x7f || !put_local(a, c->s + c->pos, 1))
			return false;
		c->pos++;
	}
	return false;
}

/* sub-domain = Let-dig [Ldh-str], or U-label; also "_" inside, seen in life */
static bool
sub_domain(struct cursor *c, struct address *a)
{
	size_t before = c->pos;
	for (int ch; (ch = peek(c)) >= 0;) {
		if (ch >= 0x80) {
			if (!take_utf8(c, a, put_domain))
				return false;
			continue;
		}
		if (!ascii_is_alnum(ch) && ch != '_' &&
		    (ch != '-' || c->pos == before))
			break;
		if (!put_domain(a, c->s + c->pos, 1))
			return false;
		c->pos++;
	}
	/* how long a label may be is asked of its name in the DNS */
	return c->pos > before && c->s[c->pos - 1] != '-';
}

static bool
labels_fit(struct address const *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->domain_len && n <= LABEL_MAX; i++)
		n = a->domain[i] == '.' ? 0 : n + 1;
	return n <= LABEL_MAX;
}

/* RFC 5890: a domain of U-labels is the one of its A-labels. */
static bool
name_for_dns(struct address *a)
{
	char name[ADDRESS_DOMAIN_MAX];
	if (!idn_is_special(a->domain, a->domain_len))
		return labels_fit(a);
	size_t n = idn_to_ascii(a->domain, a->domain_len, name, sizeof name);
	if (!n)
		return false;
	if (n != a->domain_len || memcmp(name, a->domain, n) != 0) {
		memcpy(a->written, a->domain, a->domain_len);
		a->written_len = a->domain_len;
		memcpy(a->domain, name, n);
		a->domain_len = n;
	}
	return true;
}

static bool
domain_name(struct cursor *c, struct address *a)
{
	do {
		if (!sub_domain(c, a))
			return false;
	} while (peek(c) == '.' && put_domain(a, ".", 1) && take(c, '.'));
	return name_for_dns(a);
}

/* RFC 5321 4.1.3: [192.0.2.1], [IPv6:2001:db8::1]; no other tag is known. */
static bool
is_literal(char const *s, size_t n)
{
	char text[INET6_ADDRSTRLEN + 1];
	unsigned char addr[sizeof(struct in6_addr)];
	int family = AF_INET;
	if (n > 5 && strncasecmp(s, "IPv6:", 5) == 0) {
		family = AF_INET6;
		s += 5;
		n -= 5;
	}
	if (n >= sizeof text || memchr(s, 0, n))
		return false;
	memcpy(text, s, n);
	text[n] = 0;
	return inet_pton(family, text, addr) == 1;
}

static bool
address_literal(struct cursor *c, struct address *a)
{
	char const *start = c->s + c->pos;
	char const *end = memchr(start, ']', c->len - c->pos);
	if (!end || !is_literal(start + 1, (size_t)(end - start) - 1))
		return false;
	size_t n = (size_t)(end - start) + 1;
	if (!put_domain(a, start, n))
		return false;
	c->pos += n;
	a->literal = true;
	return true;
}

static bool
domain(struct cursor *c, struct address *a)
{
	return peek(c) == '[' ? address_literal(c, a) : domain_name(c, a);
}

static bool
local_part(struct cursor *c, struct address *a)
{
	return peek(c) == '"' ? quoted_string(c, a) : dot_string(c, a);
}

static bool
mailbox(struct cursor *c, struct address *a)
{
	return local_part(c, a) && take(c, '@') && domain(c, a);
}

static void
address_clear(struct address *a)
{
	a->local_len = a->domain_len = a->written_len = 0;
	a->literal = a->utf8 = false;
}

int
address_parse(char const *s, size_t len, struct address *a)
{
	struct cursor c = { s, len, 0 };
	address_clear(a);
	return mailbox(&c, a) && c.pos == len;
}

/* A-d-l = At-domain *( "," At-domain ) ":", read and forgotten */
static bool
source_route(struct cursor *c)
{
	struct address ignored;
	do {
		address_clear(&ignored);
		if (!take(c, '@') || !domain(c, &ignored))
			return false;
	} while (take(c, ','));
	return take(c, ':');
}

static bool
is_postmaster(struct cursor *c, struct address *a)
{
	static char const name[] = "postmaster";
	size_t n = sizeof name - 1;
	if (c->len - c->pos <= n || c->s[c->pos + n] != '>' ||
	    strncasecmp(c->s + c->pos, name, n) != 0)
		return false;
	put_local(a, name, n);
	c->pos += n;
	return true;
}

size_t
address_path(char const *s, size_t len, struct address *a)
{
	struct cursor c = { s, len, 0 };
	address_clear(a);
	if (!take(&c, '<')) {
		if (!mailbox(&c, a) || (c.pos < len && s[c.pos] != ' '))
			return 0;
		return c.pos;
	}
	if (take(&c, '>'))
		return c.pos;
	if (peek(&c) == '@' && !source_route(&c))
		return 0;
	if (!is_postmaster(&c, a) && !mailbox(&c, a))
		return 0;
	return take(&c, '>') ? c.pos : 0;
}

size_t
address_path_bare(char const *s, size_t len, struct address *a)
{
	struct cursor c = { s, len, 0 };
	address_clear(a);
	bool angle = take(&c, '<');
	if (!local_part(&c, a))
		return 0;
	if (angle)
		return take(&c, '>') ? c.pos : 0;
	return c.pos == len || s[c.pos] == ' ' ? c.pos : 0;
}

static bool
is_dot_string(struct address const *a)
{
	char before = '.';
	for (size_t i = 0; i < a->local_len; i++) {
		unsigned char ch = (unsigned char)a->local[i];
		if (ch == '.' ? before == '.' : ch < 0x80 && !is_atext(ch))
			return false;
		before = a->local[i];
	}
	return before != '.';
}

static int
put_quoted(struct address const *a, stralloc *sa)
{
	if (!stralloc_append(sa, '"'))
		return 0;
	for (size_t i = 0; i < a->local_len; i++) {
		char ch = a->local[i];
		if ((ch == '"' || ch == '\\') && !stralloc_append(sa, '\\'))
			return 0;
		if (!stralloc_append(sa, ch))
			return 0;
	}
	return stralloc_append(sa, '"');
}

int
address_format(struct address const *a, stralloc *sa)
{
	if (!a->local_len && !a->domain_len)
		return 1;
	int ok = is_dot_string(a) ? stralloc_catb(sa, a->local, a->local_len)
	                          : put_quoted(a, sa);
	if (ok && a->domain_len)
		ok = stralloc_append(sa, '@') &&
		    (a->written_len
		            ? stralloc_catb(sa, a->written, a->written_len)
		            : stralloc_catb(sa, a->domain, a->domain_len));
	return ok;
}

static int
put_lower(char const *s, size_t len, stralloc *sa)
{
	for (size_t i = 0; i < len; i++) {
		char ch = s[i];
		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch - 'A' + 'a');
		if (!stralloc_append(sa, ch))
			return 0;
	}
	return 1;
}

int
address_key(struct address const *a, stralloc *sa)
{
	int ok = a->utf8 ? idn_fold_text(sa, a->local, a->local_len)
	                 : put_lower(a->local, a->local_len, sa);
	return ok && stralloc_append(sa, '@') &&
	    stralloc_catb(sa, a->domain, a->domain_len);
}

int
address_login_key(char const *login, size_t len, stralloc *sa)
{
	struct address a;
	if (address_parse(login, len, &a) && (a.utf8 || a.written_len))
		return address_key(&a, sa);
	return put_lower(login, len, sa);
}
