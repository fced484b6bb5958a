/* SPDX-License-Identifier: ISC */
#include "thread.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/types.h>
#include "array.h"
#include "thread-order.h"

enum { STEPS_EACH = 100 };

void
threads_start(struct threads *t, enum thread_algorithm algorithm)
{
	memset(t, 0, sizeof *t);
	t->algorithm = algorithm;
	t->first = -1;
}

void
threads_free(struct threads *t)
{
	free(t->nodes);
	message_ids_free(&t->ids);
	stralloc_free(&t->of_id);
	stralloc_free(&t->pool);
}

int
threads_new_node(struct threads *t)
{
	void *p = array_grow(t->nodes, (size_t)t->count, sizeof *t->nodes,
	    INT_MAX, &t->room);
	if (!p)
		return -1;
	t->nodes = p;
	t->nodes[t->count] =
	    (struct thread_node){ .parent = -1, .child = -1, .next = -1 };
	t->steps += STEPS_EACH;
	return t->count++;
}

/* The node of a message-ID. -1: out of memory; -2: there are too many. */
static int
node_of(struct threads *t, struct message_id const *id)
{
	uint32_t known = t->ids.count;
	int64_t n = message_ids_number(&t->ids, id, THREAD_IDS_MAX);
	if (n < 0)
		return (int)n;
	if (n < known) {
		int node;
		memcpy(&node, t->of_id.s + (size_t)n * sizeof node,
		    sizeof node);
		return node;
	}
	int node = threads_new_node(t);
	return node >= 0 &&
	        stralloc_catb(&t->of_id, (char const *)&node, sizeof node)
	    ? node
	    : -1;
}

/* --- links ---------------------------------------------------------------- */

/* Whether NODE is ABOVE or under it. Where finding out takes too long, which
 * only happens when somebody made it so, the answer is yes. */
static bool
is_under(struct threads *t, int node, int above)
{
	if (node == above)
		return true;
	if (!t->nodes[above].has_children)
		return false;
	while (node >= 0 && node != above) {
		if (!t->steps)
			return true;
		t->steps--;
		node = t->nodes[node].parent;
	}
	return node == above;
}

static void
link_to(struct threads *t, int parent, int child)
{
	if (parent < 0 || is_under(t, parent, child))
		return;
	t->nodes[child].parent = parent;
	t->nodes[parent].has_children = true;
}

/* Step 1 A: each is the parent of the next, unless that has one. *LAST becomes
 * the last, -1 if there is none. 1, or 0 out of memory. */
static int
link_references(struct threads *t, struct bytes v, int *last)
{
	struct message_id id;
	size_t pos = 0;
	*last = -1;
	for (int i = 0; message_id_next(v.s, v.len, &pos, &id); i++) {
		if (i >= THREAD_REFERENCES_MAX && pos < v.len &&
		    memchr(v.s + pos, '<', v.len - pos))
			continue;
		int node = node_of(t, &id);
		if (node == -1)
			return 0;
		if (node < 0)
			continue;
		if (t->nodes[node].parent < 0)
			link_to(t, *last, node);
		*last = node;
	}
	return 1;
}

static int
find_reply(struct threads *t, struct bytes v, int *last)
{
	struct message_id id;
	size_t pos = 0;
	*last = message_id_next(v.s, v.len, &pos, &id) ? node_of(t, &id) : -2;
	return *last != -1;
}

/* --- messages ------------------------------------------------------------- */

/* Of messages with one ID, the first has it. */
static int
node_of_message(struct threads *t, struct thread_message const *m)
{
	struct message_id id;
	size_t pos = 0;
	if (!message_id_next(m->ids.id.s, m->ids.id.len, &pos, &id))
		return threads_new_node(t);
	int node = node_of(t, &id);
	return node == -2 || (node >= 0 && t->nodes[node].number)
	    ? threads_new_node(t)
	    : node;
}

static int
fill(struct threads *t, int node, struct thread_message const *m)
{
	struct thread_node *n = &t->nodes[node];
	n->number = m->number;
	n->date = m->date;
	n->order = m->number;
	n->reply = m->reply;
	n->subject = t->pool.len;
	n->subject_len = (uint32_t)(m->subject.len < THREAD_SUBJECT_MAX
	        ? m->subject.len
	        : THREAD_SUBJECT_MAX);
	return stralloc_catb(&t->pool, m->subject.s, n->subject_len);
}

int
threads_add(struct threads *t, struct thread_message const *m)
{
	if (t->algorithm == THREAD_ORDEREDSUBJECT) {
		int alone = threads_new_node(t);
		return alone >= 0 && fill(t, alone, m);
	}
	int last;
	int node = node_of_message(t, m);
	if (node < 0 || !fill(t, node, m) ||
	    !link_references(t, m->ids.references, &last) ||
	    (last < 0 && !find_reply(t, m->ids.in_reply_to, &last)))
		return 0;
	/* Step 1 B: what the message itself says is right. */
	t->nodes[node].parent = -1;
	link_to(t, last, node);
	return 1;
}

/* --- all of them ---------------------------------------------------------- */

int
threads_finish(struct threads *t)
{
	if (t->algorithm == THREAD_ORDEREDSUBJECT)
		return threads_join_subjects(t) && threads_arrange(t);
	threads_prune(t);
	return threads_arrange(t) &&
	    (t->algorithm != THREAD_REFERENCES ||
	        (threads_gather_subjects(t) && threads_arrange(t)));
}

/* --- telling -------------------------------------------------------------- */

/* A node, and what stands between it and what follows. */
static int
put_node(struct thread_node const *n, bool several, stralloc *out)
{
	char buf[UINT32_FMT];
	if (n->number && !stralloc_catb(out, buf, uint32_fmt(buf, n->number)))
		return 0;
	if (n->child < 0)
		return 1;
	return (!n->number || stralloc_append(out, ' ')) &&
	    (!several || stralloc_append(out, '('));
}

/* One child goes on in the same list; several have one each. */
static int
put_thread(struct threads const *t, int root, stralloc *out)
{
	struct thread_node const *nodes = t->nodes;
	int n = root;
	while (n >= 0) {
		int child = nodes[n].child;
		bool several = child >= 0 && nodes[child].next >= 0;
		if (!put_node(&nodes[n], several, out))
			return 0;
		if (child >= 0) {
			n = child;
			continue;
		}
		/* A leaf: back to where a sibling waits. */
		while (n != root && nodes[n].next < 0) {
			int parent = nodes[n].parent;
			if (nodes[parent].child != n &&
			    !stralloc_append(out, ')'))
				return 0;
			n = parent;
		}
		if (n != root && !stralloc_cats(out, ")("))
			return 0;
		n = n == root ? -1 : nodes[n].next;
	}
	return 1;
}

int
threads_format(struct threads const *t, stralloc *out)
{
	for (int n = t->first; n >= 0; n = t->nodes[n].next)
		if (!stralloc_cats(out, n == t->first ? " (" : "(") ||
		    !put_thread(t, n, out) || !stralloc_append(out, ')'))
			return 0;
	return 1;
}
