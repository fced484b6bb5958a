/* SPDX-License-Identifier: ISC */
/* besace.index: a mailbox as it was last seen, so that it need not be read to be
 * opened, and what is written nowhere else: mod-sequences, UIDs that are gone,
 * SAVEDATE. Derived: without it only history is lost. Numbers are in the
 * byte order of little-endian machines.
 *
 *	header		64 octets, checked by a sum of its own
 *	messages	48 octets each, in the order of UIDs
 *	vanished	16 octets each, in the order of mod-sequences
 *	names		of the messages, each at the place its message tells
 *	frames		the first says what state that was; later ones what
 *			changed
 *
 * Messages and vanished have one sum, by pieces of INDEX_PIECE octets; a name is
 * checked against its message. A frame is a length, a sum that also knows the
 * file and the frame's place in it, changes, the mailbox's state after them, and
 * the length of the whole frame once more. What follows the last good frame
 * does not count.
 *
 * Readers take no lock. Frames are appended, and the file is replaced by rename,
 * under dovecot-uidlist.lock. Everything here is pure. */
#ifndef IMAP_INDEX_H
#define IMAP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "uidlist.h"

#define INDEX_FILE "besace.index"

enum {
	INDEX_HEADER_SIZE = 64,
	INDEX_MESSAGE_SIZE = 48,
	INDEX_VANISHED_SIZE = 16,
	INDEX_STATE_SIZE = 96,
	INDEX_FRAME_HEAD = 16, /* before the changes */
	INDEX_FRAME_TAIL = 4,  /* after the state */
	INDEX_PIECE = 96 * 682
};

struct message {
	uint32_t uid;
	uint32_t flags;
	uint32_t name;     /* offset in the mailbox's names, or in the index */
	uint32_t base_sum; /* checksum of the base name */
	uint64_t modseq;
	uint64_t size; /* RFC822.SIZE; 0: not known yet */
	int64_t date;  /* INTERNALDATE, seconds: mailbox_date */
	int64_t saved; /* SAVEDATE, seconds: mailbox_saved */
	uint8_t len;
	uint8_t base;     /* octets of the name before ':' */
	uint8_t name_sum; /* of the whole name: index_take_name */
	bool has_date : 1;
	bool has_saved : 1;
	bool in_new : 1;
	bool in_index : 1; /* the name is */
	bool learned : 1;  /* more is known than the index has */
	bool recent : 1;   /* at first: in_new */
	bool gone : 1;     /* the file is no more; EXPUNGE still to be told */
	bool changed : 1;  /* by others; FETCH FLAGS still to be told */
	bool stored : 1;   /* by us; FETCH MODSEQ still to be told */
	bool judged : 1;   /* all contexts know of it as it is */
};

/* UIDs FIRST to LAST are in no message any more, since MODSEQ. */
struct vanished {
	uint32_t first, last;
	uint64_t modseq;
};

struct index_time {
	int64_t seconds;
	uint32_t ns;
};

/* How the mailbox looked when all that the index says was true. */
struct index_state {
	uint64_t highest_modseq;
	struct uidlist_known uids; /* inode 0: not known */
	struct index_time cur, new;
	bool cur_settled, new_settled; /* no change can have hidden in the
					* clock's grain */
};

struct index_header {
	uint32_t validity; /* UIDVALIDITY */
	uint32_t count;    /* of messages */
	uint32_t vanished;
	uint64_t names; /* octets */
	uint64_t floor; /* what vanished before this mod-sequence is not told */
	uint64_t id;    /* of this file, to know its frames by */
	uint64_t sum;   /* of messages and vanished */
};

/* Where the first frame is. */
uint64_t index_frames_at(struct index_header const *h);

/* Everything that a message's name says; LEN is at most 255. */
void index_take_name(struct message *m, char const *name, size_t len);

void index_put_header(struct index_header const *h,
    unsigned char out[INDEX_HEADER_SIZE]);
/* False: not such a header, or of a file that cannot have SIZE octets. */
bool index_get_header(struct index_header *h,
    unsigned char const in[INDEX_HEADER_SIZE], uint64_t size);

void index_put_message(struct message const *m, uint64_t name,
    unsigned char out[INDEX_MESSAGE_SIZE]);
/* COUNT of them, whose UIDs ascend from AFTER, and whose names begin in the file
 * before END. *SOME_NEW becomes true when one is in new/. */
bool index_get_messages(struct message *m, size_t count, uint32_t after,
    unsigned char const *in, uint64_t end, bool *some_new);

void index_put_vanished(struct vanished const *v,
    unsigned char out[INDEX_VANISHED_SIZE]);
bool index_get_vanished(struct vanished *v,
    unsigned char const in[INDEX_VANISHED_SIZE]);

/* --- frames ------------------------------------------------------------- */

enum index_change_kind {
	INDEX_MESSAGE = 'M', /* new, or in place of what was known of it */
	INDEX_FACTS = 'F',   /* the same, its name unchanged */
	INDEX_VANISHED = 'V',
	INDEX_STATE = 'S' /* the last one of a frame */
};

struct index_change {
	enum index_change_kind kind;
	struct message message;
	struct vanished vanished;
	struct index_state state;
};

/* Each appends a change to a frame's. 1; 0 no memory. */
int index_add_message(stralloc *changes, struct message const *m,
    char const *name);
int index_add_facts(stralloc *changes, struct message const *m);
int index_add_vanished(stralloc *changes, struct vanished const *v);

/* Appends to *OUT the frame that stands at AT in file ID. 1; 0 no memory. */
int index_add_frame(stralloc *out, stralloc const *changes,
    struct index_state const *state, uint64_t id, uint64_t at);

/* The length of the frame at S, which stands at AT in file ID; 0 when there is
 * none, or not all of it. */
size_t index_frame(char const *s, size_t len, uint64_t id, uint64_t at);

/* The length that the beginning of a frame tells, and the end of one. */
uint64_t index_frame_told(unsigned char const head[INDEX_FRAME_HEAD]);
size_t index_frame_length(unsigned char const tail[INDEX_FRAME_TAIL]);

bool index_same_state(struct index_state const *a, struct index_state const *b);

/* The next change of the frame at S; *POS is 0 at first. False after the last
 * one, or when it makes no sense: then *POS is not LEN. */
bool index_next(char const *s, size_t len, uint64_t at, size_t *pos,
    struct index_change *c);

/* Whether S may be the name of this message's file. */
bool index_name_fits(struct message const *m, char const *s);

#endif
