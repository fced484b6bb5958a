/* SPDX-License-Identifier: ISC */
/* The programs that a message goes through as it is installed. */
#ifndef BESACE_BUILTINS_H
#define BESACE_BUILTINS_H

#include "builtin.h"

extern struct builtin const builtins[];

#endif
