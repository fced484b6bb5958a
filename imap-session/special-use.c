/* SPDX-License-Identifier: ISC */
#include "special-use.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "imap-word.h"
#include "log.h"
#include "maildir.h"
#include "metadata.h"

struct use const uses_table[USES] = {
	{ "\\Archive", "Archive" },
	{ "\\Drafts", "Drafts" },
	[USE_JUNK] = { "\\Junk", NULL }, /* the setting spam_folder */
	{ "\\Sent", "Sent" },
	[USE_TRASH] = { "\\Trash", "Trash" },
};

bool
special_use_parse(char const *s, size_t len, unsigned *uses)
{
	struct bytes rest = { s, len };
	*uses = 0;
	while (rest.len) {
		struct bytes word = bytes_take_until(&rest, ' ');
		unsigned i = 0;
		while (i < USES &&
		    !imap_equal(word.s, word.len, uses_table[i].attribute))
			i++;
		if (i == USES)
			return false;
		*uses |= 1U << i;
	}
	return true;
}

void
special_use_format(unsigned uses, char text[SPECIAL_USE_TEXT])
{
	size_t n = 0;
	*text = 0;
	for (unsigned i = 0; i < USES; i++)
		if (uses >> i & 1)
			n += (size_t)snprintf(text + n, SPECIAL_USE_TEXT - n,
			    "%s%s", n ? " " : "", uses_table[i].attribute);
}

static unsigned
by_name(char const *folder, char const *spam_folder)
{
	for (unsigned i = 0; i < USES; i++) {
		char const *name =
		    i == USE_JUNK ? spam_folder : uses_table[i].folder;
		if (*folder && name && strcmp(folder, name) == 0)
			return 1U << i;
	}
	return 0;
}

/* What a client said. False when none did. */
static bool
read_said(int root, char const *folder, unsigned *uses)
{
	stralloc text = STRALLOC_ZERO;
	struct bytes value;
	bool found = false;
	int dir = maildir_open_folder(root, folder, false);
	if (dir < 0)
		return false;
	if (!metadata_read(dir, METADATA_FILE, &text))
		log_error("unable to read " METADATA_FILE " of", folder, errno);
	else
		found = metadata_find(&text, SPECIAL_USE_ENTRY, &value) &&
		    special_use_parse(value.s, value.len, uses);
	close(dir);
	stralloc_free(&text);
	return found;
}

/* Sets what was said; the uses that are taken so. */
static unsigned
read_all_said(struct folder_list *l, int root)
{
	unsigned taken = 0;
	for (size_t i = 0; i < l->count; i++) {
		struct folder *f = &l->folders[i];
		f->uses = 0;
		f->uses_said = f->exists && read_said(root, f->name, &f->uses);
		taken |= f->uses;
	}
	return taken;
}

void
special_use_read(struct folder_list *l, int root, char const *spam_folder)
{
	unsigned taken = read_all_said(l, root);
	for (size_t i = 0; i < l->count; i++) {
		struct folder *f = &l->folders[i];
		if (f->exists && !f->uses_said)
			f->uses = by_name(f->name, spam_folder) & ~taken;
		if (f->uses)
			while ((f = folders_parent(l, f)))
				f->uses_below = true;
	}
}

int
special_use_allowed(int root, char const *folder, unsigned uses,
    char const *spam_folder)
{
	struct folder_list l = { NULL, 0, 0 };
	if (uses >> USE_JUNK & 1 && spam_folder && *spam_folder &&
	    strcmp(folder, spam_folder) != 0)
		return 0;
	int ok = folders_read(&l, root) ? 1 : -1;
	int saved = errno;
	if (ok > 0)
		read_all_said(&l, root);
	for (size_t i = 0; i < l.count && ok > 0; i++)
		if (strcmp(l.folders[i].name, folder) != 0 &&
		    l.folders[i].uses & uses)
			ok = 0;
	folders_free(&l);
	errno = saved;
	return ok;
}
