/* SPDX-License-Identifier: ISC */
#include "scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "expr.h"
#include "header.h"
#include "mime.h"

/* What header rules look at, worked out when it is first asked for. */
struct value {
	stralloc text;
	int found; /* as header_value; -2: not worked out yet */
};

struct runner {
	struct scan *scan;
	struct text const *text;
	char const *sender;
	struct value *values; /* by target */
	double deadline;
};

static double
now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool
time_is_up(struct runner *r)
{
	if (r->deadline > 0 && now() > r->deadline)
		r->scan->out_of_time = true;
	return r->scan->out_of_time;
}

/* --- header rules ---------------------------------------------------------- */

static struct value *
value_of(struct runner *r, size_t target)
{
	struct target const *t =
	    genalloc_s(struct target, &r->scan->rules->targets) + target;
	struct value *v = r->values + target;
	if (v->found == -2)
		v->found =
		    header_value(r->text->header, r->sender, t, &v->text);
	return v;
}

static int
match_text(struct rule const *rule, struct span text, unsigned int *hits)
{
	unsigned int n =
	    pattern_count(rule->pattern, text.s, text.len, rule->max_hits);
	*hits = rule->negate ? n == 0 : n;
	return 1;
}

static int
run_header(struct runner *r, struct rule const *rule, unsigned int *hits)
{
	struct value *v = value_of(r, rule->target);
	if (v->found < 0)
		return 0;
	if (rule->kind == RULE_EXISTS) {
		*hits = v->found > 0;
		return 1;
	}
	char const *unset = rule->if_unset ? rule->if_unset : "";
	struct span text = v->found ? span_of(&v->text)
	                            : (struct span){ unset, strlen(unset) };
	return match_text(rule, text, hits);
}

static int
run_mimeheader(struct runner *r, struct rule const *rule, unsigned int *hits)
{
	struct target const *t =
	    genalloc_s(struct target, &r->scan->rules->targets) + rule->target;
	struct mime_part const *p =
	    genalloc_s(struct mime_part, &r->text->parts);
	size_t n = genalloc_len(struct mime_part, &r->text->parts);
	stralloc value = STRALLOC_ZERO;
	int ok = 1;
	for (size_t i = 0; ok && i < n && *hits < rule->max_hits; i++) {
		int found = header_value(p[i].header, NULL, t, &value);
		unsigned int one = 0;
		ok = found >= 0;
		if (found > 0)
			match_text(rule, span_of(&value), &one);
		*hits += one;
	}
	stralloc_free(&value);
	return ok;
}

/* --- text rules ------------------------------------------------------------ */

static void
run_pieces(struct runner *r, struct rule const *rule, genalloc const *pieces,
    unsigned int *hits)
{
	struct span const *p = genalloc_s(struct span, pieces);
	size_t n = genalloc_len(struct span, pieces);
	size_t first = rule->kind == RULE_BODY && rule->flags & RULE_NOSUBJECT;
	for (size_t i = first; i < n && *hits < rule->max_hits; i++) {
		*hits += pattern_count(rule->pattern, p[i].s, p[i].len,
		    rule->max_hits - *hits);
		if (i % 64 == 63 && time_is_up(r))
			break;
	}
}

static int
run_rule(struct runner *r, struct rule const *rule, unsigned int *hits)
{
	switch (rule->kind) {
	case RULE_HEADER:
	case RULE_EXISTS:
		return run_header(r, rule, hits);
	case RULE_MIMEHEADER:
		return run_mimeheader(r, rule, hits);
	case RULE_BODY:
		run_pieces(r, rule, &r->text->body, hits);
		return 1;
	case RULE_RAWBODY:
		run_pieces(r, rule, &r->text->rawbody, hits);
		return 1;
	case RULE_URI:
		run_pieces(r, rule, &r->text->uris, hits);
		return 1;
	case RULE_FULL:
		return match_text(rule, r->text->message, hits);
	case RULE_NONE:
	case RULE_META:
		break;
	}
	return 1;
}

/* A score of 0 switches a rule off, for metas too. */
static bool
is_off(struct rule const *rule)
{
	return rule->has_score && rule->score == 0;
}

static int
run_tests(struct runner *r)
{
	struct rules const *rules = r->scan->rules;
	for (size_t i = 0; i < rules_count(rules) && !time_is_up(r); i++) {
		struct rule const *rule = rules_at(rules, i);
		if (!is_off(rule) && !run_rule(r, rule, &r->scan->hits[i]))
			return 0;
	}
	return 1;
}

