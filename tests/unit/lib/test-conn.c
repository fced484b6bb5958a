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

int
main(void)
{
	test_lines();
	test_limit();
	test_timeout();
	test_peer_gone();
	return check_failed;
}
