/* SPDX-License-Identifier: ISC */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parse.h"
#include "value.h"

void
wire_open(struct wire *w, int in, int out)
{
	w->in = in;
	w->out = out;
	w->failed = false;
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

void
wire_flush(struct wire *w)
{
	write_all(w, w->out_buf, w->out_len);
	w->out_len = 0;
}

void
wire_put(struct wire *w, char const *s, size_t len)
{
	if (len > sizeof w->out_buf - w->out_len)
		wire_flush(w);
	if (len > sizeof w->out_buf) {
		write_all(w, s, len);
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
	char buf[24];
	snprintf(buf, sizeof buf, "%llu", (unsigned long long)n);
	wire_puts(w, buf);
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
	if (!value_string(&w->scratch, s, len))
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

static int
fill(struct wire *w)
{
	ssize_t n;
	do
		n = read(w->in, w->in_buf, sizeof w->in_buf);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	w->in_pos = 0;
	w->in_len = (size_t)n;
	return 1;
}

int
wire_wait(struct wire *w, int other, int milliseconds)
{
	if (w->in_pos < w->in_len)
		return 1;
	wire_flush(w);
	if (w->failed)
		return -1;
	struct pollfd p[2] = { { .fd = w->in, .events = POLLIN },
		{ .fd = other, .events = POLLIN } };
	int n = poll(p, other < 0 ? 1 : 2, milliseconds);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	if (n == 0)
		return 0;
	if (p[0].revents)
		return fill(w);
	return 2;
}

/* The whole pages in it read as zero from now on. */
static void
release(char *s, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = ((uintptr_t)s + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)s + len) & ~(page - 1);
	if (start < end)
		(void)madvise(s + (start - (uintptr_t)s), end - start,
		    MADV_DONTNEED);
}

void
wire_rest(struct wire *w)
{
	if (w->in_pos == w->in_len)
		release(w->in_buf, sizeof w->in_buf);
	if (!w->out_len)
		release(w->out_buf, sizeof w->out_buf);
	stralloc_free(&w->scratch);
}
