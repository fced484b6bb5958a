/* SPDX-License-Identifier: ISC */
/* Results of SEARCH and SORT that a client asked to be kept up to date: UPDATE of
 * RFC 5267 section 4.3, RFC 5465 section 7. They last till CANCELUPDATE, or till
 * the mailbox is left. */
#ifndef IMAP_CONTEXT_H
#define IMAP_CONTEXT_H

#include "results.h"
#include "search.h"
#include "session.h"
#include "sort.h"

enum { CONTEXTS_MAX = 16 };

/* Before a search with such options. NULL, or what to answer. Where UPDATE has to
 * be refused the client is told, and the search goes on without it. SEARCH is not
 * resolved yet: "*" in it comes to mean all UIDs to come. */
answer context_prepare(struct session *s, struct search *search,
    struct result_options *o);

/* Keeps what was FOUND if UPDATE is among the options. ORDER is SORT's, NULL is
 * that of the mailbox. SEARCH, and what O has to fetch, are taken then, and empty
 * afterwards. 1, or 0 out of memory. */
int context_start(struct session *s, struct search *search,
    struct sort_order const *order, struct result_options *o,
    struct results const *found);

#endif
