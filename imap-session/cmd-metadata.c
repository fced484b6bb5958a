/* SPDX-License-Identifier: ISC */
/* GETMETADATA and SETMETADATA (RFC 5464). */
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "folders.h"
#include "maildir.h"
#include "metadata.h"
#include "special-use.h"

static char const too_many[] =
    "NO [METADATA TOOMANY] No more annotations there";
static char const bad_use[] = "NO [USEATTR] Not a use the mailbox can have";
static char const read_only[] = "NO [NOPERM] Only the server sets this";

/* --- arguments ---------------------------------------------------------- */

/* The name of an entry, in small letters. */
static bool
cursor_entry(struct cursor *c, stralloc *name)
{
	if (!cursor_astring(c, name) || !metadata_is_name(name->s, name->len))
		return false;
	for (size_t i = 0; i < name->len; i++)
		if (name->s[i] >= 'A' && name->s[i] <= 'Z')
			name->s[i] = (char)(name->s[i] - 'A' + 'a');
	return true;
}

static bool
add_name(struct cursor *c, struct metadata_query *q)
{
	stralloc name = STRALLOC_ZERO;
	bool ok = cursor_entry(c, &name) && stralloc_0(&name) &&
	    q->names.len <= METADATA_ENTRIES_MAX * METADATA_NAME_MAX &&
	    stralloc_cat(&q->names, &name);
	stralloc_free(&name);
	return ok;
}

bool
cursor_metadata_query(struct cursor *c, struct metadata_query *q)
{
	q->names.len = 0;
	q->max_size = UINT64_MAX;
	if (!cursor_char(c, '('))
		return add_name(c, q);
	do
		if (!add_name(c, q))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')');
}

static bool
one_option(struct cursor *c, uint32_t *max_size, unsigned *depth)
{
	if (cursor_word(c, "MAXSIZE"))
		return cursor_space(c) && cursor_number(c, max_size);
	if (!cursor_word(c, "DEPTH") || !cursor_space(c))
		return false;
	*depth = cursor_word(c, "0") ? 0 : cursor_word(c, "1") ? 1 : UINT_MAX;
	return *depth != UINT_MAX || cursor_word(c, "INFINITY");
}

/* "(" getmetadata-option *(SP getmetadata-option) ")" SP; an entry's name starts
 * with a slash, which no option does. */
static bool
get_options(struct cursor *c, uint32_t *max_size, unsigned *depth)
{
	struct cursor here = *c;
	if (!cursor_char(&here, '(') || cursor_is(&here, '/') ||
	    cursor_is(&here, '"') || cursor_is(&here, '{'))
		return true;
	*c = here;
	do
		if (!one_option(c, max_size, depth))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')') && cursor_space(c);
}

/* A mailbox, or "" for the server: *SERVER. As session_folder. */
static int
metadata_mailbox(struct session *s, struct cursor *c,
    char folder[NAME_MAX_DISK + 1], bool *server)
{
	struct cursor here = *c;
	stralloc name = STRALLOC_ZERO;
	*server = cursor_astring(&here, &name) && !name.len;
	stralloc_free(&name);
	if (!*server)
		return session_folder(s, c, folder);
	*c = here;
	return 1;
}

/* --- GETMETADATA -------------------------------------------------------- */

/* Whether the query names E, or something above it that is near enough. */
static bool
is_asked(struct metadata_query const *q, struct metadata_entry const *e)
{
	for (size_t i = 0; i < q->names.len;) {
		char const *name = q->names.s + i;
		size_t n = strlen(name);
		i += n + 1;
		if (n > e->name.len || memcmp(e->name.s, name, n) != 0)
			continue;
		if (n == e->name.len)
			return true;
		if (e->name.s[n] == '/' && q->depth &&
		    (q->depth > 1 ||
		        !memchr(e->name.s + n + 1, '/', e->name.len - n - 1)))
			return true;
	}
	return false;
}

static void
put_value(struct session *s, struct bytes value)
{
	if (!memchr(value.s, 0, value.len)) {
		wire_string(&s->wire, value.s, value.len);
		return;
	}
	wire_puts(&s->wire, "~{");
	wire_number(&s->wire, value.len);
	wire_puts(&s->wire, "}\r\n");
	wire_put(&s->wire, value.s, value.len);
}

/* "" for the server. */
static void
start_entry(struct session *s, struct folder const *f, bool *any,
    struct bytes name)
{
	wire_puts(&s->wire, *any ? " " : "* METADATA ");
	if (!*any && f)
		put_folder(s, f->name);
	else if (!*any)
		wire_puts(&s->wire, "\"\"");
	if (!*any)
		wire_puts(&s->wire, " (");
	*any = true;
	wire_astring(&s->wire, name.s, name.len);
	wire_puts(&s->wire, " ");
}

