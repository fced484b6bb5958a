/* SPDX-License-Identifier: ISC */
/* What rule files say: rules by name, scores, and how the result is written. */
#ifndef SPAMSCORE_RULES_H
#define SPAMSCORE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include "pattern.h"

enum rule_kind {
	RULE_NONE, /* named only: by a score, a meta, or a test we do not have */
	RULE_HEADER,
	RULE_EXISTS,
	RULE_MIMEHEADER,
	RULE_BODY,
	RULE_RAWBODY,
	RULE_FULL,
	RULE_URI,
	RULE_META
};

enum rule_flag {
	RULE_NICE = 1,      /* lowers the score */
	RULE_MULTIPLE = 2,  /* every match counts, up to max_hits */
	RULE_NOSUBJECT = 4, /* body rule that does not look at the Subject */
	RULE_REPLACE = 8    /* tags in its pattern are replaced */
};

struct rule {
	char const *name;
	enum rule_kind kind;
	unsigned int flags;
	unsigned int max_hits;
	bool has_score;
	double score;
	char const *describe;
	/* header, exists, mimeheader */
	size_t target; /* in rules.targets */
	bool negate;   /* !~ */
	char const *if_unset;
	struct pattern *pattern;
	char const *pattern_text; /* as it was written, there: */
	char const *file;
	unsigned int line;
	genalloc expr; /* meta: struct expr_item, names by index in rules.rules */
};

enum target_modifier {
	TARGET_RAW = 1,
	TARGET_ADDR = 2,
	TARGET_NAME = 4,
	TARGET_FIRST = 8,
	TARGET_LAST = 16
};

/* A header, or pseudo header, that rules look at. */
struct target {
	char const *field;
	unsigned int modifiers;
};

/* A field to write: X-Spam-NAME. */
struct result_field {
	char const *name;
	char const *text;
	bool spam;
	bool ham;
};

enum replacement_kind {
	REPLACE_TAG,
	REPLACE_PRE,
	REPLACE_POST,
	REPLACE_INTER,
	REPLACE_KINDS
};

/* What a tag in patterns stands for. */
struct replacement {
	enum replacement_kind kind;
	char const *name;
	char const *text;
};

struct rules {
	genalloc rules;   /* struct rule, in the order they were named first */
	genalloc slots;   /* hash table over it: index + 1, or 0 */
	genalloc targets; /* struct target */
	genalloc fields;  /* struct result_field, in writing order */
	genalloc replacements; /* struct replacement */
	genalloc texts;        /* char *: all that names and values point to */
	double required_score;
	char const *subject_tag; /* rewrite_header Subject; NULL for none */
	bool fold_headers;
	size_t body_part_max;
	size_t rawbody_part_max;
	unsigned int time_limit; /* seconds */
	char const *hostname;    /* _HOSTNAME_ */
	/* counted while reading */
	unsigned int faults;      /* warned about */
	unsigned int unsupported; /* understood, but we have no such test */
};

/* Defaults. 1, or 0 with errno. */
int rules_init(struct rules *r);
void rules_free(struct rules *r);

/* The index of a rule, made when it is new. 1, or 0 with errno. */
int rules_index(struct rules *r, char const *name, size_t len, size_t *index);

struct rule *rules_at(struct rules const *r, size_t index);
size_t rules_count(struct rules const *r);

/* The index of a header target. 1, or 0 with errno. */
int rules_target(struct rules *r, char const *field, size_t len,
    unsigned int modifiers, size_t *index);

/* Forgets what the rule tests (not its score and description). */
void rule_clear(struct rule *rule);

/* Names that begin with "__" are parts of metas, without a score. */
bool rule_is_part(struct rule const *rule);

/* What a hit is worth. */
double rule_score(struct rule const *rule);

/* A copy with a NUL that lives as long as the rules. NULL with errno. */
char *rules_text(struct rules *r, char const *s, size_t len);

#endif
