/* SPDX-License-Identifier: ISC */
/* FETCH. Whatever can fail for a message is done before the first octet of its
 * answer is sent; the length of a literal is counted on the file itself. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "content.h"
#include "dates.h"
#include "envelope.h"
#include "fetch.h"
#include "header.h"
#include "structure.h"

/* What the message at hand needs before it can be sent. */
enum need { NEED_FILE = 1, NEED_HEADER = 2, NEED_PARTS = 4 };

struct work {
	struct session *s;
	struct fetch *f;
	unsigned need;
	bool seen; /* an item that sets \Seen is there */
	bool flags;
	struct message *m;
	uint32_t number;
	int fd;
	stralloc text; /* ENVELOPE, BODYSTRUCTURE, fields of a header */
	char const *space;
};

static unsigned
need_of(struct fetch_item const *item)
{
	switch (item->kind) {
	case FETCH_UID:
	case FETCH_FLAGS:
	case FETCH_SIZE:
		return 0;
	case FETCH_INTERNALDATE:
		return NEED_FILE;
	case FETCH_ENVELOPE:
		return NEED_FILE | NEED_HEADER;
	case FETCH_BODY:
	case FETCH_BODYSTRUCTURE:
		return NEED_FILE | NEED_PARTS;
	case FETCH_SECTION:
	default:
		if (item->depth)
			return NEED_FILE | NEED_PARTS;
		return item->what == SECTION_ALL ? NEED_FILE
		                                 : NEED_FILE | NEED_HEADER;
	}
}

static void
survey(struct work *w)
{
	for (unsigned i = 0; i < w->f->count; i++) {
		struct fetch_item const *item = &w->f->items[i];
		w->need |= need_of(item);
		w->flags = w->flags || item->kind == FETCH_FLAGS;
		w->seen =
		    w->seen || (item->kind == FETCH_SECTION && !item->peek);
	}
}

/* --- preparing ------------------------------------------------------------ */

/* A parse of all parts is kept: clients come back for them one by one. */
static bool
prepare_parts(struct work *w)
{
	struct session *s = w->s;
	bool whole = w->need & NEED_PARTS;
	if (s->mime_uid == w->m->uid && (!s->mime.header_only || !whole))
		return true;
	s->mime_uid = 0;
	if (!content_parse(w->fd, &s->mime, !whole))
		return false;
	s->mime_uid = w->m->uid;
	return true;
}

/* False with errno; ENOENT: the message is gone. */
static bool
prepare(struct work *w)
{
	if (!(w->need & NEED_FILE))
		return true;
	uint32_t uid = w->m->uid;
	w->fd = mailbox_open_message(&w->s->box, w->m);
	if (w->fd < 0)
		return false;
	w->m = mailbox_find(&w->s->box, uid);
	if (!w->m) {
		errno = ENOENT;
		return false;
	}
	return !(w->need & (NEED_HEADER | NEED_PARTS)) || prepare_parts(w);
}

static int
read_header(void *arg, struct mime_part const *p, stralloc *out)
{
	struct work const *w = arg;
	return content_read(w->fd, p->header.raw, p->body.raw, HEADER_MEMORY,
	    out);
}

/* --- items ---------------------------------------------------------------- */

static void
put(struct work *w, char const *text)
{
	wire_puts(&w->s->wire, w->space);
	wire_puts(&w->s->wire, text);
	w->space = " ";
}

/* The promise is already out, or memory is short: no way on. */
static void
give_up(struct work *w)
{
	w->s->wire.failed = true;
}

static void
put_text(struct work *w, char const *name, bool ok)
{
	put(w, name);
	if (ok)
		wire_put(&w->s->wire, w->text.s, w->text.len);
	else
		give_up(w);
}

static void
put_size(struct work *w)
{
	uint64_t size;
	uint32_t uid = w->m->uid;
	put(w, "RFC822.SIZE ");
	if (content_size(&w->s->box, w->m, &size))
		wire_number(&w->s->wire, size);
	else
		give_up(w);
	w->m = mailbox_find(&w->s->box, uid);
	if (!w->m)
		give_up(w);
}

