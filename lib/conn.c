/* SPDX-License-Identifier: ISC */
/* TLS runs over two memory BIOs, so that the descriptors are read and written
 * in one place each, with one kind of waiting. */
#include "conn-wire.h"
#include "monotonic.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PENDING_MAX = 16384,
	CLEAR_CHUNK = 4096,
};

void
conn_init(struct conn *c, int in, int out, int timeout)
{
	struct stat st;
	c->in = in;
	c->out = out;
	c->out_is_socket = fstat(out, &st) == 0 && S_ISSOCK(st.st_mode);
	c->timeout = timeout;
	c->alert = -1;
	c->deadline = c->send_deadline = 0;
	c->ssl = NULL;
	c->pos = c->len = c->taken = 0;
	c->unread = c->pending = (stralloc)STRALLOC_ZERO;
}

char const *
conn_data(struct conn const *c, size_t *len)
{
	*len = c->len - c->pos;
	return c->buf + c->pos;
}

void
conn_take(struct conn *c, size_t len)
{
	c->pos += len;
	if (c->pos == c->len)
		c->pos = c->len = 0;
}

void
conn_limit(struct conn *c, long long seconds)
{
	c->deadline = seconds ? monotonic_ms() + seconds * 1000 : 0;
}

void
conn_limit_sending(struct conn *c, long long seconds)
{
	c->send_deadline = seconds ? monotonic_ms() + seconds * 1000 : 0;
}

void
conn_credit(struct conn *c, size_t octets)
{
	long long most = monotonic_ms() + c->timeout * 1000LL;
	c->deadline += (long long)octets;
	if (c->deadline > most)
		c->deadline = most;
}

/* 1 ready; -1 with errno. LIMIT: as conn's deadline; behind it nothing is taken
 * any more, however much there is. ALERT: as conn's. */
