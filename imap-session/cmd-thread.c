/* SPDX-License-Identifier: ISC */
/* THREAD (RFC 5256). */
#include "session.h"

#include "look.h"
#include "match.h"
#include "search.h"
#include "thread.h"

/* --- one message ---------------------------------------------------------- */

/* Adds the message. False: out of memory. */
static bool
add(struct look *l, struct threads *t)
{
	struct thread_message m = { .number = 0 };
	if (!look_order(l, &m.date, &m.reply) ||
	    (t->algorithm != THREAD_ORDEREDSUBJECT && !look_ids(l, &m.ids)))
		return l->gone;
	m.number = l->s->uid ? l->reader.m->uid : l->number;
	m.subject = (struct bytes){ l->mapped.s, l->mapped.len };
	return threads_add(t, &m);
}

/* --- the verb ------------------------------------------------------------- */

static bool
find(struct look *l, struct search const *search, struct threads *t)
{
	uint32_t index = 0;
	while (match_next(l, search, &index))
		if (!add(l, t))
			return false;
	return threads_finish(t);
}

static answer
run(struct session *s, struct search *search, struct threads *t)
{
	struct look l;
	stralloc out = STRALLOC_ZERO;
	bool ok = look_start(&l, s) && match_resolve(s, search) &&
	    find(&l, search, t) && stralloc_cats(&out, "* THREAD") &&
	    threads_format(t, &out) && stralloc_cats(&out, "\r\n");
	if (ok)
		wire_put(&s->wire, out.s, out.len);
	look_end(&l);
	stralloc_free(&out);
	return ok ? "OK THREAD completed" : ANSWER_NO_MEMORY;
}

static bool
cursor_algorithm(struct cursor *c, enum thread_algorithm *a)
{
	static char const *const names[] = {
		[THREAD_ORDEREDSUBJECT] = "ORDEREDSUBJECT",
		[THREAD_REFERENCES] = "REFERENCES",
		[THREAD_REFS] = "REFS",
	};
	for (*a = THREAD_ORDEREDSUBJECT; *a <= THREAD_REFS; ++*a)
		if (cursor_word(c, names[*a]))
			return true;
	return false;
}

answer
cmd_thread(struct session *s, struct cursor *c)
{
	struct search search = { 0 };
	struct threads threads = { 0 };
	enum thread_algorithm algorithm;
	bool ok = cursor_algorithm(c, &algorithm) && cursor_space(c) &&
	    search_parse(c, SEARCH_CHARSET_FIRST, &search);
	threads_start(&threads, algorithm);
	answer text = search_check(s, &search, ok);
	if (!text)
		text = run(s, &search, &threads);
	search_free(&search);
	threads_free(&threads);
	return text;
}
