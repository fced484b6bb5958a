/* SPDX-License-Identifier: ISC */
/* Maildirs: Maildir++ (".Folder.Sub"), nested ones ("Folder/Sub"), with
 * Dovecot's or Courier's lists of UIDs, keywords and subscriptions. */
#include "import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "flags.h"
#include "subscriptions.h"

/* A list that says that more are used is not believed: the mailbox would have
 * none left for what is to come. */
static uint32_t const uids_used_max = UINT32_MAX / 2;

struct entry {
	size_t name; /* offset */
	bool in_new;
	struct uid_record const *record;
};

struct folder {
	struct uidlist uids;
	struct keywords keywords;
	stralloc names;
	struct entry *entries;
	size_t count, room;
};

static int
load_uids(struct source const *s, char const *dir, struct folder *f)
{
	static char const *const files[] = { UIDLIST_FILE, "courierimapuiddb" };
	stralloc text = STRALLOC_ZERO;
	int found = 0;
	for (int i = 0; i < 2 && found == 0; i++)
		found = source_slurp(s, dir, files[i], &text);
	size_t whole = text.len;
	while (whole && text.s[whole - 1] != '\n')
		whole--;
	if (found > 0 &&
	    (!uidlist_parse(&f->uids, text.s, whole) ||
	        f->uids.next > uids_used_max)) {
		uidlist_clear(&f->uids);
		errno = EPROTO;
		found = -1;
	}
	stralloc_free(&text);
	return found;
}

/* --- the files ------------------------------------------------------------ */

static int
add_entries(struct source const *s, char const *dir, bool in_new,
    struct folder *f)
{
	stralloc path = STRALLOC_ZERO, names = STRALLOC_ZERO;
	int ok = source_path(&path, dir, in_new ? "new" : "cur") &&
	    source_list(s, path.s, &names);
	/* a Maildir may lack new/ */
	if (!ok && errno == ENOENT)
		ok = 1;
	size_t base = f->names.len;
	ok = ok && stralloc_catb(&f->names, names.s, names.len);
	for (size_t i = 0; ok && i < names.len; i += strlen(names.s + i) + 1) {
		char const *name = names.s + i;
		if (*name == '.')
			continue;
		void *p = array_grow(f->entries, f->count, sizeof *f->entries,
		    SIZE_MAX / sizeof *f->entries, &f->room);
		if (!(ok = p != NULL))
			break;
		f->entries = p;
		f->entries[f->count++] = (struct entry){ base + i, in_new,
			uidlist_find(&f->uids, name,
			    flags_base(name, strlen(name))) };
	}
	stralloc_free(&path);
	stralloc_free(&names);
	return ok;
}

/* In the order of UIDs; what has none after them, by name. */
static int
by_uid(void const *a, void const *b, void *names)
{
	struct entry const *x = a, *y = b;
	uint32_t m = x->record ? x->record->uid : UINT32_MAX;
	uint32_t n = y->record ? y->record->uid : UINT32_MAX;
	if (m != n)
		return m < n ? -1 : 1;
	return strcmp((char *)names + x->name, (char *)names + y->name);
}

static void
take_file(struct target *t, struct source const *s, struct folder const *f,
    struct entry const *e, stralloc *path)
{
	char const *name = f->names.s + e->name;
	size_t len = strlen(name);
	char base[MAILDIR_NAME_MAX + 1];
	struct stat st;
	stralloc renamed = STRALLOC_ZERO;
	size_t n = flags_base(name, len);
	memcpy(base, name, n);
	base[n] = 0;
	uint32_t flags =
	    target_flags(t, &f->keywords, flags_of_name(name, len));
	int fd = source_open(s, path->s);
	errno = fd < 0 ? errno : EINVAL;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !flags_rename(name, len, flags, &renamed)) {
		target_complain(path->s, strerror(errno));
		t->tally.failed++;
	} else {
		struct incoming in = { path->s, base,
			name[n] || !e->in_new ? renamed.s + n : "", e->in_new,
			true, st.st_mtime, e->record };
		target_take(t, &in, NULL, 0, fd);
	}
	if (fd >= 0)
		close(fd);
	stralloc_free(&renamed);
}

static void
take_entry(struct target *t, struct source const *s, char const *dir,
    struct folder const *f, struct entry const *e)
{
	char const *name = f->names.s + e->name;
	stralloc sub = STRALLOC_ZERO, path = STRALLOC_ZERO;
	int met = -1;
	if (source_path(&sub, dir, e->in_new ? "new" : "cur") &&
	    source_path(&path, sub.s, name))
		met = target_meet(t, name, flags_base(name, strlen(name)));
	if (met == 0)
		take_file(t, s, f, e, &path);
	t->tally.there += met > 0;
	if (met < 0) {
		target_complain(name, strerror(errno));
		t->tally.failed++;
	}
	stralloc_free(&sub);
	stralloc_free(&path);
}

