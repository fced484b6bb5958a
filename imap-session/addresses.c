/* SPDX-License-Identifier: ISC */
#include "addresses.h"

#include <string.h>

/* The field is cut into words, marks and comments; an address is what stands
 * between two commas. "phrase <...>" has a name before it, a bare address may
 * have one in a comment behind it. */
struct scanner {
	char const *s;
	size_t len, pos;
	stralloc words;   /* the phrase so far */
	stralloc comment; /* the last one */
	bool gap;         /* white space stood before what comes next */
	bool phrase;      /* the words are several, or quoted */
};

static bool
is_special(char c)
{
	return c && strchr("<>@,;:\"(", c) != NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "(" at POS. Nested ones are kept as text. */
static bool
comment(struct scanner *x)
{
	size_t depth = 0;
	x->comment.len = 0;
	for (; x->pos < x->len; x->pos++) {
		char c = x->s[x->pos];
		if (c == '\\' && x->pos + 1 < x->len) {
			c = x->s[++x->pos];
		} else if (c == '(' && !depth++) {
			continue;
		} else if (c == ')' && !--depth) {
			x->pos++;
			return true;
		}
		if (c != '\r' && c != '\n' && !stralloc_append(&x->comment, c))
			return false;
	}
	return true;
}

static bool
skip(struct scanner *x)
{
	x->gap = false;
	while (x->pos < x->len) {
		if (is_blank(x->s[x->pos])) {
			x->gap = true;
			x->pos++;
		} else if (x->s[x->pos] == '(') {
			x->gap = true;
			if (!comment(x))
				return false;
		} else {
			break;
		}
	}
	return true;
}

static bool
quoted(struct scanner *x, stralloc *out)
{
	for (x->pos++; x->pos < x->len && x->s[x->pos] != '"'; x->pos++) {
		char c = x->s[x->pos];
		if (c == '\\' && x->pos + 1 < x->len)
			c = x->s[++x->pos];
		if (c != '\r' && c != '\n' && !stralloc_append(out, c))
			return false;
	}
	x->pos += x->pos < x->len;
	return true;
}

/* One word or quoted string to OUT. */
static bool
word(struct scanner *x, stralloc *out)
{
	if (x->s[x->pos] == '"')
		return quoted(x, out);
	size_t start = x->pos;
	while (x->pos < x->len && !is_special(x->s[x->pos]) &&
	    !is_blank(x->s[x->pos]))
		x->pos++;
	return stralloc_catb(out, x->s + start, x->pos - start);
}

static void
forget(struct scanner *x)
{
	x->words.len = x->comment.len = 0;
	x->phrase = false;
}

static bool
to_pool(struct mail_addresses *a, char const *s, size_t len, struct span *out)
{
	out->at = a->pool.len;
	out->len = len;
	return stralloc_catb(&a->pool, s, len);
}

static bool
add(struct mail_addresses *a, struct mail_address const *m)
{
	return addresses_count(a) >= ADDRESSES_MAX ||
	    stralloc_catb(&a->list, (char const *)m, sizeof *m);
}

/* Words and dots up to one of the characters of STOP. */
static bool
run_to(struct scanner *x, char const *stop, struct mail_addresses *a,
    struct span *out)
{
	stralloc text = STRALLOC_ZERO;
	bool ok = skip(x);
	while (ok && x->pos < x->len && !strchr(stop, x->s[x->pos])) {
		if (x->s[x->pos] != '"' && is_special(x->s[x->pos]))
			x->pos++; /* out of place */
		else
			ok = word(x, &text);
		ok = ok && skip(x);
	}
	ok = ok && to_pool(a, text.s ? text.s : "", text.len, out);
	stralloc_free(&text);
	return ok;
}

/* "@a,@b:" inside angle brackets. */
static bool
route(struct scanner *x, struct mail_addresses *a, struct span *out)
{
	size_t start = x->pos;
	size_t colon = start;
	while (colon < x->len && x->s[colon] != ':' && x->s[colon] != '>')
		colon++;
	if (colon == x->len || x->s[colon] != ':')
		return true;
	size_t n = 0;
	out->at = a->pool.len;
	for (size_t i = start; i < colon; i++) {
		if (is_blank(x->s[i]))
			continue;
		if (!stralloc_append(&a->pool, x->s[i]))
			return false;
		n++;
	}
	out->len = n;
	x->pos = colon + 1;
	return true;
}

/* "<" at POS. */
static bool
angle(struct scanner *x, struct mail_addresses *a, struct mail_address *m)
{
	x->pos++;
	if (!skip(x))
		return false;
	if (x->pos < x->len && x->s[x->pos] == '@' && !route(x, a, &m->route))
		return false;
	if (!run_to(x, "@>,;", a, &m->local))
		return false;
	if (x->pos < x->len && x->s[x->pos] == '@') {
		x->pos++;
		if (!run_to(x, ">,;", a, &m->host))
			return false;
	}
	if (x->pos < x->len && x->s[x->pos] == '>')
		x->pos++;
	return true;
}

/* What is at hand when a comma, semicolon or the end comes: a name without an
 * address, or one word, the mailbox of some local user. */
static bool
finish_bare(struct scanner *x, struct mail_addresses *a)
{
	struct mail_address m = { .kind = MAIL_ADDRESS };
	if (!x->words.len)
		return true;
	if (!to_pool(a, x->words.s, x->words.len,
	        x->phrase ? &m.name : &m.local) ||
	    (!x->phrase &&
	        !to_pool(a, x->comment.s ? x->comment.s : "", x->comment.len,
	            &m.name)))
		return false;
	forget(x);
	return add(a, &m);
}

/* Words, then "@": an address without brackets. */
static bool
bare_address(struct scanner *x, struct mail_addresses *a)
{
	struct mail_address m = { .kind = MAIL_ADDRESS };
	x->comment.len = 0;
	x->pos++;
	if (!to_pool(a, x->words.s ? x->words.s : "", x->words.len, &m.local) ||
	    !run_to(x, ",;<", a, &m.host) ||
	    !to_pool(a, x->comment.s ? x->comment.s : "", x->comment.len,
	        &m.name))
		return false;
	forget(x);
	return add(a, &m);
}

static bool
named_address(struct scanner *x, struct mail_addresses *a)
{
	struct mail_address m = { .kind = MAIL_ADDRESS };
	if (!to_pool(a, x->words.s ? x->words.s : "", x->words.len, &m.name) ||
	    !angle(x, a, &m))
		return false;
	forget(x);
	return add(a, &m);
}

static bool
group(struct scanner *x, struct mail_addresses *a, bool *in_group)
{
	struct mail_address m = { .kind = MAIL_GROUP_START };
	x->pos++;
	if (*in_group || !x->words.len)
		return true;
	*in_group = true;
	if (!to_pool(a, x->words.s, x->words.len, &m.name))
		return false;
	forget(x);
	return add(a, &m);
}

static bool
end_group(struct mail_addresses *a, bool *in_group)
{
	struct mail_address m = { .kind = MAIL_GROUP_END };
	bool was = *in_group;
	*in_group = false;
	return !was || add(a, &m);
}

static bool
phrase_word(struct scanner *x)
{
	x->phrase = x->phrase || x->words.len || x->s[x->pos] == '"';
	if (x->gap && x->words.len && !stralloc_append(&x->words, ' '))
		return false;
	return word(x, &x->words);
}

static bool
step(struct scanner *x, struct mail_addresses *a, bool *in_group)
{
	switch (x->s[x->pos]) {
	case ',':
		x->pos++;
		return finish_bare(x, a);
	case ';':
		x->pos++;
		return finish_bare(x, a) && end_group(a, in_group);
	case ':':
		return group(x, a, in_group);
	case '<':
		return named_address(x, a);
	case '@':
		return bare_address(x, a);
	case '>':
		x->pos++;
		return true;
	default:
		return phrase_word(x);
	}
}

int
addresses_parse(struct mail_addresses *a, char const *s, size_t len)
{
	struct scanner x = { .s = s, .len = len };
	bool in_group = false;
	bool ok = skip(&x);
	while (ok && x.pos < len)
		ok = step(&x, a, &in_group) && skip(&x);
	ok = ok && finish_bare(&x, a) && end_group(a, &in_group);
	stralloc_free(&x.words);
	stralloc_free(&x.comment);
	return ok;
}

size_t
addresses_count(struct mail_addresses const *a)
{
	return a->list.len / sizeof(struct mail_address);
}

struct mail_address const *
addresses_at(struct mail_addresses const *a, size_t i)
{
	return (struct mail_address const *)(void const *)a->list.s + i;
}

void
addresses_free(struct mail_addresses *a)
{
	stralloc_free(&a->pool);
	stralloc_free(&a->list);
}
