/* SPDX-License-Identifier: ISC */
/* Whether a message is one that a search program asks for. */
#ifndef IMAP_MATCH_H
#define IMAP_MATCH_H

#include <stdbool.h>
#include "look.h"
#include "search.h"

/* Puts the mailbox's numbers for "*" in the program's sets; before the rest. */
void match_resolve(struct search *search, struct mailbox const *b);

/* False also when the message cannot be read; if it is gone, L says so. */
bool match(struct look *l, struct search const *search);

/* BODY: text parts, and the headers of messages within the message. */
bool match_body(struct look *l, stralloc const *needle);

/* Any field, its name included. */
bool match_any_field(struct look *l, struct bytes header,
    stralloc const *needle);

/* The form that is looked for, in the text at hand. */
bool match_text(stralloc const *text, stralloc const *needle);

#endif
