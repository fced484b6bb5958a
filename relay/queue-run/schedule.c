/* SPDX-License-Identifier: ISC */
#include "schedule.h"

#include <string.h>

enum {
	LONG = 10 * 366 * 86400, /* no time of a setting is taken for longer */
	SPREAD = 60
};

static int64_t
seconds(uint64_t setting)
{
	return setting < LONG ? (int64_t)setting : LONG;
}

int64_t
schedule_end(struct settings const *s, struct queue_entry const *e)
{
	return e->arrival +
	    seconds(*e->sender ? s->maximal_queue_lifetime
	                       : s->bounce_queue_lifetime);
}

bool
schedule_is_warned(struct queue_recipient const *r)
{
	return r->state == QUEUE_WAITING &&
	    (!r->notify || r->notify & DSN_DELAY);
}

/* When the warning is due; 0: there is none to come. */
static int64_t
warning_time(struct settings const *s, struct queue_entry const *e)
{
	bool wanted = false;
	for (size_t i = 0; i < queue_count(e); i++)
		wanted |= schedule_is_warned(queue_recipient(e, i));
	if (!wanted || !s->delay_warning_time || e->delay_notice ||
	    e->never_bounce || !*e->sender)
		return 0;
	return e->arrival + seconds(s->delay_warning_time);
}

bool
schedule_warns(struct settings const *s, struct queue_entry const *e,
    int64_t now)
{
	int64_t warning = warning_time(s, e);
	return warning && now >= warning;
}

static uint64_t
attempts(struct queue_entry const *e)
{
	uint64_t most = 0;
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		if (r->state == QUEUE_WAITING && r->attempts > most)
			most = r->attempts;
	}
	return most;
}

/* Where several ways lead out of a file, each try is of one: the others' are not
 * to wait for long. */
static bool
is_behind(struct queue_entry const *e, uint64_t tries)
{
	struct queue_recipient const *next = queue_next(e);
	return next && next->attempts < tries &&
	    strcmp(e->group, QUEUE_SEVERAL) == 0;
}

static int64_t
backoff(struct settings const *s, uint64_t tries)
{
	int64_t wait = seconds(s->minimal_backoff_time);
	int64_t most = seconds(s->maximal_backoff_time);
	for (wait = wait ? wait : 1; tries > 1 && wait < most; tries--)
		wait *= 2;
	return wait < most || most < 1 ? wait : most;
}

int64_t
schedule_longest(struct settings const *s)
{
	int64_t least = seconds(s->minimal_backoff_time);
	int64_t most = seconds(s->maximal_backoff_time);
	return 2 * (least > most ? least : most) + 3600;
}

/* Not later than the next warning or the end. */
static int64_t
limited(struct settings const *s, struct queue_entry const *e, int64_t now,
    int64_t next)
{
	int64_t limits[] = { warning_time(s, e), schedule_end(s, e) };
	for (unsigned int i = 0; i < 2; i++)
		if (limits[i] > now && limits[i] < next)
			next = limits[i];
	return next > now ? next : now + 1;
}

int64_t
schedule_next(struct settings const *s, struct queue_entry const *e,
    int64_t now, uint32_t luck)
{
	uint64_t tries = attempts(e);
	int64_t wait = backoff(s, is_behind(e, tries) ? 0 : tries);
	return limited(s, e, now,
	    now + wait - wait / 4 + luck % (wait / 2 + 1));
}

int64_t
schedule_behind(struct settings const *s, struct queue_entry const *e,
    int64_t now, int64_t until, uint32_t luck)
{
	return limited(s, e, now, until + 1 + luck % SPREAD);
}
