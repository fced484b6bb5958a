/* SPDX-License-Identifier: ISC */
/* The connection in clear: lines, limits, time-outs. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "lib/conn.h"

static struct conn c;
static stralloc line;
static int other;

static void
open_pair(void)
{
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	conn_init(&c, fds[0], fds[0], 1);
	other = fds[1];
}

static void
close_pair(void)
{
	close(c.in);
	close(other);
}

static int
say(char const *s)
{
	return write(other, s, strlen(s)) == (ssize_t)strlen(s);
}

static int
line_is(char const *s)
{
	return line.len == strlen(s) && memcmp(line.s, s, line.len) == 0;
}

static void
test_lines(void)
{
	open_pair();
	CHECK(say("one\r\ntwo\nthr"));
	CHECK(!conn_has_line(&c));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("one\r\n"));
	CHECK(conn_has_line(&c));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("two\n"));
	CHECK(!conn_has_line(&c));
	CHECK(say("ee\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("three\n"));
	CHECK(say("cut"));
	close(other);
	CHECK(conn_line(&c, &line, 100) == 0);
	close(c.in);
}

static void
test_limit(void)
{
	open_pair();
	CHECK(say("12345678\n123456789\nshort\n"));
	CHECK(conn_line(&c, &line, 9) == 1 && line_is("12345678\n"));
	CHECK(conn_line(&c, &line, 9) == -1 && errno == EMSGSIZE);
	CHECK(conn_line(&c, &line, 9) == 1 && line_is("short\n"));
	static char many[3 * CONN_BUFFER + 1];
	memset(many, 'x', sizeof many - 1);
	CHECK(say(many));
	CHECK(say("\nafter\n"));
	CHECK(conn_line(&c, &line, CONN_BUFFER) == -1 && errno == EMSGSIZE);
	CHECK(conn_line(&c, &line, 9) == 1 && line_is("after\n"));
	close_pair();
}

static void
test_timeout(void)
{
	open_pair();
	CHECK(conn_line(&c, &line, 9) == -1 && errno == ETIMEDOUT);
	static char big[1024 * 1024];
	memset(big, 'x', sizeof big);
	/* nobody reads: writing must end too */
	CHECK(!conn_put(&c, big, sizeof big) && errno == ETIMEDOUT);
	close_pair();
}

static void
test_peer_gone(void)
{
	open_pair();
	close(other);
	CHECK(conn_puts(&c, "x"));
	CHECK(!conn_flush(&c) && errno == EPIPE);
	close(c.in);
}

/* What was given back is read again, in order, before what is there; STARTTLS
 * drops it with the rest. */
static void
test_give_back(void)
{
	open_pair();
	CHECK(say("one\ntwo\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("one\n"));
	CHECK(conn_give_back(&c, "a\none\n", 6));
	CHECK(conn_has_more(&c) && conn_hears(&c, 0) == 1);
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("a\n"));
	CHECK(conn_give_back(&c, "b\n", 2));
	CHECK(say("three\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("b\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("one\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("two\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("three\n"));
	CHECK(!conn_has_more(&c));
	static char many[3 * CONN_BUFFER];
	memset(many, 'x', sizeof many);
	many[sizeof many - 1] = '\n';
	CHECK(conn_give_back(&c, many, sizeof many));
	size_t left = sizeof many;
	size_t len;
	while (left && conn_fill(&c) == 1) {
		conn_data(&c, &len);
		CHECK(len <= left);
		left -= len;
		conn_take(&c, len);
	}
	CHECK(!left);
	close_pair();
}

/* In clear: both ways, until the stream ends; what it did not take stays. */
static void
test_relay(void)
{
	int stream[2];
	char got[64];
	open_pair();
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
	CHECK(say("1\n2\n"));
	CHECK(conn_line(&c, &line, 100) == 1 && line_is("1\n"));
	CHECK(conn_give_back(&c, "0\n1\n", 4));
	CHECK(write(stream[1], "answer\n", 7) == 7);
	CHECK(shutdown(stream[1], SHUT_WR) == 0);
	CHECK(conn_relay(&c, stream[0]));
	CHECK(read(other, got, sizeof got) == 7 &&
	    memcmp(got, "answer\n", 7) == 0);
	shutdown(stream[0], SHUT_WR);
	size_t n = 0;
	ssize_t r;
	while ((r = read(stream[1], got + n, sizeof got - n)) > 0)
		n += (size_t)r;
	CHECK(say("3\n"));
	while (n < 8 && conn_line(&c, &line, 100) == 1) {
		memcpy(got + n, line.s, line.len);
		n += line.len;
	}
	CHECK(n == 8 && memcmp(got, "0\n1\n2\n3\n", 8) == 0);
	close(stream[0]);
	close(stream[1]);
	/* the client's end is not the stream's */
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
	close(other);
	close(stream[1]);
	conn_relay(&c, stream[0]);
	close(stream[0]);
	close(c.in);
}

int
main(void)
{
	test_lines();
	test_limit();
	test_timeout();
	test_peer_gone();
	test_give_back();
	test_relay();
	return check_failed;
}
