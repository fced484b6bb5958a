/* SPDX-License-Identifier: ISC */
/* SEARCH (RFC 3501), also with RETURN (RFC 4731, RFC 5267). */
#include "session.h"

#include <stdlib.h>
#include "context.h"
#include "fetch.h"
#include "look.h"
#include "match.h"
#include "results.h"
#include "search.h"

static bool
find(struct look *l, struct search const *search, struct results *found)
{
	uint32_t index = 0;
	while (match_next(l, search, &index))
		if (!results_add(found, l->number))
			return false;
	return true;
}

static answer
run(struct session *s, struct search *search, struct result_options *options)
{
	struct look l;
	struct results found = RESULTS_ZERO;
	bool ok = look_start(&l, s) && match_resolve(s, search) &&
	    find(&l, search, &found) &&
	    results_put(s, "SEARCH", &found, options) &&
	    context_start(s, search, NULL, options, &found);
	look_end(&l);
	results_free(&found);
	return ok ? "OK SEARCH completed" : ANSWER_NO_MEMORY;
}

answer
search_check(struct session *s, struct search const *search, bool parsed)
{
	if (search->bad_charset)
		return "NO [BADCHARSET (UTF-8 US-ASCII)] Charset not known";
	if (!parsed)
		return ANSWER_BAD_ARGUMENTS;
	s->numbers = search_has_numbers(search);
	if (s->numbers && s->enabled & ENABLED_UIDONLY)
		return ANSWER_UID_REQUIRED;
	if (search->has_modseq)
		session_enable(s, ENABLED_CONDSTORE);
	return NULL;
}

answer
search_end(struct session *s, struct result_options *o, answer text)
{
	if (o->fetch)
		fetch_free(o->fetch);
	free(o->fetch);
	if (o->kinds & RESULT_SAVE && text[0] == 'N')
		s->saved.ranges.len = 0;
	return text;
}

answer
cmd_search(struct session *s, struct cursor *c)
{
	struct search search = { 0 };
	struct result_options options;
	bool rev2 = s->enabled & ENABLED_REV2;
	bool ok = cursor_results(c, &options) &&
	    search_parse(c,
	        s->enabled & ENABLED_UTF8 && !rev2 ? SEARCH_CHARSET_NONE
	                                           : SEARCH_CHARSET_NAMED,
	        &search);
	options.extended = options.extended || rev2;
	answer text = search_check(s, &search, ok);
	options.modseq = search.has_modseq;
	if (!text)
		text = context_prepare(s, &search, &options);
	if (!text)
		text = run(s, &search, &options);
	search_free(&search);
	return search_end(s, &options, text);
}
