/* SPDX-License-Identifier: ISC */
/* Each dialogue whole, octet by octet, and split at every position. */
#include <stdbool.h>
#include <string.h>

#include "../check.h"
#include "smtp-session/data-reader.h"

struct result {
	char out[4096];
	size_t len;
	size_t used;
	struct data_reader reader;
};

static void
feed(struct result *r, char const *in, size_t len)
{
	size_t made;
	r->used +=
	    data_reader_feed(&r->reader, in, len, r->out + r->len, &made);
	r->len += made;
}

static void
run(struct result *r, bool lf, char const *in, size_t len, size_t cut)
{
	r->len = r->used = 0;
	data_reader_init(&r->reader, lf, false);
	feed(r, in, cut);
	feed(r, in + cut, len - cut);
}

static void
run_bytewise(struct result *r, bool lf, char const *in, size_t len)
{
	r->len = r->used = 0;
	data_reader_init(&r->reader, lf, false);
	for (size_t i = 0; i < len; i++)
		feed(r, in + i, 1);
}

static bool
is(struct result const *r, char const *out, size_t out_len, size_t rest,
    size_t len, bool bare)
{
	return (r->reader.state == DATA_END) == (rest != (size_t)-1) &&
	    (rest == (size_t)-1 || r->used == len - rest) &&
	    r->reader.bare == bare &&
	    (bare || (r->len == out_len && !memcmp(r->out, out, out_len)));
}

/* REST: octets behind the end, -1 when there is no end. */
static void
check(bool lf, char const *in, size_t len, char const *out, size_t out_len,
    size_t rest, bool bare)
{
	struct result r;
	for (size_t cut = 0; cut <= len; cut++) {
		run(&r, lf, in, len, cut);
		CHECK(is(&r, out, out_len, rest, len, bare));
	}
	run_bytewise(&r, lf, in, len);
	CHECK(is(&r, out, out_len, rest, len, bare));
	if (check_failed)
		fprintf(stderr, "in: %s\n", in);
}

/* Long lines of random octets, CRs and LFs among them: however they are cut,
 * the same comes out as octet by octet. */
static void
check_random(bool lf)
{
	static struct result whole;
	static struct result bytewise;
	static char in[sizeof whole.out - 1];
	unsigned int seed = 1;
	for (size_t i = 0; i < sizeof in; i++) {
		seed = seed * 1103515245 + 12345;
		in[i] = "\r\n.a"[seed >> 16 & 3];
		if (seed >> 16 & 0x3fc) /* 255 of 256 */
			in[i] = (char)(seed >> 20 | 0x40);
	}
	run_bytewise(&bytewise, lf, in, sizeof in);
	for (size_t cut = 0; cut <= sizeof in; cut += 5) {
		run(&whole, lf, in, sizeof in, cut);
		CHECK(whole.len == bytewise.len && whole.used == bytewise.used);
		CHECK(!memcmp(whole.out, bytewise.out, whole.len));
		CHECK(whole.reader.bare == bytewise.reader.bare);
		CHECK(whole.reader.size == bytewise.reader.size);
		CHECK(whole.reader.state == bytewise.reader.state);
	}
}

#define S(s)   (s), sizeof(s) - 1
#define NO_END ((size_t)-1)

/* What may stand between "a" and the real end, and whether the message is
 * marked for it; none of it is the end, cut wherever. */
static struct {
	char const *s;
	size_t len;
	bool bare;
} const look_alikes[] = {
	{ S("\n.\n"), true },
	{ S("\n.\r\n"), true },
	{ S("\n.\r"), true },
	{ S("\r\n.\n"), true },
	{ S("\r\n.\r"), true },
	{ S("\r\n.\r\r\n"), true },
	{ S("\r\n.\n\r\n"), true },
	{ S("\r.\r"), true },
	{ S("\r.\n"), true },
	{ S("\r.\r\n"), true },
	{ S("\n\r.\r\n"), true },
	{ S("\r\n\n.\r\n"), true },
	{ S("\r\r\n\r\r\n..\r\n"), true },
	{ S("\0.\0"), false },
	{ S("\r\n.\0\r\n"), false },
	{ S("\r\n\0.\r\n"), false },
	{ S("\r\n..\r\n"), false },
	{ S("\r\n. \r\n"), false },
	{ S("\r\n .\r\n"), false },
	{ S("\xe2\x80\xa8.\xe2\x80\xa8"), false },
};

