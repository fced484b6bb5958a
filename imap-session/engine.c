/* SPDX-License-Identifier: ISC */
#include "monotonic.h"
#include "session.h"

#include <errno.h>
#include <string.h>
#include "log.h"
#include "title.h"

enum {
	LITERAL_MAX = 64 << 10,    /* of all literals but APPEND's messages */
	LITERAL_SWALLOW = 1 << 20, /* unasked for and refused: read past */
	REST_AFTER = 2             /* seconds of silence */
};

enum needs {
	ANY_TIME,
	MAILBOX,
	MAILBOX_OR_LOST /* one that is no more can still be left */
};

enum traits {
	ARGUMENTS = 1, /* a space and arguments follow */
	WITH_UID = 2,  /* "UID verb" is there too */
	ONLY_UID = 4,  /* arguments only in that form */
	EXPUNGES = 8,  /* EXPUNGE may be told at its end */
	QUIET = 16     /* nothing is told at its end */
};

struct verb {
	char const *name;
	verb_run *run;
	unsigned char needs;
	unsigned char traits;
};

static struct verb const verbs[] = {
	{ "APPEND", cmd_append, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "CANCELUPDATE", cmd_cancelupdate, MAILBOX, ARGUMENTS | EXPUNGES },
	{ "CAPABILITY", cmd_capability, ANY_TIME, EXPUNGES },
	{ "CHECK", cmd_check, MAILBOX, EXPUNGES },
	{ "CLOSE", cmd_close, MAILBOX_OR_LOST, QUIET },
	{ "COMPRESS", cmd_compress, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "COPY", cmd_copy, MAILBOX, ARGUMENTS | WITH_UID | EXPUNGES },
	{ "CREATE", cmd_create, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "DELETE", cmd_delete, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "ENABLE", cmd_enable, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "EXAMINE", cmd_examine, ANY_TIME, ARGUMENTS | QUIET },
	{ "EXPUNGE", cmd_expunge, MAILBOX, WITH_UID | ONLY_UID | EXPUNGES },
	{ "FETCH", cmd_fetch, MAILBOX, ARGUMENTS | WITH_UID },
	{ "GETMETADATA", cmd_getmetadata, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "GETQUOTA", cmd_getquota, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "GETQUOTAROOT", cmd_getquotaroot, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "ID", cmd_id, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "IDLE", cmd_idle, ANY_TIME, EXPUNGES },
	{ "LIST", cmd_list, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "LOGOUT", cmd_logout, ANY_TIME, QUIET },
	{ "LSUB", cmd_lsub, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "MOVE", cmd_move, MAILBOX, ARGUMENTS | WITH_UID | EXPUNGES },
	{ "NAMESPACE", cmd_namespace, ANY_TIME, EXPUNGES },
	{ "NOOP", cmd_noop, ANY_TIME, EXPUNGES },
	{ "NOTIFY", cmd_notify, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "RENAME", cmd_rename, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "REPLACE", cmd_replace, MAILBOX, ARGUMENTS | WITH_UID | EXPUNGES },
	{ "SEARCH", cmd_search, MAILBOX, ARGUMENTS | WITH_UID },
	{ "SELECT", cmd_select, ANY_TIME, ARGUMENTS | QUIET },
	{ "SETMETADATA", cmd_setmetadata, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "SETQUOTA", cmd_setquota, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "SORT", cmd_sort, MAILBOX, ARGUMENTS | WITH_UID },
	{ "STATUS", cmd_status, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "STORE", cmd_store, MAILBOX, ARGUMENTS | WITH_UID },
	{ "SUBSCRIBE", cmd_subscribe, ANY_TIME, ARGUMENTS | EXPUNGES },
	{ "THREAD", cmd_thread, MAILBOX, ARGUMENTS | WITH_UID },
	{ "UNAUTHENTICATE", cmd_unauthenticate, ANY_TIME, QUIET },
	{ "UNSELECT", cmd_unselect, MAILBOX_OR_LOST, QUIET },
	{ "UNSUBSCRIBE", cmd_unsubscribe, ANY_TIME, ARGUMENTS | EXPUNGES },
};

