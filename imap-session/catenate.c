/* SPDX-License-Identifier: ISC */
#include "catenate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "content.h"
#include "decode.h"
#include "fetch.h"
#include "url.h"

enum {
	BLOCK = 32 << 10,
	SHOWN = 1000 /* octets of a URL that is told back */
};

struct work {
	struct session *s;
	struct url url;
	struct fetch_item section;
	struct incoming *in;
	int fd;
	struct content content; /* of it */
};

static answer
bad_url(struct session *s, stralloc const *url)
{
	answer_start(s, "NO [BADURL \"");
	if (!url_show(url->s, url->len, SHOWN, &s->answer))
		session_bye(s, "Out of memory");
	return answer_done(s, "\"] Nothing there to be copied");
}

/* --- where it is -------------------------------------------------------------- */

static bool
parse_url(struct work *w, stralloc const *url)
{
	struct url *u = &w->url;
	if (!url_parse(url->s, url->len, w->s->separator, u))
		return false;
	if (!stralloc_append(&u->section, ']'))
		return false;
	struct cursor c = { u->section.s, u->section.len, 0 };
	return parse_section(&c, &w->section) && cursor_end(&c);
}

/* NULL with errno (ENOENT: there is none). */
static struct mailbox *
mailbox_of(struct catenate *k, struct work *w)
{
	struct session *s = w->s;
	char const *folder = w->url.folder;
	errno = ENOENT;
	if (w->url.selected)
		return session_selected(s) ? &s->box : NULL;
	if (session_selected(s) && strcmp(s->box.folder, folder) == 0)
		return &s->box;
	if (k->box.dir >= 0 && strcmp(k->box.folder, folder) == 0)
		return &k->box;
	mailbox_close(&k->box);
	k->parsed_uid = 0;
	return mailbox_open(&k->box, s->root, folder, false) &&
	        mailbox_sync(&k->box)
	    ? &k->box
	    : NULL;
}

static bool
parse(struct catenate *k, struct work *w, struct mailbox const *b)
{
	uint32_t uid = w->url.uid;
	if (k->parsed_uid == uid && k->parsed_in == b)
		return true;
	k->parsed_uid = 0;
	if (!content_parse(&w->content, &k->mime, false))
		return false;
	k->parsed_in = b;
	k->parsed_uid = uid;
	return true;
}

static bool
open_message(struct catenate *k, struct work *w)
{
	struct mailbox *b = mailbox_of(k, w);
	if (!b)
		return false;
	struct message *m = mailbox_find(b, w->url.uid);
	errno = ENOENT;
	if (!m || (w->url.validity && w->url.validity != b->validity))
		return false;
	w->fd = mailbox_open_message(b, m);
	content_open(&w->content, w->fd);
	return w->fd >= 0 && parse(k, w, b);
}

/* --- its octets --------------------------------------------------------------- */

static uint64_t
wanted(struct work const *w)
{
	return w->url.count ? w->url.count : UINT64_MAX;
}

/* From FROM to END in the file, as they are sent, so that line ends of a part
 * with the encoding "binary" are what they were. */
static bool
copy_file(struct work *w, struct place from, uint64_t end)
{
	stralloc raw = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	uint64_t target = from.wire + w->url.offset;
	uint64_t left = wanted(w);
	bool ok = content_skip(&w->content, &from, w->url.offset, end);
	bool more = from.wire == target;
	while (ok && more && left && w->in->size <= w->s->append_limit) {
		text.len = 0;
		ok = content_copy(&w->content, from.raw, end, BLOCK, &raw) &&
		    decode_crlf(&from.after_cr, raw.s, raw.len, &text);
		from.raw += raw.len;
		more = raw.len;
		if (text.len > left)
			text.len = (size_t)left;
		left -= text.len;
		if (ok && text.len)
			incoming_take(w->in, text.s, text.len);
	}
	stralloc_free(&raw);
	stralloc_free(&text);
	return ok;
}

static bool
copy_fields(struct work *w, struct mime_part const *p)
{
	stralloc header = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	bool ok = content_copy(&w->content, p->header.raw, p->body.raw,
	              HEADER_MEMORY, &header) &&
	    section_fields(&w->section, header.s, header.len, &text) &&
	    stralloc_cats(&text, "\r\n");
	if (ok && text.len > w->url.offset) {
		size_t len = text.len - w->url.offset;
		incoming_take(w->in, text.s + w->url.offset,
		    len < wanted(w) ? len : (size_t)wanted(w));
	}
	stralloc_free(&header);
	stralloc_free(&text);
	return ok;
}

/* ENOENT: the message has no such part. */
static bool
copy_section(struct catenate const *k, struct work *w)
{
	struct mime_part const *p;
	struct mime_pos from;
	uint64_t end;
	errno = ENOENT;
	if (!section_place(&k->mime, &w->section, &p, &from, &end))
		return false;
	if (section_is_fields(&w->section))
		return copy_fields(w, p);
	return copy_file(w, (struct place){ from.raw, from.wire, false }, end);
}

static answer
run(struct catenate *k, struct work *w, stralloc const *url)
{
	if (!parse_url(w, url))
		return bad_url(w->s, url);
	if (!open_message(k, w) || !copy_section(k, w))
		return errno == ENOENT || errno == ESTALE
		    ? bad_url(w->s, url)
		    : session_failed(w->s, "unable to read", w->url.folder);
	return w->in->size > w->s->append_limit
	    ? "NO [TOOBIG] Larger than a message may be"
	    : NULL;
}

answer
catenate_url(struct catenate *k, struct session *s, stralloc const *url,
    struct incoming *in)
{
	struct work *w = calloc(1, sizeof *w);
	if (!w)
		return ANSWER_NO_MEMORY;
	w->s = s;
	w->in = in;
	w->fd = -1;
	answer text = run(k, w, url);
	if (w->fd >= 0)
		close(w->fd);
	content_free(&w->content);
	stralloc_free(&w->url.section);
	stralloc_free(&w->section.fields);
	free(w);
	return text;
}

void
catenate_free(struct catenate *k)
{
	mailbox_close(&k->box);
	mime_free(&k->mime);
}
