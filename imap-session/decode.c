/* SPDX-License-Identifier: ISC */
#include "decode.h"

#include <errno.h>
#include <string.h>
#include "content.h"

enum { BLOCK = 32 << 10 };

int
decode_crlf(bool *cr, char const *s, size_t len, stralloc *out)
{
	for (size_t i = 0; i < len;) {
		char const *lf = memchr(s + i, '\n', len - i);
		size_t end = lf ? (size_t)(lf - s) : len;
		bool bare = lf && (end > i ? s[end - 1] != '\r' : !*cr);
		if (!stralloc_catb(out, s + i, end - i) ||
		    (lf && !stralloc_cats(out, bare ? "\r\n" : "\n")))
			return 0;
		*cr = !lf && s[len - 1] == '\r';
		i = end + (lf != NULL);
	}
	return 1;
}

/* What one block of the file comes to: *OUT is replaced. 1; 0 with errno. At the
 * end nothing comes and P->raw is END. */
static int
read_block(int fd, struct decode_place *p, uint64_t end, stralloc *out)
{
	stralloc raw = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	out->len = 0;
	int ok = content_read(fd, p->raw, end, BLOCK, &raw) &&
	    decode_crlf(&p->cr, raw.s, raw.len, &text) &&
	    transfer_decode(&p->decoder, text.s, text.len, out);
	p->raw += raw.len;
	if (ok && (!raw.len || p->raw == end)) {
		p->raw = end; /* the file may end before */
		ok = transfer_end(&p->decoder, out);
	}
	p->done += out->len;
	stralloc_free(&raw);
	stralloc_free(&text);
	return ok;
}

/* Takes of a block that ends at DONE what lies in the window. */
static char const *
cut(stralloc const *block, uint64_t done, uint64_t offset, uint64_t most,
    size_t *len)
{
	uint64_t start = done - block->len;
	uint64_t first = offset > start ? offset - start : 0;
	if (first > block->len)
		first = block->len;
	uint64_t before = start + first - offset; /* of the window */
	uint64_t left = before < most ? most - before : 0;
	*len = block->len - (size_t)first;
	if (*len > left)
		*len = (size_t)left;
	return block->s + first;
}

int
decode_measure(int fd, struct decode_part const *p, struct decode_place *resume,
    struct decode_window *w)
{
	stralloc block = STRALLOC_ZERO;
	struct decode_place at = *resume;
	if (at.raw < p->start || at.done > p->offset) {
		memset(&at, 0, sizeof at);
		at.raw = p->start;
		at.decoder.kind = p->kind;
	}
	*w = (struct decode_window){ .from = at,
		.end = p->end,
		.offset = p->offset };
	int ok = 1;
	while (ok && at.raw < p->end && w->count < p->most) {
		size_t n;
		*resume = at;
		ok = read_block(fd, &at, p->end, &block);
		if (!ok)
			break;
		if (at.done <= p->offset) {
			w->from = at;
			continue;
		}
		char const *s = cut(&block, at.done, p->offset, p->most, &n);
		w->nul = w->nul || (n && memchr(s, 0, n));
		w->count += n;
	}
	stralloc_free(&block);
	return ok;
}

int
decode_next(int fd, struct decode_window const *w, struct decode_place *at,
    stralloc *out)
{
	size_t n = 0;
	while (!n) {
		errno = EIO;
		if (at->raw >= w->end || !read_block(fd, at, w->end, out))
			return 0;
		if (at->done <= w->offset)
			continue;
		char const *s = cut(out, at->done, w->offset, w->count, &n);
		memmove(out->s, s, n);
		out->len = n;
	}
	return 1;
}
