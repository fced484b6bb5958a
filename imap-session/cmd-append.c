/* SPDX-License-Identifier: ISC */
/* APPEND (RFC 3501, RFC 3502): the one command whose literals do not go to
 * memory. Each message streams into a file, CRLF becoming LF, and when it is
 * whole lies synced in the mailbox's tmp/. After the last one all become visible
 * and get their UIDs, or none; only then is answered OK. */
#include "session.h"

#include <errno.h>
#include <time.h>
#include "dates.h"
#include "incoming.h"
#include "maildir.h"
#include "staged.h"
#include "unbinary.h"

enum { SWALLOW = 64 << 20 }; /* of a literal nobody wants: read past */

struct append {
	struct session *s;
	struct cursor c; /* in the text that is there */
	bool literal;    /* it ends with one that is still to come */
	answer text;     /* what it failed with; NULL: the client is gone */
	char folder[NAME_MAX_DISK + 1];
	struct mailbox box; /* the target */
	struct flag_list flags;
	bool dated;
	time_t date;
	struct incoming in;
	struct staged staged;
	struct sequence uids;
};

static char const try_create[] = "NO [TRYCREATE] No such mailbox";

static bool
fail(struct append *a, answer text)
{
	a->text = text;
	return false;
}

static bool
fail_errno(struct append *a, char const *what)
{
	return fail(a, session_failed(a->s, what, a->folder));
}

/* --- what the client sends ------------------------------------------------ */

static bool
have_input(struct append *a, char const **in, size_t *len)
{
	struct session *s = a->s;
	for (;;) {
		*in = wire_input(&s->wire, len);
		if (*len)
			return true;
		int r = wire_wait(&s->wire, -1, s->idle_timeout * 1000);
		if (r > 0)
			continue;
		if (r == 0)
			session_bye(s, "Idle for too long");
		s->ended = true;
		return fail(a, NULL);
	}
}

static void
place_cursor(struct append *a)
{
	stralloc const *text = &a->s->command.text;
	a->c.s = text->s;
	a->c.len = text->len;
	while (a->literal && a->c.len && text->s[a->c.len - 1] == '\r')
		a->c.len--;
}

/* To the end of the command, or to its next literal. */
static bool
next_text(struct append *a)
{
	struct command *c = &a->s->command;
	enum command_status status = COMMAND_MORE;
	a->literal = false;
	while (status == COMMAND_MORE) {
		char const *in;
		size_t len;
		size_t used;
		if (!have_input(a, &in, &len))
			return false;
		status = command_feed(c, in, len, &used);
		wire_used(&a->s->wire, used);
	}
	if (status == COMMAND_TOO_LONG)
		return fail(a, "BAD [TOOBIG] Command is too long");
	a->literal = status == COMMAND_LITERAL;
	place_cursor(a);
	return true;
}

static bool
read_octets(struct append *a, uint64_t left)
{
	while (left) {
		char const *in;
		size_t len;
		if (!have_input(a, &in, &len))
			return false;
		if (len > left)
			len = (size_t)left;
		incoming_take(&a->in, in, len);
		wire_used(&a->s->wire, len);
		left -= len;
	}
	return true;
}

/* What still comes of a command that has failed. A client that waits with its
 * literal sends none. */
static void
read_past(struct append *a)
{
	struct session *s = a->s;
	answer text = a->text;
	uint64_t most = s->append_limit > SWALLOW ? s->append_limit : SWALLOW;
	if (!a->literal || s->command.sync)
		return;
	if (s->command.literal > most) {
		session_bye(s, "[TOOBIG] Literal is too long");
		a->text = NULL;
		return;
	}
	command_skip(&s->command);
	if (next_text(a) || a->text)
		a->text = text;
}

/* --- messages --------------------------------------------------------------- */

/* Whether there is room for SIZE octets more, CRLF counted as they come. */
static bool
check_room(struct append *a, uint64_t size)
{
	struct quota q;
	struct quota_usage const *u = &a->staged.usage;
	int room = session_quota_open(a->s, &q)
	    ? quota_room(&q, u->bytes + size, u->messages + 1, 0)
	    : -1;
	session_quota_close(a->s, &q);
	if (room < 0)
		return fail_errno(a, "unable to count");
	return room || fail(a, ANSWER_OVERQUOTA);
}

/* Before the literal is asked for. */
static bool
check_size(struct append *a, uint64_t size)
{
	if (!size)
		return fail(a, "NO [CANNOT] A message is not empty");
	if (size > a->s->append_limit)
		return fail(a, "NO [TOOBIG] Larger than a message may be");
	return check_room(a, size);
}

/* literal or literal8, from its header on; NUL only in that one. */
static bool
literal(struct append *a)
{
	struct command *command = &a->s->command;
	uint64_t size = command->literal;
	a->in.raw = cursor_char(&a->c, '~');
	if (!a->literal || !cursor_literal_header(&a->c))
		return fail(a, ANSWER_BAD_ARGUMENTS);
	if (!check_size(a, size))
		return false;
	if (command->sync)
		wire_line(&a->s->wire, "+ OK");
	command_pass(command);
	command->text.len = a->c.pos = 0;
	return read_octets(a, size) && next_text(a) &&
	    (a->in.raw || !a->in.nul || fail(a, "BAD NUL in a literal"));
}

/* [SP flag-list] [SP date-time], behind the space */
static bool
options(struct append *a)
{
	struct cursor *c = &a->c;
	a->flags.system = 0;
	a->flags.keywords.len = 0;
	if (cursor_is(c, '(') &&
	    (!cursor_flags(c, false, &a->flags) || !cursor_space(c)))
		return fail(a, ANSWER_BAD_ARGUMENTS);
	a->dated = cursor_is(c, '"');
	if (a->dated && (!cursor_date_time(c, &a->date) || !cursor_space(c)))
		return fail(a, ANSWER_BAD_ARGUMENTS);
	return true;
}

