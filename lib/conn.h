/* SPDX-License-Identifier: ISC */
/* A buffered connection, in clear or through TLS, on descriptors that may be
 * a socket, a pipe, a file or a terminal. Descriptors stay blocking: nothing
 * is read before poll says so, and nothing is written that could block beyond
 * the time limit. */
#ifndef BESACE_CONN_H
#define BESACE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

struct ssl_st;
struct ssl_ctx_st;

enum { CONN_BUFFER = 16384 };

struct conn {
	int in;
	int out;
	bool out_is_socket;
	int timeout; /* seconds a single wait may take */
	int alert;   /* readable: reading ends with ECANCELED; -1: none */
	long long deadline; /* of reading, ms of the monotonic clock; 0: none */
	long long send_deadline; /* of writing, likewise */
	struct ssl_st *ssl;      /* NULL: in clear */
	char buf[CONN_BUFFER];   /* read and not yet taken: buf[pos..len) */
	size_t pos;
	size_t len;
	stralloc unread; /* read before BUF, and given back: unread[taken..) */
	size_t taken;
	stralloc pending; /* put and not yet sent, in clear */
};

/* Takes over two open descriptors (which may be the same). */
void conn_init(struct conn *c, int in, int out, int timeout);

/* Reading ends with ETIMEDOUT this many seconds from now, however often a
 * little comes: one octet at a time holds nobody up. 0: no such limit. */
void conn_limit(struct conn *c, long long seconds);

/* The same for writing. */
void conn_limit_sending(struct conn *c, long long seconds);

/* Puts the limit off, by a millisecond an octet, at most to the single wait's
 * time limit from now: who sends at a fair rate is not cut off. */
void conn_credit(struct conn *c, size_t octets);

/* What has been read and not yet taken. */
char const *conn_data(struct conn const *c, size_t *len);

/* Takes LEN octets of it. */
void conn_take(struct conn *c, size_t len);

/* Gives octets back that were taken: they are read again, before what is there.
 * 1, or 0: out of memory. */
int conn_give_back(struct conn *c, char const *s, size_t len);

/* Reads more behind what is there, waiting at most the time limit. 1; 0 end
 * of file; -1 with errno: ETIMEDOUT, ENOBUFS (buffer full), EPROTO (TLS), ... */
int conn_fill(struct conn *c);

/* Whether the next line is here already: when it is not, replies are sent
 * before it is waited for. */
bool conn_has_line(struct conn const *c);

/* Whether more is here already: in the buffer, or, in clear, at the socket. */
bool conn_has_more(struct conn const *c);

/* Waits, in clear, until the other side speaks or ends. 1 it does; 0 not for
 * SECONDS; -1 with errno. */
int conn_hears(struct conn *c, unsigned int seconds);

/* Replaces *LINE by the next line, its LF included. 1; 0 end of file before an
 * LF; -1 with errno. A line over MAX octets (at most CONN_BUFFER) gives
 * EMSGSIZE once it has been read to its end and dropped. */
int conn_line(struct conn *c, stralloc *line, size_t max);

/* Queues octets; sends once a fair amount has gathered. 1, or 0 with errno. */
int conn_put(struct conn *c, char const *s, size_t len);
int conn_puts(struct conn *c, char const *s);

/* Sends everything queued. 1, or 0 with errno (ETIMEDOUT, EPIPE, ...). */
int conn_flush(struct conn *c);

/* Shakes hands as the server; what was read but not taken is the start of it.
 * 1, or 0 with errno (EPROTO: the TLS library's reason is in its error queue;
 * ETIMEDOUT; ...). */
int conn_accept_tls(struct conn *c, struct ssl_ctx_st *ctx);

/* The same in the middle of a session: what was read but not taken is dropped
 * (RFC 3207 4.2). */
int conn_start_tls(struct conn *c, struct ssl_ctx_st *ctx);

/* Shakes hands as the client. SSL, with all that is to be known of the server,
 * is the connection's from now on. What was read but not taken is dropped (RFC
 * 3207 4.2). As conn_accept_tls. */
int conn_connect_tls(struct conn *c, struct ssl_st *ssl);

/* Flushes and, inside TLS, says good-bye. Does not close the descriptors. */
void conn_end(struct conn *c);

/* Copies octets both ways between a connection and FD, a stream socket, until
 * one of them ends. What is buffered goes first. True: it was FD, and the client
 * has all of it; what came from the client and did not go to FD yet is still
 * buffered. */
bool conn_relay(struct conn *c, int fd);

#endif
