/* SPDX-License-Identifier: ISC */
/* A record's key is the start of the identity's SHA-256. */
#include "dead-hops.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/sha256.h>

#include "path.h"

enum {
	BUCKETS = 512, /* 4096 next hops, 500 KB */
	SILENCE_MAX = 3600,
	KEPT = 86400 /* seconds from when it may be tried again */
};

static char const name[] = "dead-hops";

_Static_assert(sizeof(struct dead_hop) <= HASH_FILE_DATA, "fits");

static void
make_key(char const *identity, unsigned char key[HASH_FILE_KEY])
{
	char digest[32];
	SHA256Schedule sha = SHA256_INIT();
	sha256_update(&sha, identity, strlen(identity));
	sha256_final(&sha, digest);
	memcpy(key, digest, HASH_FILE_KEY);
}

bool
dead_hops_exist(void)
{
	stralloc path = STRALLOC_ZERO;
	bool exist =
	    path_join(&path, path_var(), name) && access(path.s, F_OK) == 0;
	stralloc_free(&path);
	return exist;
}

bool
dead_hops_open(struct hash_file *f)
{
	return hash_file_open(f, name, BUCKETS);
}

/* A file is others' writing. */
static void
take(struct hash_record const *record, struct dead_hop *hop)
{
	memcpy(hop, record->data, sizeof *hop);
	hop->why[sizeof hop->why - 1] = 0;
}

/* A time that we would not have chosen is that of a clock which was wrong. */
bool
dead_hop_get(struct hash_file const *f, char const *identity, int64_t now,
    struct dead_hop *hop)
{
	struct hash_record record;
	unsigned char key[HASH_FILE_KEY];
	make_key(identity, key);
	if (!hash_file_get(f, key, now, &record))
		return false;
	take(&record, hop);
	return hop->until <= now + SILENCE_MAX;
}

static int64_t
silence(struct settings const *s, uint32_t failures)
{
	uint64_t wait = s->minimal_backoff_time;
	for (; failures > 1 && wait && wait < SILENCE_MAX; failures--)
		wait *= 2;
	return wait < SILENCE_MAX ? (int64_t)wait : SILENCE_MAX;
}

int64_t
dead_hop_failed(struct settings const *s, struct dead_hop const *hop)
{
	return hop->until - silence(s, hop->failures);
}

void
dead_hop_note(struct hash_file const *f, struct settings const *s,
    char const *identity, int64_t now, char const *why)
{
	struct hash_change change;
	struct dead_hop hop = { .since = now };
	unsigned char key[HASH_FILE_KEY];
	make_key(identity, key);
	hash_file_begin(f, key, now, &change);
	if (change.found)
		take(&change.record, &hop);
	/* of batches that were there together only one counts */
	if (hop.until <= now)
		hop.failures++;
	hop.until = now + silence(s, hop.failures);
	snprintf(hop.why, sizeof hop.why, "%s", why);
	memcpy(change.record.data, &hop, sizeof hop);
	change.record.expires = hop.until + KEPT;
	hash_file_end(f, &change);
}

void
dead_hop_forget(struct hash_file const *f, char const *identity)
{
	struct hash_record record;
	struct hash_change change;
	unsigned char key[HASH_FILE_KEY];
	int64_t now = time(NULL);
	make_key(identity, key);
	if (!hash_file_get(f, key, now, &record)) /* nobody else's is to go */
		return;
	hash_file_begin(f, key, now, &change);
	change.record.expires = 0;
	hash_file_end(f, &change);
}