/* What is asked for by its very name and not there is NIL. */
static void
put_missing(struct session *s, struct folder const *f,
    struct metadata_query const *q, stralloc const *text, bool *any)
{
	struct bytes value;
	for (size_t i = 0; i < q->names.len;) {
		char const *name = q->names.s + i;
		i += strlen(name) + 1;
		if (q->depth || metadata_find(text, name, &value))
			continue;
		start_entry(s, f, any, bytes_of(name));
		wire_puts(&s->wire, "NIL");
	}
}

static void
put_entries(struct session *s, struct folder const *f, struct metadata_query *q,
    stralloc const *text)
{
	struct bytes rest = { text->len ? text->s : "", text->len };
	struct metadata_entry e;
	bool any = false;
	while (metadata_next(&rest, &e)) {
		if (!is_asked(q, &e))
			continue;
		if (e.value.len > q->max_size) {
			if (e.value.len > q->longest)
				q->longest = e.value.len;
			continue;
		}
		start_entry(s, f, &any, e.name);
		put_value(s, e.value);
	}
	put_missing(s, f, q, text, &any);
	if (any)
		wire_line(&s->wire, ")");
}

/* What the mailbox is for by its name shows as if somebody had said so. */
static int
add_use(stralloc *text, struct folder const *f)
{
	char uses[SPECIAL_USE_TEXT];
	if (!f->uses || f->uses_said)
		return 1;
	special_use_format(f->uses, uses);
	struct metadata_entry e = { bytes_of(SPECIAL_USE_ENTRY), bytes_of(uses),
		false };
	return metadata_edit(text, &e);
}

bool
put_metadata(struct session *s, struct folder const *f,
    struct metadata_query *q)
{
	stralloc text = STRALLOC_ZERO;
	int dir = maildir_open_folder(s->root, f->name, false);
	bool ok = dir >= 0 && metadata_read(dir, METADATA_FILE, &text) &&
	    add_use(&text, f);
	int saved = errno;
	if (ok)
		put_entries(s, f, q, &text);
	if (dir >= 0)
		close(dir);
	stralloc_free(&text);
	errno = saved;
	return ok;
}

static answer
get_mailbox(struct session *s, char const *folder, struct metadata_query *q)
{
	struct folder_list l = { NULL, 0, 0 };
	answer failed = NULL;
	if (!folders_read(&l, s->root)) {
		failed = session_failed(s, "unable to list", "");
	} else {
		special_use_read(&l, s->root, s->spam_folder);
		struct folder const *f = folders_find(&l, folder);
		if (!f || !f->exists)
			failed = ANSWER_NO_MAILBOX;
		else if (!put_metadata(s, f, q))
			failed = session_failed(s,
			    "unable to read annotations of", folder);
	}
	folders_free(&l);
	return failed;
}

static answer
get_server(struct session *s, struct metadata_query *q)
{
	stralloc text = STRALLOC_ZERO;
	answer failed = NULL;
	if (metadata_read(s->root, METADATA_SERVER_FILE, &text))
		put_entries(s, NULL, q, &text);
	else
		failed = session_failed(s, "unable to read annotations", "");
	stralloc_free(&text);
	return failed;
}

static answer
get_done(struct session *s, struct metadata_query const *q)
{
	if (!q->longest)
		return "OK GETMETADATA completed";
	answer_start(s, "OK [METADATA LONGENTRIES ");
	answer_number(s, (uint32_t)q->longest);
	return answer_done(s, "] GETMETADATA completed");
}

/* The options stand before the mailbox by the grammar and after it in the
 * examples: both. */
answer
cmd_getmetadata(struct session *s, struct cursor *c)
{
	struct metadata_query q = { .depth = 0 };
	char folder[NAME_MAX_DISK + 1];
	uint32_t max_size = UINT32_MAX;
	unsigned depth = 0;
	bool server;
	int r = get_options(c, &max_size, &depth)
	    ? metadata_mailbox(s, c, folder, &server)
	    : 0;
	answer failed = ANSWER_BAD_ARGUMENTS;
	if (r && cursor_space(c) && get_options(c, &max_size, &depth) &&
	    cursor_metadata_query(c, &q) && cursor_end(c)) {
		q.max_size = max_size;
		q.depth = depth;
		failed = r < 0 ? ANSWER_NO_MAILBOX
		    : server   ? get_server(s, &q)
		               : get_mailbox(s, folder, &q);
	}
	stralloc_free(&q.names);
	return failed ? failed : get_done(s, &q);
}

/* --- SETMETADATA -------------------------------------------------------- */

struct changes {
	struct metadata_entry e[METADATA_ENTRIES_MAX];
	size_t count;
	bool too_large, too_many;
};

/* value = nstring / literal8 */
static bool
cursor_value(struct cursor *c, stralloc *value, bool *nil)
{
	*nil = false;
	return cursor_is(c, '~') ? cursor_literal8(c, value)
	                         : cursor_nstring(c, value, nil);
}