static void
check_look_alikes(void)
{
	static char const end[] = "b\r\n.\r\nQUIT\r\n";
	char in[64] = "a";
	struct result r;
	for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++) {
		size_t n = look_alikes[i].len;
		memcpy(in + 1, look_alikes[i].s, n);
		memcpy(in + 1 + n, end, sizeof end - 1);
		n += sizeof end;
		for (size_t cut = 0; cut <= n; cut++) {
			run(&r, false, in, n, cut);
			CHECK(r.reader.state == DATA_END && r.used == n - 6);
			CHECK(r.reader.bare == look_alikes[i].bare);
			CHECK(r.reader.bare ||
			    (!memchr(r.out, '\r', r.len) &&
			        r.out[r.len - 1] == '\n'));
		}
	}
}

/* BDAT: IN in two chunks cut wherever gives OUT, or is marked. */
static void
check_chunks(char const *in, size_t len, char const *out, size_t out_len,
    bool bare)
{
	struct result r;
	size_t made;
	for (size_t cut = 0; cut <= len; cut++) {
		r.len = r.used = 0;
		data_reader_init(&r.reader, false, true);
		feed(&r, in, cut);
		feed(&r, in + cut, len - cut);
		CHECK(r.used == len && r.reader.state != DATA_END);
		data_reader_end(&r.reader, r.out + r.len, &made);
		r.len += made;
		CHECK(r.reader.bare == bare && r.reader.state == DATA_END);
		CHECK(
		    bare || (r.len == out_len && !memcmp(r.out, out, out_len)));
	}
}

int
main(void)
{
	check_look_alikes();
	check_chunks(S(""), S(""), false);
	check_chunks(S("a\r\n"), S("a\n"), false);
	check_chunks(S("a"), S("a\n"), false);
	check_chunks(S("."), S(".\n"), false);
	check_chunks(S("a\r\n.\r\n..\r\n\0"), S("a\n.\n..\n\0\n"), false);
	check_chunks(S("a\r"), S(""), true);
	check_chunks(S("a\n"), S(""), true);
	check_chunks(S("a\r\r\n"), S(""), true);
	check_chunks(S("\r\n.\n"), S(""), true);
	check(false, S("a\r\nb\r\n.\r\nQUIT\r\n"), S("a\nb\n"), 6, false);
	check(false, S(".\r\n"), S(""), 0, false);
	check(false, S("..\r\n...x\r\n.y\r\n.\r\n"), S(".\n..x\ny\n"), 0,
	    false);
	check(false, S("a\0b\xff\r\n.\r\n"), S("a\0b\xff\n"), 0, false);
	check(false, S("a\r\n.b\r\n"), S("a\nb\n"), NO_END, false);
	/* no other end than CR LF . CR LF, and the whole is marked */
	check(false, S("a\n.\n"), S(""), NO_END, true);
	check(false, S("a\n.\r\nx\r\n.\r\n"), S(""), 0, true);
	check(false, S("a\r\n.\nx\r\n.\r\n"), S(""), 0, true);
	check(false, S("a\r.\r\n\r\n.\r\n"), S(""), 0, true);
	check(false, S("a\r\n.\r\r\nx\r\n.\r\n"), S(""), 0, true);
	check(false, S("a\r\r\n.\r\n"), S(""), 0, true);
	check(false, S("\r\n\r.\r\n.\r\n"), S("\n"), 0, true);
	check(false, S("a\r"), S("a"), NO_END, false);
	/* a local text file */
	check(true, S("a\n..b\n.\nquit\n"), S("a\n.b\n"), 5, false);
	check(true, S("a\r\n.\r\n.\n"), S(""), 0, true);

	check_random(false);
	check_random(true);

	struct result r;
	run(&r, false, S("ab\r\n..\r\n.\r\n"), 0);
	CHECK(r.reader.size == 7); /* ab CR LF . CR LF */
	run(&r, true, S("ab\n..\n.\n"), 0);
	CHECK(r.reader.size == 7);
	return check_failed;
}
