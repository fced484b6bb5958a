/* SPDX-License-Identifier: ISC */
#include "entry.h"

#include <string.h>

#include "address.h"
#include "text.h"

enum entry_result
entry_say(struct entry *e, enum entry_result result, char const *why,
    struct bytes about)
{
	e->why = why;
	return stralloc_copyb(&e->about, about.s, about.len) ? result
	                                                     : ENTRY_MEMORY;
}

enum entry_result
entry_wrong(struct entry *e, char const *why, struct bytes about)
{
	return entry_say(e, ENTRY_WRONG, why, about);
}

void
entry_free(struct entry *e)
{
	stralloc_free(&e->key);
	stralloc_free(&e->value);
	stralloc_free(&e->about);
}

static void
advance(struct bytes *rest, size_t used)
{
	rest->s += used;
	rest->len -= used;
}

struct bytes
bytes_take_word(struct bytes *rest)
{
	struct bytes word = { rest->s, text_word(rest->s, rest->len) };
	advance(rest, word.len);
	advance(rest, text_space(rest->s, rest->len));
	return word;
}

bool
bytes_have_control(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.s[i] < 0x20 || b.s[i] == 0x7f)
			return true;
	return false;
}

static bool
parse_domain(struct bytes b, struct address *a)
{
	char text[2 + ADDRESS_DOMAIN_MAX] = "x@";
	if (b.len > ADDRESS_DOMAIN_MAX)
		return false;
	memcpy(text + 2, b.s, b.len);
	return address_parse(text, 2 + b.len, a) && !a->literal;
}

bool
bytes_are_domain(struct bytes b)
{
	struct address a;
	return parse_domain(b, &a);
}

int
bytes_fold(stralloc *sa, struct bytes b)
{
	if (!stralloc_readyplus(sa, b.len + 1))
		return 0;
	for (size_t i = 0; i < b.len; i++) {
		char c = b.s[i];
		sa->s[sa->len++] =
		    c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return 1;
}

int
bytes_fold_domain(stralloc *sa, struct bytes b)
{
	struct address a;
	struct bytes name = b;
	while (name.len && *name.s && strchr("*.@", *name.s)) {
		name.s++;
		name.len--;
	}
	if (!parse_domain(name, &a))
		return bytes_fold(sa, b);
	return stralloc_catb(sa, b.s, b.len - name.len) &&
	    stralloc_catb(sa, a.domain, a.domain_len);
}
