/* SPDX-License-Identifier: ISC */
/* Places in large messages, whatever the order in which they are passed. */
#include "imap-session/landmarks.h"

#include <stdio.h>
#include <stdlib.h>

static int failures;

static void
check(bool good, char const *what)
{
	if (good)
		return;
	printf("failed: %s\n", what);
	failures++;
}

/* A message in which every octet stands for two. */
static struct place
place_at(uint64_t wire)
{
	return (struct place){ wire / 2, wire, wire % 2 };
}

static uint64_t
use(struct landmarks *l, uint32_t uid, uint64_t target)
{
	struct place p = { 0, 0, false };
	landmarks_use(l, uid, target, &p);
	struct place want = place_at(p.wire);
	check(p.wire <= target && p.raw == want.raw &&
	        p.after_cr == want.after_cr,
	    "place");
	return target - p.wire;
}

/* Passes all up to TARGET, as FETCH does. */
static void
pass(struct landmarks *l, uint32_t uid, uint64_t from, uint64_t target)
{
	for (uint64_t at = from; at <= target; at += LANDMARKS_STRIDE) {
		struct place p = place_at(at);
		landmarks_add(l, uid, &p);
	}
}

static void
test_order(struct landmarks *l)
{
	uint64_t const stride = LANDMARKS_STRIDE;
	check(use(l, 1, 10 * stride) == 10 * stride, "unknown");
	pass(l, 1, 0, 10 * stride);
	check(use(l, 1, 10 * stride) < stride, "last");
	check(use(l, 1, 5 * stride + 7) < stride, "middle");
	check(use(l, 1, 7) == 7, "start");
	/* a part that lies far behind, then what is before it */
	pass(l, 2, 40 * stride + 3, 50 * stride);
	check(use(l, 2, 45 * stride) < stride, "behind");
	check(use(l, 2, 20 * stride) == 20 * stride, "before");
	pass(l, 2, 0, 30 * stride);
	check(use(l, 2, 20 * stride) < stride, "before, then");
	check(use(l, 2, 45 * stride) < stride, "behind, then");
	struct place far = place_at(44 * stride);
	landmarks_use(l, 2, 43 * stride, &far);
	check(far.wire == 44 * stride, "never back");
}

static void
test_many(struct landmarks *l)
{
	uint64_t const large = (uint64_t)LANDMARKS_STRIDE * 10000;
	pass(l, 3, 0, large);
	for (uint64_t at = 0; at < large; at += large / 1000)
		check(use(l, 3, at) <= large / LANDMARKS_MAX * 4, "many");
	/* Others push out the one that was not used for longest. */
	for (uint32_t uid = 4; uid < 4 + LANDMARKS_MESSAGES - 1; uid++)
		pass(l, uid, 0, large);
	check(use(l, 3, large) < large / 2, "kept");
	pass(l, 100, 0, large);
	check(use(l, 4, large) == large, "pushed out");
}

int
main(void)
{
	struct landmarks *l = calloc(1, sizeof *l);
	if (!l)
		return 1;
	test_order(l);
	test_many(l);
	free(l);
	return failures != 0;
}
