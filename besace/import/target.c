/* SPDX-License-Identifier: ISC */
#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "flags.h"
#include "queue-value.h"
#include "scan.h"
#include "uidvalidity.h"

void
target_complain(char const *what, char const *why)
{
	stralloc line = STRALLOC_ZERO;
	bool whole = queue_escape(&line, what) && stralloc_0(&line);
	fprintf(stderr, "besace: %s: %s\n", whole ? line.s : "a name", why);
	stralloc_free(&line);
}

/* --- names that are there --------------------------------------------------- */

/* The name without its fields ",S=" and ",W=", which may be corrected. */
static size_t
strip_sizes(char const *base, size_t len, char out[MAILDIR_NAME_MAX + 1])
{
	size_t n = 0;
	for (size_t i = 0; i < len && n < MAILDIR_NAME_MAX;) {
		if (i + 2 < len && base[i] == ',' && base[i + 2] == '=' &&
		    (base[i + 1] == 'S' || base[i + 1] == 'W')) {
			for (i += 3; i < len && base[i] != ',';)
				i++;
			continue;
		}
		out[n++] = base[i++];
	}
	out[n] = 0;
	return n;
}

int
target_meet(struct target *t, char const *base, size_t len)
{
	char name[MAILDIR_NAME_MAX + 1];
	uint32_t uid;
	size_t n = strip_sizes(base, len, name);
	if (uidlist_find(&t->seen, name, n))
		return 1;
	return uidlist_give(&t->seen, name, n, &uid) ? 0 : -1;
}

static int
read_names(struct target *t)
{
	struct scan scan = { 0 };
	int ok = scan_read(&scan, t->dir);
	for (size_t i = 0; ok && i < scan.count; i++) {
		struct file const *f = &scan.files[i];
		char const *name = scan.names.s + f->name;
		t->used |= flags_of_name(name, f->len) & FLAG_KEYWORDS;
		ok = target_meet(t, name, f->base) >= 0;
	}
	scan_free(&scan);
	return ok;
}

/* --- opening ---------------------------------------------------------------- */

static int
make_list(struct target *t)
{
	if (t->from)
		return uidlist_adopt(&t->uids, t->dir, t->from);
	uint32_t validity = uidvalidity_next(t->root, 0);
	return validity && uidlist_create(&t->uids, t->dir, validity, 1);
}

/* A folder without messages takes the source's list over. Where there are some,
 * or have been, its own UIDs go on. */
static int
load_list(struct target *t)
{
	int found = uidlist_load(&t->uids, t->dir);
	bool empty = !t->seen.count && !t->uids.count;
	if (found < 0)
		return 0;
	if (found &&
	    (!empty || !t->from || t->from->validity == t->uids.validity))
		return 1;
	if (!empty)
		t->from = NULL;
	return make_list(t);
}

static int
open_locked(struct target *t)
{
	if (!lock_take(&t->lock, t->dir, UIDLIST_LOCK))
		return 0;
	t->locked = true;
	if (!read_names(t) || keywords_load(&t->keywords, t->dir) < 0)
		return 0;
	if (!load_list(t))
		return 0;
	if (t->from && t->from->validity != t->uids.validity)
		t->from = NULL;
	return 1;
}

int
target_open(struct target *t, int root, char const *folder,
    struct uidlist const *from, bool dry)
{
	memset(t, 0, sizeof *t);
	t->root = root;
	t->folder = folder;
	t->from = from && from->validity ? from : NULL;
	t->dry = dry;
	uidlist_init(&t->uids);
	uidlist_init(&t->seen);
	t->seen.next = 1;
	t->dir = root < 0 ? -1 : maildir_open_folder(root, folder, !dry);
	if (dry && t->dir < 0)
		return 1;
	if (t->dir >= 0 && (dry ? read_names(t) : open_locked(t)))
		return 1;
	target_complain(*folder ? folder : "INBOX", strerror(errno));
	target_close(t);
	return 0;
}

/* --- flags ------------------------------------------------------------------ */

uint32_t
target_keyword(struct target *t, char const *name, size_t len)
{
	uint32_t bit = keywords_find(&t->keywords, name, len);
	if (bit || t->dry)
		return bit;
	return keywords_add(&t->keywords, t->dir, t->used, name, len);
}

uint32_t
target_flags(struct target *t, struct keywords const *from, uint32_t flags)
{
	char name[KEYWORD_NAME_MAX + 1];
	uint32_t out = flags & ~FLAG_KEYWORDS;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		if (!(flags & UINT32_C(1) << i))
			continue;
		keywords_name(from, i, name);
		out |= target_keyword(t, name, strlen(name));
	}
	return out;
}

/* --- messages --------------------------------------------------------------- */

static void
fail(struct target *t, char const *from, char const *why)
{
	target_complain(from, why);
	t->tally.failed++;
}

/* Whether a size in the name, if there is one, is this. */
static bool
size_is(char const *base, char letter, uint64_t size)
{
	char field[32];
	int n = snprintf(field, sizeof field, ",%c=%llu", letter,
	    (unsigned long long)size);
	char const *found = base;
	while ((found = strchr(found, ',')) && strncmp(found, field, 3) != 0)
		found++;
	return !found ||
	    (strncmp(found, field, (size_t)n) == 0 &&
	        (!found[n] || found[n] == ','));
}

