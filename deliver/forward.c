/* SPDX-License-Identifier: ISC */
#include "forward.h"

#include <errno.h>
#include <string.h>

#include "address.h"
#include "exitcode.h"
#include "log.h"
#include "srs-kept.h"
#include "srs-secrets.h"

/* Whether the sender is one that we may send for: a reverse-path of ours, or a
 * user's of our domains. Anybody else may have written one of our domains
 * there, and our name for it would make his lie true. -1: a map failed. */
static int
is_our_sender(struct forward const *f, struct address const *sender)
{
	struct lookup_result found = LOOKUP_RESULT_ZERO;
	enum lookup_kind kind = lookup_address(f->lookup, sender, &found);
	lookup_result_free(&found);
	if (kind == LOOKUP_FAILED)
		return -1;
	return kind == LOOKUP_RETURN || (kind != LOOKUP_REMOTE && f->user);
}

/* A reverse-path that is too long and cannot be kept stays what it is: better a
 * message that SPF holds against us than one whose bounce nobody gets. */
static int
rewrite(struct forward *f, struct address const *sender)
{
	struct srs srs;
	struct address ours;
	if (!srs_open_to_sign(&srs, f->lookup->settings))
		return 0;
	if (srs_send_on(&srs, sender, &ours) == SRS_OK) {
		f->path.len = 0;
		return address_format(&ours, &f->path) && stralloc_0(&f->path);
	}
	log_event("forward", "from", f->sender, "reason",
	    "too long for a reverse-path of ours, sent on as it is",
	    (char *)NULL);
	return 1;
}

/* 1, or 0 (logged). */
static int
make_path(struct forward *f)
{
	char const *sender = f->sender ? f->sender : "";
	struct address a;
	if (!stralloc_copys(&f->path, sender) || !stralloc_0(&f->path))
		return 0;
	if (!address_parse(sender, strlen(sender), &a))
		return 1; /* a bounce; or postmaster, of no domain */
	int ours = is_our_sender(f, &a);
	return ours > 0 || (ours == 0 && rewrite(f, &a));
}

static void
check_alias(struct forward const *f, struct target *t)
{
	if (f->message->spam)
		target_fail(t, EXIT_REFUSED, "5.7.1",
		    "spam is not sent on to other servers");
	else if (headers_delivered_to(f->message, t->via))
		target_fail(t, EXIT_REFUSED, "5.4.6",
		    "mail loop: its alias is in Delivered-To already");
}

static bool
is_bounce(struct forward const *f)
{
	return f->sender && !*f->sender;
}

int
forward_check(struct forward *f, struct route *r)
{
	for (size_t i = 0; i < route_count(r); i++) {
		struct target *t = route_target(r, i);
		if (t->first != i || t->status || !t->domain || !t->via)
			continue;
		if (!t->is_return)
			check_alias(f, t);
		else if (!is_bounce(f))
			target_fail(t, EXIT_REFUSED, "5.7.1",
			    "only bounces are taken for this address");
		if (!t->status && !f->path.len && !make_path(f))
			return 0;
	}
	return 1;
}

void
forward_free(struct forward *f)
{
	stralloc_free(&f->path);
}
