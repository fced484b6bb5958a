/* SPDX-License-Identifier: ISC */
/* The text is the file BESACE_ETC/quota-warning, header fields and all, where
 * %{percent}, %{used}, %{limit} and %{address} are filled in. It is written to
 * the mailbox as it is: no route, filter or limit is asked, so that it cannot
 * come back or be refused. */
#include "warning.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "date.h"
#include "file.h"
#include "log.h"
#include "maildir.h"
#include "path.h"
#include "quota-warned.h"

enum { TEXT_MAX = 65536, FACT_MAX = 64 };

static char const default_text[] =
    "Subject: Your mailbox is %{percent}% full\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "\n"
    "The mailbox of %{address} is %{percent}% full: %{used} of %{limit}.\n"
    "\n"
    "When it is full, no more mail can come. Please delete what you no longer\n"
    "need, and then empty the trash: messages in it count, too.\n";

struct facts {
	char const *address;
	char percent[FACT_MAX];
	char used[FACT_MAX];
	char limit[FACT_MAX];
};

/* --- facts ---------------------------------------------------------------- */

/* "4.9 GB". */
static void
format_size(uint64_t bytes, char text[FACT_MAX])
{
	static char const *const units[] = { "bytes", "KB", "MB", "GB", "TB",
		"PB", "EB" };
	unsigned int unit = 0;
	uint64_t rest = 0;
	for (; bytes >= 1024; unit++) {
		rest = bytes % 1024;
		bytes /= 1024;
	}
	if (unit && bytes < 10)
		snprintf(text, FACT_MAX, "%" PRIu64 ".%" PRIu64 " %s", bytes,
		    rest * 10 / 1024, units[unit]);
	else
		snprintf(text, FACT_MAX, "%" PRIu64 " %s", bytes, units[unit]);
}

static void
format_count(uint64_t messages, char text[FACT_MAX])
{
	snprintf(text, FACT_MAX, "%" PRIu64 " messages", messages);
}

/* Of the limit that is nearer. */
static void
find_facts(struct quota const *q, struct target const *t, struct facts *f)
{
	struct quota_limit bytes = { q->limit.bytes, 0 };
	unsigned int percent = quota_percent(&q->limit, &q->used);
	f->address = t->to;
	snprintf(f->percent, sizeof f->percent, "%u", percent);
	if (quota_percent(&bytes, &q->used) == percent) {
		format_size(q->used.bytes, f->used);
		format_size(q->limit.bytes, f->limit);
	} else {
		format_count(q->used.messages, f->used);
		format_count(q->limit.messages, f->limit);
	}
}

/* --- the message ------------------------------------------------------------ */

static int
read_text(stralloc *text)
{
	int etc = path_open_etc();
	int fd =
	    etc < 0 ? -1 : openat(etc, "quota-warning", O_RDONLY | O_CLOEXEC);
	bool read = fd >= 0 && file_read(fd, text, TEXT_MAX);
	if (!read && (etc < 0 || fd >= 0 || errno != ENOENT))
		log_error_in("read", path_etc(), "quota-warning", errno);
	if (fd >= 0)
		close(fd);
	if (etc >= 0)
		close(etc);
	return read || stralloc_copys(text, default_text);
}

/* The fact that NAME, the inside of %{}, stands for. NULL: none. */
static char const *
find_fact(struct facts const *f, struct bytes name)
{
	if (bytes_are(name, "address"))
		/* It takes the arrays of F for null pointers. */
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		return f->address;
	if (bytes_are(name, "percent"))
		return f->percent;
	if (bytes_are(name, "used"))
		return f->used;
	return bytes_are(name, "limit") ? f->limit : NULL;
}

