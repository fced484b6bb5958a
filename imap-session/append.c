/* SPDX-License-Identifier: ISC */
#include "append.h"

#include <errno.h>
#include <string.h>
#include "dates.h"
#include "unbinary.h"
#include "url.h"

enum { SWALLOW = 64 << 20 }; /* of a literal nobody wants: read past */

static char const try_create[] = "NO [TRYCREATE] No such mailbox";
static char const empty[] = "NO [CANNOT] A message is not empty";
static char const too_big[] = "NO [TOOBIG] Larger than a message may be";

bool
append_fail(struct append *a, answer text)
{
	a->text = text;
	return false;
}

bool
append_failed(struct append *a, char const *what)
{
	return append_fail(a, session_failed(a->s, what, a->folder));
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
		return append_fail(a, NULL);
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
		return append_fail(a, "BAD [TOOBIG] Command is too long");
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
		a->nul = a->nul || memchr(in, 0, len);
		incoming_take(&a->in, in, len);
		wire_used(&a->s->wire, len);
		left -= len;
	}
	return true;
}

/* --- messages --------------------------------------------------------------- */

/* Whether there is room for SIZE octets more, CRLF counted as they come. */
static bool
check_room(struct append *a, uint64_t size)
{
	struct quota q;
	struct quota_usage const *u = &a->staged.usage;
	struct quota_usage const *gone = &a->goes_away;
	uint64_t bytes = u->bytes + size;
	bytes = bytes > gone->bytes ? bytes - gone->bytes : 0;
	int room = session_quota_open(a->s, &q)
	    ? quota_room(&q, bytes, u->messages + 1 - gone->messages, 0)
	    : -1;
	session_quota_close(a->s, &q);
	if (room < 0)
		return append_failed(a, "unable to count");
	return room || append_fail(a, ANSWER_OVERQUOTA);
}

/* Of a literal, before it is asked for. */
static bool
check_size(struct append *a, uint64_t size)
{
	uint64_t limit = a->s->append_limit;
	if (a->in.size > limit || size > limit - a->in.size)
		return append_fail(a, too_big);
	return check_room(a, a->in.size + size);
}

/* literal or literal8, from its header on; NUL only in that one. */
static bool
literal(struct append *a)
{
	struct command *command = &a->s->command;
	uint64_t size = command->literal;
	bool eight = cursor_char(&a->c, '~');
	a->in.raw = a->in.raw || eight;
	a->nul = false;
	if (!a->literal || !cursor_literal_header(&a->c))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	if (!check_size(a, size))
		return false;
	if (command->sync)
		wire_line(&a->s->wire, "+ OK");
	command_pass(command);
	command->text.len = a->c.pos = 0;
	return read_octets(a, size) && next_text(a) &&
	    (eight || !a->nul || append_fail(a, "BAD NUL in a literal"));
}

/* astring, for which a literal may still have to come */
static bool
astring(struct append *a, stralloc *out)
{
	struct command *command = &a->s->command;
	struct cursor probe = a->c;
	if (a->literal && cursor_literal_header(&probe)) {
		if (command->literal > URL_MAX || !command_take(command))
			return append_fail(a, "BAD [TOOBIG] URL is too long");
		if (command->sync)
			wire_line(&a->s->wire, "+ OK");
		if (!next_text(a))
			return false;
	}
	return cursor_astring(&a->c, out) ||
	    append_fail(a, ANSWER_BAD_ARGUMENTS);
}

/* cat-part = ("URL" SP astring) / ("TEXT" SP literal) */
static bool
part(struct append *a)
{
	struct cursor *c = &a->c;
	stralloc url = STRALLOC_ZERO;
	if (cursor_word(c, "TEXT") && cursor_space(c))
		return literal(a);
	if (!cursor_word(c, "URL") || !cursor_space(c))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	bool ok = astring(a, &url);
	if (ok) {
		a->text = catenate_url(&a->catenate, a->s, &url, &a->in);
		ok = !a->text;
	}
	stralloc_free(&url);
	return ok;
}

/* "(" cat-part *(SP cat-part) ")", behind the space; which octets are line ends
 * only the whole tells. */
static bool
parts(struct append *a)
{
	a->in.raw = true;
	if (!cursor_char(&a->c, '('))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	do
		if (!part(a))
			return false;
	while (cursor_space(&a->c));
	if (!cursor_char(&a->c, ')'))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	return check_room(a, a->in.size);
}

