/* SPDX-License-Identifier: ISC */
/* What kind of store a source is; directories of mbox files. */
#include "import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char const dbox_advice[] =
    "Dovecot's sdbox or mdbox, which only Dovecot can read: convert it by "
    "\"doveadm -o mail_location=mdbox:SOURCE backup maildir:TARGET\" (or "
    "sdbox:SOURCE) and import TARGET";

static bool
ends_with(char const *s, char const *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n > m && strcmp(s + n - m, end) == 0;
}

/* One mbox, or a directory: "Name.sbd" holds the folders below "Name". */
static void take_entry(struct import *i, struct source const *s,
    char const *path, char const *name, char const *entry, int depth);

static void
walk(struct import *i, struct source const *s, char const *dir,
    char const *name, int depth)
{
	stralloc names = STRALLOC_ZERO, path = STRALLOC_ZERO,
	         full = STRALLOC_ZERO;
	if (!source_list(s, dir, &names) || depth > IMPORT_DEPTH_MAX) {
		import_complain(i, s, dir,
		    depth > IMPORT_DEPTH_MAX ? "too deep" : strerror(errno));
		names.len = 0;
	}
	for (size_t n = 0; n < names.len; n += strlen(names.s + n) + 1) {
		char const *entry = names.s + n;
		if (*entry == '.' || ends_with(entry, ".msf"))
			continue;
		if (source_path(&path, dir, entry) &&
		    source_path(&full, name, entry))
			take_entry(i, s, path.s, full.s, entry, depth);
	}
	stralloc_free(&names);
	stralloc_free(&path);
	stralloc_free(&full);
}

static void
take_entry(struct import *i, struct source const *s, char const *path,
    char const *name, char const *entry, int depth)
{
	char level[SOURCE_PATH_MAX];
	if (source_is_dir(s, path, ".")) {
		size_t n = strlen(name);
		if (n >= sizeof level)
			return;
		if (ends_with(entry, ".sbd"))
			n -= strlen(".sbd");
		memcpy(level, name, n);
		level[n] = 0;
		walk(i, s, path, level, depth + 1);
	} else if (!import_mbox(i, s, path, name, true)) {
		target_complain(path, "warning: not an mbox, left out");
	}
}

static bool
is_dbox(struct source const *s, char const *path)
{
	return source_is_dir(s, path, "mailboxes") &&
	    !source_is_dir(s, path, "cur");
}

static bool
has_folders(struct source const *s, char const *path)
{
	stralloc names = STRALLOC_ZERO, sub = STRALLOC_ZERO;
	bool found = source_is_dir(s, path, "cur");
	if (!found && source_list(s, path, &names))
		for (size_t n = 0; !found && n < names.len;
		     n += strlen(names.s + n) + 1)
			found = source_path(&sub, path, names.s + n) &&
			    source_is_dir(s, sub.s, "cur");
	stralloc_free(&names);
	stralloc_free(&sub);
	return found;
}

void
import_source(struct import *i, struct source const *s, char const *path)
{
	stralloc sub = STRALLOC_ZERO;
	if (!source_is_dir(s, path, "."))
		import_mbox(i, s, path, "", false);
	else if (is_dbox(s, path))
		import_complain(i, s, path, dbox_advice);
	else if (has_folders(s, path))
		import_maildir(i, s,
		    !source_is_dir(s, path, "cur") &&
		            source_is_dir(s, path, "Maildir") &&
		            source_path(&sub, path, "Maildir")
		        ? sub.s
		        : path);
	else
		walk(i, s, path, "", 0);
	stralloc_free(&sub);
}
