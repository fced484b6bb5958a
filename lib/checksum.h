/* SPDX-License-Identifier: ISC */
/* A fast sum over bytes that tells damage, not malice: for files that can be
 * made anew. The same on all machines. Pure. */
#ifndef BESACE_CHECKSUM_H
#define BESACE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* SEED is 0, or the sum of what stands before. */
uint64_t checksum(uint64_t seed, void const *s, size_t len);

#endif
