/* SPDX-License-Identifier: ISC */
#include "folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "array.h"
#include "file.h"
#include "mailbox.h"
#include "parse.h"
#include "log.h"
#include "maildir.h"
#include "quota-count.h"
#include "subscriptions.h"

enum {
	FOLDERS_MAX = 100000,
	PATH_ROOM = NAME_MAX_DISK + 8,
	TRASHED_SECONDS = 86400 /* its session is no more */
};

/* A deleted mailbox on its way out. No folder's name starts with two dots. */
#define TRASHED "..besace-deleted."

static int
add(struct folder_list *l, char const *name, size_t len, bool exists)
{
	void *p = array_grow(l->folders, l->count, sizeof *l->folders,
	    FOLDERS_MAX, &l->room);
	if (!p)
		return 0;
	l->folders = p;
	struct folder *f = &l->folders[l->count++];
	memset(f, 0, sizeof *f);
	memcpy(f->name, name, len);
	f->exists = exists;
	return 1;
}

/* A folder stands right before those under it. */
static int
compare_names(char const *a, char const *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	unsigned char x = *a == '.' ? 1 : (unsigned char)*a;
	unsigned char y = *b == '.' ? 1 : (unsigned char)*b;
	return (x > y) - (x < y);
}

static int
by_name(void const *a, void const *b)
{
	struct folder const *x = a;
	struct folder const *y = b;
	int c = compare_names(x->name, y->name);
	return c ? c : (int)y->exists - (int)x->exists; /* existing first */
}

/* One entry a name; of equal ones the first, which exists, stays. */
static void
sort_and_join(struct folder_list *l)
{
	qsort(l->folders, l->count, sizeof *l->folders, by_name);
	size_t out = 0;
	for (size_t i = 0; i < l->count; i++)
		if (!out ||
		    strcmp(l->folders[out - 1].name, l->folders[i].name) != 0)
			l->folders[out++] = l->folders[i];
	l->count = out;
}

/* "a.b.c" brings "a" and "a.b". */
static int
add_parents(struct folder_list *l)
{
	size_t count = l->count;
	for (size_t i = 0; i < count; i++) {
		char name[NAME_MAX_DISK + 1];
		memcpy(name, l->folders[i].name, sizeof name);
		for (char *dot; (dot = strrchr(name, '.'));) {
			*dot = 0;
			if (strcmp(name, "INBOX") != 0 &&
			    !add(l, name, strlen(name), false))
				return 0;
		}
	}
	return 1;
}

static void
mark_children(struct folder_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct folder *f = &l->folders[i];
		char const *next = i + 1 < l->count ? f[1].name : "";
		size_t n = strlen(f->name);
		f->children = *f->name && strncmp(next, f->name, n) == 0 &&
		    next[n] == '.';
		if (strncmp(f->name, "INBOX.", 6) == 0)
			l->folders[0].children = true;
	}
}

static int
finish(struct folder_list *l)
{
	if (!add_parents(l))
		return 0;
	sort_and_join(l);
	mark_children(l);
	return 1;
}

bool
folder_exists(int root, char const *folder)
{
	char path[PATH_ROOM];
	struct stat st;
	if (!*folder)
		return true;
	snprintf(path, sizeof path, ".%s/cur", folder);
	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static int
read_entries(struct folder_list *l, int root, DIR *d)
{
	for (;;) {
		errno = 0;
		struct dirent const *e = readdir(d);
		if (!e)
			return errno == 0;
		size_t n = strlen(e->d_name);
		if (e->d_name[0] != '.' ||
		    !name_is_folder(e->d_name + 1, n - 1) ||
		    imap_equal(e->d_name + 1, n - 1, "INBOX") ||
		    !folder_exists(root, e->d_name + 1))
			continue;
		if (!add(l, e->d_name + 1, n - 1, true))
			return 0;
	}
}

int
folders_read(struct folder_list *l, int root)
{
	l->count = 0;
	if (!add(l, "", 0, true))
		return 0;
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return 0;
	}
	int ok = read_entries(l, root, d);
	int saved = errno;
	closedir(d);
	errno = saved;
	return ok && finish(l);
}

