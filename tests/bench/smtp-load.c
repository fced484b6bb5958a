/* SPDX-License-Identifier: ISC */
/* An honest SMTP client, many times at once: waits for every reply it has to
 * wait for, and says how long that took.
 *
 * usage: smtp-load [-c CLIENTS] [-m PER-CONNECTION] [-s SIZE] [-t SECONDS]
 *                  [-e plain|starttls|implicit] PORT
 *
 * Prints one line: messages (connections with -m 0), failures, seconds to the
 * last answer, and the median and 99th percentile of what one took, in ms. A
 * message takes from MAIL to the answer after its last dot. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 200,
	REPLY_MAX = 1000,
	LINE_OCTETS = 78, /* of the text, CR and LF included */
	MAILBOXES = 10
};

enum encryption { PLAIN, STARTTLS, IMPLICIT };

struct load {
	unsigned int clients;
	unsigned int per_connection; /* messages; 0: only say hello */
	size_t size;
	double seconds;
	enum encryption encryption;
	in_port_t port;
	SSL_CTX *tls;
	char *body; /* with the last dot */
	size_t body_len;
	double end; /* nothing is begun after this */
};

struct client {
	struct load const *load;
	unsigned int number;
	pthread_t thread;
	int fd;
	SSL *ssl;
	char buf[8192]; /* read and not yet taken: buf[pos..len) */
	size_t pos;
	size_t len;
	double *took; /* seconds, one per message or connection */
	size_t count;
	size_t room;
	size_t failures;
};

