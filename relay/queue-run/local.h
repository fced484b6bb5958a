/* SPDX-License-Identifier: ISC */
/* Retries of deliveries on this server. */
#ifndef BESACE_LOCAL_H
#define BESACE_LOCAL_H

#include "settings.h"

/* Delivers the file of this name to each of its waiting recipients, and records
 * each result. What goes wrong is logged. */
void local_try(struct settings const *s, int queue, char const *path);

#endif
