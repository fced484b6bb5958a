/* SPDX-License-Identifier: ISC */
/* The little that unit tests share. A test's main returns check_failed. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <stdio.h>

static int check_failed;

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #condition); \
			check_failed = 1; \
		} \
	} while (0)

#endif
