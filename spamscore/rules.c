/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <stdlib.h>
#include <string.h>
#include "expr.h"

enum { SLOTS_FIRST = 1024 };

int
rules_init(struct rules *r)
{
	*r = (struct rules){ .required_score = 5.0,
		.fold_headers = true,
		.body_part_max = 50000,
		.rawbody_part_max = 500000,
		.time_limit = 30,
		.hostname = "localhost" };
	return genalloc_ready(size_t, &r->slots, SLOTS_FIRST) &&
	    (memset(r->slots.s, 0, SLOTS_FIRST * sizeof(size_t)),
	        genalloc_setlen(size_t, &r->slots, SLOTS_FIRST), 1);
}

void
rules_free(struct rules *r)
{
	for (size_t i = 0; i < rules_count(r); i++) {
		pattern_free(rules_at(r, i)->pattern);
		genalloc_free(struct expr_item, &rules_at(r, i)->expr);
	}
	for (size_t i = 0; i < genalloc_len(char *, &r->texts); i++)
		free(genalloc_s(char *, &r->texts)[i]);
	genalloc_free(struct rule, &r->rules);
	genalloc_free(size_t, &r->slots);
	genalloc_free(struct target, &r->targets);
	genalloc_free(struct result_field, &r->fields);
	genalloc_free(struct replacement, &r->replacements);
	genalloc_free(char *, &r->texts);
}

char *
rules_text(struct rules *r, char const *s, size_t len)
{
	char *copy = malloc(len + 1);
	if (!copy || !genalloc_append(char *, &r->texts, &copy)) {
		free(copy);
		return NULL;
	}
	if (len)
		memcpy(copy, s, len);
	copy[len] = 0;
	return copy;
}

struct rule *
rules_at(struct rules const *r, size_t index)
{
	return genalloc_s(struct rule, &r->rules) + index;
}

size_t
rules_count(struct rules const *r)
{
	return genalloc_len(struct rule, &r->rules);
}

/* FNV-1a. */
static size_t
hash(char const *s, size_t len)
{
	uint64_t h = 14695981039346656037ULL;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

/* The slot of this name, or the empty one where it belongs. */
static size_t *
find_slot(struct rules const *r, char const *name, size_t len)
{
	size_t *slots = genalloc_s(size_t, &r->slots);
	size_t mask = genalloc_len(size_t, &r->slots) - 1;
	for (size_t i = hash(name, len);; i++) {
		size_t *slot = slots + (i & mask);
		if (!*slot)
			return slot;
		char const *have = rules_at(r, *slot - 1)->name;
		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return slot;
	}
}

/* Kept at most half full. */
static int
grow_slots(struct rules *r)
{
	size_t n = genalloc_len(size_t, &r->slots);
	if (rules_count(r) * 2 < n)
		return 1;
	genalloc bigger = GENALLOC_ZERO;
	if (!genalloc_ready(size_t, &bigger, n * 2))
		return 0;
	memset(bigger.s, 0, n * 2 * sizeof(size_t));
	genalloc_setlen(size_t, &bigger, n * 2);
	genalloc_free(size_t, &r->slots);
	r->slots = bigger;
	for (size_t i = 0; i < rules_count(r); i++) {
		char const *name = rules_at(r, i)->name;
		*find_slot(r, name, strlen(name)) = i + 1;
	}
	return 1;
}

int
rules_index(struct rules *r, char const *name, size_t len, size_t *index)
{
	size_t *slot = find_slot(r, name, len);
	if (*slot) {
		*index = *slot - 1;
		return 1;
	}
	struct rule rule = { .name = rules_text(r, name, len), .max_hits = 1 };
	if (!rule.name || !genalloc_append(struct rule, &r->rules, &rule))
		return 0;
	*index = rules_count(r) - 1;
	*slot = *index + 1;
	return grow_slots(r);
}

int
rules_target(struct rules *r, char const *field, size_t len,
    unsigned int modifiers, size_t *index)
{
	struct target *t = genalloc_s(struct target, &r->targets);
	size_t n = genalloc_len(struct target, &r->targets);
	for (*index = 0; *index < n; ++*index)
		if (t[*index].modifiers == modifiers &&
		    strlen(t[*index].field) == len &&
		    memcmp(t[*index].field, field, len) == 0)
			return 1;
	struct target fresh = { rules_text(r, field, len), modifiers };
	return fresh.field &&
	    genalloc_append(struct target, &r->targets, &fresh);
}

void
rule_clear(struct rule *rule)
{
	pattern_free(rule->pattern);
	rule->pattern = NULL;
	rule->kind = RULE_NONE;
	rule->negate = false;
	rule->if_unset = NULL;
	genalloc_setlen(struct expr_item, &rule->expr, 0);
}

bool
rule_is_part(struct rule const *rule)
{
	return rule->name[0] == '_' && rule->name[1] == '_';
}

double
rule_score(struct rule const *rule)
{
	if (rule_is_part(rule))
		return 0;
	if (rule->has_score)
		return rule->score;
	/* on trial */
	if (rule->name[0] == 'T' && rule->name[1] == '_')
		return 0.01;
	return rule->flags & RULE_NICE ? -1.0 : 1.0;
}
