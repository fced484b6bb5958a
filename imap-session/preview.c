/* SPDX-License-Identifier: ISC */
#include "preview.h"

#include <string.h>
#include <strings.h>
#include "html.h"
#include "utf8.h"

/* A preview that grows. */
struct words {
	stralloc *out;
	size_t start;
	unsigned count; /* of characters */
	bool space;     /* one is due before the next word */
};

static bool
is_space(uint32_t c)
{
	return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0xad ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) ||
	    c == 0x3000 || c == 0x34f || c == 0xfeff;
}

/* False: it is full, or there is no memory. */
static bool
add(struct words *w, uint32_t c)
{
	if (is_space(c)) {
		w->space = w->out->len > w->start;
		return true;
	}
	if (w->count + w->space >= PREVIEW_MAX)
		return false;
	w->count += 1U + w->space;
	if (w->space && !stralloc_append(w->out, ' '))
		return false;
	w->space = false;
	return utf8_append(w->out, c);
}

static bool
add_line(struct words *w, char const *s, size_t len)
{
	uint32_t c;
	while (len) {
		size_t n = utf8_read(s, len, &c);
		if (!add(w, n ? c : 0xfffd))
			return false;
		n += !n;
		s += n;
		len -= n;
	}
	return add(w, ' ');
}

/* "-- ", RFC 3676 section 4.3, which often loses its space */
static bool
is_signature(char const *s, size_t len)
{
	while (len > 2 && (s[len - 1] == '\r' || s[len - 1] == ' '))
		len--;
	return len == 2 && memcmp(s, "--", 2) == 0;
}

int
preview_of_text(char const *s, size_t len, stralloc *out)
{
	struct words w = { out, out->len, 0, false };
	if (!stralloc_readyplus(out, 4 * PREVIEW_MAX))
		return 0;
	while (len) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		if (is_signature(s, n))
			break;
		if (*s != '>' && !add_line(&w, s, n))
			break;
		n += lf != NULL;
		s += n;
		len -= n;
	}
	return 1;
}

/* Where "<body" stands: a title before it is not part of the text. */
static size_t
body_of(char const *s, size_t len)
{
	for (size_t i = 0; i + 5 <= len; i++) {
		char const *lt = memchr(s + i, '<', len - i);
		if (!lt)
			break;
		i = (size_t)(lt - s);
		if (i + 5 <= len && strncasecmp(lt, "<body", 5) == 0)
			return i;
	}
	return 0;
}

int
preview_of_html(char const *s, size_t len, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	stralloc links = STRALLOC_ZERO;
	size_t skip = body_of(s, len);
	int ok = html_render(s + skip, len - skip, &text, &links) &&
	    (!text.len || preview_of_text(text.s, text.len, out));
	stralloc_free(&text);
	stralloc_free(&links);
	return ok;
}
