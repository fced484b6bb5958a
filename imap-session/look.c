/* SPDX-License-Identifier: ISC */
#include "look.h"

#include <stdlib.h>
#include <string.h>
#include "content.h"
#include "file.h"
#include "text.h"

enum {
	FIRST_READ = 4096,
	MOST_MESSAGES = 64 << 10 /* octets that they have at most */
};

int
look_start(struct look *l, struct session *s)
{
	memset(l, 0, sizeof *l);
	l->s = s;
	l->reader.fd = -1;
	l->window = malloc(LOOK_WINDOW);
	l->block = malloc(LOOK_BLOCK);
	l->type = calloc(1, sizeof *l->type);
	return l->window && l->block && l->type && stralloc_ready(&l->text, 1);
}

void
look_end(struct look *l)
{
	reader_end(&l->reader);
	reader_free(&l->reader);
	free(l->window);
	free(l->block);
	if (l->type)
		structured_free(l->type);
	free(l->type);
	mime_free(&l->mime);
	stralloc_free(&l->text);
	stralloc_free(&l->mapped);
	stralloc_free(&l->plain);
}

bool
look_at(struct look *l, uint32_t index)
{
	struct message *m = &l->s->box.messages[index];
	reader_end(&l->reader);
	reader_start(&l->reader, l->s, m);
	l->number = index + 1;
	l->gone = m->gone;
	l->filled = l->header_len = 0;
	l->whole = l->parsed = false;
	return !l->gone;
}

static bool
is_there(struct look *l, int ok)
{
	l->gone = l->gone || !ok;
	return !l->gone;
}

bool
look_size(struct look *l, uint64_t *size)
{
	return is_there(l, reader_size(&l->reader, size));
}

bool
look_date(struct look *l, int64_t *date)
{
	return is_there(l, reader_date(&l->reader, date));
}

bool
look_saved(struct look *l, int64_t *date)
{
	return is_there(l, reader_saved(&l->reader, date));
}

/* Has the first WANTED octets, or all there are, in the window. */
static bool
fill(struct look *l, size_t wanted)
{
	if (!is_there(l, reader_open(&l->reader)))
		return false;
	while (l->filled < wanted && !l->whole) {
		ssize_t n = file_read_at(l->reader.fd, l->window + l->filled,
		    wanted - l->filled, l->filled);
		if (n < 0)
			return false;
		l->whole = n == 0;
		l->filled += (size_t)n;
	}
	return true;
}

/* Octets up to the blank line and with it; 0: it is not there. */
static size_t
find_blank_line(char const *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] == '\r' && i + 1 < len;
		if (s[i + n] == '\n')
			return i + n + 1;
		char const *lf = memchr(s + i, '\n', len - i);
		if (!lf)
			break;
		i = (size_t)(lf - s) + 1;
	}
	return 0;
}

bool
look_ahead(struct look *l)
{
	return fill(l, MOST_MESSAGES);
}

bool
look_header(struct look *l, struct bytes *header)
{
	for (size_t n = FIRST_READ; !l->header_len; n *= 2) {
		size_t most = n < HEADER_MEMORY ? n : HEADER_MEMORY;
		if (!fill(l, most))
			return false;
		l->header_len = find_blank_line(l->window, l->filled);
		if (l->whole || most == HEADER_MEMORY)
			break;
	}
	*header = (struct bytes){ l->window,
		l->header_len ? l->header_len : l->filled };
	return true;
}

bool
look_fields(struct look *l, char const *name, struct bytes *header)
{
	bool first = !l->header_len;
	if (l->gone)
		return false;
	if (first && reader_cached_fields(&l->reader, name, header))
		return true;
	if (!look_header(l, header))
		return false;
	if (first && cached_field(name, strlen(name)))
		session_keep_fields(l->s, l->reader.m, header->s, header->len);
	return true;
}

bool
look_field(struct look *l, char const *name, struct bytes *value)
{
	struct header_field f;
	struct bytes header;
	size_t pos = 0;
	if (!look_fields(l, name, &header))
		return false;
	while (header_next(header.s, header.len, &pos, &f)) {
		if (!header_is(&f, name))
			continue;
		*value = (struct bytes){ f.value, f.value_len };
		return true;
	}
	return false;
}

bool
look_map(struct look *l)
{
	l->mapped.len = 0;
	return text_casemap(l->text.s, l->text.len, &l->mapped);
}

bool
look_parts(struct look *l)
{
	if (l->parsed)
		return true;
	if (!fill(l, LOOK_WINDOW))
		return false;
	mime_start(&l->mime, false);
	l->mime.raw_only = true;
	bool more = mime_feed(&l->mime, l->window, l->filled);
	uint64_t at = l->filled;
	while (more && !l->whole) {
		ssize_t n =
		    file_read_at(l->reader.fd, l->block, LOOK_BLOCK, at);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		more = mime_feed(&l->mime, l->block, (size_t)n);
		at += (uint64_t)n;
	}
	l->parsed = mime_finish(&l->mime);
	return l->parsed;
}

bool
look_piece(struct look *l, uint64_t *at, uint64_t end, struct bytes *piece)
{
	uint64_t last = end < l->filled ? end : l->filled;
	if (*at < last) {
		*piece =
		    (struct bytes){ l->window + *at, (size_t)(last - *at) };
		*at = last;
		return true;
	}
	size_t want = end - *at < LOOK_BLOCK ? (size_t)(end - *at) : LOOK_BLOCK;
	ssize_t n = *at < end && !l->whole
	    ? file_read_at(l->reader.fd, l->block, want, *at)
	    : 0;
	if (n <= 0)
		return false;
	*piece = (struct bytes){ l->block, (size_t)n };
	*at += (uint64_t)n;
	return true;
}
