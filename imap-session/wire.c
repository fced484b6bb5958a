/* SPDX-License-Identifier: ISC */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/types.h>
#include "monotonic.h"
#include "pages.h"
#include "parse.h"
#include "value.h"

void
wire_open(struct wire *w, int in, int out)
{
	w->in = in;
	w->out = out;
	w->failed = false;
	w->compress = NULL;
	w->utf8 = false;
	w->in_pos = w->in_len = w->out_len = 0;
	/* A socket is ours alone: no write may wait longer than poll. Pipes and
	 * terminals are shared with others, who would not expect it. */
	struct stat st;
	int flags = fcntl(out, F_GETFL);
	if (flags >= 0 && fstat(out, &st) == 0 && S_ISSOCK(st.st_mode))
		w->failed = fcntl(out, F_SETFL, flags | O_NONBLOCK) < 0;
}

int
wire_preload(struct wire *w, char const *s, size_t len)
{
	if (len > sizeof w->in_buf)
		return 0;
	memcpy(w->in_buf, s, len);
	w->in_pos = 0;
	w->in_len = len;
	return 1;
}

static bool
writable(struct wire *w)
{
	struct pollfd p = { .fd = w->out, .events = POLLOUT };
	int n;
	do
		n = poll(&p, 1, WIRE_WRITE_TIMEOUT * 1000);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static void
write_all(struct wire *w, char const *s, size_t len)
{
	while (len && !w->failed) {
		ssize_t n = write(w->out, s, len);
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			w->failed = !writable(w);
		} else if (n == 0 || errno != EINTR) {
			w->failed = true;
		}
	}
}

static bool
write_piece(void *arg, char const *s, size_t len)
{
	struct wire *w = arg;
	write_all(w, s, len);
	return !w->failed;
}

static void
send_all(struct wire *w, char const *s, size_t len, bool flush)
{
	if (!w->compress)
		write_all(w, s, len);
	else if (!w->failed &&
	    !compress_out(w->compress, s, len, flush, write_piece, w))
		w->failed = true;
}

void
wire_flush(struct wire *w)
{
	send_all(w, w->out_buf, w->out_len, true);
	w->out_len = 0;
}

void
wire_put(struct wire *w, char const *s, size_t len)
{
	if (len > sizeof w->out_buf - w->out_len) {
		send_all(w, w->out_buf, w->out_len, false);
		w->out_len = 0;
	}
	if (len > sizeof w->out_buf) {
		send_all(w, s, len, false);
		return;
	}
	if (len)
		memcpy(w->out_buf + w->out_len, s, len);
	w->out_len += len;
}

void
wire_puts(struct wire *w, char const *s)
{
	wire_put(w, s, strlen(s));
}

void
wire_number(struct wire *w, uint64_t n)
{
	char buf[UINT64_FMT];
	size_t at = sizeof buf;
	do
		buf[--at] = (char)('0' + n % 10);
	while ((n /= 10));
	wire_put(w, buf + at, sizeof buf - at);
}

void
wire_line(struct wire *w, char const *s)
{
	wire_puts(w, s);
	wire_puts(w, "\r\n");
}

void
wire_string(struct wire *w, char const *s, size_t len)
{
	w->scratch.len = 0;
	if (!(w->utf8 ? value_utf8_string : value_string)(&w->scratch, s, len))
		w->failed = true;
	else
		wire_put(w, w->scratch.s, w->scratch.len);
}

void
wire_astring(struct wire *w, char const *s, size_t len)
{
	bool atom = len > 0 && !imap_equal(s, len, "NIL");
	for (size_t i = 0; i < len && atom; i++)
		atom = imap_is_atom_char((unsigned char)s[i]);
	if (atom)
		wire_put(w, s, len);
	else
		wire_string(w, s, len);
}

char const *
wire_input(struct wire const *w, size_t *len)
{
	*len = w->in_len - w->in_pos;
	return w->in_buf + w->in_pos;
}

void
wire_used(struct wire *w, size_t len)
{
	w->in_pos += len;
}

/* Octets off the connection. 1; 0 none now; -1 end or failure. */
static int
receive(struct wire *w, char *to, size_t room, size_t *len)
{
	ssize_t n = read(w->in, to, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	*len = (size_t)n;
	return 1;
}

/* Input from the compressed octets at hand; 1, 0, -1 as receive. */
static int
inflate_input(struct wire *w)
{
	w->in_pos = w->in_len = 0;
	if (compress_in(w->compress, w->in_buf, sizeof w->in_buf, &w->in_len))
		return w->in_len > 0;
	if (w->in_len)
		return 1; /* what came before the fault counts */
	wire_line(w, "* BYE What comes is not compressed");
	wire_flush(w);
	return -1;
}

static int
fill(struct wire *w)
{
	size_t len;
	w->in_pos = w->in_len = 0;
	if (!w->compress)
		return receive(w, w->in_buf, sizeof w->in_buf, &w->in_len);
	int r = receive(w, compress_room(w->compress), COMPRESS_INPUT, &len);
	if (r <= 0)
		return r;
	compress_came(w->compress, len);
	return inflate_input(w);
}

void
wire_compress(struct wire *w, struct compress *c)
{
	_Static_assert((int)COMPRESS_INPUT >= (int)WIRE_BUFFER,
	    "what is left must fit");
	size_t left = w->in_len - w->in_pos;
	wire_flush(w);
	memcpy(compress_room(c), w->in_buf + w->in_pos, left);
	compress_came(c, left);
	w->in_pos = w->in_len = 0;
	w->compress = c;
}

/* More compressed octets, in the client's own time limit. */
static bool
await_compressed(struct wire *w)
{
	struct pollfd p = { .fd = w->in, .events = POLLIN };
	size_t len;
	int r = 0;
	while (r == 0) {
		int n = poll(&p, 1, WIRE_WRITE_TIMEOUT * 1000);
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0)
			r = receive(w, compress_room(w->compress),
			    COMPRESS_INPUT, &len);
	}
	if (r > 0)
		compress_came(w->compress, len);
	return r > 0;
}

bool
wire_leave(struct wire *w, char const **s, size_t *len)
{
	int r = 1;
	wire_flush(w);
	if (!w->compress)
		*s = wire_input(w, len);
	else
		while ((r = compress_end(w->compress, s, len)) == 0)
			if (!await_compressed(w))
				return false;
	if (r > 0)
		return !w->failed;
	w->compress = NULL;
	wire_line(w, "* BYE What comes is not compressed");
	wire_flush(w);
	return false;
}

int
wire_wait(struct wire *w, int other, int milliseconds)
{
	long long end = monotonic_ms() + milliseconds;
	int r = w->in_pos < w->in_len;
	if (!r && w->compress)
		r = inflate_input(w);
	if (r)
		return r;
	wire_flush(w);
	while (!w->failed) {
		struct pollfd p[2] = { { .fd = w->in, .events = POLLIN },
			{ .fd = other, .events = POLLIN } };
		long long left = end - monotonic_ms();
		int n = poll(p, other < 0 ? 1 : 2, left > 0 ? (int)left : 0);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0 && p[0].revents && (r = fill(w)) != 0)
			return r;
		if (n > 0 && !p[0].revents)
			return 2;
		if (left <= 0)
			return 0;
	}
	return -1;
}

void
wire_rest(struct wire *w)
{
	wire_flush(w);
	pages_release(w->out_buf, sizeof w->out_buf);
	if (w->in_pos == w->in_len)
		pages_release(w->in_buf, sizeof w->in_buf);
	if (w->compress)
		compress_forget(w->compress);
	stralloc_free(&w->scratch);
}
