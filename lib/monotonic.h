/* SPDX-License-Identifier: ISC */
/* The clock for time limits, which nobody sets. */
#ifndef BESACE_MONOTONIC_H
#define BESACE_MONOTONIC_H

#include <stdint.h>

/* Milliseconds, and whole seconds, since some moment before our start. */
int64_t monotonic_ms(void);
int64_t monotonic_seconds(void);

#endif
