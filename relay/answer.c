/* SPDX-License-Identifier: ISC */
#include "answer.h"

#include <stdarg.h>
#include <stdio.h>

void
answer_set(struct answer *a, enum verdict verdict, char const *status,
    char const *format, ...)
{
	va_list args;
	a->verdict = verdict;
	a->code = 0;
	snprintf(a->status, sizeof a->status, "%s", status);
	va_start(args, format);
	vsnprintf(a->text, sizeof a->text, format, args);
	va_end(args);
}
