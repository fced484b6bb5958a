/* SPDX-License-Identifier: ISC */
/* The named characters of HTML. */
#ifndef BESACE_ENTITIES_H
#define BESACE_ENTITIES_H

#include <stdint.h>
#include "span.h"

/* The code point of "eacute"; 0 for no such name. Pure. */
uint32_t entity_point(struct span name);

#endif
