/* SPDX-License-Identifier: ISC */
/* A file of BESACE_VAR that all sessions share and that may be lost: made where
 * it is missing, made anew where it is damaged or foreign. */
#ifndef BESACE_SHARED_FILE_H
#define BESACE_SHARED_FILE_H

#include <stdbool.h>

struct shared_file {
	char const *name;
	/* Whether the file is one of its owner's making. */
	bool (*valid)(int fd, void *arg);
	/* Writes what a new one has. */
	bool (*fill)(int fd, void *arg);
	void *arg;
};

/* A descriptor for reading and writing; -1, logged. */
int shared_file_open(struct shared_file const *f);

#endif
