/* SPDX-License-Identifier: ISC */
/* APPEND: the one command whose literal does not go to memory. The message
 * streams into a file without a name, CRLF becoming LF; when it is whole it is
 * written to the mailbox's tmp/, synced and made visible, gets its UID, and only
 * then is answered OK. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "dates.h"
#include "file.h"
#include "maildir.h"

enum { APPEND_MEMORY = 256 << 10 }; /* larger messages go to a file */

struct append {
	char folder[NAME_MAX_DISK + 1];
	bool bad_name;
	struct flag_list flags;
	bool dated;
	time_t date;
	struct mailbox box; /* the target */
	stralloc start;     /* the message's first octets, or all of it */
	int fd;             /* the rest, -1 none */
	bool cr;            /* a CR waits for what follows */
	bool nul;
	bool failed; /* its octets are thrown away */
	int why;
};

static char const try_create[] = "NO [TRYCREATE] No such mailbox";

/* mailbox [SP flag-list] [SP date-time] SP, up to the literal */
static bool
arguments(struct append *a, struct session *s, struct cursor *c)
{
	int r = s ? session_folder(s, c, a->folder) : 0;
	a->bad_name = r < 0;
	if (!r || !cursor_space(c))
		return false;
	if (cursor_is(c, '(') &&
	    (!cursor_flags(c, false, &a->flags) || !cursor_space(c)))
		return false;
	a->dated = cursor_is(c, '"');
	if (a->dated && (!cursor_date_time(c, &a->date) || !cursor_space(c)))
		return false;
	return true;
}

static bool
is_append(struct cursor *c)
{
	char const *at;
	size_t len;
	return cursor_tag(c, &at, &len) && cursor_space(c) &&
	    cursor_word(c, "APPEND") && cursor_space(c);
}

bool
append_is_message(struct session *s)
{
	struct command const *command = &s->command;
	struct append a = { .fd = -1 };
	size_t len = command->text.len;
	while (len && command->text.s[len - 1] == '\r')
		len--;
	struct cursor c = { command->text.s, len, 0 };
	bool yes = !command->skipping && is_append(&c) &&
	    arguments(&a, s, &c) && cursor_literal_header(&c);
	stralloc_free(&a.flags.keywords);
	return yes;
}

/* What is left for here when the arguments did not lead to a message. */
answer
cmd_append(struct session *s, struct cursor *c)
{
	(void)s;
	(void)c;
	return ANSWER_BAD_ARGUMENTS;
}

/* --- the message's octets ------------------------------------------------- */

static void
fail(struct append *a, int why)
{
	if (!a->failed)
		a->why = why;
	a->failed = true;
}