/* What is no %{fact} stays as it is. */
static int
fill_in(stralloc *out, struct bytes text, struct facts const *f)
{
	while (text.len) {
		struct bytes before = bytes_take_until(&text, '%');
		bool percent = before.s + before.len < text.s;
		struct bytes rest = text;
		struct bytes name = bytes_take_until(&rest, '}');
		char const *fact = NULL;
		if (percent && name.len && *name.s == '{') {
			name.s++;
			name.len--;
			fact = find_fact(f, name);
		}
		if (fact)
			text = rest;
		if (!stralloc_catb(out, before.s, before.len) ||
		    (percent && !stralloc_cats(out, fact ? fact : "%")))
			return 0;
	}
	return 1;
}

static int
make_message(stralloc *out, struct facts const *f, char const *host)
{
	char date[DATE_MAX];
	char unique[MAILDIR_NAME_MAX + 1];
	char const *at = strrchr(f->address, '@');
	stralloc text = STRALLOC_ZERO;
	date_format(time(NULL), date);
	maildir_unique(unique);
	char const *const top[] = { "Return-Path: <>\nDelivered-To: ",
		f->address, "\nFrom: Mail system <postmaster", at ? at : "@",
		at ? "" : host, ">\nTo: <", f->address, ">\nDate: ", date,
		"\nMessage-ID: <", unique, ".quota@", host,
		">\nAuto-Submitted: auto-generated\n",
		"X-Auto-Response-Suppress: All\n" };
	int ok = read_text(&text);
	for (size_t i = 0; ok && i < sizeof top / sizeof *top; i++)
		ok = stralloc_cats(out, top[i]);
	ok = ok && fill_in(out, (struct bytes){ text.s, text.len }, f);
	stralloc_free(&text);
	return ok;
}

/* --- the mailbox ------------------------------------------------------------ */

/* It is counted, like all that lies there. */
static int
write_message(struct room *r, stralloc const *message)
{
	struct maildir_file file;
	struct iovec iov = { message->s, message->len };
	int dir = fcntl(r->root, F_DUPFD_CLOEXEC, 3);
	if (dir < 0 || !maildir_write(&file, dir, &iov, 1, -1, 0))
		return 0;
	quota_change(&r->quota, (int64_t)file.size, 1);
	if (maildir_commit(&file, "new", "")) {
		maildir_close(&file);
		return 1;
	}
	int saved = errno;
	quota_change(&r->quota, -(int64_t)file.size, -1);
	maildir_abandon(&file);
	errno = saved;
	return 0;
}

/* The highest step at or below PERCENT, marked as warned of with all below it. 0
 * when there is none, or it was warned of before. */
static unsigned int
begin_step(struct room *r, struct target const *t, char const *steps,
    unsigned int percent)
{
	unsigned char step[QUOTA_WARNINGS];
	unsigned int found = 0;
	int n = quota_warnings_parse(steps, strlen(steps), step);
	for (int i = 0; i < n && step[i] <= percent; i++) {
		int begun = quota_warned_begin(r->root, step[i]);
		if (begun < 0)
			log_error("note warning", t->path, errno);
		found = begun > 0 ? step[i] : 0;
	}
	return found;
}

void
warning_send(struct room *r, struct target const *t,
    struct settings const *settings)
{
	struct quota *q = &r->quota;
	struct facts facts;
	stralloc message = STRALLOC_ZERO;
	char const *steps = settings->quota_warning;
	if (!r->open || !quota_limit_is_any(&q->limit))
		return;
	unsigned int percent = quota_percent(&q->limit, &q->used);
	quota_warned_end(r->root, steps, percent);
	unsigned int step = begin_step(r, t, steps, percent);
	if (!step)
		return;
	find_facts(q, t, &facts);
	if (make_message(&message, &facts, settings->myhostname) &&
	    write_message(r, &message)) {
		log_event("quota-warning", "to", t->to, "percent",
		    facts.percent, (char *)NULL);
	} else {
		log_error("write quota warning", t->path, errno);
		quota_warned_end(r->root, steps, step - 1);
	}
	stralloc_free(&message);
}