int
folders_add(struct folder_list *l, char const *names, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = strlen(names + i);
		if (!imap_equal(names + i, n, "INBOX") &&
		    !add(l, names + i, n, false))
			return 0;
		i += n + 1;
	}
	return finish(l);
}

static int
name_is(void const *key, void const *folder)
{
	return compare_names(key, ((struct folder const *)folder)->name);
}

struct folder *
folders_find(struct folder_list const *l, char const *name)
{
	return l->count
	    ? bsearch(name, l->folders, l->count, sizeof *l->folders, name_is)
	    : NULL;
}

struct folder *
folders_parent(struct folder_list const *l, struct folder const *f)
{
	char name[NAME_MAX_DISK + 1];
	memcpy(name, f->name, sizeof name);
	char *dot = strrchr(name, '.');
	if (!dot)
		return NULL;
	*dot = 0;
	return folders_find(l, strcmp(name, "INBOX") == 0 ? "" : name);
}

int
folders_subscribed(int root, stralloc *names)
{
	if (!subscriptions_read(root, names))
		return 0;
	size_t out = 0;
	char *text = names->s;
	for (size_t i = 0; i < names->len;) {
		char *lf = memchr(text + i, '\n', names->len - i);
		size_t n = (size_t)(lf - text) - i;
		if (name_is_folder(text + i, n)) {
			memmove(text + out, text + i, n);
			out += n;
			text[out++] = 0;
		}
		i += n + 1;
	}
	names->len = out;
	return 1;
}

void
folders_mark_subscribed(struct folder_list *l, char const *names, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = strlen(names + i);
		bool inbox = imap_equal(names + i, n, "INBOX");
		struct folder *f = folders_find(l, inbox ? "" : names + i);
		i += n + 1;
		if (!f)
			continue;
		f->subscribed = true;
		while ((f = folders_parent(l, f)))
			f->subscribed_below = true;
	}
}

void
folders_free(struct folder_list *l)
{
	free(l->folders);
	memset(l, 0, sizeof *l);
}

int
folder_create(int root, char const *folder)
{
	struct mailbox box;
	if (folder_exists(root, folder)) {
		errno = EEXIST;
		return 0;
	}
	int fd = maildir_open_folder(root, folder, true);
	if (fd < 0)
		return 0;
	close(fd);
	/* The first lock makes the list of UIDs. */
	if (!mailbox_open(&box, root, folder, true))
		return 0;
	int ok = mailbox_lock(&box);
	mailbox_close(&box);
	return ok;
}

static void
empty_dir(int parent, char const *name)
{
	int fd = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	struct dirent const *e;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(fd, e->d_name, 0);
	closedir(d);
}

/* Best effort: what stays is not seen as a mailbox. */
static void
remove_trashed(int root, char const *name)
{
	static char const *const inside[] = { "cur", "new", "tmp" };
	int fd =
	    openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
		empty_dir(fd, inside[i]);
		unlinkat(fd, inside[i], AT_REMOVEDIR);
	}
	close(fd);
	empty_dir(root, name);
	unlinkat(root, name, AT_REMOVEDIR);
}

/* What a session left that was killed while it deleted. */
static void
sweep_trashed(int root)
{
	struct dirent const *e;
	struct stat st;
	time_t now = time(NULL);
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (strncmp(e->d_name, TRASHED, strlen(TRASHED)) == 0 &&
		    fstatat(root, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    now - st.st_mtime > TRASHED_SECONDS)
			remove_trashed(root, e->d_name);
	closedir(d);
}

/* What is not counted is missed by the next count only. */
static void
count_trashed(int root, char const *name, struct quota_usage *gone)
{
	int fd =
	    openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !quota_count_folder(fd, gone))
		log_error("count", name, errno);
	if (fd >= 0)
		close(fd);
}

