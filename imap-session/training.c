/* SPDX-License-Identifier: ISC */
#include "training.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "file.h"
#include "flags.h"
#include "log.h"
#include "maildir.h"
#include "special-use.h"

/* --- what it says --------------------------------------------------------- */

static unsigned
uses_of(struct folder_list const *l, char const *folder)
{
	struct folder const *f = folders_find(l, folder);
	return f ? f->uses : 0;
}

static bool
is_below(char const *folder, char const *parent)
{
	size_t n = strlen(parent);
	return n && strncmp(folder, parent, n) == 0 && folder[n] == '.';
}

/* Of the folder or one above it. */
static unsigned
uses_above(struct folder_list const *l, char const *folder)
{
	unsigned uses = uses_of(l, folder);
	for (size_t i = 0; i < l->count; i++)
		if (is_below(folder, l->folders[i].name))
			uses |= l->folders[i].uses;
	return uses;
}

static enum lesson
lesson_of(struct folder_list const *l, char const *from, char const *to)
{
	unsigned junk = 1U << USE_JUNK;
	unsigned trash = 1U << USE_TRASH;
	bool from_junk = from && uses_of(l, from) & junk;
	if (uses_of(l, to) & junk)
		return from_junk ? LESSON_NONE : LESSON_SPAM;
	if (!from_junk || uses_above(l, to) & (junk | trash))
		return LESSON_NONE;
	return LESSON_HAM;
}

/* Where the filter puts spam is the only folder that can be \Junk: most moves
 * need no look at all folders. */
static bool
may_teach(char const *spam_folder, char const *from, char const *to)
{
	return !spam_folder || !*spam_folder || strcmp(to, spam_folder) == 0 ||
	    (from && strcmp(from, spam_folder) == 0);
}

enum lesson
training_lesson(int root, char const *spam_folder, char const *from,
    char const *to)
{
	struct folder_list l = { NULL, 0, 0 };
	enum lesson lesson = LESSON_NONE;
	if (!may_teach(spam_folder, from, to))
		return LESSON_NONE;
	if (folders_read(&l, root)) {
		special_use_read(&l, root, spam_folder);
		lesson = lesson_of(&l, from, to);
	} else {
		log_error("unable to list the folders of", TRAINING_DIR, errno);
	}
	folders_free(&l);
	return lesson;
}

/* --- the records of a class ------------------------------------------------ */

static bool
note(struct training_class *c, ino_t inode, char const *name)
{
	void *p = array_grow(c->records, c->count, sizeof *c->records,
	    TRAINING_RECORDS_MAX, &c->room);
	if (!p)
		return false;
	c->records = p;
	c->records[c->count] = (struct training_record){ inode, c->names.len };
	if (!stralloc_catb(&c->names, name, strlen(name) + 1))
		return false;
	c->count++;
	return true;
}

/* A record that goes meanwhile was learned. */
static bool
read_records(struct training_class *c, DIR *d)
{
	while (c->count < TRAINING_RECORDS_MAX) {
		struct stat st;
		errno = 0;
		struct dirent const *e = readdir(d);
		if (!e)
			return errno == 0;
		if (e->d_name[0] == '.' ||
		    fstatat(c->dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		c->octets += (uint64_t)st.st_size;
		if (!note(c, st.st_ino, e->d_name))
			return false;
	}
	return true;
}

static bool
read_class(struct training_class *c)
{
	int fd = maildir_open_dir(c->dir, ".");
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool ok = read_records(c, d);
	int saved = errno;
	closedir(d);
	errno = saved;
	return ok;
}

/* NULL when none of the records is this file. */
static struct training_record const *
find(struct training_class const *c, ino_t inode)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->records[i].inode == inode)
			return &c->records[i];
	return NULL;
}

static void
free_class(struct training_class *c)
{
	if (c->dir >= 0)
		close(c->dir);
	free(c->records);
	stralloc_free(&c->names);
}

/* --- directories ------------------------------------------------------------ */

/* Opens a directory, which is made when it is missing, and then lasts. */
static int
open_made(int parent, char const *name)
{
	int fd = maildir_open_dir(parent, name);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -1;
	return file_sync(parent) ? maildir_open_dir(parent, name) : -1;
}

static bool
open_class(struct training_class *c, int parent, char const *name)
{
	c->dir = open_made(parent, name);
	return c->dir >= 0 && read_class(c);
}

static void
fail(struct training *t)
{
	if (!t->why)
		t->why = errno;
}

void
training_start(struct training *t, int root, enum lesson lesson)
{
	bool spam = lesson == LESSON_SPAM;
	memset(t, 0, sizeof *t);
	t->lesson = lesson;
	t->own.dir = t->other.dir = -1;
	if (lesson == LESSON_NONE)
		return;
	int dir = open_made(root, TRAINING_DIR);
	if (dir < 0 || !open_class(&t->own, dir, spam ? "spam" : "ham") ||
	    !open_class(&t->other, dir, spam ? "ham" : "spam"))
		fail(t);
	if (dir >= 0)
		close(dir);
}

/* --- messages ----------------------------------------------------------------- */

/* What was said before and not learned yet is not true any more. */
static void
take_back(struct training *t, ino_t inode)
{
	struct training_class *c = &t->other;
	struct training_record const *r = find(c, inode);
	if (!r)
		return;
	c->changed = true;
	if (unlinkat(c->dir, c->names.s + r->name, 0) < 0 && errno != ENOENT)
		fail(t);
}

static void
record(struct training *t, int dir, char const *path, struct stat const *st)
{
	struct training_class *c = &t->own;
	char base[MAILDIR_NAME_MAX + 1];
	char const *name = strrchr(path, '/') + 1;
	snprintf(base, sizeof base, "%.*s", (int)flags_base(name, strlen(name)),
	    name);
	if (linkat(dir, path, c->dir, base, 0) < 0) {
		if (errno != EEXIST)
			fail(t);
		return;
	}
	c->changed = true;
	c->octets += (uint64_t)st->st_size;
	t->taught++;
	if (!note(c, st->st_ino, base))
		fail(t);
}

void
training_add(struct training *t, int dir, char const *path)
{
	struct training_class const *c = &t->own;
	struct stat st;
	if (t->lesson == LESSON_NONE || t->why)
		return;
	if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		fail(t);
		return;
	}
	take_back(t, st.st_ino);
	if (!find(c, st.st_ino) && c->count < TRAINING_RECORDS_MAX &&
	    c->octets + (uint64_t)st.st_size <= TRAINING_OCTETS_MAX)
		record(t, dir, path, &st);
}

static void
sync_class(struct training *t, struct training_class const *c)
{
	if (c->changed && !file_sync(c->dir))
		fail(t);
}

void
training_end(struct training *t, char const *user)
{
	char count[16];
	int saved = errno;
	if (t->lesson == LESSON_NONE)
		return;
	sync_class(t, &t->own);
	sync_class(t, &t->other);
	if (t->why)
		log_error("unable to write to", TRAINING_DIR, t->why);
	snprintf(count, sizeof count, "%u", t->taught);
	if (t->taught)
		log_event("training", "user", user, "class",
		    t->lesson == LESSON_SPAM ? "spam" : "ham", "messages",
		    count, (char *)NULL);
	free_class(&t->own);
	free_class(&t->other);
	errno = saved;
}
