/* SPDX-License-Identifier: ISC */
/* When queued mail is tried again, warned about, given up. */
#include "relay/queue-run/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

enum { NOW = 1800000000, HOUR = 3600, DAY = 86400 };

static struct settings const settings = {
	.minimal_backoff_time = 300,
	.maximal_backoff_time = 4000,
	.maximal_queue_lifetime = 5 * DAY,
	.bounce_queue_lifetime = DAY,
	.delay_warning_time = 4 * HOUR,
};

static char sender[] = "a@b.example";
static char nobody[] = "";

/* An entry of this age whose recipient was tried so often. */
static struct queue_entry
entry(int64_t age, uint64_t attempts)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	e.sender = sender;
	e.arrival = NOW - age;
	struct queue_recipient *r = queue_add(&e, "x@y.example");
	CHECK(r != NULL);
	if (!r)
		exit(1);
	r->attempts = attempts;
	return e;
}

static int64_t
wait_of(struct queue_entry const *e, struct settings const *s, uint32_t luck)
{
	return schedule_next(s, e, NOW, luck) - NOW;
}

static void
test_backoff(void)
{
	static int64_t const waits[] = { 300, 300, 600, 1200, 2400, 4000,
		4000 };
	for (uint64_t n = 0; n < sizeof waits / sizeof *waits; n++) {
		struct queue_entry e = entry(5 * HOUR, n);
		e.delay_notice = NOW;
		int64_t least = INT64_MAX, most = 0;
		for (uint32_t luck = 0; luck < 5000; luck++) {
			int64_t w = wait_of(&e, &settings, luck);
			least = w < least ? w : least;
			most = w > most ? w : most;
		}
		CHECK(least == waits[n] - waits[n] / 4);
		CHECK(most == least + waits[n] / 2);
	}
	struct queue_entry e = entry(5 * HOUR, UINT64_MAX);
	e.delay_notice = NOW;
	CHECK(wait_of(&e, &settings, 0) == 3000);
}

/* Of several domains, one that others were tried before is not to wait long. */
static void
test_several(void)
{
	static char several[] = QUEUE_SEVERAL, domain[] = "y.example";
	struct queue_entry e = entry(5 * HOUR, 4);
	struct queue_recipient *r = queue_add(&e, "z@other.example");
	CHECK(r != NULL);
	e.group = several;
	e.delay_notice = NOW;
	CHECK(queue_next(&e) == r);
	CHECK(strcmp(queue_domain(&e, r), "other.example") == 0);
	CHECK(wait_of(&e, &settings, 0) == 225);
	r->attempts = 4;
	CHECK(queue_next(&e) == queue_recipient(&e, 0));
	CHECK(wait_of(&e, &settings, 0) == 1800);
	r->attempts = 0;
	e.group = domain;
	CHECK(strcmp(queue_domain(&e, r), "y.example") == 0);
	CHECK(wait_of(&e, &settings, 0) == 1800);
}

static void
test_odd_settings(void)
{
	struct queue_entry e = entry(0, 70);
	struct settings s = settings;
	s.minimal_backoff_time = s.maximal_backoff_time = 0;
	CHECK(wait_of(&e, &s, 0) == 1);
	s.minimal_backoff_time = s.maximal_backoff_time = UINT64_MAX;
	s.maximal_queue_lifetime = s.delay_warning_time = UINT64_MAX;
	int64_t wait = wait_of(&e, &s, UINT32_MAX);
	CHECK(wait > 5 * 365 * (int64_t)DAY && wait < 20 * 365 * (int64_t)DAY);
	s.minimal_backoff_time = 8000;
	s.maximal_backoff_time = 4000;
	wait = wait_of(&e, &s, 0);
	CHECK(wait >= 3000 && wait <= 5000);
}

static void
test_limits(void)
{
	struct queue_entry e = entry(4 * HOUR - 100, 5);
	CHECK(wait_of(&e, &settings, 0) == 100);
	CHECK(!schedule_warns(&settings, &e, NOW + 99));
	CHECK(schedule_warns(&settings, &e, NOW + 100));
	e = entry(5 * DAY - 50, 5);
	e.delay_notice = NOW;
	CHECK(wait_of(&e, &settings, 0) == 50);
	CHECK(schedule_end(&settings, &e) == NOW + 50);
	e.sender = nobody;
	CHECK(schedule_end(&settings, &e) == NOW + 50 - 4 * DAY);
}

static void
test_warnings(void)
{
	struct queue_entry e = entry(5 * HOUR, 1);
	struct queue_recipient *r = queue_recipient(&e, 0);
	struct settings never = settings;
	never.delay_warning_time = 0;
	CHECK(schedule_warns(&settings, &e, NOW));
	CHECK(!schedule_warns(&never, &e, NOW));
	r->notify = DSN_FAILURE;
	CHECK(!schedule_warns(&settings, &e, NOW));
	r->notify = DSN_NEVER;
	CHECK(!schedule_warns(&settings, &e, NOW));
	r->notify = DSN_DELAY | DSN_FAILURE;
	CHECK(schedule_warns(&settings, &e, NOW));
	r->state = QUEUE_RELAYED;
	CHECK(!schedule_warns(&settings, &e, NOW));
	r->state = QUEUE_WAITING;
	e.delay_notice = NOW - 1;
	CHECK(!schedule_warns(&settings, &e, NOW));
	e.delay_notice = 0;
	e.never_bounce = true;
	CHECK(!schedule_warns(&settings, &e, NOW));
	e.never_bounce = false;
	e.sender = nobody;
	CHECK(!schedule_warns(&settings, &e, NOW));
}

/* What is not tried waits until its next hop may be, but for a warning. */
static void
test_behind(void)
{
	struct settings s = { .minimal_backoff_time = 300,
		.maximal_backoff_time = 4000,
		.maximal_queue_lifetime = 432000,
		.delay_warning_time = 14400 };
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	char from[] = "a@b";
	e.arrival = NOW;
	e.sender = from;
	CHECK(queue_add(&e, "c@d") != NULL);
	int64_t next = schedule_behind(&s, &e, NOW, NOW + 900, 7);
	CHECK(next > NOW + 900 && next <= NOW + 961);
	e.arrival = NOW - 14400 + 60;
	CHECK(schedule_behind(&s, &e, NOW, NOW + 900, 7) == NOW + 60);
	e.sender = NULL;
	queue_entry_free(&e);
}

int
main(void)
{
	test_behind();
	test_backoff();
	test_several();
	test_odd_settings();
	test_limits();
	test_warnings();
	return check_failed;
}