static bool
stage(struct append *a, struct incoming *in)
{
	return incoming_end(in) &&
	    staged_add(&a->staged, a->box.dir, in, &a->flags,
	        a->dated ? &a->date : NULL);
}

static bool
stage_raw(struct append *a)
{
	struct incoming in = INCOMING_ZERO;
	incoming_start(&in, a->box.dir);
	bool ok =
	    incoming_end(&a->in) && unbinary(&a->in, &in) && stage(a, &in);
	incoming_free(&in);
	return ok;
}

static bool
message(struct append *a)
{
	incoming_start(&a->in, a->box.dir);
	if (!options(a) || !literal(a))
		return false;
	if (!(a->in.raw ? stage_raw(a) : stage(a, &a->in)))
		return errno == E2BIG
		    ? fail(a, "NO [LIMIT] Too many messages at once")
		    : fail_errno(a, "unable to write to");
	return true;
}

/* append-message *(SP append-message), behind the first space */
static bool
messages(struct append *a)
{
	do
		if (!message(a))
			return false;
	while (cursor_space(&a->c));
	return (cursor_end(&a->c) && !a->literal) ||
	    fail(a, ANSWER_BAD_ARGUMENTS);
}

/* --- into the mailbox ------------------------------------------------------- */

static void
teach(struct append *a)
{
	struct session *s = a->s;
	struct training t;
	training_start(&t, s->root,
	    training_lesson(s->root, s->spam_folder, NULL, a->folder));
	staged_teach(&a->staged, a->box.dir, &t);
	training_end(&t, s->user);
}

static bool
deliver(struct append *a)
{
	bool ok =
	    mailbox_lock(&a->box) && staged_show(&a->staged, &a->box, &a->uids);
	if (ok)
		teach(a);
	else
		staged_abandon(&a->staged, a->box.dir);
	int saved = errno;
	mailbox_unlock(&a->box);
	errno = saved;
	return ok || fail_errno(a, "unable to deliver to");
}

/* Its room is taken first: two at once cannot both have the last of it. */
static bool
store(struct append *a)
{
	struct quota q;
	struct quota_usage const *u = &a->staged.usage;
	bool ok = false;
	if (!session_quota_open(a->s, &q))
		return fail_errno(a, "unable to count");
	if (!quota_take(&q, u->bytes, u->messages, 0))
		fail(a, ANSWER_OVERQUOTA);
	else if (!(ok = deliver(a)))
		quota_change(&q, -(int64_t)u->bytes, -(int64_t)u->messages);
	session_quota_close(a->s, &q);
	return ok;
}

static answer
stored(struct append *a)
{
	struct session *s = a->s;
	maildir_sweep(a->box.dir, time(NULL));
	answer_start(s, "OK [APPENDUID ");
	answer_number(s, a->box.uids.validity);
	answer_add(s, " ");
	answer_set(s, &a->uids);
	return answer_done(s, "] APPEND completed");
}

static bool
open_target(struct append *a, bool good_name)
{
	if (!good_name)
		return fail(a, try_create);
	/* Nothing is to be moved out of new/ on the way. */
	if (mailbox_open(&a->box, a->s->root, a->folder, false))
		return true;
	return errno == ENOENT ? fail(a, try_create)
	                       : fail_errno(a, "unable to open");
}

static void
clean_up(struct append *a)
{
	mailbox_close(&a->box);
	incoming_free(&a->in);
	staged_free(&a->staged);
	stralloc_free(&a->flags.keywords);
	stralloc_free(&a->uids.ranges);
}

/* mailbox SP, then as far as the text goes. */
static answer
run(struct session *s, struct cursor const *c, bool at_literal)
{
	struct append a = { .s = s,
		.c = *c,
		.literal = at_literal,
		.box.dir = -1,
		.in = INCOMING_ZERO };
	int r = session_folder(s, &a.c, a.folder);
	answer text;
	if (!r || !cursor_space(&a.c))
		fail(&a, ANSWER_BAD_ARGUMENTS);
	else if (open_target(&a, r > 0) && messages(&a) && store(&a))
		a.text = stored(&a);
	else
		staged_abandon(&a.staged, a.box.dir);
	read_past(&a);
	text = a.text;
	clean_up(&a);
	return text;
}

/* --- the verb --------------------------------------------------------------- */

/* tag SP "APPEND" SP */
static bool
is_append(struct cursor *c)
{
	char const *at;
	size_t len;
	return cursor_tag(c, &at, &len) && cursor_space(c) &&
	    cursor_word(c, "APPEND") && cursor_space(c);
}

/* The text up to the literal's end of line. */
static struct cursor
cursor_of(struct session const *s)
{
	stralloc const *text = &s->command.text;
	struct cursor c = { text->s, text->len, 0 };
	while (c.len && c.s[c.len - 1] == '\r')
		c.len--;
	return c;
}

bool
append_is_message(struct session *s)
{
	char folder[NAME_MAX_DISK + 1];
	struct cursor c = cursor_of(s);
	return !s->command.skipping && is_append(&c) &&
	    session_folder(s, &c, folder) && cursor_space(&c);
}

answer
append_run(struct session *s)
{
	struct cursor c = cursor_of(s);
	is_append(&c);
	return run(s, &c, true);
}

/* What comes here has no literal for a message. */
answer
cmd_append(struct session *s, struct cursor *c)
{
	return run(s, c, false);
}
