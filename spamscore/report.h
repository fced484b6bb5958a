/* SPDX-License-Identifier: ISC */
/* The result in words: templates with _TAGS_, and the X-Spam fields. */
#ifndef SPAMSCORE_REPORT_H
#define SPAMSCORE_REPORT_H

#include <skalibs/stralloc.h>
#include "scan.h"

/* Appends TEMPLATE with its tags replaced; unknown ones stay. 1, or 0 with
 * errno. Pure. */
int report_expand(struct scan const *s, char const *template, stralloc *out);

/* Appends the fields for this result, with LF. 1, or 0 with errno. Pure. */
int report_fields(struct scan const *s, stralloc *out);

#endif
