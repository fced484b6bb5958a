/* SPDX-License-Identifier: ISC */
#include "thread-order.h"

#include <stdlib.h>
#include <string.h>

/* --- pruning -------------------------------------------------------------- */

/* The nearest message that is NODE or above it, or the dummy on top. The
 * dummies on the way are tied to it, so that nobody has to walk there again. */
static int
keeper(struct threads *t, int node)
{
	struct thread_node *nodes = t->nodes;
	int top = node;
	while (!nodes[top].number && nodes[top].parent >= 0)
		top = nodes[top].parent;
	while (node != top) {
		int parent = nodes[node].parent;
		nodes[node].parent = top;
		node = parent;
	}
	return top;
}

/* Children of the dummies that are left on top, counted in ->order. */
static void
free_single_children(struct threads *t)
{
	struct thread_node *nodes = t->nodes;
	for (int i = 0; i < t->count; i++) {
		int parent = nodes[i].parent;
		if (nodes[i].number && parent >= 0 && !nodes[parent].number)
			nodes[parent].order++;
	}
	for (int i = 0; i < t->count; i++) {
		int parent = nodes[i].parent;
		if (nodes[i].number && parent >= 0 && !nodes[parent].number &&
		    nodes[parent].order == 1)
			nodes[i].parent = -1;
	}
}

void
threads_prune(struct threads *t)
{
	struct thread_node *nodes = t->nodes;
	for (int i = 0; i < t->count; i++)
		if (nodes[i].number && nodes[i].parent >= 0)
			nodes[i].parent = keeper(t, nodes[i].parent);
	free_single_children(t);
}

/* --- order ---------------------------------------------------------------- */

static int
compare_dates(struct thread_node const *a, struct thread_node const *b)
{
	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* Siblings side by side, by date. */
static int
by_place(void const *a, void const *b, void *arg)
{
	struct threads const *t = arg;
	struct thread_node const *x = &t->nodes[*(int const *)a];
	struct thread_node const *y = &t->nodes[*(int const *)b];
	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return compare_dates(x, y);
}

static int
compare_subjects(struct threads const *t, struct thread_node const *a,
    struct thread_node const *b)
{
	uint32_t n =
	    a->subject_len < b->subject_len ? a->subject_len : b->subject_len;
	int d = memcmp(t->pool.s + a->subject, t->pool.s + b->subject, n);
	return d ? d
	         : (a->subject_len > b->subject_len) -
	        (a->subject_len < b->subject_len);
}

static int
by_subject(void const *a, void const *b, void *arg)
{
	struct threads const *t = arg;
	struct thread_node const *x = &t->nodes[*(int const *)a];
	struct thread_node const *y = &t->nodes[*(int const *)b];
	int d = compare_subjects(t, x, y);
	return d ? d : compare_dates(x, y);
}

/* Makes lists of siblings of sorted nodes. *FIRST becomes the first thread. */
static void
make_lists(struct threads *t, int const *list, size_t n, int *first)
{
	int last = -1;
	for (size_t i = 0; i < n; i++) {
		struct thread_node *node = &t->nodes[list[i]];
		node->next = -1;
		if (last >= 0 && t->nodes[last].parent == node->parent)
			t->nodes[last].next = list[i];
		else if (node->parent >= 0)
			t->nodes[node->parent].child = list[i];
		else
			*first = list[i];
		last = list[i];
	}
}

/* The nodes with a number, or the threads; an array to be freed, NULL out of
 * memory. */
static int *
collect(struct threads const *t, bool threads, size_t *n)
{
	int *list = malloc(((size_t)t->count + 1) * sizeof *list);
	*n = 0;
	for (int i = 0; list && i < t->count; i++) {
		struct thread_node const *node = &t->nodes[i];
		if (threads
		        ? node->parent < 0 && (node->number || node->child >= 0)
		        : node->number != 0)
			list[(*n)++] = i;
	}
	return list;
}

/* A dummy on top stands where its first child would. */
static void
take_first_dates(struct threads *t)
{
	for (int i = 0; i < t->count; i++) {
		struct thread_node *node = &t->nodes[i];
		if (node->number || node->child < 0)
			continue;
		struct thread_node const *child = &t->nodes[node->child];
		node->date = child->date;
		node->order = child->order;
		node->subject = child->subject;
		node->subject_len = child->subject_len;
	}
}

/* The node behind NODE in its thread, ROOT's, children first; -1: none. */
static int
next_in_thread(struct threads const *t, int root, int node)
{
	if (t->nodes[node].child >= 0)
		return t->nodes[node].child;
	while (node != root && t->nodes[node].next < 0)
		node = t->nodes[node].parent;
	return node == root ? -1 : t->nodes[node].next;
}

/* REFS: a thread stands where its latest message would. */
static void
take_latest_dates(struct threads *t, int const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct thread_node *root = &t->nodes[list[i]];
		int at = list[i];
		while ((at = next_in_thread(t, list[i], at)) >= 0)
			if (t->nodes[at].date > root->date)
				root->date = t->nodes[at].date;
	}
}

