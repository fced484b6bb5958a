/* SPDX-License-Identifier: ISC */
/* A record of BESACE_VAR/outgoing is a user's, by a hash of the login. Each of
 * its windows counts in the current hour (day) and the one before; what is in
 * the last hour is estimated as if the one before had been even. */
#include "rate.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <skalibs/sha256.h>

#include "hash-file.h"
#include "log.h"
#include "policy.h"

#define REPLY_TOO_MUCH \
	"450 4.7.1 You have sent too much for now, try again later"

enum {
	BUCKETS = 512, /* 4096 users, 512 KB at most */
	HOUR = 3600,
	DAY = 86400,
	SPANS = 2
};

struct window {
	uint32_t index; /* of the hour (day) that NOW is of */
	uint32_t now;
	uint32_t before;
};

struct record {
	struct window window[RATE_KINDS][SPANS];
};

_Static_assert(sizeof(struct record) <= HASH_FILE_DATA, "fits");

struct limit {
	char const *setting;
	size_t offset;
	uint32_t span;
};

#define LIMIT(name, span) \
	{ \
#name, offsetof(struct settings, name), span \
	}

static struct limit const limits[RATE_KINDS][SPANS] = {
	[RATE_MESSAGES] = { LIMIT(user_messages_per_hour, HOUR),
	    LIMIT(user_messages_per_day, DAY) },
	[RATE_RECIPIENTS] = { LIMIT(user_recipients_per_hour, HOUR),
	    LIMIT(user_recipients_per_day, DAY) },
};

static uint64_t
most(struct settings const *s, struct limit const *l)
{
	uint64_t value;
	memcpy(&value, (char const *)s + l->offset, sizeof value);
	return value;
}

/* --- one window ----------------------------------------------------------- */

static void
advance(struct window *w, uint32_t span, int64_t now)
{
	uint32_t index = (uint32_t)(now / span);
	if (index == w->index)
		return;
	w->before = index == w->index + 1 ? w->now : 0;
	w->now = 0;
	w->index = index;
}

/* How many in the last SPAN seconds. */
static uint64_t
estimate(struct window const *w, uint32_t span, int64_t now)
{
	uint64_t left = span - (uint64_t)(now % span);
	return w->now + w->before * left / span;
}

/* --- a user ---------------------------------------------------------------- */

static void
fill_key(stralloc const *user, unsigned char key[HASH_FILE_KEY])
{
	SHA256Schedule hash = SHA256_INIT();
	char digest[32];
	sha256_update(&hash, user->s, user->len);
	sha256_final(&hash, digest);
	memcpy(key, digest, HASH_FILE_KEY);
}

static void
warn(struct smtp_back const *b, struct limit const *l, uint64_t count)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)count);
	log_event("rate", "ip", peer_text(b->common.peer), "user",
	    b->common.user.s, "rule", l->setting, "count", text, (char *)NULL);
}

/* The setting that is against one more; NULL for none. */
static char const *
objection(struct smtp_back const *b, struct record *r, enum rate_kind kind,
    int64_t now)
{
	for (int i = 0; i < SPANS; i++) {
		struct limit const *l = &limits[kind][i];
		uint64_t limit = most(b->common.settings, l);
		advance(&r->window[kind][i], l->span, now);
		if (limit &&
		    estimate(&r->window[kind][i], l->span, now) >= limit)
			return l->setting;
	}
	return NULL;
}

/* Logs the step onto user_rate_warning, once. */
static void
count(struct smtp_back const *b, struct record *r, enum rate_kind kind,
    int64_t now)
{
	for (int i = 0; i < SPANS; i++) {
		struct limit const *l = &limits[kind][i];
		struct window *w = &r->window[kind][i];
		uint64_t limit = most(b->common.settings, l);
		uint64_t soft =
		    limit * b->common.settings->user_rate_warning / 100;
		w->now++;
		if (soft && estimate(w, l->span, now) == soft)
			warn(b, l, soft);
	}
}

char const *
rate_refusal(struct smtp_back *b, enum rate_kind kind)
{
	struct hash_file file;
	struct hash_change c;
	struct record r;
	unsigned char key[HASH_FILE_KEY];
	int64_t now = time(NULL);
	if (!b->common.user.len || !hash_file_open(&file, "outgoing", BUCKETS))
		return NULL;
	fill_key(&b->common.user, key);
	hash_file_begin(&file, key, now, &c);
	memcpy(&r, c.record.data, sizeof r);
	char const *no = objection(b, &r, kind, now);
	if (!no)
		count(b, &r, kind, now);
	memcpy(c.record.data, &r, sizeof r);
	c.record.expires = now + (int64_t)2 * DAY;
	hash_file_end(&file, &c);
	hash_file_close(&file);
	return no ? policy_refuse(b, no, REPLY_TOO_MUCH) : NULL;
}
