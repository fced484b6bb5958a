/* SPDX-License-Identifier: ISC */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "ending.h"
#include "file.h"
#include "log.h"
#include "queue.h"
#include "seven-bit.h"
#include "tls-required.h"

enum {
	PACKED_MAX = 60000, /* octets of recipients in one transaction */
	LOGIN_MISSING = 530
};

static enum queue_state const state_of[] = {
	[VERDICT_NONE] = QUEUE_WAITING,
	[VERDICT_AGAIN] = QUEUE_WAITING,
	[VERDICT_RELAYED] = QUEUE_RELAYED,
	[VERDICT_DEFERRED] = QUEUE_WAITING,
	[VERDICT_FAILED] = QUEUE_FAILED,
};

/* A file under way. */
struct work {
	struct attempt *a;
	struct queue_file file;
	char path[QUEUE_NAME_MAX];
	bool *done; /* for each recipient: it has its answer, or goes by
	             * another way */
	struct transaction t;
	size_t index[TRANSACTION_RECIPIENTS]; /* of T's among the file's */
};

/* --- results ---------------------------------------------------------------- */

static char const *
result_word(struct answer const *answer)
{
	return answer->verdict == VERDICT_RELAYED ? "relayed"
	    : answer->verdict == VERDICT_FAILED   ? "failed"
	                                          : "deferred";
}

/* The line for standard output waits until the result is recorded. */
static bool
put_line(struct work *w, struct queue_recipient const *r,
    struct answer const *answer, char const *text)
{
	stralloc *line = &w->a->lines;
	return stralloc_cats(line, w->path) && stralloc_append(line, ' ') &&
	    stralloc_cats(line, result_word(answer)) &&
	    stralloc_append(line, ' ') &&
	    log_quote(line, r->address, strlen(r->address)) &&
	    stralloc_append(line, ' ') && log_quote(line, text, strlen(text)) &&
	    stralloc_append(line, '\n');
}

static bool
tell(struct work *w, struct queue_recipient const *r,
    struct answer const *answer)
{
	struct destination const *d = w->a->destination;
	char text[ANSWER_TEXT_MAX + 32], code[16] = "";
	if (answer->code)
		snprintf(code, sizeof code, "%u ", answer->code);
	snprintf(text, sizeof text, "%s%s%s%s", code, answer->status,
	    *answer->text ? " " : "", answer->text);
	log_event("relay", "from", w->file.entry.sender, "to", r->address,
	    "orig", r->original, "result", result_word(answer), "answer", text,
	    "via", *d->via ? d->via : NULL, "tls",
	    d->connected && *d->tls ? d->tls : NULL, "tls-policy",
	    d->connected && *d->tls ? tls_policy_name(&d->policy) : NULL,
	    (char *)NULL);
	return put_line(w, r, answer, text);
}

/* What a server that speaks DSN has taken, it also tells about. */
static bool
note(struct work *w, size_t i, struct answer const *answer, bool dsn)
{
	struct destination const *d = w->a->destination;
	struct queue_recipient *r = queue_recipient(&w->file.entry, i);
	w->done[i] = true;
	if (answer->verdict == VERDICT_RELAYED && dsn)
		r->notified = true;
	bool told = tell(w, r, answer);
	return queue_answer(r, state_of[answer->verdict], time(NULL),
	           answer->code, answer->status, answer->text,
	           answer->code ? d->mta : NULL) &&
	    told;
}

static enum attempt_result
unrecorded(char const *object)
{
	log_error("record a result", object, errno);
	return ATTEMPT_UNRECORDED;
}

enum attempt_result
attempt_sync(struct attempt *a)
{
	for (unsigned int i = 0; i < QUEUE_BOXES; i++) {
		enum queue_box box = (enum queue_box)i;
		if (a->removed[box] && !queue_sync(a->queue, box))
			return unrecorded(queue_box_name(box));
		a->removed[box] = false;
	}
	/* output that fails shows at the end */
	if (a->lines.len)
		fwrite(a->lines.s, 1, a->lines.len, stdout);
	fflush(stdout);
	a->lines.len = 0;
	return ATTEMPT_DONE;
}

/* A file that is done goes; to sync that can wait until the server has the next
 * one to read. */
static enum queue_result
save_or_remove(struct work *w)
{
	enum queue_box box = w->file.name.box;
	if (!queue_is_done(&w->file.entry))
		return queue_save(&w->file);
	enum queue_result r = queue_remove(&w->file);
	if (r == QUEUE_OK)
		w->a->removed[box] = true;
	return r;
}

static enum attempt_result
record(struct work *w)
{
	enum queue_result r = save_or_remove(w);
	if (r == QUEUE_OK)
		return ATTEMPT_DONE;
	w->a->lines.len = 0;
	if (r != QUEUE_GONE)
		return unrecorded(w->path);
	log_event("error", "what", "record a result", "object", w->path,
	    "reason", "somebody took the file away", (char *)NULL);
	return ATTEMPT_SKIPPED;
}

/* --- a transaction ---------------------------------------------------------- */

