/* SPDX-License-Identifier: ISC */
#include "edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"
#include "maps.h"
#include "path.h"

enum { TEXT_FILE_MAX = 256 * 1024 * 1024 };

static int
complain(char const *what, char const *path)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, path,
	    strerror(errno));
	return 0;
}

static int
read_text(struct edit *e, enum table_id id, stralloc *path)
{
	if (!path_join(path, path_etc(), sources[id].file))
		return complain("read", sources[id].file);
	e->file[id].existed =
	    file_slurp(path->s, &e->file[id].before, TEXT_FILE_MAX);
	if (!e->file[id].existed && errno != ENOENT)
		return complain("read", path->s);
	if (!stralloc_copy(&e->file[id].after, &e->file[id].before))
		return complain("read", path->s);
	return 1;
}

int
edit_begin(struct edit *e)
{
	stralloc path = STRALLOC_ZERO;
	int ok = 1;
	memset(e, 0, sizeof *e);
	for (enum table_id id = 0; ok && id < TABLES; id++)
		ok = read_text(e, id, &path);
	stralloc_free(&path);
	return ok;
}

int
edit_append(struct edit *e, enum table_id id, char const *line)
{
	stralloc *text = &e->file[id].after;
	e->file[id].changed = true;
	if (text->len && text->s[text->len - 1] != '\n' &&
	    !stralloc_append(text, '\n'))
		return 0;
	return stralloc_cats(text, line) && stralloc_append(text, '\n');
}

/* What becomes of one entry of a text. */
enum fate { FAILED = -1, KEEP, REMOVE, PUT };

struct change {
	enum table_id id;
	char const *key; /* or the value to remove from lists */
	edit_select *select;
	char const *arg;    /* of SELECT */
	char const *line;   /* what to put */
	unsigned int count; /* entries changed */
	stralloc text;      /* what to put, when made for the entry */
};

typedef enum fate decide(struct change *c, struct entry const *e);

static int
put_region(stralloc *out, struct change const *c, enum fate fate,
    char const *region, size_t len)
{
	if (fate == KEEP)
		return stralloc_catb(out, region, len);
	if (fate == PUT)
		return stralloc_cats(out, c->line) &&
		    stralloc_append(out, '\n');
	return fate == REMOVE;
}

/* Walks through the entries; what lies between them is kept. Entries that do
 * not parse are kept too: maps_compile complains of them. */
static int
rewrite(struct edit *e, struct change *c, decide *fate_of)
{
	stralloc *text = &e->file[c->id].after;
	struct text t = { .s = text->s, .len = text->len };
	struct entry entry = ENTRY_ZERO;
	stralloc line = STRALLOC_ZERO, out = STRALLOC_ZERO;
	unsigned int number;
	size_t done = 0;
	int ok = 1, r = 1;
	while (ok &&
	    (r = text_next(&t, sources[c->id].style, &line, &number)) > 0) {
		entry.value.len = 0;
		enum entry_result parsed =
		    sources[c->id].parse(line.s, line.len, &entry);
		enum fate fate = parsed == ENTRY_MEMORY ? FAILED
		    : parsed == ENTRY_GOOD || parsed == ENTRY_DOUBTFUL
		    ? fate_of(c, &entry)
		    : KEEP;
		c->count += fate != KEEP;
		ok = stralloc_catb(&out, text->s + done, t.start - done) &&
		    put_region(&out, c, fate, text->s + t.start,
		        t.pos - t.start);
		done = t.pos;
	}
	ok = ok && r == 0 &&
	    (done == text->len ||
	        stralloc_catb(&out, text->s + done, text->len - done)) &&
	    (!c->count || stralloc_copy(text, &out));
	e->file[c->id].changed |= c->count > 0;
	entry_free(&entry);
	stralloc_free(&line);
	stralloc_free(&out);
	return ok;
}

static bool
is_key(struct change const *c, struct entry const *e)
{
	return e->key.len == strlen(c->key) &&
	    memcmp(e->key.s, c->key, e->key.len) == 0;
}

