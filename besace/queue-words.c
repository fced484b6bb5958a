/* SPDX-License-Identifier: ISC */
#include "queue-words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "queue-value.h"
#include "utc.h"

static struct {
	char const *name;
	int64_t seconds;
} const units[] = {
	{ "days", 86400 },
	{ "hours", 3600 },
	{ "minutes", 60 },
};

static int
put_number(stralloc *sa, int64_t n, char const *after)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)n);
	return stralloc_cats(sa, text) && stralloc_cats(sa, after);
}

int
queue_words_duration(stralloc *sa, int64_t seconds)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (seconds >= 2 * units[i].seconds)
			return put_number(sa, seconds / units[i].seconds,
			           " ") &&
			    stralloc_cats(sa, units[i].name);
	return put_number(sa, seconds < 0 ? 0 : seconds,
	    seconds == 1 ? " second" : " seconds");
}

static char const several[] = "several domains";

static int
put_sender(stralloc *sa, struct queue_entry const *e)
{
	return *e->sender ? queue_escape(sa, e->sender)
	                  : stralloc_cats(sa, "<>");
}

int
queue_words_message(stralloc *sa, struct queue_file const *f, int64_t now)
{
	return stralloc_cats(sa, queue_name_id(&f->name)) &&
	    stralloc_cats(sa, " from ") && put_sender(sa, &f->entry) &&
	    stralloc_cats(sa, " for ") &&
	    queue_escape(sa,
	        strcmp(f->entry.group, QUEUE_SEVERAL) == 0 ? several
	                                                   : f->entry.group) &&
	    stralloc_cats(sa, ", ") &&
	    put_number(sa, (int64_t)f->size, " bytes, ") &&
	    queue_words_duration(sa, now - f->entry.arrival) &&
	    stralloc_cats(sa, " old\n");
}

/* --- recipients ------------------------------------------------------------- */

/* When it is tried. */
static int
put_next(stralloc *sa, struct queue_file const *f, int64_t now)
{
	if (f->name.box == QUEUE_HOLD)
		return stralloc_cats(sa, "on hold");
	if (f->name.box == QUEUE_CORRUPT)
		return stralloc_cats(sa, "damaged, not tried");
	if (f->name.box == QUEUE_NEW || f->name.due <= now)
		return stralloc_cats(sa, "next try now");
	return stralloc_cats(sa, "next try in ") &&
	    queue_words_duration(sa, f->name.due - now);
}

static int
put_notice(stralloc *sa, struct queue_entry const *e,
    struct queue_recipient const *r)
{
	if (queue_wants_notice(e, r))
		return stralloc_cats(sa, ", the sender is to be told");
	return !r->notified || stralloc_cats(sa, ", the sender was told");
}

static int
put_state(stralloc *sa, struct queue_file const *f,
    struct queue_recipient const *r, bool under_way, int64_t now)
{
	static char const *const words[] = {
		[QUEUE_WAITING] = "",
		[QUEUE_RELAYED] = "sent on",
		[QUEUE_DELIVERED] = "delivered",
		[QUEUE_FAILED] = "failed",
		[QUEUE_EXPANDED] = "replaced by others",
	};
	if (r->state == QUEUE_WAITING)
		return under_way ? stralloc_cats(sa, "being tried now")
		                 : put_next(sa, f, now);
	return stralloc_cats(sa, words[r->state]) &&
	    put_notice(sa, &f->entry, r);
}

static int
put_attempts(stralloc *sa, struct queue_recipient const *r, bool under_way)
{
	if (!r->attempts)
		return under_way || stralloc_cats(sa, ", not tried yet");
	return stralloc_cats(sa, ", tried ") &&
	    (r->attempts == 1 ? stralloc_cats(sa, "once")
	                      : put_number(sa, (int64_t)r->attempts, " times"));
}

/* A word of the answer, and a blank. */
static int
put_word(stralloc *sa, char const *word)
{
	return !word || !*word ||
	    (stralloc_append(sa, ' ') && queue_escape(sa, word));
}

static int
put_answer(stralloc *sa, struct queue_recipient const *r)
{
	char code[24] = "";
	if (!r->status && !r->answer && !r->code)
		return 1;
	if (r->code)
		snprintf(code, sizeof code, "%llu",
		    (unsigned long long)r->code);
	return stralloc_append(sa, ':') &&
	    (!r->mta ||
	        (put_word(sa, r->mta) && stralloc_cats(sa, " said:"))) &&
	    put_word(sa, code) && put_word(sa, r->status) &&
	    put_word(sa, r->answer);
}

int
queue_words_recipient(stralloc *sa, struct queue_file const *f,
    struct queue_recipient const *r, bool under_way, int64_t now)
{
	return stralloc_cats(sa, "    ") && queue_escape(sa, r->address) &&
	    stralloc_cats(sa, ": ") && put_state(sa, f, r, under_way, now) &&
	    put_attempts(sa, r, under_way) && put_answer(sa, r) &&
	    stralloc_append(sa, '\n');
}

/* --- details ---------------------------------------------------------------- */

static int
put_line(stralloc *sa, char const *name, char const *value)
{
	return !value ||
	    (stralloc_cats(sa, name) && stralloc_cats(sa, ": ") &&
	        queue_escape(sa, value) && stralloc_append(sa, '\n'));
}

static int
put_flag(stralloc *sa, char const *text, bool flag)
{
	return !flag || (stralloc_cats(sa, text) && stralloc_append(sa, '\n'));
}

static int
put_time(stralloc *sa, char const *name, int64_t when)
{
	char text[UTC_MAX];
	utc_format(when, text);
	return when <= 0 || put_line(sa, name, text);
}

int
queue_words_details(stralloc *sa, struct queue_file const *f)
{
	struct queue_entry const *e = &f->entry;
	return put_line(sa, "File", f->name.path) &&
	    put_line(sa, "Message", e->uid) &&
	    put_time(sa, "Arrived", e->arrival) &&
	    put_line(sa, "Sender", *e->sender ? e->sender : "<>") &&
	    put_line(sa, "Logged in as", e->user) &&
	    put_line(sa, "For",
	        strcmp(e->group, QUEUE_LOCAL) == 0         ? "this server"
	            : strcmp(e->group, QUEUE_SEVERAL) == 0 ? several
	                                                   : e->group) &&
	    stralloc_cats(sa, "Size: ") &&
	    put_number(sa, (int64_t)f->size, " bytes\n") &&
	    put_line(sa, "Envelope id", e->envid) &&
	    put_flag(sa, "Notices return: only the header",
	        e->ret == DSN_RET_HDRS) &&
	    put_flag(sa, "Leaves inside TLS only", e->requiretls) &&
	    put_flag(sa, "Needs SMTPUTF8", e->smtputf8) &&
	    put_flag(sa, "Nobody is told of failures: it is spam",
	        e->never_bounce) &&
	    put_time(sa, "Sender was told of the delay", e->delay_notice);
}
