/* SPDX-License-Identifier: ISC */
#include "replace.h"

enum { PASSES_MAX = 6, PATTERN_TEXT_MAX = 1 << 20 };

static struct replacement const *
find_replacement(struct rules const *rules, enum replacement_kind kind,
    struct span name)
{
	struct replacement const *r =
	    genalloc_s(struct replacement, &rules->replacements);
	size_t n = genalloc_len(struct replacement, &rules->replacements);
	while (n--) /* the last one of a name counts */
		if (r[n].kind == kind && span_is(name, r[n].name))
			return &r[n];
	return NULL;
}

/* The first "<...>" without brackets inside, at or behind FROM; its length, 0
 * for none. */
static size_t
find_tag(struct span s, size_t from, size_t *at)
{
	size_t open = s.len;
	for (size_t i = from; i < s.len; i++) {
		if (s.s[i] == '<')
			open = i;
		if (s.s[i] != '>' || open == s.len)
			continue;
		*at = open;
		if (i > open + 1)
			return i + 1 - open;
		open = s.len;
	}
	return 0;
}

static struct {
	char const *start;
	enum replacement_kind kind;
} const modifiers[] = {
	{ "<pre ", REPLACE_PRE },
	{ "<post ", REPLACE_POST },
	{ "<inter ", REPLACE_INTER },
};

/* What goes around and between the tags of one pass; "" for nothing. */
struct around {
	char const *text[REPLACE_KINDS];
};

/* Takes "<pre X>" and the like out of S. */
static void
take_modifiers(struct rules const *rules, stralloc *s, struct around *a)
{
	for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
		char const *start = modifiers[i].start;
		size_t n = strlen(start);
		a->text[modifiers[i].kind] = "";
		char const *at = memmem(s->s, s->len, start, n);
		char const *end =
		    at ? memchr(at, '>', (size_t)(s->s + s->len - at)) : NULL;
		if (!end)
			continue;
		struct span name = { at + n, (size_t)(end - at) - n };
		struct replacement const *r =
		    find_replacement(rules, modifiers[i].kind, name);
		if (r)
			a->text[modifiers[i].kind] = r->text;
		size_t to = (size_t)(at - s->s);
		size_t from = (size_t)(end - s->s) + 1;
		memmove(s->s + to, s->s + from, s->len - from);
		s->len -= from - to;
	}
}

/* One tag with what goes around it; *AGAIN: tags came in with it. */
static int
put_tag(struct rules const *rules, struct span tag, struct around const *a,
    stralloc *out, bool *again)
{
	struct span name = { tag.s + 1, tag.len - 2 };
	struct replacement const *r =
	    find_replacement(rules, REPLACE_TAG, name);
	size_t at;
	if (r) {
		tag = (struct span){ r->text, strlen(r->text) };
		*again = *again || find_tag(tag, 0, &at);
	}
	return stralloc_cats(out, a->text[REPLACE_PRE]) &&
	    stralloc_catb(out, tag.s, tag.len) &&
	    stralloc_cats(out, a->text[REPLACE_POST]);
}

static int
replace_once(struct rules const *rules, struct span s, struct around const *a,
    stralloc *out, bool *again)
{
	size_t pos = 0;
	size_t at = 0;
	out->len = 0;
	for (size_t n; (n = find_tag(s, pos, &at)); pos = at + n) {
		if (pos && pos == at &&
		    !stralloc_cats(out, a->text[REPLACE_INTER]))
			return 0;
		if (!stralloc_catb(out, s.s + pos, at - pos) ||
		    !put_tag(rules, (struct span){ s.s + at, n }, a, out,
		        again))
			return 0;
	}
	return stralloc_catb(out, s.s + pos, s.len - pos);
}

int
replace_tags(struct rules const *rules, struct span pattern, stralloc *out)
{
	stralloc from = STRALLOC_ZERO;
	int ok = stralloc_copyb(out, pattern.s, pattern.len);
	bool again = true;
	for (int pass = 0; ok && again && pass < PASSES_MAX; pass++) {
		struct around a;
		if (out->len > PATTERN_TEXT_MAX)
			break;
		ok = stralloc_copy(&from, out);
		again = false;
		if (ok)
			take_modifiers(rules, &from, &a);
		ok = ok && replace_once(rules, span_of(&from), &a, out, &again);
	}
	stralloc_free(&from);
	return ok;
}

static int
replace_rule(struct config *c, struct rule *rule)
{
	char why[PATTERN_WHY_MAX];
	stralloc text = STRALLOC_ZERO;
	struct span old = { rule->pattern_text, strlen(rule->pattern_text) };
	if (!replace_tags(c->rules, old, &text))
		return 0;
	struct pattern *fresh = pattern_compile(text.s, text.len, why);
	stralloc_free(&text);
	if (fresh) {
		pattern_free(rule->pattern);
		rule->pattern = fresh;
		return 1;
	}
	c->rules->unsupported++;
	c->warn(rule->file, rule->line, why, rule->name, false);
	return 1;
}

int
replace_all(struct config *c)
{
	for (size_t i = 0; i < rules_count(c->rules); i++) {
		struct rule *rule = rules_at(c->rules, i);
		if (rule->flags & RULE_REPLACE && rule->pattern &&
		    !replace_rule(c, rule))
			return 0;
	}
	return 1;
}