static enum fate
remove_key(struct change *c, struct entry const *e)
{
	return is_key(c, e) ? REMOVE : KEEP;
}

int
edit_remove(struct edit *e, enum table_id id, char const *key)
{
	struct change c = { .id = id, .key = key };
	return rewrite(e, &c, remove_key);
}

static enum fate
replace_first(struct change *c, struct entry const *e)
{
	if (c->count || !is_key(c, e) ||
	    !c->select(e->value.s, e->value.len, c->arg))
		return KEEP;
	return c->line ? PUT : REMOVE;
}

int
edit_replace(struct edit *e, enum table_id id, char const *key,
    edit_select *select, char const *arg, char const *line)
{
	struct change c = { .id = id,
		.key = key,
		.select = select,
		.arg = arg,
		.line = line };
	if (!rewrite(e, &c, replace_first))
		return 0;
	return c.count ? 1 : 2;
}

/* The entry's line without the one item: "KEY ITEM, ITEM". */
static enum fate
remove_item(struct change *c, struct entry const *e)
{
	struct bytes rest = { e->value.s, e->value.len };
	size_t kept = 0, gone = 0, len = strlen(c->key);
	if (!stralloc_copyb(&c->text, e->key.s, e->key.len))
		return FAILED;
	while (rest.len) {
		struct bytes item = bytes_take_until(&rest, '\n');
		if (item.len == len && memcmp(item.s, c->key, len) == 0) {
			gone++;
			continue;
		}
		if (!stralloc_cats(&c->text, kept ? ", " : "  ") ||
		    !stralloc_catb(&c->text, item.s, item.len))
			return FAILED;
		kept++;
	}
	if (!stralloc_0(&c->text))
		return FAILED;
	c->line = c->text.s;
	return !gone ? KEEP : kept ? PUT : REMOVE;
}

int
edit_remove_value(struct edit *e, enum table_id id, char const *value)
{
	struct change c = { .id = id, .key = value };
	int ok = rewrite(e, &c, remove_item);
	stralloc_free(&c.text);
	return ok;
}

/* --- on disk ---------------------------------------------------------------- */

/* Mode and owner stay. */
static int
write_text(char const *path, stralloc const *text, unsigned int mode)
{
	struct stat st;
	bool there = stat(path, &st) == 0;
	if (there)
		mode = st.st_mode & 07777;
	if (!file_replace(path, text->s ? text->s : "", text->len, mode))
		return 0;
	return !there || geteuid() != 0 ||
	    (chown(path, st.st_uid, st.st_gid) == 0 && chmod(path, mode) == 0);
}

static int
write_changed(struct edit *e, enum table_id id)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, path_etc(), sources[id].file) &&
	    write_text(path.s, &e->file[id].after, sources[id].text_mode);
	if (!ok)
		complain("write", path.s ? path.s : sources[id].file);
	stralloc_free(&path);
	return ok;
}

static void
put_back(struct edit *e, enum table_id id)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, path_etc(), sources[id].file);
	if (ok && !e->file[id].existed)
		ok = unlink(path.s) == 0 || errno == ENOENT;
	else
		ok = ok &&
		    write_text(path.s, &e->file[id].before,
		        sources[id].text_mode);
	if (!ok)
		complain("put back", path.s ? path.s : sources[id].file);
	stralloc_free(&path);
}

int
edit_commit(struct edit *e)
{
	int code = EXIT_OK;
	for (enum table_id id = 0; code == EXIT_OK && id < TABLES; id++)
		if (e->file[id].changed && !write_changed(e, id))
			code = EXIT_CANTCREAT;
	if (code == EXIT_OK)
		code = maps_compile();
	if (code == EXIT_OK)
		return code;
	for (enum table_id id = 0; id < TABLES; id++)
		if (e->file[id].changed)
			put_back(e, id);
	fputs("besace: nothing was changed\n", stderr);
	return code;
}