/* RFC 6855 4: "(" literal8 ")", behind the space, after ENABLE UTF8=ACCEPT */
static bool
utf8(struct append *a)
{
	if (!(a->s->enabled & ENABLED_UTF8) || !cursor_char(&a->c, '(') ||
	    !cursor_is(&a->c, '~'))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	return literal(a) &&
	    (cursor_char(&a->c, ')') || append_fail(a, ANSWER_BAD_ARGUMENTS));
}

/* append-data */
static bool
data(struct append *a)
{
	if (cursor_word(&a->c, "CATENATE"))
		return (cursor_space(&a->c) ||
		           append_fail(a, ANSWER_BAD_ARGUMENTS)) &&
		    parts(a) && (a->in.size || append_fail(a, empty));
	if (a->literal && !a->s->command.literal)
		return append_fail(a, empty);
	if (cursor_word(&a->c, "UTF8"))
		return cursor_space(&a->c)
		    ? utf8(a)
		    : append_fail(a, ANSWER_BAD_ARGUMENTS);
	return literal(a);
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
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
	a->dated = cursor_is(c, '"');
	if (a->dated && (!cursor_date_time(c, &a->date) || !cursor_space(c)))
		return append_fail(a, ANSWER_BAD_ARGUMENTS);
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

bool
append_message(struct append *a)
{
	incoming_start(&a->in, a->box.dir);
	if (!options(a) || !data(a))
		return false;
	if (!(a->in.raw ? stage_raw(a) : stage(a, &a->in)))
		return errno == E2BIG
		    ? append_fail(a, "NO [LIMIT] Too many messages at once")
		    : append_failed(a, "unable to write to");
	return true;
}

bool
append_end(struct append *a)
{
	return (cursor_end(&a->c) && !a->literal) ||
	    append_fail(a, ANSWER_BAD_ARGUMENTS);
}

/* --- into the mailbox ------------------------------------------------------- */

bool
append_open(struct append *a, bool good_name)
{
	if (!good_name)
		return append_fail(a, try_create);
	/* Nothing is to be moved out of new/ on the way. */
	if (mailbox_open(&a->box, a->s->root, a->folder, false))
		return true;
	return errno == ENOENT ? append_fail(a, try_create)
	                       : append_failed(a, "unable to open");
}

void
append_teach(struct append *a)
{
	struct session *s = a->s;
	struct training t;
	training_start(&t, s->root,
	    training_lesson(s->root, s->spam_folder, NULL, a->folder));
	staged_teach(&a->staged, a->box.dir, &t);
	training_end(&t, s->user);
}

/* Their room is taken first: two at once cannot both have the last of it. */
bool
append_store(struct append *a, bool (*deliver)(struct append *a))
{
	struct quota q;
	struct quota_usage const *come = &a->staged.usage;
	struct quota_usage const *go = &a->goes_away;
	int64_t bytes = (int64_t)(come->bytes - go->bytes);
	int64_t messages = (int64_t)(come->messages - go->messages);
	uint64_t more = bytes > 0 ? (uint64_t)bytes : 0;
	bool ok = false;
	if (!session_quota_open(a->s, &q))
		return append_failed(a, "unable to count");
	if (!quota_take(&q, more, (uint64_t)messages, 0))
		append_fail(a, ANSWER_OVERQUOTA);
	else if ((ok = deliver(a)))
		quota_change(&q, bytes - (int64_t)more, 0);
	else
		quota_change(&q, -(int64_t)more, -messages);
	session_quota_close(a->s, &q);
	return ok;
}

/* --- beginning and end ------------------------------------------------------ */

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

void
append_start(struct append *a, struct session *s, struct cursor const *c)
{
	*a = (struct append){ .s = s,
		.c = *c,
		.literal = command_at_literal(&s->command),
		.box.dir = -1,
		.in = INCOMING_ZERO,
		.catenate.box.dir = -1 };
	place_cursor(a);
}

answer
append_finish(struct append *a)
{
	read_past(a);
	mailbox_close(&a->box);
	catenate_free(&a->catenate);
	incoming_free(&a->in);
	staged_free(&a->staged);
	stralloc_free(&a->flags.keywords);
	stralloc_free(&a->uids.ranges);
	return a->text;
}

answer
append_refused(struct session *s, struct cursor const *c, answer text)
{
	struct append a;
	append_start(&a, s, c);
	append_fail(&a, text);
	return append_finish(&a);
}