char const ANSWER_UNKNOWN_VERB[] = "BAD Unknown command";
char const ANSWER_BAD_ARGUMENTS[] = "BAD Error in the arguments";
char const ANSWER_NO_MAILBOX[] = "NO [NONEXISTENT] No such mailbox";
char const ANSWER_BAD_NAME[] = "NO [CANNOT] Not a name for a mailbox";
char const ANSWER_NO_MEMORY[] = "NO [UNAVAILABLE] Out of memory";
char const ANSWER_GONE[] =
    "NO [EXPUNGEISSUED] Some messages are not there any more";
char const ANSWER_UID_REQUIRED[] =
    "BAD [UIDREQUIRED] Message numbers are not used after ENABLE UIDONLY";
char const ANSWER_OVERQUOTA[] = "NO [OVERQUOTA] The mailbox is full";

static char const needs_mailbox[] = "BAD No mailbox is selected";
static char const lost_mailbox[] =
    "NO [NONEXISTENT] The mailbox is not there any more";
static char const has_tag_only[] = "BAD No command after the tag";
static char const needs_arguments[] = "BAD Arguments are missing";
static char const no_arguments[] = "BAD No arguments are allowed here";
static char const too_long[] = "BAD [TOOBIG] Command or literal is too long";
static char const no_uid[] = "BAD Not a command that UID goes with";

/* --- sending ------------------------------------------------------------ */

static void
put_answer(struct session *s, answer text)
{
	if (s->tag.len)
		wire_put(&s->wire, s->tag.s, s->tag.len);
	else
		wire_puts(&s->wire, "*");
	wire_puts(&s->wire, " ");
	wire_line(&s->wire, text);
	if (s->compression)
		wire_compress(&s->wire, s->compression);
	s->compression = NULL;
}

void
session_bye(struct session *s, char const *why)
{
	if (!s->ended) {
		wire_puts(&s->wire, "* BYE ");
		wire_line(&s->wire, why);
	}
	s->ended = true;
}

/* --- one command -------------------------------------------------------- */

static struct verb const *
find_verb(char const *name, size_t len)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (imap_equal(name, len, verbs[i].name))
			return &verbs[i];
	return NULL;
}

static bool
takes_numbers(struct session const *s, struct verb const *v)
{
	return !s->uid && v->traits & WITH_UID && !(v->traits & ONLY_UID);
}

/* May it run now? NULL: yes, and *V and the cursor say what. */
static answer
check(struct session *s, struct cursor *c, struct verb const **v)
{
	char const *name;
	size_t len;
	if (!cursor_space(c) || !cursor_name(c, &name, &len))
		return has_tag_only;
	s->numbers = false;
	s->uid = imap_equal(name, len, "UID");
	if (s->uid && (!cursor_space(c) || !cursor_name(c, &name, &len)))
		return needs_arguments;
	*v = find_verb(name, len);
	if (!*v)
		return ANSWER_UNKNOWN_VERB;
	if (s->uid && !((*v)->traits & WITH_UID))
		return no_uid;
	if ((*v)->needs != ANY_TIME && !session_selected(s) && !s->lost)
		return needs_mailbox;
	if ((*v)->needs == MAILBOX && s->lost)
		return lost_mailbox;
	if (s->enabled & ENABLED_UIDONLY && takes_numbers(s, *v))
		return ANSWER_UID_REQUIRED;
	bool arguments =
	    (*v)->traits & ARGUMENTS || (s->uid && (*v)->traits & ONLY_UID);
	if (!arguments)
		return cursor_end(c) ? NULL : no_arguments;
	return cursor_space(c) ? NULL : needs_arguments;
}

static void
take_tag(struct session *s, struct cursor *c)
{
	char const *tag;
	size_t len;
	s->tag.len = 0;
	if (!cursor_tag(c, &tag, &len) || !(cursor_is(c, ' ') || cursor_end(c)))
		return;
	if (!stralloc_copyb(&s->tag, tag, len))
		session_bye(s, "Out of memory");
}

