/* SPDX-License-Identifier: ISC */
#include "landmarks.h"

#include <string.h>

static struct landmarks_message *
find(struct landmarks *l, uint32_t uid)
{
	struct landmarks_message *oldest = &l->messages[0];
	for (int i = 0; i < LANDMARKS_MESSAGES; i++) {
		struct landmarks_message *m = &l->messages[i];
		if (m->uid == uid) {
			oldest = m;
			break;
		}
		if (m->used < oldest->used)
			oldest = m;
	}
	if (oldest->uid != uid) {
		oldest->uid = uid;
		oldest->count = 0;
		oldest->stride = LANDMARKS_STRIDE;
	}
	oldest->used = ++l->clock;
	return oldest;
}

/* How many are not behind TARGET. */
static uint32_t
count_before(struct landmarks_message const *m, uint64_t target)
{
	uint32_t n = m->count;
	while (n && m->at[n - 1].wire > target)
		n--;
	return n;
}

void
landmarks_use(struct landmarks *l, uint32_t uid, uint64_t target,
    struct place *p)
{
	if (target < LANDMARKS_STRIDE)
		return;
	struct landmarks_message const *m = find(l, uid);
	uint32_t n = count_before(m, target);
	if (n && m->at[n - 1].wire > p->wire)
		*p = m->at[n - 1];
}

/* Every other one goes. */
static void
thin_out(struct landmarks_message *m)
{
	m->stride *= 2;
	m->count /= 2;
	for (uint32_t i = 0; i < m->count; i++)
		m->at[i] = m->at[2 * i + 1];
}

void
landmarks_add(struct landmarks *l, uint32_t uid, struct place const *p)
{
	if (p->wire < LANDMARKS_STRIDE)
		return;
	struct landmarks_message *m = find(l, uid);
	if (m->count == LANDMARKS_MAX)
		thin_out(m);
	uint32_t n = count_before(m, p->wire);
	uint64_t before = n ? m->at[n - 1].wire : 0;
	if (p->wire - before < m->stride ||
	    (n < m->count && m->at[n].wire - p->wire < m->stride))
		return;
	memmove(&m->at[n + 1], &m->at[n], (m->count - n) * sizeof *p);
	m->at[n] = *p;
	m->count++;
}