int
folder_delete(int root, char const *folder, struct quota_usage *gone)
{
	char from[PATH_ROOM];
	char to[MAILDIR_NAME_MAX + 64];
	char unique[MAILDIR_NAME_MAX + 1];
	maildir_unique(unique);
	snprintf(from, sizeof from, ".%s", folder);
	snprintf(to, sizeof to, TRASHED "%s", unique);
	if (renameat(root, from, root, to) < 0 || !file_sync(root))
		return 0;
	count_trashed(root, to, gone);
	remove_trashed(root, to);
	sweep_trashed(root);
	return 1;
}

/* The new name of FOLDER, which is FROM or below it. */
static bool
renamed(char const *folder, char const *from, char const *to,
    char out[NAME_MAX_DISK + 1])
{
	size_t n = strlen(to) + strlen(folder) - strlen(from);
	if (n > NAME_MAX_DISK)
		return false;
	snprintf(out, NAME_MAX_DISK + 1, "%s%s", to, folder + strlen(from));
	return true;
}

static bool
is_at_or_below(char const *folder, char const *from)
{
	size_t n = strlen(from);
	return strncmp(folder, from, n) == 0 &&
	    (!folder[n] || folder[n] == '.');
}

static int
rename_dir(int root, char const *from, char const *to)
{
	char old[PATH_ROOM];
	char new[PATH_ROOM];
	snprintf(old, sizeof old, ".%s", from);
	snprintf(new, sizeof new, ".%s", to);
	if (renameat2(root, old, root, new, RENAME_NOREPLACE) == 0)
		return 1;
	if (errno != EINVAL && errno != ENOSYS)
		return 0;
	return renameat(root, old, root, new) == 0;
}

bool
folder_renamed(char const *folder, char const *from, char const *to,
    char out[NAME_MAX_DISK + 1])
{
	return *folder && is_at_or_below(folder, from) &&
	    renamed(folder, from, to, out);
}

/* Before the first one is renamed. */
static bool
names_fit(struct folder_list const *l, char const *from, char const *to)
{
	char new[NAME_MAX_DISK + 1];
	for (size_t i = 0; i < l->count; i++)
		if (is_at_or_below(l->folders[i].name, from) &&
		    !renamed(l->folders[i].name, from, to, new))
			return false;
	return true;
}

static int
rename_all(struct folder_list const *l, int root, char const *from,
    char const *to, size_t *done)
{
	for (*done = 0; *done < l->count; ++*done) {
		struct folder const *f = &l->folders[*done];
		char new[NAME_MAX_DISK + 1];
		if (f->exists && folder_renamed(f->name, from, to, new) &&
		    !rename_dir(root, f->name, new))
			return 0;
	}
	return 1;
}

static void
rename_back(struct folder_list const *l, int root, char const *from,
    char const *to, size_t done)
{
	for (size_t i = 0; i < done; i++) {
		struct folder const *f = &l->folders[i];
		char new[NAME_MAX_DISK + 1];
		if (f->exists && folder_renamed(f->name, from, to, new))
			(void)rename_dir(root, new, f->name);
	}
}

int
folder_rename(int root, char const *from, char const *to)
{
	struct folder_list l = { NULL, 0, 0 };
	size_t done;
	bool found = false;
	if (!folders_read(&l, root)) {
		folders_free(&l);
		return 0;
	}
	for (size_t i = 0; i < l.count; i++)
		found = found || strcmp(l.folders[i].name, from) == 0;
	int ok = 0;
	int why = ENOENT;
	if (found && folder_exists(root, to)) {
		why = EEXIST;
	} else if (found && is_at_or_below(to, from)) {
		why = EINVAL;
	} else if (found && !names_fit(&l, from, to)) {
		why = ENAMETOOLONG;
	} else if (found) {
		ok = rename_all(&l, root, from, to, &done) && file_sync(root);
		why = errno;
		if (!ok)
			rename_back(&l, root, from, to, done);
	}
	folders_free(&l);
	errno = why;
	return ok;
}
