/* SPDX-License-Identifier: ISC */
/* SEARCH (RFC 3501), also with RETURN (RFC 4731). */
#include "session.h"

#include "look.h"
#include "match.h"
#include "results.h"
#include "search.h"

static bool
find(struct look *l, struct search const *search, struct results *found)
{
	for (uint32_t i = 0; i < l->s->box.told; i++)
		if (look_at(l, i) && match(l, search) &&
		    !results_add(found, l->number))
			return false;
	return true;
}

static answer
run(struct session *s, struct search *search,
    struct result_options const *options)
{
	struct look l;
	struct results found = RESULTS_ZERO;
	match_resolve(search, &s->box);
	bool ok = look_start(&l, s) && find(&l, search, &found);
	if (ok)
		results_put(s, "SEARCH", &found, options);
	look_end(&l);
	results_free(&found);
	return ok ? "OK SEARCH completed" : ANSWER_NO_MEMORY;
}

answer
search_check(struct session *s, struct search const *search, bool parsed)
{
	if (!parsed)
		return search->bad_charset
		    ? "NO [BADCHARSET (UTF-8 US-ASCII)] Charset not known"
		    : ANSWER_BAD_ARGUMENTS;
	s->numbers = search_has_numbers(search);
	return s->numbers && s->enabled & ENABLED_UIDONLY ? ANSWER_UID_REQUIRED
	                                                  : NULL;
}

answer
cmd_search(struct session *s, struct cursor *c)
{
	struct search search = { 0 };
	struct result_options options;
	bool ok = cursor_results(c, &options) &&
	    search_parse(c,
	        s->enabled & ENABLED_UTF8 ? SEARCH_CHARSET_NONE
	                                  : SEARCH_CHARSET_NAMED,
	        &search);
	answer text = search_check(s, &search, ok);
	if (!text)
		text = run(s, &search, &options);
	search_free(&search);
	return text;
}
