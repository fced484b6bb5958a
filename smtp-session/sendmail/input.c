/* SPDX-License-Identifier: ISC */
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

static int
end_line(struct input *in)
{
	stralloc *line = &in->line;
	bool first = !in->any;
	while (line->len && line->s[line->len - 1] == '\r')
		line->len--;
	in->any = true;
	if (!in->dots_are_text && line->len == 1 && line->s[0] == '.') {
		in->ended = true;
		return 1;
	}
	int ok = (first && message_mbox_line(line->s, line->len)) ||
	    (stralloc_catb(&in->message, line->s, line->len) &&
	        stralloc_append(&in->message, '\n'));
	line->len = 0;
	return ok;
}

int
input_feed(struct input *in, char const *s, size_t len)
{
	while (len && !in->ended) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		if (!stralloc_catb(&in->line, s, n) || (lf && !end_line(in)))
			return 0;
		n += lf != NULL;
		s += n;
		len -= n;
	}
	return 1;
}

int
input_finish(struct input *in)
{
	return in->ended || !in->line.len || end_line(in);
}

int
input_read(struct input *in, int fd, size_t max)
{
	char piece[65536];
	while (!in->ended) {
		ssize_t r = read(fd, piece, sizeof piece);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 || !input_feed(in, piece, (size_t)r))
			return 0;
		if (in->message.len + in->line.len > max) {
			errno = EFBIG;
			return 0;
		}
		if (r == 0)
			break;
	}
	return input_finish(in);
}
