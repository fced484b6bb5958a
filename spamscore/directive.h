/* SPDX-License-Identifier: ISC */
/* The directives of rule files, one line each. */
#ifndef SPAMSCORE_DIRECTIVE_H
#define SPAMSCORE_DIRECTIVE_H

#include "config.h"
#include "span.h"

enum directive_result {
	DIRECTIVE_DONE,
	DIRECTIVE_FAULT,       /* the line is wrong; why says it */
	DIRECTIVE_UNSUPPORTED, /* the line is right, we have no such thing */
	DIRECTIVE_NO_FILE,     /* an include that cannot be read, logged */
	DIRECTIVE_FAILED       /* with errno */
};

struct line {
	struct config *config;
	char const *file;
	unsigned int number;
	struct span whole; /* as it stands, without its comment */
	struct span key;   /* the first word */
	struct span rest;  /* what follows, trimmed */
	char why[PATTERN_WHY_MAX];
};

/* Runs a line through the table of directives. */
enum directive_result directive_run(struct line *l);

#endif
