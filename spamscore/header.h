/* SPDX-License-Identifier: ISC */
/* Header fields as rules see them. */
#ifndef SPAMSCORE_HEADER_H
#define SPAMSCORE_HEADER_H

#include <skalibs/stralloc.h>
#include "rules.h"
#include "span.h"

/* *OUT becomes the text that a rule's target stands for: the values of the
 * fields of that name, each decoded and on its line, or what the modifiers and
 * the pseudo headers ALL, ToCc, MESSAGEID, EnvelopeFrom ask for. SENDER is the
 * envelope's, NULL when it is not known. 1; 0: there is no such field; -1 with
 * errno. Pure. */
int header_value(struct span header, char const *sender, struct target const *t,
    stralloc *out);

/* Appends a field's value in one line, with its encoded words decoded unless
 * NAME is of those that have none. */
int header_decode(struct span name, struct span value, stralloc *out);

#endif