static void
take_folder(struct import *i, struct source const *s, char const *dir,
    char const *name, struct folder *f)
{
	char folder[NAME_MAX_DISK + 1];
	struct target t;
	stralloc text = STRALLOC_ZERO;
	if (!import_folder(i, name, folder)) {
		import_complain(i, s, dir, "its name is too long");
		return;
	}
	if (load_uids(s, dir, f) < 0)
		import_complain(i, s, dir,
		    "its list of UIDs cannot be read, "
		    "all UIDs are new");
	if (source_slurp(s, dir, KEYWORDS_FILE, &text) > 0)
		keywords_parse(&f->keywords, text.s, text.len);
	stralloc_free(&text);
	if (!add_entries(s, dir, true, f) || !add_entries(s, dir, false, f)) {
		import_complain(i, s, dir, strerror(errno));
		return;
	}
	if (f->count)
		qsort_r(f->entries, f->count, sizeof *f->entries, by_uid,
		    f->names.s);
	if (!target_open(&t, i->root, folder, &f->uids, i->dry)) {
		i->all = false;
		return;
	}
	for (size_t n = 0; n < f->count; n++)
		take_entry(&t, s, dir, f, &f->entries[n]);
	import_report(i, &t);
}

static void
one_folder(struct import *i, struct source const *s, char const *dir,
    char const *name)
{
	static struct folder f;
	memset(&f, 0, sizeof f);
	uidlist_init(&f.uids);
	take_folder(i, s, dir, name, &f);
	uidlist_clear(&f.uids);
	stralloc_free(&f.names);
	free(f.entries);
}

/* --- the tree ------------------------------------------------------------- */

/* The folders below DIR, NAME being its own with '/' between the levels. */
static void
walk(struct import *i, struct source const *s, char const *dir,
    char const *name, int depth)
{
	static char const *const inside[] = { "cur", "new", "tmp" };
	stralloc names = STRALLOC_ZERO, path = STRALLOC_ZERO,
	         full = STRALLOC_ZERO;
	if (source_is_dir(s, dir, "cur"))
		one_folder(i, s, dir, name);
	if (!source_list(s, dir, &names) || depth > IMPORT_DEPTH_MAX) {
		import_complain(i, s, dir,
		    depth > IMPORT_DEPTH_MAX ? "too deep" : strerror(errno));
		names.len = 0;
	}
	for (size_t n = 0; n < names.len; n += strlen(names.s + n) + 1) {
		char const *e = names.s + n;
		bool own = false;
		for (int k = 0; k < 3; k++)
			own = own || strcmp(e, inside[k]) == 0;
		if (own || !source_path(&path, dir, e))
			continue;
		if (!source_is_dir(s, dir, e)) {
			if (errno == ELOOP)
				import_complain(i, s, path.s, strerror(errno));
			continue;
		}
		bool flat = *e == '.';
		if (!source_path(&full, name, e + flat))
			continue;
		/* ".A.B" of Maildir++: its dots part levels */
		for (size_t k = full.len - strlen(e + flat);
		     flat && k < full.len; k++)
			if (full.s[k] == '.')
				full.s[k] = '/';
		walk(i, s, path.s, full.s, depth + 1);
	}
	stralloc_free(&names);
	stralloc_free(&path);
	stralloc_free(&full);
}

/* Each line's folder of NAMES, under its new name. */
static void
subscribe(struct import *i, stralloc const *names)
{
	char folder[NAME_MAX_DISK + 1], name[1024];
	for (size_t n = 0; n < names->len;) {
		char const *lf = memchr(names->s + n, '\n', names->len - n);
		size_t len = (size_t)(lf - names->s) - n;
		if (len < sizeof name) {
			memcpy(name, names->s + n, len);
			name[len] = 0;
			for (size_t k = 0; k < len; k++)
				if (name[k] == '.')
					name[k] = '/';
			if (import_folder(i, name, folder) &&
			    (!stralloc_cats(&i->subscribe,
			         *folder ? folder : "INBOX") ||
			        !stralloc_append(&i->subscribe, '\n')))
				i->all = false;
		}
		n += len + 1;
	}
}

void
import_maildir(struct import *i, struct source const *s, char const *path)
{
	stralloc text = STRALLOC_ZERO, names = STRALLOC_ZERO;
	walk(i, s, path, "", 0);
	i->has_list = source_slurp(s, path, "subscriptions", &text) > 0 ||
	    source_slurp(s, path, "courierimapsubscribed", &text) > 0;
	if (i->has_list && subscriptions_parse(&text, &names))
		subscribe(i, &names);
	stralloc_free(&text);
	stralloc_free(&names);
}
