/* SPDX-License-Identifier: ISC */
#include "monotonic.h"

#include <time.h>

int64_t
monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int64_t
monotonic_seconds(void)
{
	return monotonic_ms() / 1000;
}