static int
wait_for(int fd, short events, int timeout, long long limit, int alert)
{
	long long deadline = monotonic_ms() + timeout * 1000LL;
	if (limit && limit < deadline)
		deadline = limit;
	for (;;) {
		long long now = monotonic_ms();
		long long left = deadline - now;
		struct pollfd p[2] = { { .fd = fd, .events = events },
			{ .fd = alert, .events = POLLIN } };
		if (limit && now >= limit) {
			errno = ETIMEDOUT;
			return -1;
		}
		int r = poll(p, 2, left > 0 ? (int)left : 0);
		if (r > 0 && p[1].revents) {
			errno = ECANCELED;
			return -1;
		}
		if (r > 0)
			return 1;
		if (r == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

/* Octets read, 0 at the end, -1 with errno. */
static ssize_t
read_raw(struct conn *c, char *s, size_t len)
{
	if (wait_for(c->in, POLLIN, c->timeout, c->deadline, c->alert) < 0)
		return -1;
	ssize_t r;
	do
		r = read(c->in, s, len);
	while (r < 0 && errno == EINTR);
	return r;
}

/* A socket is told not to block, and a pipe that poll calls writable takes a
 * page. */
ssize_t
conn_write_piece(struct conn *c, char const *s, size_t len)
{
	if (c->out_is_socket)
		return send(c->out, s, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(c->out, s, len < CLEAR_CHUNK ? len : CLEAR_CHUNK);
}

int
conn_write_raw(struct conn *c, char const *s, size_t len)
{
	while (len) {
		if (wait_for(c->out, POLLOUT, c->timeout, c->send_deadline,
		        -1) < 0)
			return 0;
		ssize_t w = conn_write_piece(c, s, len);
		if (w < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (w < 0)
			return 0;
		s += w;
		len -= (size_t)w;
	}
	return 1;
}

/* Sends what TLS has made ready. */
static int
flush_tls(struct conn *c)
{
	BIO *out = SSL_get_wbio(c->ssl);
	char *s;
	long n = BIO_get_mem_data(out, &s);
	if (n <= 0)
		return 1;
	int ok = conn_write_raw(c, s, (size_t)n);
	(void)BIO_reset(out);
	return ok;
}

/* One read of the wire into TLS. 1, 0 at the end, -1 with errno. */
static int
feed_tls(struct conn *c)
{
	char raw[CONN_BUFFER];
	ssize_t r = read_raw(c, raw, sizeof raw);
	if (r <= 0)
		return (int)r;
	errno = ENOMEM;
	return BIO_write(SSL_get_rbio(c->ssl), raw, (int)r) == r ? 1 : -1;
}

static ssize_t
read_tls(struct conn *c, char *s, size_t len)
{
	for (;;) {
		size_t n;
		ERR_clear_error();
		if (SSL_read_ex(c->ssl, s, len, &n))
			return (ssize_t)n;
		int why = SSL_get_error(c->ssl, 0);
		if (!flush_tls(c))
			return -1;
		if (why == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (why != SSL_ERROR_WANT_READ) {
			errno = EPROTO;
			return -1;
		}
		int r = feed_tls(c);
		if (r <= 0)
			return r;
	}
}

int
conn_give_back(struct conn *c, char const *s, size_t len)
{
	stralloc all = STRALLOC_ZERO;
	int ok = stralloc_catb(&all, s, len) &&
	    stralloc_catb(&all, c->buf + c->pos, c->len - c->pos) &&
	    (!c->unread.len ||
	        stralloc_catb(&all, c->unread.s + c->taken,
	            c->unread.len - c->taken));
	if (!ok) {
		stralloc_free(&all);
		return 0;
	}
	stralloc_free(&c->unread);
	c->unread = all;
	c->taken = c->pos = c->len = 0;
	return 1;
}

size_t
conn_take_again(struct conn *c, char *s, size_t room)
{
	size_t len = c->unread.len - c->taken;
	if (len > room)
		len = room;
	if (len)
		memcpy(s, c->unread.s + c->taken, len);
	c->taken += len;
	if (c->unread.a && c->taken == c->unread.len) {
		stralloc_free(&c->unread);
		c->taken = 0;
	}
	return len;
}

int
conn_fill(struct conn *c)
{
	if (c->pos && c->len == sizeof c->buf) {
		memmove(c->buf, c->buf + c->pos, c->len - c->pos);
		c->len -= c->pos;
		c->pos = 0;
	}
	size_t room = sizeof c->buf - c->len;
	if (!room) {
		errno = ENOBUFS;
		return -1;
	}
	ssize_t r = (ssize_t)conn_take_again(c, c->buf + c->len, room);
	if (!r)
		r = c->ssl ? read_tls(c, c->buf + c->len, room)
		           : read_raw(c, c->buf + c->len, room);
	if (r <= 0)
		return (int)r;
	c->len += (size_t)r;
	return 1;
}

bool
conn_has_line(struct conn const *c)
{
	return memchr(c->buf + c->pos, '\n', c->len - c->pos) != NULL;
}

bool
conn_has_more(struct conn const *c)
{
	char octet;
	return c->len > c->pos || c->unread.len > c->taken ||
	    (!c->ssl && recv(c->in, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1);
}

int
conn_hears(struct conn *c, unsigned int seconds)
{
	if (c->len > c->pos || c->unread.len > c->taken ||
	    wait_for(c->in, POLLIN, (int)seconds, 0, -1) > 0)
		return 1;
	return errno == ETIMEDOUT ? 0 : -1;
}

/* Reads and drops up to the LF of a line that is too long. */
static int
skip_line(struct conn *c)
{
	for (;;) {
		char const *lf = memchr(c->buf + c->pos, '\n', c->len - c->pos);
		if (lf) {
			conn_take(c, (size_t)(lf - (c->buf + c->pos)) + 1);
			errno = EMSGSIZE;
			return -1;
		}
		conn_take(c, c->len - c->pos);
		int r = conn_fill(c);
		if (r <= 0)
			return r;
	}
}

int
conn_line(struct conn *c, stralloc *line, size_t max)
{
	line->len = 0;
	for (;;) {
		size_t have = c->len - c->pos;
		char const *start = c->buf + c->pos;
		char const *lf = memchr(start, '\n', have);
		if (lf && (size_t)(lf - start) < max) {
			size_t n = (size_t)(lf - start) + 1;
			if (!stralloc_copyb(line, start, n))
				return -1;
			conn_take(c, n);
			return 1;
		}
		if (lf || have >= max)
			return skip_line(c);
		int r = conn_fill(c);
		if (r <= 0)
			return r;
	}
}

int
conn_put(struct conn *c, char const *s, size_t len)
{
	if (!stralloc_catb(&c->pending, s, len))
		return 0;
	return c->pending.len < PENDING_MAX || conn_flush(c);
}

int
conn_puts(struct conn *c, char const *s)
{
	return conn_put(c, s, strlen(s));
}

static int
encrypt(struct conn *c, char const *s, size_t len)
{
	while (len) {
		size_t n;
		size_t piece = len < CONN_BUFFER ? len : CONN_BUFFER;
		ERR_clear_error();
		if (!SSL_write_ex(c->ssl, s, piece, &n)) {
			errno = EPROTO;
			return 0;
		}
		if (!flush_tls(c))
			return 0;
		s += n;
		len -= n;
	}
	return 1;
}

int
conn_flush(struct conn *c)
{
	size_t len = c->pending.len;
	c->pending.len = 0;
	return c->ssl ? encrypt(c, c->pending.s, len)
	              : conn_write_raw(c, c->pending.s, len);
}

static int
shake_hands(struct conn *c)
{
	for (;;) {
		ERR_clear_error();
		int r = SSL_do_handshake(c->ssl);
		int why = r == 1 ? SSL_ERROR_NONE : SSL_get_error(c->ssl, r);
		if (!flush_tls(c))
			return 0;
		if (r == 1)
			return 1;
		if (why != SSL_ERROR_WANT_READ) {
			errno = EPROTO;
			return 0;
		}
		int fed = feed_tls(c);
		if (fed <= 0) {
			if (fed == 0)
				errno = EPIPE;
			return 0;
		}
	}
}

/* What is buffered is the start of the handshake. */
static int
take_over_buffered(struct conn *c)
{
	int n = (int)(c->len - c->pos);
	int ok = !n || BIO_write(SSL_get_rbio(c->ssl), c->buf + c->pos, n) == n;
	c->pos = c->len = 0;
	if (!ok)
		errno = ENOMEM;
	return ok;
}

/* SSL is the connection's from now on; 0 when it is NULL. */
static int
take_tls(struct conn *c, SSL *ssl)
{
	BIO *in = BIO_new(BIO_s_mem());
	BIO *out = BIO_new(BIO_s_mem());
	if (!in || !out || !ssl) {
		BIO_free(in);
		BIO_free(out);
		SSL_free(ssl);
		errno = ENOMEM;
		return 0;
	}
	/* an empty source means "later", not "end" */
	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(ssl, in, out);
	c->ssl = ssl;
	return 1;
}

int
conn_accept_tls(struct conn *c, struct ssl_ctx_st *ctx)
{
	if (!take_tls(c, SSL_new(ctx)))
		return 0;
	SSL_set_accept_state(c->ssl);
	return take_over_buffered(c) && shake_hands(c);
}

int
conn_connect_tls(struct conn *c, struct ssl_st *ssl)
{
	c->pos = c->len = 0;
	if (!take_tls(c, ssl))
		return 0;
	SSL_set_connect_state(c->ssl);
	return shake_hands(c);
}

int
conn_start_tls(struct conn *c, struct ssl_ctx_st *ctx)
{
	c->pos = c->len = c->taken = c->unread.len = 0;
	return conn_accept_tls(c, ctx);
}

void
conn_end(struct conn *c)
{
	if (!conn_flush(c) || !c->ssl)
		return;
	if (SSL_shutdown(c->ssl) >= 0)
		flush_tls(c);
}
