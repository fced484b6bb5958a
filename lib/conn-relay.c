/* SPDX-License-Identifier: ISC */
/* What is left of a front after a login: TLS, or where the connection is not
 * handed over, nothing. */
#include "conn-wire.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pages.h"

enum {
	WIRE_MAX = 65536, /* answers that TLS itself makes, not yet taken */
	RELAY_PATIENCE = 300000, /* ms */
	RELAY_REST = 1000        /* ms of silence */
};

/* Both directions of a relay, each with what it could not yet pass on:
 * clear octets for the other side in conn's buffer, TLS records for the client
 * (without TLS: clear octets) in WIRE. A side is read only when its octets have somewhere to go. */
struct relay {
	struct conn *c;
	int fd;
	stralloc wire;
	size_t wire_pos;
	bool client_ended;
	bool ended;  /* the other side */
	bool rested; /* since the last octet */
};

/* Decrypts what has come, without waiting. false when TLS failed. */
static bool
decrypt_ready(struct relay *r)
{
	struct conn *c = r->c;
	size_t n;
	if (c->len > c->pos)
		return true;
	c->pos = 0;
	c->len = conn_take_again(c, c->buf, sizeof c->buf);
	if (c->len || !c->ssl)
		return true;
	ERR_clear_error();
	if (SSL_read_ex(c->ssl, c->buf, sizeof c->buf, &n)) {
		c->pos = 0;
		c->len = n;
		return true;
	}
	int why = SSL_get_error(c->ssl, 0);
	if (why == SSL_ERROR_ZERO_RETURN)
		r->client_ended = true;
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_ZERO_RETURN;
}

/* Moves fresh TLS records to the wire buffer. */
static bool
collect_records(struct relay *r)
{
	if (!r->c->ssl)
		return true;
	BIO *out = SSL_get_wbio(r->c->ssl);
	char *s;
	long n = BIO_get_mem_data(out, &s);
	bool ok = n <= 0 || stralloc_catb(&r->wire, s, (size_t)n);
	(void)BIO_reset(out);
	return ok;
}

/* There is room: what came before is gone. */
static bool
from_client(struct relay *r)
{
	char raw[CONN_BUFFER];
	bool clear = !r->c->ssl;
	ssize_t n = read(r->c->in, clear ? r->c->buf : raw, CONN_BUFFER);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	r->client_ended = n == 0;
	if (clear)
		r->c->len = (size_t)n;
	if (clear || n == 0)
		return true;
	return BIO_write(SSL_get_rbio(r->c->ssl), raw, (int)n) == n;
}

static bool
to_client(struct relay *r)
{
	ssize_t n = conn_write_piece(r->c, r->wire.s + r->wire_pos,
	    r->wire.len - r->wire_pos);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	r->wire_pos += (size_t)n;
	if (r->wire_pos == r->wire.len)
		r->wire_pos = r->wire.len = 0;
	return true;
}

/* false when the other side has ended. */
static bool
from_back(struct relay *r)
{
	char piece[CONN_BUFFER];
	size_t done;
	ssize_t n = read(r->fd, piece, sizeof piece);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	r->ended = n == 0;
	if (!r->c->ssl)
		return n > 0 && stralloc_catb(&r->wire, piece, (size_t)n);
	return n > 0 && SSL_write_ex(r->c->ssl, piece, (size_t)n, &done);
}

static bool
to_back(struct relay *r)
{
	struct conn *c = r->c;
	ssize_t n = send(r->fd, c->buf + c->pos, c->len - c->pos,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	conn_take(c, (size_t)n);
	return true;
}

/* Most connections are silent most of the time. */
static void
rest(struct relay *r)
{
	stralloc_free(&r->wire);
	pages_release(r->c->buf, sizeof r->c->buf);
	malloc_trim(0);
	r->rested = true;
}

/* poll, and a rest in a silence. */
static int
wait_for_octets(struct relay *r, struct pollfd *p, nfds_t count)
{
	if (!r->rested) {
		int ready = poll(p, count, RELAY_REST);
		if (ready != 0)
			return ready;
		rest(r);
	}
	int ready = poll(p, count, -1);
	r->rested = false;
	return ready;
}

/* One wait and what it allows. false at the end. */
static bool
relay_step(struct relay *r)
{
	struct conn *c = r->c;
	bool for_back = c->len > c->pos;
	bool for_client = r->wire.len > r->wire_pos;
	bool full = r->wire.len - r->wire_pos >= WIRE_MAX;
	struct pollfd p[3] = {
		{ .fd = for_back || full || r->client_ended ? -1 : c->in,
		    .events = POLLIN },
		{ .fd = for_client ? c->out : -1, .events = POLLOUT },
		{ .fd = r->fd,
		    .events = (short)((for_back ? POLLOUT : 0) |
		        (for_client ? 0 : POLLIN)) },
	};
	if (p[2].events == 0)
		p[2].fd = -1;
	/* a client that takes nothing is not waited for for ever */
	int ready = for_client ? poll(p, 3, RELAY_PATIENCE)
	    : for_back         ? poll(p, 3, -1)
	                       : wait_for_octets(r, p, 3);
	if (ready < 0)
		return errno == EINTR;
	if (ready == 0)
		return false;
	if (p[0].revents && !from_client(r))
		return false;
	if (p[1].revents && !to_client(r))
		return false;
	if (p[2].revents & POLLOUT && !to_back(r))
		return false;
	if (p[2].revents & (POLLIN | POLLHUP | POLLERR) && !for_client)
		return from_back(r);
	return true;
}

bool
conn_relay(struct conn *c, int fd)
{
	struct relay r = { .c = c, .fd = fd, .wire = STRALLOC_ZERO };
	bool told = false;
	if (!conn_flush(c))
		return false;
	while (decrypt_ready(&r) && collect_records(&r)) {
		if (r.client_ended && !told && c->len == c->pos) {
			shutdown(fd, SHUT_WR);
			told = true;
		}
		if (!relay_step(&r))
			break;
	}
	bool sent = collect_records(&r) &&
	    conn_write_raw(c, r.wire.s + r.wire_pos, r.wire.len - r.wire_pos);
	stralloc_free(&r.wire);
	return sent && r.ended;
}
