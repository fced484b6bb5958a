/* SPDX-License-Identifier: ISC */
#include "local.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "log.h"
#include "queue.h"
#include "settle.h"
#include "spool.h"

/* "NOTIFY=FAILURE ORCPT=rfc822;a@b" */
static int
put_options(struct queue_recipient const *r, stralloc *sa)
{
	return (!r->notify ||
	           (stralloc_cats(sa, "NOTIFY=") &&
	               dsn_notify_format(r->notify, sa))) &&
	    (!r->notify || !r->orcpt || stralloc_append(sa, ' ')) &&
	    (!r->orcpt ||
	        (stralloc_cats(sa, "ORCPT=") && stralloc_cats(sa, r->orcpt))) &&
	    stralloc_0(sa);
}

static void
make_environment(struct queue_entry const *e, struct queue_recipient const *r,
    struct environment *env)
{
	stralloc options = STRALLOC_ZERO;
	environment_begin(env);
	if (!put_options(r, &options))
		env->failed = true;
	environment_put(env, "SENDER", e->sender);
	environment_put(env, "RECIPIENTS", r->address);
	environment_put(env, "ORIGINAL_RECIPIENT", r->original);
	environment_put(env, "NO_ALIASES", r->mailbox ? "1" : NULL);
	environment_put(env, "MESSAGE_UID", e->uid);
	environment_put(env, "AUTH_USER", e->user);
	environment_put(env, "BODY", e->body);
	environment_put(env, "SMTPUTF8", e->smtputf8 ? "1" : NULL);
	environment_put(env, "REQUIRETLS", e->requiretls ? "1" : NULL);
	environment_put(env, "DSN_RET",
	    e->ret == DSN_RET_FULL       ? "FULL"
	        : e->ret == DSN_RET_HDRS ? "HDRS"
	                                 : NULL);
	environment_put(env, "ENVELOPE_ID", e->envid);
	environment_put(env, "RECIPIENT_OPTIONS",
	    options.len > 1 ? options.s : NULL);
	stralloc_free(&options);
}

/* A file that has the message alone. -1, logged. */
static int
copy_message(struct queue_file const *f)
{
	int fd = spool_for(f->size);
	if (fd >= 0 && spool_copy(f->fd, (size_t)f->start, fd))
		return fd;
	log_error("copy message", f->name.path, errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum verdict
run_delivery(struct settings const *s, struct queue_file const *f,
    struct queue_recipient const *r, stralloc *text)
{
	struct environment e;
	stralloc to = STRALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	int fd = copy_message(f);
	make_environment(&f->entry, r, &e);
	struct chain chain = { .settings = s, .environment = &e, .fd = fd };
	if (fd >= 0 && !e.failed && stralloc_cats(&to, r->address) &&
	    stralloc_append(&to, '\n'))
		v = chain_deliver(&chain, f->entry.sender, &to, text);
	if (fd >= 0)
		close(fd);
	environment_free(&e);
	stralloc_free(&to);
	return v;
}

/* "4.2.2 mailbox is full" */
static int
note(struct queue_recipient *r, enum verdict v, stralloc *text)
{
	enum queue_state state = v == VERDICT_LATER ? QUEUE_WAITING
	    : v == VERDICT_REFUSED                  ? QUEUE_FAILED
	                                            : QUEUE_DELIVERED;
	if (state == QUEUE_DELIVERED) {
		/* it was told what the sender wants to know, and sees to it */
		r->notified = true;
		return queue_answer(r, state, time(NULL), 0, "2.0.0",
		    "delivered", NULL);
	}
	if ((!text->len && !stralloc_cats(text, "4.3.0 temporary failure")) ||
	    !stralloc_0(text))
		return 0;
	char *blank = strchr(text->s, ' ');
	if (blank)
		*blank = 0;
	return queue_answer(r, state, time(NULL), 0, text->s,
	    blank ? blank + 1 : "", NULL);
}

/* True: it is recorded, and F may be closed. */
static bool
try_recipient(struct settings const *s, struct queue_file *f,
    struct queue_recipient *r)
{
	stralloc text = STRALLOC_ZERO;
	enum verdict v = run_delivery(s, f, r, &text);
	bool ok = note(r, v, &text) && settle_record(s, f) == QUEUE_OK;
	if (!ok)
		log_error("record delivery", f->name.path, errno);
	stralloc_free(&text);
	return ok;
}

/* What is delivered to one recipient and not written down is delivered again. */
static void
try_all(struct settings const *s, struct queue_file *f)
{
	if (queue_count(&f->entry) > 1 && !settle_has_room(s, f)) {
		log_error("make room for the results of", f->name.path, errno);
		return;
	}
	for (size_t i = 0; i < queue_count(&f->entry); i++) {
		struct queue_recipient *r = queue_recipient(&f->entry, i);
		if (r->state == QUEUE_WAITING && !try_recipient(s, f, r))
			return;
	}
}

void
local_try(struct settings const *s, int queue, char const *path)
{
	struct queue_file f;
	enum queue_result r = queue_file_open(queue, path, QUEUE_TRY, &f);
	if (r == QUEUE_ERROR)
		log_error("open queue file", path, errno);
	if (r == QUEUE_DAMAGED)
		settle_corrupt(&f);
	if (r == QUEUE_OK) {
		log_uid(f.entry.uid);
		try_all(s, &f);
		log_uid(NULL);
	}
	queue_file_close(&f);
}
