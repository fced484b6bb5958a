/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "exitcode.h"
#include "expand.h"
#include "transport.h"

size_t
route_count(struct route const *r)
{
	return genalloc_len(struct target, &r->targets);
}

struct target *
route_target(struct route *r, size_t i)
{
	return genalloc_s(struct target, &r->targets) + i;
}

void
target_fail(struct target *t, int status, char const *code, char const *text)
{
	free(t->answer);
	t->answer = NULL;
	t->status = status;
	if (asprintf(&t->answer, "%s <%s>: %s", code, t->to, text) < 0)
		t->answer = NULL;
}

static void
target_free(struct target *t)
{
	free(t->original);
	free(t->to);
	free(t->path);
	free(t->extension);
	free(t->domain);
	free(t->via);
	free(t->answer);
	free(t->file);
	free(t->queued);
}

void
route_free(struct route *r)
{
	for (size_t i = 0; i < route_count(r); i++)
		target_free(route_target(r, i));
	genalloc_free(struct target, &r->targets);
}

/* --- targets ------------------------------------------------------------ */

/* NULL with errno. */
static struct target *
add_target(struct route *r, char const *original, char const *to)
{
	struct target t = { .original =
		                strdup(r->original ? r->original : original),
		.to = strdup(to) };
	t.first = route_count(r);
	t.recipient = r->recipients;
	if (!t.original || !t.to ||
	    !genalloc_append(struct target, &r->targets, &t)) {
		target_free(&t);
		errno = ENOMEM;
		return NULL;
	}
	return route_target(r, t.first);
}

/* One delivery a mailbox, whichever addresses lead there. */
static int
set_mailbox(struct route *r, struct target *t,
    struct lookup_result const *found)
{
	t->path = strndup(found->path.s, found->path.len);
	t->extension = found->extension.len
	    ? strndup(found->extension.s, found->extension.len)
	    : strdup("");
	if (!t->path || !t->extension)
		return 0;
	t->quota = found->quota;
	size_t i = 0;
	for (; i < t->first; i++) {
		struct target *other = route_target(r, i);
		if (other->path && strcmp(other->path, t->path) == 0)
			break;
	}
	t->first = i;
	return 1;
}

/* At another server. An address is written to once. */
static int
set_remote(struct route *r, struct target *t, char const *transport)
{
	struct address a;
	char const *no = transport_refusal(transport);
	if (no) {
		char code[16];
		size_t n = strcspn(no, " ");
		snprintf(code, sizeof code, "%.*s", (int)n, no);
		target_fail(t, EXIT_REFUSED, code, no + n + 1);
		return 1;
	}
	if (!address_parse(t->to, strlen(t->to), &a) ||
	    !(t->domain = strndup(a.domain, a.domain_len)))
		return 0;
	size_t i = 0;
	for (; i < t->first; i++) {
		struct target *other = route_target(r, i);
		if (other->domain && strcmp(other->to, t->to) == 0)
			break;
	}
	t->first = i;
	return 1;
}

/* Which of the recipient's addresses sends it there. */
static int
set_origin(struct target *t, struct expansion const *e,
    struct expand_step const *s)
{
	struct expand_step const *parent = expand_step(e, s->parent);
	if (!s->depth)
		return 1;
	t->is_return = parent->found.kind == LOOKUP_RETURN;
	return (t->via = strdup(parent->to)) != NULL;
}

static int
take_step(struct route *r, struct expansion const *e, char const *original,
    struct expand_step const *s)
{
	struct target *t = add_target(r, original, s->to);
	if (!t)
		return 0;
	switch (s->kind) {
	case EXPAND_MAILBOX:
		return set_mailbox(r, t, &s->found);
	case EXPAND_REMOTE:
		return set_origin(t, e, s) &&
		    set_remote(r, t, e->lookup->settings->default_transport);
	case EXPAND_UNKNOWN:
		target_fail(t, EXIT_NOUSER, s->code, s->reason);
		break;
	case EXPAND_CIRCLE:
		target_fail(t, EXIT_REFUSED, s->code, s->reason);
		break;
	default:
		target_fail(t, EXIT_TEMP, s->code, s->reason);
	}
	return 1;
}

static struct expand_step const *
find_failed(struct expansion const *e)
{
	size_t i = 0;
	while (expand_step(e, i)->kind != EXPAND_FAILED)
		i++;
	return expand_step(e, i);
}

/* Instead of the targets from FROM on, what is wrong with an alias: when it is
 * tried again, all of them come again. */
static int
hold_back(struct route *r, struct expansion const *e, size_t from,
    char const *recipient)
{
	struct expand_step const *failed = find_failed(e);
	for (size_t i = from; i < route_count(r); i++)
		target_free(route_target(r, i));
	genalloc_setlen(struct target, &r->targets, from);
	struct target *t = add_target(r, recipient, expand_step(e, 0)->to);
	if (t)
		target_fail(t, EXIT_TEMP, failed->code, failed->reason);
	return t != NULL;
}

static int
add_recipient(struct route *r, struct lookup *l, char const *recipient)
{
	struct expansion e;
	struct expand_step const *step;
	struct address a;
	size_t from = route_count(r);
	if (!expand_parse(l, recipient, &a)) {
		struct target *t = add_target(r, recipient, "recipient");
		if (t)
			target_fail(t, EXIT_NOUSER, "5.1.3", "not an address");
		return t != NULL;
	}
	int more = expand_begin(&e, l, &a, &r->addresses) ? 1 : -1;
	e.no_aliases = r->no_aliases;
	while (more > 0 && (more = expand_next(&e, &step)) > 0)
		if (!take_step(r, &e, recipient, step))
			more = -1;
	if (more == 0 && e.broken && !hold_back(r, &e, from, recipient))
		more = -1;
	expand_end(&e);
	return more == 0;
}

int
route_add(struct route *r, struct lookup *l, char const *recipient)
{
	int ok = add_recipient(r, l, recipient);
	r->recipients++;
	return ok;
}