static int
open_unnamed(int dir)
{
	int fd = openat(dir, "tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char unique[MAILDIR_NAME_MAX + 1];
	char path[MAILDIR_NAME_MAX + 8];
	maildir_unique(unique);
	snprintf(path, sizeof path, "tmp/%s", unique);
	fd = openat(dir, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlinkat(dir, path, 0);
	return fd;
}

static void
keep(struct append *a, char const *s, size_t len)
{
	if (a->failed || !len)
		return;
	if (a->fd < 0 && a->start.len + len <= APPEND_MEMORY) {
		if (!stralloc_catb(&a->start, s, len))
			fail(a, ENOMEM);
		return;
	}
	if (a->fd < 0)
		a->fd = open_unnamed(a->box.dir);
	if (a->fd < 0 || !file_write(a->fd, s, len))
		fail(a, errno);
}

/* CR LF becomes LF, wherever the pieces are cut. */
static void
take_octets(struct append *a, char const *s, size_t len)
{
	size_t start = 0;
	a->nul = a->nul || memchr(s, 0, len);
	if (a->cr && len) {
		a->cr = false;
		if (s[0] != '\n')
			keep(a, "\r", 1);
	}
	while (start < len) {
		char const *cr = memchr(s + start, '\r', len - start);
		size_t end = cr ? (size_t)(cr - s) : len;
		keep(a, s + start, end - start);
		start = end;
		if (!cr)
			break;
		start++;
		if (start == len)
			a->cr = true;
		else if (s[start] != '\n')
			keep(a, "\r", 1);
	}
}

static bool
read_message(struct session *s, struct append *a, uint64_t left)
{
	while (left) {
		size_t len;
		char const *in = wire_input(&s->wire, &len);
		if (!len) {
			int r = wire_wait(&s->wire, -1, s->idle_timeout * 1000);
			if (r < 0) {
				s->ended = true;
				return false;
			}
			if (r == 0)
				session_bye(s, "Idle for too long");
			if (s->ended)
				return false;
			continue;
		}
		if (len > left)
			len = (size_t)left;
		take_octets(a, in, len);
		wire_used(&s->wire, len);
		left -= len;
	}
	if (a->cr)
		keep(a, "\r", 1);
	return true;
}

/* The rest of the command's line; only its end is allowed. */
static bool
read_line_end(struct session *s, bool *clean)
{
	size_t before = s->command.text.len;
	for (;;) {
		size_t len;
		size_t used;
		char const *in = wire_input(&s->wire, &len);
		if (!len) {
			if (wire_wait(&s->wire, -1, s->idle_timeout * 1000) <=
			    0) {
				s->ended = true;
				return false;
			}
			continue;
		}
		enum command_status status =
		    command_feed(&s->command, in, len, &used);
		wire_used(&s->wire, used);
		if (status == COMMAND_LITERAL && !s->command.sync) {
			command_skip(&s->command);
			continue;
		}
		if (status == COMMAND_MORE)
			continue;
		*clean =
		    status == COMMAND_DONE && s->command.text.len == before;
		return true;
	}
}

/* --- into the mailbox ----------------------------------------------------- */

static bool
write_message(struct append *a, struct maildir_file *f)
{
	struct iovec iov = { a->start.s, a->start.len };
	int dir = fcntl(a->box.dir, F_DUPFD_CLOEXEC, 3);
	if (dir < 0 || !maildir_write(f, dir, &iov, 1, a->fd, 0))
		return false;
	if (!a->dated)
		return true;
	char tmp[MAILDIR_NAME_MAX + 8];
	struct timespec times[2] = { { a->date, 0 }, { a->date, 0 } };
	snprintf(tmp, sizeof tmp, "tmp/%s", f->tmp);
	if (utimensat(f->dirfd, tmp, times, 0) == 0)
		return true;
	int saved = errno;
	maildir_abandon(f);
	errno = saved;
	return false;
}

/* Keywords without a line of their own keep their letters out of reach, which
 * only a look at the files tells. */
static bool
lock_target(struct append *a)
{
	return mailbox_lock(&a->box) &&
	    (!a->flags.keywords.len || mailbox_sync(&a->box));
}

/* A message without flags goes to new/, to be \Recent once. */
static bool
commit(struct append *a, struct maildir_file *f, uint32_t *uid)
{
	uint32_t bits;
	stralloc info = STRALLOC_ZERO;
	if (!flag_list_bits(&a->flags, &a->box, &bits)) {
		if (errno != EDQUOT)
			return false;
		bits = a->flags.system; /* no letter left */
	}
	bool ok = flags_rename("", 0, bits, &info) &&
	    maildir_commit(f, bits ? "cur" : "new", bits ? info.s : "");
	stralloc_free(&info);
	return ok &&
	    uidlist_give(&a->box.uids, f->base, strlen(f->base), uid) &&
	    mailbox_flush_uids(&a->box);
}

/* The message that is in tmp/. */
static answer
deliver(struct session *s, struct append *a, struct maildir_file *f)
{
	uint32_t uid = 0;
	bool ok = lock_target(a) && commit(a, f, &uid);
	int saved = errno;
	uint32_t validity = a->box.uids.validity;
	if (ok)
		maildir_close(f);
	else
		maildir_abandon(f);
	mailbox_unlock(&a->box);
	errno = saved;
	if (!ok)
		return session_failed(s, "unable to deliver to", a->folder);
	maildir_sweep(a->box.dir, time(NULL));
	answer_start(s, "OK [APPENDUID ");
	answer_number(s, validity);
	answer_add(s, " ");
	answer_number(s, uid);
	return answer_done(s, "] APPEND completed");
}

/* Its room is taken first: two at once cannot both have the last of it. */
static answer
store(struct session *s, struct append *a)
{
	struct maildir_file f;
	struct quota q;
	answer text = ANSWER_OVERQUOTA;
	if (!session_quota_open(s, &q))
		return session_failed(s, "unable to count", "");
	if (!write_message(a, &f)) {
		text = session_failed(s, "unable to write to", a->folder);
	} else if (!quota_take(&q, f.size, 1, 0)) {
		maildir_abandon(&f);
	} else {
		text = deliver(s, a, &f);
		if (text[0] != 'O')
			quota_change(&q, -(int64_t)f.size, -1);
	}
	session_quota_close(s, &q);
	return text;
}

/* Whether there is room for it, CRLF counted as they come. */
static answer
check_room(struct session *s, uint64_t size)
{
	struct quota q;
	int room = session_quota_open(s, &q) ? quota_room(&q, size, 1, 0) : -1;
	session_quota_close(s, &q);
	if (room < 0)
		return session_failed(s, "unable to count", "");
	return room ? NULL : ANSWER_OVERQUOTA;
}

/* NULL: it may come. */
static answer
check(struct session *s, struct append *a, uint64_t size)
{
	if (a->bad_name)
		return try_create;
	if (!mailbox_open(&a->box, s->root, a->folder, true))
		return errno == ENOENT
		    ? try_create
		    : session_failed(s, "unable to open", a->folder);
	if (!size)
		return "NO [CANNOT] A message is not empty";
	if (size > s->append_limit)
		return "NO [TOOBIG] Too large for a message";
	return check_room(s, size);
}

static answer
receive(struct session *s, struct append *a)
{
	uint64_t size = s->command.literal;
	bool clean = false;
	answer refused = check(s, a, size);
	if (refused && s->command.sync)
		return refused;
	if (s->command.sync)
		wire_line(&s->wire, "+ OK");
	command_pass(&s->command);
	if (refused)
		fail(a, 0);
	if (!read_message(s, a, size) || !read_line_end(s, &clean))
		return NULL;
	if (refused)
		return refused;
	if (!clean)
		return ANSWER_BAD_ARGUMENTS;
	if (a->nul)
		return "BAD NUL in a literal";
	if (a->failed) {
		errno = a->why;
		return session_failed(s, "unable to write to", a->folder);
	}
	return store(s, a);
}

answer
append_run(struct session *s)
{
	size_t len = s->command.text.len;
	struct append a = { .fd = -1, .box.dir = -1 };
	while (len && s->command.text.s[len - 1] == '\r')
		len--;
	struct cursor c = { s->command.text.s, len, 0 };
	answer text = is_append(&c) && arguments(&a, s, &c)
	    ? receive(s, &a)
	    : ANSWER_BAD_ARGUMENTS;
	int saved = errno;
	mailbox_close(&a.box);
	if (a.fd >= 0)
		close(a.fd);
	stralloc_free(&a.start);
	stralloc_free(&a.flags.keywords);
	errno = saved;
	return text;
}