static char const *
text_or_none(char const *s)
{
	return s ? s : "";
}

/* The next recipients to send to; false when none is left. */
static bool
choose_recipients(struct work *w)
{
	uint64_t most = w->a->settings->smtp_destination_recipient_limit;
	size_t packed = 0;
	if (most < 1 || most > TRANSACTION_RECIPIENTS)
		most = most ? TRANSACTION_RECIPIENTS : 1;
	w->t.count = 0;
	for (size_t i = 0; i < queue_count(&w->file.entry) && w->t.count < most;
	     i++) {
		struct queue_recipient *r = queue_recipient(&w->file.entry, i);
		if (w->done[i] || r->state != QUEUE_WAITING)
			continue;
		packed += strlen(r->address) + strlen(text_or_none(r->orcpt));
		if (packed > PACKED_MAX && w->t.count)
			break;
		w->index[w->t.count] = i;
		w->t.recipient[w->t.count++] =
		    (struct transaction_recipient){ r->address, r->notify,
			    text_or_none(r->orcpt) };
	}
	return w->t.count > 0;
}

static void
fill_transaction(struct work *w)
{
	struct queue_entry const *e = &w->file.entry;
	w->t.start = w->file.start;
	w->t.size = w->file.size;
	w->t.sender = e->sender;
	w->t.envid = text_or_none(e->envid);
	w->t.ret = e->ret;
	w->t.smtputf8 = e->smtputf8;
	w->t.requiretls = e->requiretls;
	w->t.seven_bit = false;
}

static void
answer_all(struct client_result *result, unsigned int count,
    struct answer const *answer)
{
	for (unsigned int i = 0; i < count; i++)
		result->answer[i] = *answer;
}

static void
process_is_gone(struct client_result *result, unsigned int count)
{
	result->open = result->dsn = result->again = result->seven_bit = false;
	answer_set(&result->failure, VERDICT_DEFERRED, "4.3.0",
	    "an error of this server; whether the message was taken is not "
	    "known");
	answer_all(result, count, &result->failure);
}

static bool
is_answer(struct answer const *a)
{
	return a->verdict != VERDICT_NONE && a->verdict != VERDICT_AGAIN;
}

/* While the session goes on, each transaction brings at least one answer. */
static void
insist(struct client_result *result, unsigned int count)
{
	bool any = !result->open;
	for (unsigned int i = 0; i < count; i++)
		any = any || is_answer(&result->answer[i]);
	for (unsigned int i = 0; i < count && !any; i++)
		answer_set(&result->answer[i], VERDICT_DEFERRED, "4.5.0",
		    "no answer about this recipient");
}

/* That a login is missing (RFC 4954 section 6) at a server that the administrator
 * named is his to mend: the mail waits for that. */
static void
wait_for_login(struct client_result *result, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct answer *a = &result->answer[i];
		if (a->verdict != VERDICT_FAILED || a->code != LOGIN_MISSING)
			continue;
		a->verdict = VERDICT_DEFERRED;
		a->status[0] = '4';
	}
}

/* Writes down what has an answer; the rest stays for another transaction. */
static enum attempt_result
note_results(struct work *w, struct client_result const *result)
{
	bool ok = true, any = false;
	for (unsigned int i = 0; i < w->t.count; i++) {
		if (!is_answer(&result->answer[i]))
			continue;
		ok =
		    note(w, w->index[i], &result->answer[i], result->dsn) && ok;
		any = true;
	}
	if (ok)
		return any ? record(w) : ATTEMPT_DONE;
	errno = ENOMEM;
	return unrecorded(w->path);
}

/* The other process has the message to read: the file's own descriptor may also
 * write, and has the lock. */
static bool
begin_transaction(struct work *w)
{
	w->t.fd = file_open(w->a->queue, w->file.name.path, O_RDONLY);
	if (w->t.fd < 0) {
		log_error("open a queue file", w->path, errno);
		return false;
	}
	bool sent = client_send(&w->a->destination->client, &w->t);
	close(w->t.fd);
	return sent;
}

static void
hear_transaction(struct work *w, bool begun, struct client_result *result)
{
	struct client *client = &w->a->destination->client;
	if (!begun || !client_hear(client, &w->t, result))
		process_is_gone(result, w->t.count);
}

/* The server takes no more than seven bits. */
static void
run_seven_bit(struct work *w, struct client_result *result)
{
	struct destination *d = w->a->destination;
	struct seven_bit to,
	    from = { .fd = w->file.fd, .start = w->t.start, .size = w->t.size };
	enum seven_bit_result r =
	    seven_bit_make(w->a->settings, w->file.entry.uid, &from, &to);
	if (r == SEVEN_BIT_MADE) {
		w->t.fd = to.fd;
		w->t.start = 0;
		w->t.size = to.size;
		w->t.seven_bit = true;
		bool begun = client_send(&d->client, &w->t);
		close(to.fd);
		hear_transaction(w, begun, result);
		return;
	}
	if (r == SEVEN_BIT_IMPOSSIBLE)
		answer_set(&result->answer[0], VERDICT_FAILED, "5.6.3",
		    "%s does not take messages beyond ASCII, and this one "
		    "cannot be converted: %s",
		    d->via, to.why);
	else
		answer_set(&result->answer[0], VERDICT_DEFERRED, "4.3.0",
		    "an error of this server: the message cannot be converted "
		    "now");
	answer_all(result, w->t.count, &result->answer[0]);
}

