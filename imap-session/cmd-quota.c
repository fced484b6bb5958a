/* SPDX-License-Identifier: ISC */
/* QUOTA (RFC 9208): one root for the whole Maildir, with the name that
 * Dovecot's is given. Who may set it is not an IMAP user. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include "quota-warned.h"

#define ROOT "User quota"

enum { STORAGE_UNIT = 1024 };

/* --- for all that changes mail -------------------------------------------- */

int
session_quota_open(struct session *s, struct quota *q)
{
	return quota_open(q, s->root, s->user, &s->quota);
}

void
session_quota_close(struct session *s, struct quota *q)
{
	if (q->changed && quota_limit_is_any(&q->limit))
		quota_warned_end(s->root, s->quota_warning,
		    quota_percent(&q->limit, &q->used));
	quota_close(q);
}

/* --- answers ---------------------------------------------------------------- */

static void
put_resource(struct session *s, char const *name, uint64_t used, uint64_t limit,
    char const **space)
{
	if (!limit)
		return;
	wire_puts(&s->wire, *space);
	wire_puts(&s->wire, name);
	wire_puts(&s->wire, " ");
	wire_number(&s->wire, used);
	wire_puts(&s->wire, " ");
	wire_number(&s->wire, limit);
	*space = " ";
}

/* A limit below one unit is not the 0 that it would be rounded to. */
static uint64_t
in_units(uint64_t bytes)
{
	return bytes / STORAGE_UNIT + (bytes % STORAGE_UNIT != 0);
}

/* "* QUOTA ..."; NULL, or the answer when it cannot be told. */
static answer
put_quota(struct session *s)
{
	struct quota q;
	char const *space = "";
	int ok = session_quota_open(s, &q);
	session_quota_close(s, &q);
	if (!ok)
		return session_failed(s, "unable to count", "");
	wire_puts(&s->wire, "* QUOTA \"" ROOT "\" (");
	put_resource(s, "STORAGE", in_units(q.used.bytes),
	    in_units(s->quota.bytes), &space);
	put_resource(s, "MESSAGE", q.used.messages, s->quota.messages, &space);
	wire_line(&s->wire, ")");
	return NULL;
}

/* --- verbs ------------------------------------------------------------------ */

/* The name of a quota root. 1; 0 syntax error; -1 there is none such. */
static int
read_root(struct session *s, struct cursor *c)
{
	stralloc name = STRALLOC_ZERO;
	int r = cursor_astring(c, &name);
	if (r &&
	    (!quota_limit_is_any(&s->quota) || name.len != strlen(ROOT) ||
	        memcmp(name.s, ROOT, name.len) != 0))
		r = -1;
	stralloc_free(&name);
	return r;
}

answer
cmd_getquota(struct session *s, struct cursor *c)
{
	int r = read_root(s, c);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return "NO [NONEXISTENT] No such quota root";
	answer failed = put_quota(s);
	return failed ? failed : "OK GETQUOTA completed";
}

answer
cmd_getquotaroot(struct session *s, struct cursor *c)
{
	char folder[NAME_MAX_DISK + 1];
	answer failed = NULL;
	int r = session_folder(s, c, folder);
	if (!r || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (r < 0)
		return ANSWER_NO_MAILBOX;
	wire_puts(&s->wire, "* QUOTAROOT ");
	put_folder(s, folder);
	if (!quota_limit_is_any(&s->quota)) {
		wire_line(&s->wire, "");
	} else {
		wire_line(&s->wire, " \"" ROOT "\"");
		failed = put_quota(s);
	}
	return failed ? failed : "OK GETQUOTAROOT completed";
}

/* setquota-list: "(" [resource SP limit *(SP resource SP limit)] ")" */
static bool
skip_list(struct cursor *c)
{
	char const *at;
	size_t len;
	if (!cursor_char(c, '('))
		return false;
	if (cursor_char(c, ')'))
		return true;
	do
		if (!cursor_atom(c, &at, &len) || !cursor_space(c) ||
		    !cursor_atom(c, &at, &len))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

answer
cmd_setquota(struct session *s, struct cursor *c)
{
	if (!read_root(s, c) || !cursor_space(c) || !skip_list(c) ||
	    !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	return "NO [NOPERM] Quotas are set by the administrator";
}
