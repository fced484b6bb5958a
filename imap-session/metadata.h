/* SPDX-License-Identifier: ISC */
/* Annotations (RFC 5464): a file in each mailbox that has any, which so goes
 * where the mailbox goes, and one for the server in the Maildir. */
#ifndef IMAP_METADATA_H
#define IMAP_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

#define METADATA_FILE        "besace.metadata"
#define METADATA_SERVER_FILE "besace.server-metadata"

enum {
	METADATA_NAME_MAX = 255,
	METADATA_VALUE_MAX = 32 << 10,
	METADATA_ENTRIES_MAX = 100,   /* of a mailbox */
	METADATA_FILE_MAX = 256 << 10 /* its file */
};

struct metadata_entry {
	struct bytes name; /* in small letters */
	struct bytes value;
	bool remove; /* of a change: NIL */
};

/* Whether NAME can be asked for: a path of printable ASCII. */
bool metadata_is_name(char const *name, size_t len);
/* Whether it can be set as well: below /private or /shared. */
bool metadata_is_entry(char const *name, size_t len);

/* The entries of a file's text, one after the other. False: no more, or what
 * follows is damaged (REST is not empty then). Pure. */
bool metadata_next(struct bytes *rest, struct metadata_entry *e);

/* The value of NAME. False when there is none. Pure. */
bool metadata_find(stralloc const *text, char const *name, struct bytes *value);

/* *TEXT becomes what it is after change E. 1, or 0 with errno. Pure. */
int metadata_edit(stralloc *text, struct metadata_entry const *e);

/* *TEXT becomes the entries in FILE of the directory DIR; none when there is no
 * file. What is damaged is logged and left out. 1, or 0 with errno. */
int metadata_read(int dir, char const *file, stralloc *text);

/* All the COUNT changes, or none. 1, durable; 0 with errno (E2BIG: too many
 * entries). */
int metadata_change(int dir, char const *file, struct metadata_entry const *e,
    size_t count);

#endif
