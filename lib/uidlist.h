/* SPDX-License-Identifier: ISC */
/* dovecot-uidlist: which UID each file of a mailbox has.
 *
 *	3 V<uidvalidity> N<nextuid> G<guid>
 *	<uid> [<letter><value> ...] :<base name>
 *
 * Version 1, "1 <uidvalidity> <nextuid>" and "<uid> <base name>", is read and
 * becomes version 3 at the first change. UIDs ascend down the file; the next
 * one is max(N, last + 1). Lines are only ever appended, in one write, or the
 * whole file is replaced by rename; both under dovecot-uidlist.lock. */
#ifndef BESACE_UIDLIST_H
#define BESACE_UIDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

#define UIDLIST_FILE "dovecot-uidlist"
#define UIDLIST_LOCK "dovecot-uidlist.lock"

struct uid_record {
	uint32_t uid;
	uint32_t name; /* offset in text */
	uint32_t keys; /* offset of what stands between uid and name */
	uint16_t name_len;
	uint16_t keys_len;
	uint32_t file; /* the caller's: 1 + index of a file, 0 none */
};

struct uidlist {
	uint32_t validity; /* 0: nothing loaded */
	uint32_t next;
	stralloc header; /* the header's other items: " G..." */
	stralloc text;   /* complete lines of the file, as read */
	struct uid_record *records;
	size_t count, room;
	uint32_t *table;   /* hash of base names: 1 + index of a record */
	size_t table_size; /* power of two */
	int fd;            /* the file that was read, -1 none */
	size_t skipped;    /* octets before text that were not read */
	size_t on_disk;    /* its length then */
	bool legacy;       /* version 1 */
	bool torn;         /* its last line is not complete */
};

/* A list that was read whole, and how its file looked. */
struct uidlist_known {
	uint32_t validity, next;
	uint64_t inode, size;
	int64_t mtime; /* seconds */
	uint32_t mtime_ns;
};

void uidlist_init(struct uidlist *u);
void uidlist_clear(struct uidlist *u);

/* Takes complete lines, the first time with the header. 1; 0 not a valid list
 * (errno EPROTO) or no memory. Pure. */
int uidlist_parse(struct uidlist *u, char const *s, size_t len);

/* Reads what is new in DIR's file. 1; 0 there is none; -1 with errno (EPROTO:
 * damaged). */
int uidlist_load(struct uidlist *u, int dir);

/* What is known of a list that was read. False when its file has changed since,
 * or ends in the middle of a line. */
bool uidlist_known(struct uidlist const *u, struct uidlist_known *k);

struct stat;
/* Whether this is still the file. */
bool uidlist_is_known(struct uidlist_known const *k, struct stat const *st);

/* Opens DIR's file without reading it, if it is the one that K tells of: what
 * was in it is not found, but UIDs can be given to names that are new. 1; 0 when
 * it is another one. *U is clear then. */
int uidlist_open_known(struct uidlist *u, int dir,
    struct uidlist_known const *k);

/* NULL when the name has no UID, or stands in what was not read. */
struct uid_record *uidlist_find(struct uidlist const *u, char const *base,
    size_t len);

/* NULL when no record has this UID. */
struct uid_record const *uidlist_record(struct uidlist const *u, uint32_t uid);

/* The GUID of a message: what item G says, else its base name. That of the
 * mailbox: false when it has none. */
struct bytes uidlist_guid(struct uidlist const *u, struct uid_record const *r);
bool uidlist_mailbox_guid(struct uidlist const *u, struct bytes *guid);

/* What follows wants the lock. */

/* Writes a new list with this UIDVALIDITY and no records, the first UID being
 * NEXT. 1, or 0 with errno. */
int uidlist_create(struct uidlist *u, int dir, uint32_t validity,
    uint32_t next);

/* Gives NAME the next UID: in memory; on disk after uidlist_flush, which writes
 * all that were given since the last one and syncs. *UID is set. 1, or 0 with
 * errno. If uidlist_flush fails the file is as before and *U must be cleared
 * and loaded again; EAGAIN: somebody else has written to it meanwhile. */
int uidlist_give(struct uidlist *u, char const *base, size_t len,
    uint32_t *uid);
int uidlist_flush(struct uidlist *u, int dir);

/* The same for a copy of a message, which keeps its GUID. */
int uidlist_give_copy(struct uidlist *u, char const *base, size_t len,
    struct bytes guid, uint32_t *uid);

/* Gives the mailbox a GUID if it has none, and writes the list anew: no record
 * has a file then. 1, or 0 with errno as uidlist_flush. */
int uidlist_make_guid(struct uidlist *u, int dir);

/* Writes a new list with the UIDVALIDITY, next UID and other items of FROM, a
 * list of another server's, and no records. Item I of the header then says below
 * which UID messages of FROM may still come. 1, or 0 with errno. */
int uidlist_adopt(struct uidlist *u, int dir, struct uidlist const *from);

/* As uidlist_give, with the UID and keys that R has in FROM. 1; 0 with errno
 * (EEXIST: the UID cannot be had any more). */
int uidlist_put(struct uidlist *u, struct uidlist const *from,
    struct uid_record const *r, char const *base, size_t len);

/* Writes the whole list anew with only the records whose file is not 0. 1, or 0
 * with errno as above. */
int uidlist_compact(struct uidlist *u, int dir);

#endif
