/* SPDX-License-Identifier: ISC */
#ifndef BESACE_RELAY_CONNECT_H
#define BESACE_RELAY_CONNECT_H

#include <stdint.h>

/* A TCP connection to the address IP. A descriptor; -1 with errno (ETIMEDOUT:
 * not within SECONDS). */
int connect_to(char const *ip, unsigned int port, uint64_t seconds);

#endif