int
threads_arrange(struct threads *t)
{
	size_t n;
	int *list = collect(t, false, &n);
	if (!list)
		return 0;
	for (int i = 0; i < t->count; i++)
		t->nodes[i].child = -1;
	qsort_r(list, n, sizeof *list, by_place, t);
	make_lists(t, list, n, &t->first);
	free(list);
	take_first_dates(t);
	t->first = -1;
	list = collect(t, true, &n);
	if (!list)
		return 0;
	if (t->algorithm == THREAD_REFS)
		take_latest_dates(t, list, n);
	qsort_r(list, n, sizeof *list, by_place, t);
	make_lists(t, list, n, &t->first);
	free(list);
	return 1;
}

/* --- subjects ------------------------------------------------------------- */

static bool
same_subject(struct threads const *t, int a, int b)
{
	return compare_subjects(t, &t->nodes[a], &t->nodes[b]) == 0;
}

/* Of threads with one subject the one that takes in the others: a dummy, or
 * what is no reply. */
static int
find_host(struct threads const *t, int const *list, size_t n)
{
	int host = list[0];
	for (size_t i = 1; i < n; i++) {
		struct thread_node const *at = &t->nodes[host];
		struct thread_node const *now = &t->nodes[list[i]];
		if (at->number && (!now->number || (at->reply && !now->reply)))
			host = list[i];
	}
	return host;
}

/* Puts GUEST into HOST, or both into a dummy: the host from then on; -1 out of
 * memory. */
static int
take_in(struct threads *t, int host, int guest)
{
	struct thread_node *at = &t->nodes[host];
	struct thread_node *now = &t->nodes[guest];
	if (!now->number) {
		for (int i = now->child; i >= 0; i = t->nodes[i].next)
			t->nodes[i].parent = host;
		return host;
	}
	if (at->number && (!now->reply || at->reply)) {
		int both = threads_new_node(t);
		if (both >= 0)
			t->nodes[host].parent = t->nodes[guest].parent = both;
		return both;
	}
	now->parent = host;
	return host;
}

static int
gather(struct threads *t, int const *list, size_t n)
{
	int first_host = find_host(t, list, n);
	int host = first_host;
	if (!t->nodes[host].subject_len)
		return 1;
	for (size_t i = 0; i < n && host >= 0; i++)
		if (list[i] != first_host)
			host = take_in(t, host, list[i]);
	return host >= 0;
}

int
threads_gather_subjects(struct threads *t)
{
	size_t n;
	int ok = 1;
	int *list = collect(t, true, &n);
	if (!list)
		return 0;
	qsort_r(list, n, sizeof *list, by_subject, t);
	for (size_t i = 0, end; i < n && ok; i = end) {
		for (end = i + 1; end < n; end++)
			if (!same_subject(t, list[i], list[end]))
				break;
		ok = gather(t, list + i, end - i);
	}
	free(list);
	return ok;
}

int
threads_join_subjects(struct threads *t)
{
	size_t n;
	int *list = collect(t, false, &n);
	if (!list)
		return 0;
	qsort_r(list, n, sizeof *list, by_subject, t);
	for (size_t i = 1, head = 0; i < n; i++) {
		if (same_subject(t, list[head], list[i]))
			t->nodes[list[i]].parent = list[head];
		else
			head = i;
	}
	free(list);
	return 1;
}