/* Meanwhile what was recorded before is synced; where that fails, the result of
 * this one is recorded as far as it can be. */
static enum attempt_result
run_transaction(struct work *w, struct client_result *result)
{
	bool begun = begin_transaction(w);
	enum attempt_result before = attempt_sync(w->a);
	hear_transaction(w, begun, result);
	if (result->seven_bit)
		run_seven_bit(w, result);
	insist(result, w->t.count);
	if (w->a->destination->route.named)
		wait_for_login(result, w->t.count);
	enum attempt_result r = note_results(w, result);
	return before == ATTEMPT_DONE ? r : before;
}

static enum attempt_result
send_chosen(struct work *w)
{
	static struct client_result result;
	struct destination *d = w->a->destination;
	if (!d->connected && attempt_sync(w->a) != ATTEMPT_DONE)
		return ATTEMPT_UNRECORDED;
	if (!destination_connect(d) && ending_is_asked())
		return ATTEMPT_DONE;
	if (!d->connected) {
		result.dsn = false;
		answer_all(&result, w->t.count, &d->trouble);
		return note_results(w, &result);
	}
	enum attempt_result r = run_transaction(w, &result);
	if (result.open)
		d->messages++;
	else if (result.again)
		destination_ask_again(d, &result.failure);
	else
		destination_lost(d, &result.failure);
	return r;
}

static char const *
refuse(struct work const *w, struct queue_recipient const *r)
{
	struct queue_entry const *e = &w->file.entry;
	return w->a->refuse(w->a->arg, e, queue_domain(e, r));
}

/* Leaves out whom it is not the way to; the one whose turn it is may decide
 * which that is. NULL, or why nobody is left. */
static char const *
leave_out(struct work *w)
{
	struct queue_entry const *e = &w->file.entry;
	struct queue_recipient const *before = queue_next(e);
	char const *why = before ? refuse(w, before) : NULL, *reason = why;
	bool all = why != NULL;
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		if (r->state != QUEUE_WAITING)
			continue;
		if (strcmp(queue_domain(e, r), queue_domain(e, before)) != 0)
			why = refuse(w, r);
		before = r;
		w->done[i] = why != NULL;
		all = all && why;
		reason = why ? why : reason;
	}
	return all ? reason : NULL;
}

static enum attempt_result
send_file(struct work *w)
{
	enum attempt_result r = ATTEMPT_DONE;
	bool waived = !w->file.entry.requiretls &&
	    tls_required_no_in(w->file.fd, w->file.start);
	destination_next_message(w->a->destination, waived);
	while (
	    r == ATTEMPT_DONE && !ending_is_asked() && choose_recipients(w)) {
		fill_transaction(w);
		r = send_chosen(w);
	}
	return r;
}

/* --- a file ----------------------------------------------------------------- */

/* Whether its file stays when a recipient's mail was taken: that is to be
 * written down, or it is sent again. */
static bool
may_stay(struct queue_entry const *e)
{
	return queue_count(e) > 1 ||
	    queue_recipient(e, 0)->notify & DSN_SUCCESS;
}

static enum attempt_result
skip(struct work const *w, char const *why)
{
	log_event("skipped", "file", w->path, "reason", why, (char *)NULL);
	return ATTEMPT_SKIPPED;
}

static enum attempt_result
attempt(struct work *w)
{
	switch (queue_file_open(w->a->queue, w->path, QUEUE_TRY, &w->file)) {
	case QUEUE_OK:
		break;
	case QUEUE_GONE:
		return ATTEMPT_DONE;
	case QUEUE_BUSY:
		return skip(w, "somebody else has it");
	case QUEUE_DAMAGED:
		return skip(w, "it cannot be read");
	default:
		log_error("open a queue file", w->path, errno);
		return ATTEMPT_SKIPPED;
	}
	log_uid(w->file.entry.uid);
	w->done = calloc(queue_count(&w->file.entry) + 1, sizeof *w->done);
	char const *why = w->done ? leave_out(w) : "no memory";
	if (why)
		return skip(w, why);
	if (may_stay(&w->file.entry) && !queue_has_room(&w->file)) {
		log_error("make room for the results of", w->path, errno);
		return ATTEMPT_SKIPPED;
	}
	return send_file(w);
}

enum attempt_result
attempt_file(struct attempt *a, char const *path)
{
	static struct work w;
	w = (struct work){ .a = a, .file = QUEUE_FILE_ZERO };
	if (snprintf(w.path, sizeof w.path, "%s", path) >= (int)sizeof w.path)
		return skip(&w, "it is no name of a queue file");
	enum attempt_result r = attempt(&w);
	queue_file_close(&w.file);
	free(w.done);
	log_uid(NULL);
	return r;
}