static void
put_internaldate(struct work *w)
{
	struct stat st;
	char date[INTERNALDATE_SIZE];
	if (fstat(w->fd, &st) < 0)
		st.st_mtime = 0;
	date_internal(st.st_mtime, date);
	put(w, "INTERNALDATE ");
	wire_puts(&w->s->wire, date);
}

static void
put_envelope(struct work *w)
{
	stralloc header = STRALLOC_ZERO;
	w->text.len = 0;
	bool ok = read_header(w, &w->s->mime.parts[0], &header) &&
	    envelope_put(&w->text, header.s, header.len);
	stralloc_free(&header);
	put_text(w, "ENVELOPE ", ok);
}

static void
put_structure(struct work *w, bool extended)
{
	struct header_source source = { read_header, w };
	w->text.len = 0;
	bool ok = structure_put(&w->text, &w->s->mime, extended, &source);
	put_text(w, extended ? "BODYSTRUCTURE " : "BODY ", ok);
}

/* --- sections ------------------------------------------------------------- */

static void
put_field_names(struct work *w, struct fetch_item const *item)
{
	char const *space = " (";
	for (size_t i = 0; i < item->fields.len;) {
		char const *name = item->fields.s + i;
		size_t n = strlen(name);
		wire_puts(&w->s->wire, space);
		wire_astring(&w->s->wire, name, n);
		space = " ";
		i += n + 1;
	}
	wire_puts(&w->s->wire, ")");
}

static void
put_section_name(struct work *w, struct fetch_item const *item)
{
	static char const *const words[] = { [SECTION_ALL] = "",
		[SECTION_HEADER] = "HEADER",
		[SECTION_FIELDS] = "HEADER.FIELDS",
		[SECTION_FIELDS_NOT] = "HEADER.FIELDS.NOT",
		[SECTION_TEXT] = "TEXT",
		[SECTION_MIME] = "MIME" };
	struct wire *wire = &w->s->wire;
	if (item->name) {
		put(w, item->name);
		return;
	}
	put(w, "BODY[");
	for (unsigned i = 0; i < item->depth; i++) {
		wire_puts(wire, i ? "." : "");
		wire_number(wire, item->numbers[i]);
	}
	if (item->depth && *words[item->what])
		wire_puts(wire, ".");
	wire_puts(wire, words[item->what]);
	if (item->what == SECTION_FIELDS || item->what == SECTION_FIELDS_NOT)
		put_field_names(w, item);
	wire_puts(wire, "]");
	if (item->partial) {
		wire_puts(wire, "<");
		wire_number(wire, item->offset);
		wire_puts(wire, ">");
	}
}

/* Where the section lies; false: there is none. */
static bool
section_range(struct work *w, struct fetch_item const *item,
    struct mime_part const **header_of, struct place *from, uint64_t *end)
{
	static struct mime_pos const start = { 0, 0, 0 };
	struct mime const *m = &w->s->mime;
	struct mime_pos const *at = &start;
	int part = 0;
	*header_of = NULL;
	*end = UINT64_MAX; /* of the file */
	if (item->depth) {
		part = structure_find(m, item->numbers, item->depth);
		bool in_message =
		    item->what != SECTION_ALL && item->what != SECTION_MIME;
		if (part >= 0 && in_message)
			part = m->parts[part].kind == MIME_MESSAGE
			    ? m->parts[part].child
			    : -1;
		if (part < 0)
			return false;
		*end = m->parts[part].end.raw;
	} else if (item->what == SECTION_ALL) {
		*from = (struct place){ 0, 0, false };
		return true;
	}
	struct mime_part const *p = &m->parts[part];
	switch (item->what) {
	case SECTION_FIELDS:
	case SECTION_FIELDS_NOT:
		*header_of = p;
		return true;
	case SECTION_HEADER:
	case SECTION_MIME:
		at = &p->header;
		*end = p->body.raw;
		break;
	case SECTION_ALL:
	case SECTION_TEXT:
	default:
		at = &p->body;
		break;
	}
	*from = (struct place){ at->raw, at->wire, false };
	return true;
}

/* The next piece of a message that is fetched in pieces goes on where the one
 * before ended. */
