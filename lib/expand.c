/* SPDX-License-Identifier: ISC */
#include "expand.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "log.h"
#include "maildir.h"

size_t
expand_count(struct expansion const *e)
{
	return genalloc_len(struct expand_step, &e->steps);
}

struct expand_step *
expand_step(struct expansion const *e, size_t i)
{
	return genalloc_s(struct expand_step, &e->steps) + i;
}

static void
step_free(struct expand_step *step)
{
	free(step->to);
	lookup_result_free(&step->found);
}

void
expand_end(struct expansion *e)
{
	for (size_t i = 0; i < expand_count(e); i++)
		step_free(expand_step(e, i));
	genalloc_free(struct expand_step, &e->steps);
	genalloc_free(uint32_t, &e->hashes);
}

/* --- steps --------------------------------------------------------------- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void
fold(char *s)
{
	for (; *s; s++)
		*s = lower(*s);
}

/* FNV-1a: a list of thousands is compared number by number, not text by
 * text. */
static uint32_t
hash_of(char const *s)
{
	uint32_t h = 2166136261U;
	for (; *s; s++)
		h = (h ^ (unsigned char)lower(*s)) * 16777619U;
	return h;
}

/* The step of this address, or the number of steps. */
static size_t
find_step(struct expansion const *e, char const *to)
{
	uint32_t const *hashes = genalloc_s(uint32_t, &e->hashes);
	uint32_t hash = hash_of(to);
	size_t i = 0;
	while (i < expand_count(e) &&
	    !(hashes[i] == hash && strcasecmp(expand_step(e, i)->to, to) == 0))
		i++;
	return i;
}

/* Takes TO over, in any case. NULL with errno. */
static struct expand_step *
add_step(struct expansion *e, char *to, size_t parent)
{
	struct expand_step step = { .kind = EXPAND_PENDING, .to = to };
	uint32_t hash = to ? hash_of(to) : 0;
	++*e->addresses;
	step.parent = parent;
	if (parent < expand_count(e))
		step.depth = expand_step(e, parent)->depth + 1;
	if (!to || !genalloc_append(uint32_t, &e->hashes, &hash) ||
	    !genalloc_append(struct expand_step, &e->steps, &step)) {
		free(to);
		errno = ENOMEM;
		return NULL;
	}
	return expand_step(e, expand_count(e) - 1);
}

static void
fail(struct expand_step *step, enum expand_kind kind, char const *code,
    char const *reason)
{
	step->kind = kind;
	step->code = code;
	step->reason = reason;
}

/* A table that leads nowhere is the administrator's to mend: mail waits. */
static void
fail_config(struct expansion const *e, struct expand_step *step,
    char const *reason)
{
	log_event("error", "what", "expand address", "to", step->to, "orig",
	    expand_step(e, 0)->to, "reason", reason, (char *)NULL);
	fail(step, EXPAND_FAILED, "4.3.5", reason);
}

/* What goes wrong with alias PARENT is a target of its address. */
static int
add_failure(struct expansion *e, size_t parent, char const *reason)
{
	struct expand_step *step =
	    add_step(e, strdup(expand_step(e, parent)->to), parent);
	if (step)
		fail_config(e, step, reason);
	e->broken = true;
	return step != NULL;
}

/* The address as it is written. NULL with errno. */
static char *
formatted(struct address const *a)
{
	stralloc sa = STRALLOC_ZERO;
	if (address_format(a, &sa) && stralloc_0(&sa))
		return sa.s;
	stralloc_free(&sa);
	return NULL;
}

/* --- circles --------------------------------------------------------------- */

static bool
is_above(struct expansion const *e, size_t above, size_t i)
{
	while (i > above)
		i = expand_step(e, i)->parent;
	return i == above;
}

static bool
has_copy_to_keep(struct expand_step const *step)
{
	return step->kind == EXPAND_ALIAS && step->found.path.len &&
	    !step->kept;
}

/* STEP, which is new, is the mailbox of step I's address. */
static int
keep_copy(struct expansion *e, struct expand_step *step, size_t i)
{
	struct expand_step *alias = expand_step(e, i);
	struct lookup_result *found = &step->found;
	fold(step->to);
	step->kind = EXPAND_MAILBOX;
	found->kind = LOOKUP_MAILBOX;
	found->quota = alias->found.quota;
	alias->kept = true;
	return stralloc_copy(&found->key, &alias->found.key) &&
	    stralloc_copy(&found->extension, &alias->found.extension) &&
	    stralloc_copy(&found->path, &alias->found.path);
}

/* An alias of ALIAS, or ALIAS itself, is named again, step AGAIN. Whoever is on
 * the way from there to here and has a mailbox means that. */
static int
close_circle(struct expansion *e, size_t again, size_t alias)
{
	for (size_t i = alias;; i = expand_step(e, i)->parent) {
		struct expand_step const *on = expand_step(e, i);
		struct expand_step *copy;
		if (has_copy_to_keep(on) &&
		    (!(copy = add_step(e, strdup(on->to), i)) ||
		        !keep_copy(e, copy, i)))
			return 0;
		if (i == again)
			return 1;
	}
}

