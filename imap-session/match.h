/* SPDX-License-Identifier: ISC */
/* Which messages a search program asks for. */
#ifndef IMAP_MATCH_H
#define IMAP_MATCH_H

#include <stdbool.h>
#include "look.h"
#include "search.h"

/* Puts what is so now in the program: the numbers for "*" and "$", the moments
 * that are so many seconds ago. Before the rest. 1, or 0 out of memory. */
int match_resolve(struct session *s, struct search *search);

/* The answer to a program that cannot be run, or was not PARSED; NULL: it can,
 * and what it implies for the session is done. */
answer search_check(struct session *s, struct search const *search,
    bool parsed);

/* Whether the message at hand does. */
bool match_message(struct look *l, struct search const *search);

/* Goes to the next message that matches, *INDEX being where to look on; false:
 * there is none. A client that waits long is told how far it is (RFC 9585). */
bool match_next(struct look *l, struct search const *search, uint32_t *index);

/* The text parts with FIELDS also the headers of parts and of messages within
 * the message (RFC 9051, 6.4.4: TEXT, and unlike it BODY). */
bool match_body(struct look *l, stralloc const *needle, bool fields);

/* Any field, its name included. */
bool match_any_field(struct look *l, struct bytes header,
    stralloc const *needle);

/* L->text. */
bool match_text(struct look *l, stralloc const *needle);

#endif
