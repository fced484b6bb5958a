/* SPDX-License-Identifier: ISC */
/* FETCH: BINARY and BINARY.SIZE (RFC 3516). */
#include "fetch.h"

#include <errno.h>
#include "encoding.h"
#include "structure.h"

/* --- grammar -------------------------------------------------------------- */

/* section-binary, behind its bracket */
bool
parse_binary_size(struct cursor *c, struct fetch_item *item)
{
	bool more;
	if (cursor_char(c, ']'))
		return true;
	return fetch_section_part(c, item, &more) && !more &&
	    cursor_char(c, ']');
}

bool
parse_binary(struct cursor *c, struct fetch_item *item)
{
	return parse_binary_size(c, item) && fetch_partial(c, item);
}

/* --- finding -------------------------------------------------------------- */

/* The body of a part that holds no other parts. ENOTSUP: nobody knows how to
 * undo its encoding. */
static int
find_leaf(struct reader *r, struct mime_part const *p, struct decode_part *d)
{
	struct encoding e;
	stralloc header = STRALLOC_ZERO;
	d->start = p->body.raw;
	d->end = p->end.raw;
	if (p->kind == MIME_MULTIPART || p->kind == MIME_MESSAGE)
		return 1;
	int ok = reader_part_header(r, p, &header);
	if (ok) {
		encoding_find(header.s, header.len, &e);
		d->kind = e.kind;
		ok = e.known;
		errno = ENOTSUP;
	}
	int saved = errno;
	stralloc_free(&header);
	errno = saved;
	return ok;
}

/* Where the section lies; item->found stays FOUND_NOTHING when it is nowhere. */
static int
find_part(struct fetch_work *w, struct fetch_item *item, struct decode_part *d)
{
	struct reader *r = &w->reader;
	*d = (struct decode_part){ .kind = TRANSFER_PLAIN,
		.offset = item->partial ? item->offset : 0,
		.most = item->partial ? item->count : UINT64_MAX };
	item->found = FOUND_NOTHING;
	if (!reader_parse(r, true))
		return 0;
	struct mime const *m = &r->s->mime;
	if (!item->depth) {
		item->found = FOUND_IN_FILE;
		d->end = m->parts[0].end.raw;
		return 1;
	}
	int part = structure_find(m, item->numbers, item->depth);
	if (part < 0)
		return 1;
	item->found = FOUND_IN_FILE;
	return find_leaf(r, &m->parts[part], d);
}

/* Who fetches a part in pieces goes on where the one before ended. */
int
find_binary(struct fetch_work *w, struct fetch_item *item)
{
	struct decode_part d;
	struct decoded *last = &w->reader.s->decoded;
	if (!find_part(w, item, &d))
		return 0;
	if (item->found == FOUND_NOTHING)
		return 1;
	uint32_t uid = w->reader.m->uid;
	if (last->uid != uid || last->start != d.start || last->end != d.end)
		*last = (struct decoded){ uid, d.start, d.end,
			{ .done = UINT64_MAX } };
	return decode_measure(w->reader.fd, &d, &last->place, &item->decoded);
}

int
find_binary_size(struct fetch_work *w, struct fetch_item *item)
{
	struct decode_part d;
	struct decode_place start = { .done = UINT64_MAX };
	item->decoded.count = 0;
	return find_part(w, item, &d) &&
	    (item->found == FOUND_NOTHING ||
	        decode_measure(w->reader.fd, &d, &start, &item->decoded));
}

/* --- sending -------------------------------------------------------------- */

void
put_binary_size(struct fetch_work *w, struct fetch_item const *item)
{
	fetch_put_section_name(w, "BINARY.SIZE[", item);
	wire_puts(w->wire, " ");
	wire_number(w->wire, item->decoded.count);
}

/* A file that no longer has what was promised ends the connection. */
static void
send(struct fetch_work *w, struct decode_window const *window)
{
	stralloc piece = STRALLOC_ZERO;
	struct decode_place at = window->from;
	uint64_t left = window->count;
	while (left && !w->wire->failed) {
		if (!decode_next(w->reader.fd, window, &at, &piece)) {
			w->wire->failed = true;
			break;
		}
		wire_put(w->wire, piece.s, piece.len);
		left -= piece.len;
	}
	stralloc_free(&piece);
}

void
put_binary(struct fetch_work *w, struct fetch_item const *item)
{
	fetch_put_section_name(w, "BINARY[", item);
	if (item->found == FOUND_NOTHING) {
		wire_puts(w->wire, " NIL");
		return;
	}
	wire_puts(w->wire, item->decoded.nul ? " ~{" : " {");
	wire_number(w->wire, item->decoded.count);
	wire_puts(w->wire, "}\r\n");
	send(w, &item->decoded);
}