/* --- metas ----------------------------------------------------------------- */

static double
hits_of(void *data, size_t index)
{
	return ((struct scan *)data)->hits[index];
}

/* Whether all metas that this one names are done. */
static bool
is_ready(struct scan const *s, struct rule const *rule, bool const *done)
{
	struct expr_item const *e = genalloc_s(struct expr_item, &rule->expr);
	size_t n = genalloc_len(struct expr_item, &rule->expr);
	for (size_t i = 0; i < n; i++)
		if (e[i].op == EXPR_NAME && !done[e[i].index] &&
		    rules_at(s->rules, e[i].index)->kind == RULE_META)
			return false;
	return true;
}

static void
run_meta(struct scan *s, size_t index)
{
	struct rule const *rule = rules_at(s->rules, index);
	if (!is_off(rule))
		s->hits[index] =
		    expr_value(genalloc_s(struct expr_item, &rule->expr),
		        genalloc_len(struct expr_item, &rule->expr), hits_of,
		        s) != 0;
}

/* Metas may name metas that come later: rounds, until nothing moves. What is
 * left then goes round in a circle, and does not match. */
static int
run_metas(struct scan *s)
{
	size_t n = rules_count(s->rules);
	bool *done = calloc(n + 1, sizeof *done);
	if (!done)
		return 0;
	for (bool moved = true; moved;) {
		moved = false;
		for (size_t i = 0; i < n; i++) {
			struct rule const *rule = rules_at(s->rules, i);
			if (done[i] || rule->kind != RULE_META ||
			    !is_ready(s, rule, done))
				continue;
			run_meta(s, i);
			done[i] = moved = true;
		}
	}
	free(done);
	return 1;
}

/* --- result ---------------------------------------------------------------- */

static int
by_name(void const *a, void const *b, void *rules)
{
	size_t const *x = a;
	size_t const *y = b;
	return strcmp(rules_at(rules, *x)->name, rules_at(rules, *y)->name);
}

/* Scores are decimals: 2.3 and 2.7 are to make 5.0. */
static double
thousandths(double score)
{
	double half = score < 0 ? -0.5 : 0.5;
	if (score < -1e12 || score > 1e12)
		return score;
	return (double)(int64_t)(score * 1000 + half) / 1000;
}

static int
sum_up(struct scan *s)
{
	struct rules rules = *s->rules;
	for (size_t i = 0; i < rules_count(s->rules); i++) {
		struct rule const *rule = rules_at(s->rules, i);
		genalloc *list = rule_is_part(rule) ? &s->parts : &s->tests;
		if (!s->hits[i])
			continue;
		s->score += rule_score(rule);
		if (!genalloc_append(size_t, list, &i))
			return 0;
	}
	s->score = thousandths(s->score);
	if (genalloc_len(size_t, &s->tests))
		qsort_r(s->tests.s, genalloc_len(size_t, &s->tests),
		    sizeof(size_t), by_name, &rules);
	if (genalloc_len(size_t, &s->parts))
		qsort_r(s->parts.s, genalloc_len(size_t, &s->parts),
		    sizeof(size_t), by_name, &rules);
	return 1;
}

static struct value *
new_values(struct rules const *rules)
{
	size_t n = genalloc_len(struct target, &rules->targets);
	struct value *values = calloc(n + 1, sizeof *values);
	for (size_t i = 0; values && i < n; i++)
		values[i].found = -2;
	return values;
}

int
scan_run(struct scan *s, struct rules const *rules, struct text const *t,
    char const *sender)
{
	*s = (struct scan){ .rules = rules };
	struct runner r = { .scan = s, .text = t, .sender = sender };
	if (rules->time_limit)
		r.deadline = now() + rules->time_limit;
	s->hits = calloc(rules_count(rules) + 1, sizeof *s->hits);
	r.values = new_values(rules);
	int ok =
	    s->hits && r.values && run_tests(&r) && run_metas(s) && sum_up(s);
	for (size_t i = 0;
	     r.values && i < genalloc_len(struct target, &rules->targets); i++)
		stralloc_free(&r.values[i].text);
	free(r.values);
	return ok;
}

void
scan_free(struct scan *s)
{
	free(s->hits);
	genalloc_free(size_t, &s->tests);
	genalloc_free(size_t, &s->parts);
}

bool
scan_is_spam(struct scan const *s)
{
	return s->score >= s->rules->required_score;
}
