/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "lib/channel.h"

static struct channel_message m;

/* Whether these octets, sent raw, are taken. */
static int
raw(char const *s, size_t len)
{
	memcpy(m.bytes, s, len);
	return channel_parse(&m, len);
}

#define S(s) (s), sizeof(s) - 1

static void
test_parse(void)
{
	CHECK(raw(S("\x05\x00")) && m.type == 5 && m.count == 0);
	CHECK(raw(S("\x05\x01\x02\0\0\0ab")) && m.field[0].len == 2);
	CHECK(raw(S("\x05\x02\0\0\0\0\x01\0\0\0x")) && m.field[1].len == 1);
	CHECK(!raw(S("")));
	CHECK(!raw(S("\x05")));
	CHECK(!raw(S("\x05\x09")));             /* too many fields */
	CHECK(!raw(S("\x05\x01\x02\0\0")));     /* cut length */
	CHECK(!raw(S("\x05\x01\x03\0\0\0ab"))); /* cut field */
	CHECK(!raw(S("\x05\x01\xff\xff\xff\xff")));
	CHECK(!raw(S("\x05\x01\x01\0\0\0ab"))); /* something behind */
}

static void
test_send(void)
{
	int ends[2];
	int null = open("/dev/null", O_RDONLY);
	struct channel_field fields[2] = { { "a\0b", 3 }, channel_text("") };
	char buf[8];
	CHECK(channel_pair(ends) && null >= 0);
	CHECK(channel_send(ends[0], 7, fields, 2, &null, 1));
	CHECK(channel_receive(ends[1], &m) == 1);
	CHECK(m.type == 7 && m.count == 2 && m.field[0].len == 3);
	CHECK(m.fd_count == 1 && fcntl(m.fd[0], F_GETFD) == FD_CLOEXEC);
	CHECK(!channel_string(&m, 0, buf, sizeof buf)); /* NUL in it */
	CHECK(channel_string(&m, 1, buf, sizeof buf) && !*buf);
	CHECK(!channel_string(&m, 2, buf, sizeof buf));
	CHECK(!channel_string(&m, 1, buf, 0));
	static char big[CHANNEL_SIZE];
	fields[0].s = big;
	fields[0].len = sizeof big;
	CHECK(!channel_send(ends[0], 7, fields, 1, NULL, 0));
	CHECK(errno == EMSGSIZE);
	CHECK(send(ends[0], "\x01\x09", 2, 0) == 2);
	CHECK(channel_receive(ends[1], &m) == -1 && errno == EPROTO);
	close(ends[0]);
	CHECK(channel_receive(ends[1], &m) == 0);
}

int
main(void)
{
	test_parse();
	test_send();
	return check_failed;
}
