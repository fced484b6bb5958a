/* SPDX-License-Identifier: ISC */
/* A message that SEARCH, SORT or THREAD looks at: beside what its reader has, its
 * octets as they are compared, which is as they are stored. They are read when they
 * are first asked for, and once; only of long ones what does not fit into the
 * window is read again. No lock is held meanwhile: a message that goes away is
 * marked as gone. */
#ifndef IMAP_LOOK_H
#define IMAP_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "bytes.h"
#include "header.h"
#include "mime.h"
#include "reader.h"
#include "session.h"
#include "sort-facts.h"
#include "sort.h"

enum {
	LOOK_WINDOW = 1 << 20, /* octets that are kept of a message */
	LOOK_BLOCK = 32 << 10  /* what is read at a time behind them */
};

struct look {
	struct session *s;
	struct reader reader;
	uint32_t number; /* sequence number */
	bool gone;
	/* the file's first octets */
	char *window;
	size_t filled;
	bool whole; /* there are no more */
	char *block;
	struct mime mime;
	bool parsed;       /* mime is this message's */
	size_t header_len; /* 0: not known yet */
	struct structured *type;
	int64_t next_word; /* about the progress: seconds of CLOCK_MONOTONIC */
	stralloc text, mapped, plain; /* work space */
};

/* 1, or 0 out of memory. */
int look_start(struct look *l, struct session *s);
void look_end(struct look *l);

/* Goes to the message with this index; whether it is there. */
bool look_at(struct look *l, uint32_t index);

/* All that follow: false when the message cannot be read. */

/* RFC822.SIZE; INTERNALDATE and SAVEDATE in seconds. */
bool look_size(struct look *l, uint64_t *size);
bool look_date(struct look *l, int64_t *date);
bool look_saved(struct look *l, int64_t *date);

/* The whole of it will be wanted: reads all of most messages at once. */
bool look_ahead(struct look *l);

/* The header of the message, as far as HEADER_MEMORY; no more than the blank
 * line stands behind it. */
bool look_header(struct look *l, struct bytes *header);

/* Octets of the header with at least all fields of this name, perhaps without a
 * look at the file. They stay till the next call. */
bool look_fields(struct look *l, char const *name, struct bytes *header);

/* The value of the first field of this name. The same. */
bool look_field(struct look *l, char const *name, struct bytes *value);

/* When it was sent (RFC 5256 section 2.2), by its Date, else INTERNALDATE;
 * *REPLY: its subject says that it is a reply or forwarded. L->mapped becomes the
 * base subject (section 2.1) in the form that is compared, empty when there is
 * none. */
bool look_order(struct look *l, int64_t *date, bool *reply);

/* Adds the values that SORTER orders by. False also when out of memory. */
bool look_sort_values(struct look *l, struct sorter *sorter);

/* What ties it to others. Stays till the next call. */
bool look_ids(struct look *l, struct sort_ids_fact *i);

/* L->mapped becomes L->text in the form that is compared. */
bool look_map(struct look *l);

/* Its parts: l->mime. */
bool look_parts(struct look *l);

/* The octets from *AT to END, or the first of them; *AT moves behind them.
 * They stay till the next call. */
bool look_piece(struct look *l, uint64_t *at, uint64_t end,
    struct bytes *piece);

#endif
