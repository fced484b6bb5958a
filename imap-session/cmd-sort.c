/* SPDX-License-Identifier: ISC */
/* SORT (RFC 5256, RFC 5957), also with RETURN (RFC 5267). */
#include "session.h"

#include "context.h"
#include "look.h"
#include "match.h"
#include "results.h"
#include "search.h"
#include "sort.h"

/* Adds the message. False: out of memory. */
static bool
add(struct look *l, struct sorter *sorter, struct results *found)
{
	if (!look_sort_values(l, sorter))
		return l->gone;
	return results_add(found, l->number);
}

static bool
find(struct look *l, struct search const *search, struct sorter *sorter,
    struct results *found)
{
	uint32_t index = 0;
	while (match_next(l, search, &index))
		if (!add(l, sorter, found))
			return false;
	return sorter_sort(sorter, results_numbers(found),
	    results_count(found));
}

static answer
run(struct session *s, struct search *search, struct sorter *sorter,
    struct result_options *options)
{
	struct look l;
	struct results found = RESULTS_ZERO;
	bool ok = look_start(&l, s) && match_resolve(s, search) &&
	    find(&l, search, sorter, &found) &&
	    results_put(s, "SORT", &found, options) &&
	    context_start(s, search, &sorter->order, options, &found);
	look_end(&l);
	results_free(&found);
	return ok ? "OK SORT completed" : ANSWER_NO_MEMORY;
}

answer
cmd_sort(struct session *s, struct cursor *c)
{
	struct search search = { 0 };
	struct sorter sorter = { 0 };
	struct result_options options;
	bool ok = cursor_results(c, &options) &&
	    cursor_sort(c, &sorter.order) && cursor_space(c) &&
	    search_parse(c, SEARCH_CHARSET_FIRST, &search);
	answer text = search_check(s, &search, ok);
	options.modseq = search.has_modseq;
	if (!text)
		text = context_prepare(s, &search, &options);
	if (!text)
		text = run(s, &search, &sorter, &options);
	search_free(&search);
	sorter_free(&sorter);
	return search_end(s, &options, text);
}
