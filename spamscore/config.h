/* SPDX-License-Identifier: ISC */
/* Reads rule files in SpamAssassin's language into struct rules. */
#ifndef SPAMSCORE_CONFIG_H
#define SPAMSCORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "rules.h"

struct config {
	struct rules *rules;
	/* Told of each line that is left out: FILE, line, why. FAULT is false
	 * where the line is right and only the test is one we do not have. */
	void (*warn)(char const *file, unsigned int line, char const *why,
	    char const *what, bool fault);
};

/* Reads the text of one file; DEPTH counts includes. 1; 0: an included file
 * cannot be read (logged); -1 with errno. */
int config_text(struct config *c, char const *file, char const *text,
    size_t len, unsigned int depth);

/* Reads a file, or the *.cf files of a directory in the order of their names.
 * 1; 0 with errno, logged with the file's name. */
int config_path(struct config *c, char const *path);

/* What is there without any file: the GTUBE rule, the fields to write. 1, or 0
 * with errno. */
int config_builtin(struct config *c);

#endif