static void
use_resume(struct work *w, struct place *p, uint64_t target)
{
	struct resume const *r = &w->s->resume;
	if (r->uid == w->m->uid && r->wire <= target && r->wire > p->wire)
		*p = (struct place){ r->raw, r->wire, r->after_cr };
}

static void
put_file_section(struct work *w, struct fetch_item const *item,
    struct place from, uint64_t end)
{
	struct wire *wire = &w->s->wire;
	uint64_t wanted = item->partial ? item->count : UINT64_MAX;
	if (item->partial) {
		uint64_t target = from.wire + item->offset;
		use_resume(w, &from, target);
		if (!content_skip(w->fd, &from, target - from.wire, end)) {
			give_up(w);
			return;
		}
		/* Beyond the end: nothing is left. */
		if (from.wire < target)
			wanted = 0;
	}
	struct place to = from;
	if (!content_skip(w->fd, &to, wanted, end)) {
		give_up(w);
		return;
	}
	uint64_t count = to.wire - from.wire;
	wire_puts(wire, " {");
	wire_number(wire, count);
	wire_puts(wire, "}\r\n");
	content_send(wire, w->fd, &from, count);
	w->s->resume =
	    (struct resume){ w->m->uid, to.raw, to.wire, to.after_cr };
}

static bool
is_asked(struct fetch_item const *item, struct header_field const *f)
{
	for (size_t i = 0; i < item->fields.len;) {
		char const *name = item->fields.s + i;
		if (header_is(f, name))
			return item->what == SECTION_FIELDS;
		i += strlen(name) + 1;
	}
	return item->what == SECTION_FIELDS_NOT;
}

static bool
add_lines(stralloc *out, char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n' &&
		    (!out->len || out->s[out->len - 1] != '\r') &&
		    !stralloc_append(out, '\r'))
			return false;
		if (!stralloc_append(out, s[i] ? s[i] : (char)0x80))
			return false;
	}
	return true;
}

/* The fields asked for, in the message's order, and a blank line. */
static bool
collect_fields(struct work *w, struct fetch_item const *item,
    struct mime_part const *p)
{
	stralloc header = STRALLOC_ZERO;
	struct header_field f;
	size_t pos = 0;
	bool ok = read_header(w, p, &header);
	w->text.len = 0;
	while (ok && header_next(header.s, header.len, &pos, &f))
		if (is_asked(item, &f))
			ok = add_lines(&w->text, f.start, f.len);
	stralloc_free(&header);
	if (w->text.len && w->text.s[w->text.len - 1] != '\n')
		ok = ok && stralloc_cats(&w->text, "\r\n");
	return ok && stralloc_cats(&w->text, "\r\n");
}

static void
put_fields(struct work *w, struct fetch_item const *item,
    struct mime_part const *p)
{
	struct wire *wire = &w->s->wire;
	if (!collect_fields(w, item, p)) {
		give_up(w);
		return;
	}
	size_t from = 0;
	size_t count = w->text.len;
	if (item->partial) {
		from = item->offset < count ? item->offset : count;
		count -= from;
		count = item->count < count ? item->count : count;
	}
	wire_puts(wire, " {");
	wire_number(wire, count);
	wire_puts(wire, "}\r\n");
	wire_put(wire, w->text.s + from, count);
}

static void
put_section(struct work *w, struct fetch_item const *item)
{
	struct mime_part const *header_of;
	struct place from;
	uint64_t end;
	put_section_name(w, item);
	if (!section_range(w, item, &header_of, &from, &end))
		wire_puts(&w->s->wire, " \"\"");
	else if (header_of)
		put_fields(w, item, header_of);
	else
		put_file_section(w, item, from, end);
}

static void
put_item(struct work *w, struct fetch_item const *item)
{
	switch (item->kind) {
	case FETCH_UID:
		put(w, "UID ");
		wire_number(&w->s->wire, w->m->uid);
		return;
	case FETCH_FLAGS:
		put(w, "");
		put_flags(w->s, w->m);
		w->m->changed = false;
		return;
	case FETCH_INTERNALDATE:
		put_internaldate(w);
		return;
	case FETCH_SIZE:
		put_size(w);
		return;
	case FETCH_ENVELOPE:
		put_envelope(w);
		return;
	case FETCH_BODY:
	case FETCH_BODYSTRUCTURE:
		put_structure(w, item->kind == FETCH_BODYSTRUCTURE);
		return;
	case FETCH_SECTION:
	default:
		put_section(w, item);
	}
}

