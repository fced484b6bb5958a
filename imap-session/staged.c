/* SPDX-License-Identifier: ISC */
#include "staged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "array.h"
#include "flags.h"
#include "maildir.h"
#include "session.h"

/* --- into tmp/ ---------------------------------------------------------- */

static bool
set_date(struct maildir_file const *f, time_t date)
{
	char tmp[MAILDIR_NAME_MAX + 8];
	struct timespec times[2] = { { date, 0 }, { date, 0 } };
	snprintf(tmp, sizeof tmp, "tmp/%s", f->tmp);
	return utimensat(f->dirfd, tmp, times, 0) == 0;
}

static bool
write_message(struct maildir_file *f, int dir, struct incoming *in,
    time_t const *date)
{
	struct iovec iov = { in->start.s, in->start.len };
	int own = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	if (own < 0 || !maildir_write(f, own, &iov, 1, in->fd, 0))
		return false;
	if (!date || set_date(f, *date))
		return true;
	maildir_abandon(f);
	return false;
}

/* *AT is where it begins in the pool. */
static bool
pool_add(struct staged *g, char const *s, size_t len, size_t *at)
{
	*at = g->pool.len;
	return stralloc_catb(&g->pool, s, len);
}

static bool
note(struct staged *g, struct maildir_file const *f,
    struct flag_list const *flags)
{
	errno = E2BIG;
	if (g->count == STAGED_MAX)
		return false;
	void *p = array_grow(g->messages, g->count, sizeof *g->messages,
	    STAGED_MAX, &g->room);
	if (!p)
		return false;
	g->messages = p;
	struct staged_message *m = &g->messages[g->count];
	memset(m, 0, sizeof *m);
	m->size = f->size;
	m->tmp = strlen(f->tmp);
	m->system = flags->system;
	m->keywords_len = flags->keywords.len;
	if (!pool_add(g, f->base, strlen(f->base) + 1, &m->name) ||
	    !pool_add(g, flags->keywords.s, m->keywords_len, &m->keywords))
		return false;
	g->count++;
	g->usage.bytes += f->size;
	g->usage.messages++;
	return true;
}

int
staged_add(struct staged *g, int dir, struct incoming *in,
    struct flag_list const *flags, time_t const *date)
{
	struct maildir_file f;
	if (!write_message(&f, dir, in, date))
		return 0;
	if (!note(g, &f, flags)) {
		maildir_abandon(&f);
		return 0;
	}
	maildir_close(&f);
	return 1;
}

/* --- into the mailbox ---------------------------------------------------- */

/* The file that M is, as lib/maildir knows it. */
static bool
file_of(struct staged const *g, struct staged_message const *m, int dir,
    struct maildir_file *f)
{
	char const *name = g->pool.s + m->name;
	memset(f, 0, sizeof *f);
	f->subdirfd = -1;
	f->dirfd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	if (f->dirfd < 0)
		return false;
	f->pending = !m->shown;
	if (m->shown) {
		snprintf(f->path, sizeof f->path, "%s", name);
		name += strcspn(name, "/") + 1;
	}
	snprintf(f->base, sizeof f->base, "%.*s",
	    (int)flags_base(name, strlen(name)), name);
	snprintf(f->tmp, sizeof f->tmp, "%.*s", (int)m->tmp, f->base);
	return true;
}

/* Keywords stay away when no letter is left. */
static bool
flag_bits(struct staged const *g, struct staged_message const *m,
    struct mailbox *b, uint32_t *bits)
{
	struct flag_list list = { m->system, STRALLOC_ZERO };
	list.keywords.s = g->pool.s + m->keywords;
	list.keywords.len = m->keywords_len;
	if (flag_list_bits(&list, b, bits))
		return true;
	*bits = m->system;
	return errno == EDQUOT;
}

/* A message without flags goes to new/, to be \Recent once. */
static bool
show(struct staged *g, struct staged_message *m, struct mailbox *b)
{
	uint32_t bits;
	struct maildir_file f;
	stralloc info = STRALLOC_ZERO;
	if (!flag_bits(g, m, b, &bits) || !file_of(g, m, b->dir, &f))
		return false;
	bool ok = flags_rename("", 0, bits, &info) &&
	    stralloc_readyplus(&g->pool, sizeof f.path) &&
	    maildir_show(&f, bits ? "cur" : "new", bits ? info.s : "");
	if (ok) {
		m->shown = true;
		pool_add(g, f.path, strlen(f.path) + 1, &m->name);
	}
	int saved = errno;
	stralloc_free(&info);
	maildir_close(&f);
	errno = saved;
	return ok;
}

static bool
show_all(struct staged *g, struct mailbox *b)
{
	bool in_new = false;
	bool in_cur = false;
	for (size_t i = 0; i < g->count; i++) {
		struct staged_message *m = &g->messages[i];
		if (!show(g, m, b))
			return false;
		bool new = g->pool.s[m->name] == 'n';
		in_new = in_new || new;
		in_cur = in_cur || !new;
		lock_touch(&b->lock);
	}
	return (!in_new || maildir_sync_dir(b->dir, "new")) &&
	    (!in_cur || maildir_sync_dir(b->dir, "cur"));
}

static bool
give_uids(struct staged const *g, struct mailbox *b, struct sequence *uids)
{
	uint32_t first = b->uids.next;
	for (size_t i = 0; i < g->count; i++) {
		uint32_t uid;
		char const *base = g->pool.s + g->messages[i].name + 4;
		if (!uidlist_give(&b->uids, base,
		        flags_base(base, strlen(base)), &uid) ||
		    !sequence_add(uids, uid))
			return false;
	}
	if (!mailbox_flush_uids(b))
		return false;
	for (size_t i = 0; i < g->count; i++)
		mailbox_add(b, first + (uint32_t)i,
		    g->pool.s + g->messages[i].name);
	mailbox_note_changes(b);
	return true;
}

static bool
any_new_keyword(struct staged const *g, struct mailbox *b)
{
	for (size_t i = 0; i < g->count; i++) {
		char const *s = g->pool.s + g->messages[i].keywords;
		char const *end = s + g->messages[i].keywords_len;
		for (; s < end; s += strlen(s) + 1)
			if (!keywords_find(&b->keywords, s, strlen(s)))
				return true;
	}
	return false;
}

/* Which letter is free for a keyword that is new only a look at the messages
 * tells: not when some of ours are among them already. */
int
staged_show(struct staged *g, struct mailbox *b, struct sequence *uids)
{
	return (!any_new_keyword(g, b) || mailbox_sync(b)) && show_all(g, b) &&
	    give_uids(g, b, uids);
}

void
staged_teach(struct staged const *g, int dir, struct training *t)
{
	for (size_t i = 0; i < g->count; i++)
		training_add(t, dir, g->pool.s + g->messages[i].name);
}

void
staged_abandon(struct staged *g, int dir)
{
	int saved = errno;
	for (size_t i = 0; i < g->count; i++) {
		struct maildir_file f;
		if (file_of(g, &g->messages[i], dir, &f))
			maildir_abandon(&f);
	}
	g->count = 0;
	errno = saved;
}

void
staged_free(struct staged *g)
{
	int saved = errno;
	free(g->messages);
	stralloc_free(&g->pool);
	errno = saved;
}
