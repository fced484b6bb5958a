/* SPDX-License-Identifier: ISC */
/* Messages on their way in: line ends wherever the pieces are cut, in memory and
 * in a file; binary parts. */
#include "imap-session/incoming.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imap-session/unbinary.h"

enum { LINES = 100000 };

static int failures;

static void
check(bool good, char const *what, size_t where)
{
	if (good)
		return;
	printf("failed: %s (%zu)\n", what, where);
	failures++;
}

static bool
holds(struct incoming const *in, char const *s, size_t len)
{
	char buf[64];
	size_t at = 0;
	ssize_t n;
	while ((n = incoming_read(in, buf, sizeof buf, at)) > 0) {
		if ((size_t)n > len - at || memcmp(buf, s + at, (size_t)n) != 0)
			return false;
		at += (size_t)n;
	}
	return n == 0 && at == len;
}

static char const came[] = "\r\na\r\nb\nc\rd\r\r\n\n\0\r\n\r\r\r\ne\r\n\r";
static char const kept[] = "\na\nb\nc\rd\r\r\n\n\0\n\r\r\r\ne\n\r";

static void
test_pieces(void)
{
	struct incoming in = INCOMING_ZERO;
	size_t len = sizeof came - 1;
	for (size_t cut = 0; cut <= len; cut++) {
		incoming_start(&in, -1);
		incoming_take(&in, came, cut);
		incoming_take(&in, came + cut, len - cut);
		check(incoming_end(&in) && in.size == len &&
		        holds(&in, kept, sizeof kept - 1),
		    "cut", cut);
	}
	incoming_start(&in, -1);
	for (size_t i = 0; i < len; i++)
		incoming_take(&in, came + i, 1);
	check(incoming_end(&in) && holds(&in, kept, sizeof kept - 1),
	    "octet by octet", 0);
	incoming_start(&in, -1);
	in.raw = true;
	incoming_take(&in, came, len);
	check(incoming_end(&in) && holds(&in, came, len), "raw", 0);
	incoming_free(&in);
}

/* The part in memory ends wherever it ends. */
static void
test_file(int dir)
{
	struct incoming in = INCOMING_ZERO;
	char *expected = malloc(LINES * 4);
	incoming_start(&in, dir);
	for (size_t i = 0; expected && i < LINES; i++) {
		incoming_take(&in, i % 2 ? "abc\r" : "abc", i % 2 ? 4 : 3);
		incoming_take(&in, i % 2 ? "\n" : "\r\n", i % 2 ? 1 : 2);
		memcpy(expected + 4 * i, "abc\n", 4);
	}
	check(expected && incoming_end(&in) && in.fd >= 0 &&
	        in.size == 5 * LINES && holds(&in, expected, (size_t)LINES * 4),
	    "in a file", 0);
	/* the next one starts afresh */
	incoming_start(&in, dir);
	incoming_take(&in, "x", 1);
	check(incoming_end(&in) && in.fd < 0 && holds(&in, "x", 1), "again", 0);
	/* without a place for a file */
	incoming_start(&in, -1);
	for (size_t i = 0; expected && i < LINES; i++)
		incoming_take(&in, "abc\n", 4);
	check(!incoming_end(&in) && in.why, "no place", 0);
	incoming_free(&in);
	free(expected);
}

struct binary {
	char const *came, *stored;
};

static struct binary const binaries[] = {
	{ "A: b\r\n\r\nx\r\n", "A: b\n\nx\n" },
	{ "Content-Transfer-Encoding: binary\r\nA: b\r\n\r\n\r\n\n\r",
	    "Content-Transfer-Encoding: base64\nA: b\n\nDQoKDQ==\n" },
	{ "content-transfer-encoding:\r\n (x) Binary\r\n\r\n",
	    "Content-Transfer-Encoding: base64\n\n" },
	{ "Content-Type: multipart/mixed; boundary=b\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\npre\r\n"
	  "--b\r\nContent-Transfer-Encoding: binary\r\n\r\n\xff\r\n"
	  "--b\r\n\r\nplain\r\n--b--\r\n",
	    "Content-Type: multipart/mixed; boundary=b\n"
	    "Content-Transfer-Encoding: 8bit\n\npre\n"
	    "--b\nContent-Transfer-Encoding: base64\n\n/w==\n\n"
	    "--b\n\nplain\n--b--\n" },
	{ "Content-Type: message/rfc822\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\nab\r\n",
	    "Content-Type: message/rfc822\n"
	    "Content-Transfer-Encoding: 8bit\n\n"
	    "Content-Transfer-Encoding: base64\n\nYWINCg==\n" },
};

static void
test_binary(size_t i)
{
	struct binary const *b = &binaries[i];
	struct incoming in = INCOMING_ZERO;
	struct incoming out = INCOMING_ZERO;
	incoming_start(&in, -1);
	incoming_start(&out, -1);
	in.raw = true;
	incoming_take(&in, b->came, strlen(b->came));
	check(incoming_end(&in) && unbinary(&in, &out) &&
	        holds(&out, b->stored, strlen(b->stored)),
	    "binary", i);
	incoming_free(&in);
	incoming_free(&out);
}

int
main(void)
{
	char name[] = "/tmp/test-incoming.XXXXXX";
	char tmp[sizeof name + 4];
	int dir = mkdtemp(name) ? open(name, O_RDONLY | O_DIRECTORY) : -1;
	snprintf(tmp, sizeof tmp, "%s/tmp", name);
	if (dir < 0 || mkdirat(dir, "tmp", 0700) < 0)
		return 1;
	test_pieces();
	test_file(dir);
	for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
		test_binary(i);
	rmdir(tmp);
	rmdir(name);
	close(dir);
	return failures != 0;
}
