/* SPDX-License-Identifier: ISC */
/* A file of BESACE_VAR with small records found by key, shared by all sessions
 * of all programs without a daemon: for what may be forgotten (failures, bans,
 * rates). Its size is fixed: where there is no room, the record that would
 * expire first goes. A file that is missing, damaged or foreign is made anew;
 * one that cannot be had (logged) knows nothing and keeps nothing, so that no
 * client is refused for it. */
#ifndef BESACE_HASH_FILE_H
#define BESACE_HASH_FILE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	HASH_FILE_KEY = 24,
	HASH_FILE_DATA = 88,
	HASH_FILE_NOTES = 32, /* octets of the owner's in the file's head */
	HASH_FILE_BUCKET = 8  /* records that share one place */
};

struct hash_record {
	uint32_t check; /* of all that follows; a free record has a wrong one */
	uint32_t unused;
	int64_t expires; /* seconds of the wall clock; the record is free then */
	unsigned char key[HASH_FILE_KEY];
	unsigned char data[HASH_FILE_DATA];
};

struct hash_file {
	int fd; /* -1: there is none */
	uint32_t buckets;
	unsigned char secret[16]; /* so that nobody outside can aim at a bucket */
};

/* A record that is being changed; others wait for it, or for 0.1 s. */
struct hash_change {
	struct hash_record record;
	bool found; /* it was there; else it is zero but for the key */
	uint32_t bucket;
	uint32_t place; /* in the bucket */
	bool locked;
};

/* Opens NAME in BESACE_VAR, with room for BUCKETS * HASH_FILE_BUCKET records.
 * Whether it can be used. */
bool hash_file_open(struct hash_file *f, char const *name, uint32_t buckets);
void hash_file_close(struct hash_file *f);

/* The record of KEY, unless it has expired at NOW. */
bool hash_file_get(struct hash_file const *f,
    unsigned char const key[HASH_FILE_KEY], int64_t now,
    struct hash_record *record);

/* Between these two, the record is nobody else's. END writes it back: whether
 * it could (else logged). */
void hash_file_begin(struct hash_file const *f,
    unsigned char const key[HASH_FILE_KEY], int64_t now,
    struct hash_change *change);
bool hash_file_end(struct hash_file const *f, struct hash_change *change);

/* The next record that has not expired, in no order. Start with *POS 0. */
bool hash_file_next(struct hash_file const *f, uint32_t *pos, int64_t now,
    struct hash_record *record);

/* The owner's notes: zero in a new file. What cannot be read is zero. */
void hash_file_notes(struct hash_file const *f,
    unsigned char notes[HASH_FILE_NOTES]);
bool hash_file_note(struct hash_file const *f,
    unsigned char const notes[HASH_FILE_NOTES]);

#endif