static void
run_command(struct session *s, enum command_status status)
{
	struct cursor c = { s->command.text.s, s->command.text.len, 0 };
	struct verb const *v = NULL;
	answer text;
	take_tag(s, &c);
	if (status == COMMAND_TOO_LONG)
		text = too_long;
	else if (!s->tag.len)
		text = "BAD No tag";
	else if (!(text = check(s, &c, &v))) {
		title_set(s->user, s->ip, v->name);
		text = v->run(s, &c);
	} else if (status == COMMAND_LITERAL) {
		text = append_refused(s, &c, text);
	}
	if (!text || (s->ended && text[0] != 'O'))
		return;
	if (v && !(v->traits & QUIET) && session_selected(s))
		session_update(s,
		    v->traits & EXPUNGES || (s->uid && !s->numbers));
	session_notify(s, NOTIFY_IN_COMMAND);
	put_answer(s, text);
}

/* What the literal at hand may be. True: the command is over. */
static bool
literal_announced(struct session *s)
{
	struct command *c = &s->command;
	if (append_is_message(s)) {
		run_command(s, COMMAND_LITERAL);
		return true;
	}
	if (c->literal <= LITERAL_MAX && command_take(c)) {
		if (c->sync)
			wire_line(&s->wire, "+ OK");
		return false;
	}
	if (c->sync) {
		run_command(s, COMMAND_TOO_LONG);
		return true;
	}
	if (c->literal > LITERAL_SWALLOW) {
		session_bye(s, "Literal is too long");
		return true;
	}
	command_skip(c);
	return false;
}

/* More input, or the end of the session. A command has until DEADLINE, however
 * slowly it drips; a client that is in the middle of one is told nothing. */
static bool
wait_for_input(struct session *s, int deadline)
{
	bool between = !s->command.text.len;
	bool rested = false;
	int r = 0;
	title_set(s->user, s->ip, "waits");
	while (r == 0 || r == 2) {
		int left = deadline - (int)monotonic_seconds();
		if (left <= 0) {
			session_bye(s, "Idle for too long");
			return false;
		}
		bool rests = !rested && left > REST_AFTER;
		int most = (rests ? REST_AFTER : left) * 1000;
		int fd = between ? session_notify_fd(s) : -1;
		int wait = between ? session_notify_timeout(s, most) : most;
		r = wire_wait(&s->wire, fd, wait);
		if (r == 2 || (r == 0 && wait < most)) {
			session_notify(s, NOTIFY_BETWEEN);
			rested = false;
		} else if (r == 0 && !rested) {
			session_rest(s);
			rested = true;
		}
	}
	s->ended = s->ended || r < 0;
	return r > 0;
}

/* Reads one command and runs it. */
static void
next_command(struct session *s)
{
	int deadline = (int)monotonic_seconds() + s->idle_timeout;
	command_reset(&s->command, COMMAND_MAX_USER);
	while (!s->ended) {
		size_t len;
		size_t used;
		char const *in = wire_input(&s->wire, &len);
		if (!len) {
			if (!wait_for_input(s, deadline))
				return;
			continue;
		}
		enum command_status status =
		    command_feed(&s->command, in, len, &used);
		wire_used(&s->wire, used);
		if (status == COMMAND_MORE)
			continue;
		if (status == COMMAND_LITERAL) {
			if (literal_announced(s))
				return;
			continue;
		}
		if (s->command.text.len)
			run_command(s, status);
		return;
	}
}

void
engine_run(struct session *s, char const *greeting)
{
	s->box.dir = -1;
	s->cache.fd = -1;
	wire_puts(&s->wire, greeting);
	wire_puts(&s->wire, " [");
	session_capabilities(s);
	wire_line(&s->wire, "] Logged in");
	while (!s->ended && !s->wire.failed)
		next_command(s);
	session_deselect(s);
	session_notify_end(s);
	wire_flush(&s->wire);
}