/* An address that was named before is not followed again. */
static int
add_address(struct expansion *e, struct address const *a, size_t parent)
{
	char *to = formatted(a);
	size_t before = to ? find_step(e, to) : 0;
	bool repeated = before < expand_count(e);
	struct expand_step *step = add_step(e, to, parent);
	if (!step)
		return 0;
	if (!repeated)
		return 1;
	step->kind = EXPAND_REPEATED;
	if (!is_above(e, before, parent))
		return 1;
	return (!has_copy_to_keep(expand_step(e, before)) ||
	           keep_copy(e, step, before)) &&
	    close_circle(e, before, parent);
}

/* --- expansion ------------------------------------------------------------ */

static int
add_target(struct expansion *e, char const *line, size_t len, size_t alias)
{
	struct address a;
	if (!address_parse(line, len, &a))
		return add_failure(e, alias, "alias to a non-address");
	lookup_extend(e->lookup, &expand_step(e, alias)->found, &a);
	return add_address(e, &a, alias);
}

/* The steps move when they grow, the string does not. */
static int
add_targets(struct expansion *e, size_t alias)
{
	stralloc const targets = expand_step(e, alias)->found.targets;
	if (expand_step(e, alias)->depth >= EXPAND_DEPTH_MAX)
		return add_failure(e, alias, "aliases are nested too deep");
	for (size_t pos = 0; pos < targets.len;) {
		char const *line = targets.s + pos;
		char const *lf = memchr(line, '\n', targets.len - pos);
		size_t n = lf ? (size_t)(lf - line) : targets.len - pos;
		pos += n + (lf != NULL);
		if (*e->addresses >= EXPAND_ADDRESSES_MAX) {
			e->next = expand_count(e);
			return add_failure(e, alias,
			    "too many addresses for one message");
		}
		if (!add_target(e, line, n, alias))
			return 0;
	}
	return 1;
}

/* The letters of an address are ours to change only where it is ours. */
static enum lookup_kind
look_up(struct lookup *l, struct address const *a, struct expand_step *step)
{
	enum lookup_kind kind = lookup_address(l, a, &step->found);
	if (kind != LOOKUP_REMOTE && kind != LOOKUP_RETURN)
		fold(step->to);
	return kind;
}

/* The recipient was an alias's target once. */
static bool
is_final(struct expansion const *e, struct expand_step const *step)
{
	return e->no_aliases && !step->depth && step->found.path.len;
}

/* What the address of step I is. */
static int
follow(struct expansion *e, size_t i)
{
	struct expand_step *step = expand_step(e, i);
	struct address a;
	if (!address_parse(step->to, strlen(step->to), &a)) {
		fail_config(e, step, "not an address");
		return 1;
	}
	enum lookup_kind kind = look_up(e->lookup, &a, step);
	switch (is_final(e, step) ? LOOKUP_MAILBOX : kind) {
	case LOOKUP_MAILBOX:
		step->kind = EXPAND_MAILBOX;
		break;
	case LOOKUP_ALIAS:
	case LOOKUP_RETURN:
		step->kind = EXPAND_ALIAS;
		return add_targets(e, i);
	case LOOKUP_REMOTE:
		step->kind = EXPAND_REMOTE;
		break;
	case LOOKUP_UNKNOWN:
		fail(step, EXPAND_UNKNOWN, "5.1.1", "no such address here");
		break;
	case LOOKUP_EXPIRED:
		fail(step, EXPAND_UNKNOWN, "5.1.6", "this address has expired");
		break;
	case LOOKUP_FAILED:
		fail(step, EXPAND_FAILED, "4.3.0",
		    "address tables cannot be read");
		break;
	}
	return 1;
}

static int
add_circle(struct expansion *e)
{
	struct expand_step *step =
	    add_step(e, strdup(expand_step(e, 0)->to), 0);
	if (!step)
		return 0;
	step->depth = 0;
	fail(step, EXPAND_CIRCLE, "5.4.6",
	    "its aliases lead only to each other");
	return 1;
}

int
expand_next(struct expansion *e, struct expand_step const **target)
{
	while (e->next < expand_count(e) || !e->found) {
		if (e->next == expand_count(e) && !add_circle(e))
			return -1;
		size_t i = e->next++;
		if (expand_step(e, i)->kind == EXPAND_PENDING && !follow(e, i))
			return -1;
		struct expand_step *step = expand_step(e, i);
		if (step->kind == EXPAND_MAILBOX &&
		    !maildir_is_path(step->found.path.s, step->found.path.len))
			fail_config(e, step, "mailbox without a path");
		*target = step;
		if (step->kind < EXPAND_PENDING) {
			e->found = true;
			return 1;
		}
	}
	return 0;
}

/* --- the recipient -------------------------------------------------------- */

int
expand_parse(struct lookup const *l, char const *text, struct address *a)
{
	if (address_parse(text, strlen(text), a))
		return 1;
	if (strcasecmp(text, "postmaster") != 0)
		return 0;
	*a = (struct address){ .local_len = strlen(text) };
	memcpy(a->local, text, a->local_len);
	lookup_complete(l, a);
	return 1;
}

int
expand_begin(struct expansion *e, struct lookup *l, struct address const *a,
    size_t *addresses)
{
	struct address complete = *a;
	*e = (struct expansion){ .lookup = l, .addresses = addresses };
	lookup_complete(l, &complete);
	if (!add_address(e, &complete, 0))
		return 0;
	if (*addresses > EXPAND_ADDRESSES_MAX)
		fail_config(e, expand_step(e, 0),
		    "too many addresses for one message");
	return 1;
}
