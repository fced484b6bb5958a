/* SPDX-License-Identifier: ISC */
/* What the passwords of the table can do besides being sent. */
#ifndef BESACE_MECHANISMS_H
#define BESACE_MECHANISMS_H

#include "table.h"

struct map_writer;

/* Writes the notes of lib/auth-mechanisms.h. 1, or 0 with errno. */
int mechanisms_note(struct table const *passwords, struct map_writer *w);

#endif