/* A copy of its own, freed by free_changes. False: no memory. */
static bool
keep(struct bytes *b, stralloc const *from)
{
	char *copy = malloc(from->len + 1);
	if (copy && from->len)
		memcpy(copy, from->s, from->len);
	*b = (struct bytes){ copy, from->len };
	return copy;
}

/* entry SP value */
static bool
cursor_change(struct cursor *c, struct changes *all)
{
	stralloc name = STRALLOC_ZERO;
	stralloc value = STRALLOC_ZERO;
	struct metadata_entry e = { .remove = false };
	bool ok = cursor_entry(c, &name) &&
	    metadata_is_entry(name.s, name.len) && cursor_space(c) &&
	    cursor_value(c, &value, &e.remove);
	all->too_large = all->too_large || value.len > METADATA_VALUE_MAX;
	all->too_many = all->count == METADATA_ENTRIES_MAX;
	if (ok && !all->too_large && !all->too_many) {
		ok = keep(&e.name, &name);
		if (ok && !keep(&e.value, &value)) {
			free((void *)(uintptr_t)e.name.s);
			ok = false;
		}
		if (ok)
			all->e[all->count++] = e;
	}
	stralloc_free(&name);
	stralloc_free(&value);
	return ok;
}

static void
free_changes(struct changes *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free((void *)(uintptr_t)all->e[i].name.s);
		free((void *)(uintptr_t)all->e[i].value.s);
	}
}

static bool
cursor_changes(struct cursor *c, struct changes *all)
{
	if (!cursor_char(c, '('))
		return false;
	do
		if (!cursor_change(c, all))
			return false;
	while (cursor_space(c));
	return cursor_char(c, ')') && cursor_end(c);
}

/* NULL, or why it may not be set. */
static answer
check_mailbox_entry(struct session *s, char const *folder,
    struct metadata_entry const *e)
{
	unsigned uses;
	if (e->remove || !bytes_are(e->name, SPECIAL_USE_ENTRY))
		return NULL;
	if (!special_use_parse(e->value.s, e->value.len, &uses))
		return bad_use;
	int r = special_use_allowed(s->root, folder, uses, s->spam_folder);
	if (r < 0)
		return session_failed(s, "unable to list", "");
	return r ? NULL : bad_use;
}

/* RFC 7162 section 3.2: the mailbox has changed. What cannot be told so is no
 * failure of the change. */
static void
raise_modseq(struct session *s, char const *folder)
{
	struct mailbox b;
	if (!mailbox_open(&b, s->root, folder, false))
		return;
	b.keeps_index = true;
	if (mailbox_lock(&b) && mailbox_sync(&b))
		(void)mailbox_next_modseq(&b);
	mailbox_close(&b);
}

static answer
change_file(struct session *s, char const *folder, bool server,
    struct changes const *all)
{
	int dir = maildir_open_folder(s->root, server ? "" : folder, false);
	if (dir < 0)
		return session_failed(s, "unable to open", folder);
	if (!server)
		session_notify_own(s, folder);
	int ok = metadata_change(dir,
	    server ? METADATA_SERVER_FILE : METADATA_FILE, all->e, all->count);
	int saved = errno;
	close(dir);
	errno = saved;
	if (ok && !server)
		raise_modseq(s, folder);
	if (ok)
		return "OK SETMETADATA completed";
	return saved == E2BIG
	    ? too_many
	    : session_failed(s, "unable to set annotations of", folder);
}

static answer
set(struct session *s, char const *folder, bool server,
    struct changes const *all)
{
	if (!server && !folder_exists(s->root, folder))
		return ANSWER_NO_MAILBOX;
	for (size_t i = 0; i < all->count; i++) {
		answer failed = NULL;
		if (!server)
			failed = check_mailbox_entry(s, folder, &all->e[i]);
		else if (bytes_are(all->e[i].name, "/shared/admin"))
			failed = read_only;
		if (failed)
			return failed;
	}
	return change_file(s, folder, server, all);
}

static answer
too_large(struct session *s)
{
	answer_start(s, "NO [METADATA MAXSIZE ");
	answer_number(s, METADATA_VALUE_MAX);
	return answer_done(s, "] The value is too long");
}

answer
cmd_setmetadata(struct session *s, struct cursor *c)
{
	struct changes all = { .count = 0 };
	char folder[NAME_MAX_DISK + 1] = "";
	bool server;
	answer text = ANSWER_BAD_ARGUMENTS;
	int r = metadata_mailbox(s, c, folder, &server);
	if (r && cursor_space(c) && cursor_changes(c, &all))
		text = r < 0        ? ANSWER_NO_MAILBOX
		    : all.too_large ? too_large(s)
		    : all.too_many  ? too_many
		                    : set(s, folder, server, &all);
	free_changes(&all);
	return text;
}
