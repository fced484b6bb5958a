/* SPDX-License-Identifier: ISC */
/* NOTIFY: which annotations have changed. */
#include "notify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "maildir.h"
#include "metadata.h"

/* FNV-1a */
static uint64_t
hash(struct bytes b)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.s[i]) * UINT64_C(1099511628211);
	return h;
}

/* A line "HASH NAME" LF for each entry. */
static int
make_digest(stralloc const *text, stralloc *digest)
{
	struct bytes rest = { text->len ? text->s : "", text->len };
	struct metadata_entry e;
	char head[24];
	while (metadata_next(&rest, &e)) {
		int n = snprintf(head, sizeof head, "%016llx ",
		    (unsigned long long)hash(e.value));
		if (!stralloc_catb(digest, head, (size_t)n) ||
		    !stralloc_catb(digest, e.name.s, e.name.len) ||
		    !stralloc_append(digest, '\n'))
			return 0;
	}
	return 1;
}

static bool
has_line(stralloc const *digest, struct bytes line)
{
	struct bytes rest = { digest->len ? digest->s : "", digest->len };
	while (rest.len) {
		struct bytes one = bytes_take_until(&rest, '\n');
		if (one.len == line.len && memcmp(one.s, line.s, one.len) == 0)
			return true;
	}
	return false;
}

static bool
has_name(stralloc const *digest, struct bytes name)
{
	struct bytes rest = { digest->len ? digest->s : "", digest->len };
	while (rest.len) {
		struct bytes one = bytes_take_until(&rest, '\n');
		struct bytes hashed = bytes_take_until(&one, ' ');
		if (hashed.len && one.len == name.len &&
		    memcmp(one.s, name.s, one.len) == 0)
			return true;
	}
	return false;
}

static void
put_changed(struct session *s, struct folder const *f, bool *any,
    struct bytes name)
{
	if (!*any) {
		wire_puts(&s->wire, "* METADATA ");
		if (f)
			put_folder(s, f->name);
		else
			wire_puts(&s->wire, "\"\"");
	}
	*any = true;
	wire_puts(&s->wire, " ");
	wire_astring(&s->wire, name.s, name.len);
}

/* Lines of ONE that are not in OTHER; if GONE, only names that are not. */
static void
put_difference(struct session *s, struct folder const *f, stralloc const *one,
    stralloc const *other, bool gone, bool *any)
{
	struct bytes rest = { one->len ? one->s : "", one->len };
	while (rest.len) {
		struct bytes line = bytes_take_until(&rest, '\n');
		struct bytes name = line;
		bytes_take_until(&name, ' ');
		if (gone ? !has_name(other, name) : !has_line(other, line))
			put_changed(s, f, any, name);
	}
}

void
notify_annotations(struct session *s, struct folder const *f, stralloc *digest,
    bool tell)
{
	stralloc text = STRALLOC_ZERO;
	stralloc now = STRALLOC_ZERO;
	bool any = false;
	int dir = maildir_open_folder(s->root, f ? f->name : "", false);
	bool ok = dir >= 0 &&
	    metadata_read(dir, f ? METADATA_FILE : METADATA_SERVER_FILE,
	        &text) &&
	    make_digest(&text, &now);
	if (dir >= 0)
		close(dir);
	stralloc_free(&text);
	if (ok && tell) {
		put_difference(s, f, &now, digest, false, &any);
		put_difference(s, f, digest, &now, true, &any);
	}
	if (any)
		wire_line(&s->wire, "");
	if (ok) {
		stralloc_free(digest);
		*digest = now;
	} else {
		stralloc_free(&now);
	}
}
