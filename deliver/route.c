/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "exitcode.h"
#include "log.h"
#include "maildir.h"

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
	free(t->answer);
	free(t->file);
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
	struct target t = { .original = strdup(original), .to = strdup(to) };
	t.first = route_count(r);
	if (!t.original || !t.to ||
	    !genalloc_append(struct target, &r->targets, &t)) {
		target_free(&t);
		errno = ENOMEM;
		return NULL;
	}
	return route_target(r, t.first);
}

static int
add_failure(struct route *r, char const *original, char const *to, int status,
    char const *code, char const *text)
{
	struct target *t = add_target(r, original, to);
	if (t)
		target_fail(t, status, code, text);
	return t != NULL;
}

/* One delivery a mailbox, whichever addresses lead there. */
static int
add_mailbox(struct route *r, char const *original, char const *to,
    stralloc const *path)
{
	struct target *t = add_target(r, original, to);
	if (!t || !(t->path = strndup(path->s, path->len)))
		return 0;
	size_t i = 0;
	for (; i < t->first; i++) {
		struct target *other = route_target(r, i);
		if (other->path && strcmp(other->path, t->path) == 0)
			break;
	}
	t->first = i;
	return 1;
}

/* --- expansion ---------------------------------------------------------- */

/* The addresses one recipient led to so far, each once: what makes the
 * expansion end when aliases point at each other. */
struct expansion {
	struct route *route;
	struct lookup *lookup;
	char const *original;
	genalloc steps; /* struct step */
	bool found;     /* it led to a target */
};

struct step {
	char *to;
	unsigned int depth;
};

static size_t
step_count(struct expansion const *e)
{
	return genalloc_len(struct step, &e->steps);
}

static struct step *
get_step(struct expansion const *e, size_t i)
{
	return genalloc_s(struct step, &e->steps) + i;
}

static bool
is_known(struct expansion const *e, char const *to)
{
	for (size_t i = 0; i < step_count(e); i++)
		if (strcmp(get_step(e, i)->to, to) == 0)
			return true;
	return false;
}

/* The address in lower case as it is written, NUL-terminated. */
static int
canonical(struct address *a, stralloc *sa)
{
	for (size_t i = 0; i < a->local_len; i++)
		if (a->local[i] >= 'A' && a->local[i] <= 'Z')
			a->local[i] = (char)(a->local[i] - 'A' + 'a');
	sa->len = 0;
	return address_format(a, sa) && stralloc_0(sa);
}

static int
add_step(struct expansion *e, struct address *a, unsigned int depth)
{
	stralloc to = STRALLOC_ZERO;
	int ok = canonical(a, &to);
	if (ok && !is_known(e, to.s)) {
		struct step step = { to.s, depth };
		ok = genalloc_append(struct step, &e->steps, &step);
		if (ok)
			return 1;
	}
	stralloc_free(&to);
	return ok;
}

static int
fail(struct expansion *e, char const *to, int status, char const *code,
    char const *text)
{
	e->found = true;
	return add_failure(e->route, e->original, to, status, code, text);
}

/* A table that leads nowhere is the administrator's to mend: mail waits. */
static int
fail_config(struct expansion *e, char const *to, char const *text)
{
	log_event("error", "what", "expand alias", "object", "aliases.cdb",
	    "to", to, "orig", e->original, "reason", text, (char *)NULL);
	return fail(e, to, EXIT_TEMP, "4.3.5", text);
}

static int
add_alias(struct expansion *e, char const *to, stralloc const *targets,
    unsigned int depth)
{
	size_t pos = 0;
	if (depth > ROUTE_DEPTH_MAX)
		return fail_config(e, to, "aliases are nested too deep");
	while (pos < targets->len) {
		struct address a;
		char const *line = targets->s + pos;
		char const *lf = memchr(line, '\n', targets->len - pos);
		size_t n = lf ? (size_t)(lf - line) : targets->len - pos;
		pos += n + (lf != NULL);
		if (!address_parse(line, n, &a)) {
			if (!fail_config(e, to, "alias to a non-address"))
				return 0;
		} else if (!add_step(e, &a, depth))
			return 0;
	}
	return 1;
}

/* TO must not point into the steps, which move when they grow. */
static int
follow(struct expansion *e, char const *to, unsigned int depth,
    struct lookup_result *found)
{
	struct address a;
	if (++e->route->addresses > ROUTE_ADDRESSES_MAX)
		return fail_config(e, to, "too many addresses for one message");
	if (!address_parse(to, strlen(to), &a))
		return fail_config(e, to, "not an address");
	switch (lookup_address(e->lookup, &a, found)) {
	case LOOKUP_MAILBOX:
		if (!maildir_is_path(found->path.s, found->path.len))
			return fail_config(e, to, "mailbox without a path");
		e->found = true;
		return add_mailbox(e->route, e->original, to, &found->path);
	case LOOKUP_ALIAS:
		return add_alias(e, to, &found->targets, depth + 1);
	case LOOKUP_UNKNOWN:
		return fail(e, to, EXIT_NOUSER, "5.1.1",
		    "no such address here");
	case LOOKUP_RETURN:
		return add_alias(e, to, &found->targets, depth + 1);
	case LOOKUP_REMOTE:
		return fail(e, to, EXIT_REFUSED, "5.3.2",
		    "this server does not deliver to other servers yet");
	case LOOKUP_FAILED:
		break;
	}
	return fail(e, to, EXIT_TEMP, "4.3.0", "address tables cannot be read");
}

static void
expansion_free(struct expansion *e)
{
	for (size_t i = 0; i < step_count(e); i++)
		free(get_step(e, i)->to);
	genalloc_free(struct step, &e->steps);
}

/* Breadth first, so that the address nearest to the recipient is the one that
 * Delivered-To names. */
static int
expand(struct expansion *e, struct address *first)
{
	struct lookup_result found = LOOKUP_RESULT_ZERO;
	int ok = add_step(e, first, 0);
	for (size_t i = 0; ok && i < step_count(e); i++) {
		struct step step = *get_step(e, i);
		ok = follow(e, step.to, step.depth, &found);
		if (e->route->addresses > ROUTE_ADDRESSES_MAX)
			break;
	}
	lookup_result_free(&found);
	if (ok && !e->found)
		ok = fail(e, get_step(e, 0)->to, EXIT_REFUSED, "5.4.6",
		    "its aliases lead only to each other");
	return ok;
}

/* RFC 5321 4.1.1.3: "postmaster" without a domain is the host's. */
static bool
parse_recipient(char const *recipient, char const *hostname, struct address *a)
{
	char full[ADDRESS_MAX];
	if (strcasecmp(recipient, "postmaster") == 0) {
		snprintf(full, sizeof full, "postmaster@%s", hostname);
		recipient = full;
	}
	return address_parse(recipient, strlen(recipient), a);
}

int
route_add(struct route *r, struct lookup *l, char const *recipient)
{
	struct expansion e = { .route = r, .lookup = l, .original = recipient };
	struct address a;
	if (!parse_recipient(recipient, l->hostname, &a))
		return add_failure(r, recipient, "recipient", EXIT_NOUSER,
		    "5.1.3", "not an address");
	int ok = expand(&e, &a);
	expansion_free(&e);
	return ok;
}
