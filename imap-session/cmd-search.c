/* SPDX-License-Identifier: ISC */
/* SEARCH (RFC 3501) and its ESEARCH answer (RFC 4731). */
#include "session.h"

#include "look.h"
#include "match.h"
#include "search.h"

/* --- answers -------------------------------------------------------------- */

struct found {
	uint32_t min, max, count;
	struct sequence set;
};

static bool
add_found(struct found *f, uint32_t n)
{
	f->min = f->min ? f->min : n;
	f->max = n;
	f->count++;
	return sequence_add(&f->set, n);
}

static void
put_found(struct session *s, struct found const *f)
{
	struct range const *r = sequence_ranges(&f->set);
	wire_puts(&s->wire, "* SEARCH");
	for (uint32_t i = 0; i < sequence_count(&f->set); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++) {
			wire_puts(&s->wire, " ");
			wire_number(&s->wire, n);
		}
	wire_puts(&s->wire, "\r\n");
}

static void
put_result(struct session *s, char const *name, uint32_t n)
{
	wire_puts(&s->wire, name);
	wire_number(&s->wire, n);
}

static void
put_extended(struct session *s, struct found const *f, unsigned results)
{
	wire_puts(&s->wire, "* ESEARCH (TAG ");
	wire_string(&s->wire, s->tag.s, s->tag.len);
	wire_puts(&s->wire, s->uid ? ") UID" : ")");
	if (f->count && results & RESULT_MIN)
		put_result(s, " MIN ", f->min);
	if (f->count && results & RESULT_MAX)
		put_result(s, " MAX ", f->max);
	if (f->count && results & RESULT_ALL) {
		answer_start(s, "");
		answer_set(s, &f->set);
		wire_puts(&s->wire, " ALL ");
		wire_put(&s->wire, s->answer.s, s->answer.len);
	}
	if (results & RESULT_COUNT)
		put_result(s, " COUNT ", f->count);
	wire_puts(&s->wire, "\r\n");
}

static bool
find(struct look *l, struct search const *search, struct found *f)
{
	struct session *s = l->s;
	for (uint32_t i = 0; i < s->box.told; i++) {
		if (!look_at(l, i) || !match(l, search))
			continue;
		if (!add_found(f, s->uid ? l->m->uid : l->number))
			return false;
	}
	return true;
}

static answer
run(struct session *s, struct search *search)
{
	struct look l;
	struct found f = { 0, 0, 0, SEQUENCE_ZERO };
	match_resolve(search, &s->box);
	bool ok = look_start(&l, s) && find(&l, search, &f);
	if (ok && search->extended)
		put_extended(s, &f, search->results);
	else if (ok)
		put_found(s, &f);
	look_end(&l);
	stralloc_free(&f.set.ranges);
	return ok ? "OK SEARCH completed" : ANSWER_NO_MEMORY;
}

answer
cmd_search(struct session *s, struct cursor *c)
{
	struct search search;
	answer text;
	if (search_parse(c, &search))
		text = run(s, &search);
	else if (search.bad_charset)
		text = "NO [BADCHARSET (UTF-8 US-ASCII)] Charset not known";
	else
		text = ANSWER_BAD_ARGUMENTS;
	search_free(&search);
	return text;
}