/* The name it had; without sizes that are not true. */
static void
name_file(struct maildir_file *f, char const *base)
{
	if (size_is(base, 'S', f->size) && size_is(base, 'W', f->crlf_size))
		snprintf(f->base, sizeof f->base, "%s", base);
	else
		strip_sizes(base, strlen(base), f->base);
}

static int
set_date(struct maildir_file const *f, time_t date)
{
	char tmp[MAILDIR_NAME_MAX + 8];
	struct timespec times[2] = { { date, 0 }, { date, 0 } };
	snprintf(tmp, sizeof tmp, "tmp/%s", f->tmp);
	return utimensat(f->dirfd, tmp, times, 0) == 0;
}

static int
write_message(struct target *t, struct pending *p, struct incoming const *in,
    char const *s, size_t len, int fd)
{
	union {
		char const *in;
		char *out;
	} text = { s };
	struct iovec iov = { text.out, len };
	int dir = fcntl(t->dir, F_DUPFD_CLOEXEC, 3);
	if (dir < 0 ||
	    !maildir_write(&p->file, dir, &iov, fd < 0 ? 1 : 0, fd, 0))
		return 0;
	if (!in->dated || set_date(&p->file, in->date))
		return 1;
	int saved = errno;
	maildir_abandon(&p->file);
	errno = saved;
	return 0;
}

/* UIDs for the batch, on disk. */
static int
give_uids(struct target *t)
{
	uint32_t uid;
	for (unsigned i = 0; i < t->waiting; i++) {
		struct pending *p = &t->batch[i];
		size_t len = strlen(p->file.base);
		/* From a batch that did not end. */
		if (uidlist_find(&t->uids, p->file.base, len))
			continue;
		if (p->record && t->from &&
		    uidlist_put(&t->uids, t->from, p->record, p->file.base,
		        len))
			continue;
		t->tally.unkept += p->record != NULL;
		if (!uidlist_give(&t->uids, p->file.base, len, &uid))
			return 0;
	}
	if (!lock_held(&t->lock)) {
		errno = EAGAIN;
		return 0;
	}
	return uidlist_flush(&t->uids, t->dir);
}

static int
sync_both(struct target *t)
{
	int ok = 1;
	for (int i = 0; ok && i < 2; i++) {
		int fd = maildir_open_dir(t->dir, i ? "cur" : "new");
		ok = fd >= 0 && file_sync(fd);
		if (fd >= 0)
			close(fd);
	}
	return ok;
}

static void
count(struct target *t, struct pending *p, bool ok)
{
	if (ok) {
		t->tally.came++;
		t->tally.octets += p->file.size;
		maildir_close(&p->file);
	} else {
		fail(t, p->from, strerror(errno));
		maildir_abandon(&p->file);
	}
	free(p->from);
}

/* 1; 0: some did not come, said and counted. */
static int
end_batch(struct target *t)
{
	bool shown[BATCH] = { false };
	int why[BATCH] = { 0 };
	int ok = give_uids(t);
	for (unsigned i = 0; i < t->waiting; i++) {
		struct pending *p = &t->batch[i];
		shown[i] = ok &&
		    maildir_show(&p->file, p->in_new ? "new" : "cur", p->info);
		why[i] = errno;
	}
	int synced = !t->waiting || sync_both(t);
	int saved = errno;
	bool all = true;
	for (unsigned i = 0; i < t->waiting; i++) {
		errno = shown[i] ? saved : why[i];
		all = all && shown[i] && synced;
		count(t, &t->batch[i], shown[i] && synced);
	}
	t->waiting = 0;
	return all;
}

void
target_take(struct target *t, struct incoming const *in, char const *s,
    size_t len, int fd)
{
	struct pending *p = &t->batch[t->waiting];
	struct stat st;
	if (t->dry) {
		t->tally.came++;
		t->tally.octets += fd < 0 ? len
		    : fstat(fd, &st) == 0 ? (uint64_t)st.st_size
		                          : 0;
		return;
	}
	lock_touch(&t->lock);
	memset(p, 0, sizeof *p);
	if (!(p->from = strdup(in->from)) ||
	    !write_message(t, p, in, s, len, fd)) {
		fail(t, in->from, strerror(errno));
		free(p->from);
		return;
	}
	name_file(&p->file, in->base);
	snprintf(p->info, sizeof p->info, "%s", in->info);
	p->in_new = in->in_new;
	p->record = in->record;
	if (++t->waiting == BATCH)
		end_batch(t);
}

int
target_close(struct target *t)
{
	int ok = t->waiting ? end_batch(t) : 1;
	if (t->locked && !lock_drop(&t->lock)) {
		target_complain(t->folder, "the lock was lost");
		ok = 0;
	}
	uidlist_clear(&t->uids);
	uidlist_clear(&t->seen);
	if (t->dir >= 0)
		close(t->dir);
	t->dir = -1;
	return ok && !t->tally.failed;
}
