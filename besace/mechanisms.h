/* SPDX-License-Identifier: ISC */
/* What the passwords of the table can do besides being sent. */
#ifndef BESACE_MECHANISMS_H
#define BESACE_MECHANISMS_H

#include "sasl-set.h"
#include "table.h"

struct map_writer;

/* Writes the notes of lib/auth-mechanisms.h. 1, or 0 with errno. */
int mechanisms_note(struct table const *passwords, struct map_writer *w);

/* What the note in the map says; not known while there is no such map. */
struct mechanisms_noted {
	bool known;
	sasl_set set;
};
struct mechanisms_noted mechanisms_noted(void);

/* Says which of the mechanisms that are WANTED come or go with the new map: one
 * line of passwords decides for all users. */
void mechanisms_tell(struct mechanisms_noted before, sasl_set wanted);

#endif