static void
die(char const *what)
{
	perror(what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
keep(struct client *c, double took)
{
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 1024;
		c->took = realloc(c->took, c->room * sizeof *c->took);
		if (!c->took)
			die("smtp-load: memory");
	}
	c->took[c->count++] = took;
}

/* --- the wire ------------------------------------------------------------ */

static bool
send_all(struct client *c, char const *s, size_t len)
{
	while (len) {
		size_t piece = len < 1 << 20 ? len : 1 << 20;
		ssize_t w = c->ssl ? SSL_write(c->ssl, s, (int)piece)
		                   : send(c->fd, s, piece, MSG_NOSIGNAL);
		if (w <= 0)
			return false;
		s += w;
		len -= (size_t)w;
	}
	return true;
}

static bool
send_text(struct client *c, char const *s)
{
	return send_all(c, s, strlen(s));
}

static bool
fill(struct client *c)
{
	ssize_t r = c->ssl ? SSL_read(c->ssl, c->buf, sizeof c->buf)
	                   : recv(c->fd, c->buf, sizeof c->buf, 0);
	c->pos = 0;
	c->len = r > 0 ? (size_t)r : 0;
	return r > 0;
}

static bool
read_line(struct client *c, char line[REPLY_MAX])
{
	for (size_t n = 0; n < REPLY_MAX - 1; n++) {
		if (c->pos == c->len && !fill(c))
			return false;
		line[n] = c->buf[c->pos++];
		if (line[n] == '\n') {
			line[n] = 0;
			return true;
		}
	}
	return false;
}

/* One reply, all its lines. */
static bool
expect(struct client *c, char const *code)
{
	char line[REPLY_MAX];
	do {
		if (!read_line(c, line))
			return false;
	} while (strlen(line) > 3 && line[3] == '-');
	if (strncmp(line, code, 3) == 0)
		return true;
	fprintf(stderr, "smtp-load: wanted %s, got %s\n", code, line);
	return false;
}

/* --- one connection ------------------------------------------------------ */

static bool
open_socket(struct client *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(c->load->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;
	c->pos = c->len = 0;
	c->ssl = NULL;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("smtp-load: socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return connect(c->fd, (struct sockaddr *)&a, sizeof a) == 0;
}

static bool
start_tls(struct client *c)
{
	c->ssl = SSL_new(c->load->tls);
	return c->ssl && SSL_set_fd(c->ssl, c->fd) == 1 &&
	    SSL_connect(c->ssl) == 1;
}

static bool
hello(struct client *c)
{
	return send_text(c, "EHLO bench.example\r\n") && expect(c, "250");
}

static bool
open_session(struct client *c)
{
	enum encryption e = c->load->encryption;
	if (!open_socket(c) || (e == IMPLICIT && !start_tls(c)) ||
	    !expect(c, "220") || !hello(c))
		return false;
	return e != STARTTLS ||
	    (send_text(c, "STARTTLS\r\n") && expect(c, "220") && start_tls(c) &&
	        hello(c));
}

static void
close_session(struct client *c)
{
	if (c->ssl)
		SSL_free(c->ssl);
	close(c->fd);
}

/* MAIL, RCPT and DATA in one piece (RFC 2920), then the text. */
static bool
send_message(struct client *c)
{
	char envelope[200];
	snprintf(envelope, sizeof envelope,
	    "MAIL FROM:<bench@elsewhere.test>\r\n"
	    "RCPT TO:<box%u@example.test>\r\nDATA\r\n",
	    c->number % MAILBOXES);
	return send_text(c, envelope) && expect(c, "250") && expect(c, "250") &&
	    expect(c, "354") && send_all(c, c->load->body, c->load->body_len) &&
	    expect(c, "250");
}

/* false when it is not worth going on. */
static bool
use_connection(struct client *c)
{
	struct load const *load = c->load;
	double start = now();
	bool ok = open_session(c);
	for (unsigned int i = 0; ok && i < load->per_connection; i++) {
		double begin = now();
		if (i && begin > load->end)
			break;
		ok = send_message(c);
		if (ok)
			keep(c, now() - begin);
	}
	ok = ok && send_text(c, "QUIT\r\n") && expect(c, "221");
	if (ok && !load->per_connection)
		keep(c, now() - start);
	close_session(c);
	c->failures += !ok;
	return c->failures < 10;
}

static void *
run_client(void *arg)
{
	struct client *c = arg;
	while (now() < c->load->end && use_connection(c))
		continue;
	return NULL;
}

/* --- all of them --------------------------------------------------------- */

static char
body_octet(size_t column)
{
	return column == LINE_OCTETS - 2 ? '\r'
	    : column == LINE_OCTETS - 1  ? '\n'
	                                 : (char)('a' + column % 26);
}

/* A header and lines of text, SIZE octets in all, then the last dot. */
static void
make_body(struct load *load)
{
	static char const header[] =
	    "From: Bench <bench@elsewhere.test>\r\n"
	    "To: box@example.test\r\n"
	    "Subject: a message to measure with\r\n"
	    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
	    "Message-ID: <bench@elsewhere.test>\r\n\r\n";
	size_t n = sizeof header - 1;
	size_t size = load->size > n + 2 ? load->size : n + 2;
	load->body = malloc(size + 4);
	if (!load->body)
		die("smtp-load: memory");
	memcpy(load->body, header, n);
	for (size_t i = 0; n < size - 2; i++, n++)
		load->body[n] = body_octet(i % LINE_OCTETS);
	if (load->body[n - 1] == '\r')
		load->body[n - 1] = 'x';
	memcpy(load->body + n, "\r\n.\r\n", 5);
	load->body_len = n + 5;
}

static int
by_size(void const *a, void const *b)
{
	double x = *(double const *)a;
	double y = *(double const *)b;
	return (x > y) - (x < y);
}

static void
report(struct client *clients, unsigned int n, double seconds)
{
	struct client all = { .count = 0 };
	for (unsigned int i = 0; i < n; i++) {
		all.failures += clients[i].failures;
		for (size_t j = 0; j < clients[i].count; j++)
			keep(&all, clients[i].took[j]);
	}
	if (!all.count) {
		printf("0 %zu 0 0 0\n", all.failures);
		return;
	}
	qsort(all.took, all.count, sizeof *all.took, by_size);
	printf("%zu %zu %.4f %.3f %.3f\n", all.count, all.failures, seconds,
	    all.took[all.count / 2] * 1e3,
	    all.took[all.count - 1 - all.count / 100] * 1e3);
}

static void
run(struct load *load)
{
	static struct client clients[CLIENTS_MAX];
	double start = now();
	load->end = start + load->seconds;
	for (unsigned int i = 0; i < load->clients; i++) {
		clients[i].load = load;
		clients[i].number = i;
		errno = pthread_create(&clients[i].thread, NULL, run_client,
		    &clients[i]);
		if (errno)
			die("smtp-load: thread");
	}
	for (unsigned int i = 0; i < load->clients; i++)
		pthread_join(clients[i].thread, NULL);
	report(clients, load->clients, now() - start);
}

static SSL_CTX *
client_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		die("smtp-load: TLS");
	/* every connection is a stranger's first */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	return ctx;
}

static enum encryption
encryption_by_name(char const *name)
{
	return strcmp(name, "starttls") == 0 ? STARTTLS
	    : strcmp(name, "implicit") == 0  ? IMPLICIT
	                                     : PLAIN;
}

int
main(int argc, char **argv)
{
	struct load load = { .clients = 1,
		.per_connection = 1,
		.size = 10240,
		.seconds = 2 };
	int c;
	while ((c = getopt(argc, argv, "c:m:s:t:e:")) != -1) {
		if (c == 'c')
			load.clients = (unsigned int)atoi(optarg);
		else if (c == 'm')
			load.per_connection = (unsigned int)atoi(optarg);
		else if (c == 's')
			load.size = (size_t)atoll(optarg);
		else if (c == 't')
			load.seconds = atof(optarg);
		else if (c == 'e')
			load.encryption = encryption_by_name(optarg);
		else
			return 64;
	}
	if (optind + 1 != argc || !load.clients || load.clients > CLIENTS_MAX)
		return 64;
	load.port = (in_port_t)atoi(argv[optind]);
	load.tls = client_context();
	make_body(&load);
	run(&load);
	return 0;
}
