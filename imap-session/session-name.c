/* SPDX-License-Identifier: ISC */
/* Names of mailboxes in commands and answers: modified UTF-7 as on the disk, or
 * UTF-8 for a client that has enabled it (RFC 6855 section 3). */
#include "session.h"

#include <string.h>
#include "names.h"

/* What RFC 6855 forbids and modified UTF-7 has no word about: the separators of
 * lines and paragraphs, U+2028 and U+2029. */
static bool
has_separator(char const *s, size_t len)
{
	return memmem(s, len, "\xe2\x80\xa8", 3) ||
	    memmem(s, len, "\xe2\x80\xa9", 3);
}

static bool
from_utf8(char const *s, size_t len, char separator,
    char folder[NAME_MAX_DISK + 1])
{
	stralloc name = STRALLOC_ZERO;
	bool ok = len && len <= NAME_MAX_UTF8 && !has_separator(s, len) &&
	    name_from_utf8(s, len, &name) > 0 &&
	    name_to_folder(name.s ? name.s : "", name.len, separator, folder);
	stralloc_free(&name);
	return ok;
}

int
session_folder(struct session *s, struct cursor *c,
    char folder[NAME_MAX_DISK + 1])
{
	stralloc name = STRALLOC_ZERO;
	int r = cursor_astring(c, &name);
	bool (*convert)(char const *, size_t, char, char *) =
	    s->enabled & ENABLED_UTF8 ? from_utf8 : name_to_folder;
	if (r && !convert(name.s, name.len, s->separator, folder))
		r = -1;
	stralloc_free(&name);
	return r;
}

bool
session_name(struct session const *s, char const *folder, stralloc *out)
{
	stralloc name = STRALLOC_ZERO;
	if (!(s->enabled & ENABLED_UTF8))
		return name_from_folder(folder, s->separator, out);
	bool ok = name_from_folder(folder, s->separator, &name) &&
	    name_to_utf8(name.s, name.len, out);
	stralloc_free(&name);
	return ok;
}

void
put_folder(struct session *s, char const *folder)
{
	stralloc name = STRALLOC_ZERO;
	if (session_name(s, folder, &name))
		wire_astring(&s->wire, name.s, name.len);
	else
		session_bye(s, "Out of memory");
	stralloc_free(&name);
}