/* --- messages ------------------------------------------------------------- */

static bool
asks_for(struct fetch const *f, enum fetch_kind kind)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->items[i].kind == kind)
			return true;
	return false;
}

static void
put_message(struct work *w)
{
	struct wire *wire = &w->s->wire;
	wire_puts(wire, "* ");
	wire_number(wire, w->number);
	wire_puts(wire, " FETCH (");
	w->space = "";
	if (w->s->uid && !asks_for(w->f, FETCH_UID)) {
		put(w, "UID ");
		wire_number(wire, w->m->uid);
	}
	for (unsigned i = 0; i < w->f->count && !wire->failed; i++)
		put_item(w, &w->f->items[i]);
	if (!wire->failed && w->m->changed) {
		put(w, "");
		put_flags(w->s, w->m);
		w->m->changed = false;
	}
	wire_line(wire, ")");
}

/* A size is part of the answer only if it can be had. */
static bool
size_known(struct work *w)
{
	uint64_t size;
	uint32_t uid = w->m->uid;
	bool ok = !asks_for(w->f, FETCH_SIZE) ||
	    content_size(&w->s->box, w->m, &size);
	w->m = mailbox_find(&w->s->box, uid);
	return ok && w->m;
}

/* False: the message was gone or could not be read. */
static bool
fetch_message(struct work *w, uint32_t number)
{
	w->m = &w->s->box.messages[number - 1];
	w->number = number;
	w->fd = -1;
	bool ok = size_known(w) && prepare(w);
	if (ok)
		put_message(w);
	if (w->fd >= 0)
		close(w->fd);
	return ok;
}

/* Reading a body marks the message, for all of them at once: a rename wants the
 * lock, and no lock is held while a slow client reads. */
static void
mark_seen(struct work *w, struct sequence const *numbers)
{
	struct mailbox *b = &w->s->box;
	struct range const *r = sequence_ranges(numbers);
	bool any = false;
	for (uint32_t i = 0; i < sequence_count(numbers) && !any; i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++)
			any = any || !(b->messages[n - 1].flags & FLAG_SEEN);
	if (!any || !b->writable || !mailbox_lock(b))
		return;
	if (mailbox_sync(b)) {
		for (uint32_t i = 0; i < sequence_count(numbers); i++)
			for (uint32_t n = r[i].first; n <= r[i].last; n++) {
				struct message *m = &b->messages[n - 1];
				if (m->gone || m->flags & FLAG_SEEN)
					continue;
				if (mailbox_set_flags(b, m,
				        m->flags | FLAG_SEEN))
					b->messages[n - 1].changed = true;
				lock_touch(&b->lock);
			}
		mailbox_note_changes(b);
	}
	mailbox_unlock(b);
}

static answer
run(struct session *s, struct fetch *f, struct sequence const *numbers)
{
	struct work w = { .s = s, .f = f };
	struct range const *r = sequence_ranges(numbers);
	bool all = true;
	survey(&w);
	if (w.seen)
		mark_seen(&w, numbers);
	for (uint32_t i = 0; i < sequence_count(numbers); i++)
		for (uint32_t n = r[i].first; n <= r[i].last && !s->wire.failed;
		     n++)
			all = fetch_message(&w, n) && all;
	stralloc_free(&w.text);
	return all ? "OK FETCH completed" : ANSWER_GONE;
}

answer
cmd_fetch(struct session *s, struct cursor *c)
{
	struct sequence named = SEQUENCE_ZERO;
	struct sequence numbers = SEQUENCE_ZERO;
	struct fetch *f = calloc(1, sizeof *f);
	answer text = ANSWER_BAD_ARGUMENTS;
	if (!f)
		return ANSWER_NO_MEMORY;
	if (cursor_sequence(c, &named) && cursor_space(c) &&
	    fetch_parse(c, f) && session_messages(s, &named, &numbers))
		text = run(s, f, &numbers);
	fetch_free(f);
	free(f);
	stralloc_free(&named.ranges);
	stralloc_free(&numbers.ranges);
	return text;
}
