/* SPDX-License-Identifier: ISC */
/* The streams of COMPRESS: each way, cut at every position, with an outgoing
 * stream that was forgotten between; what is no stream; what inflates to much
 * comes in pieces. */
#include "imap-session/compress.h"

#include <stdio.h>
#include <string.h>
#include <skalibs/stralloc.h>

static int failures;

static void
check(bool good, char const *what)
{
	if (good)
		return;
	printf("failed: %s\n", what);
	failures++;
}

static bool
collect(void *arg, char const *s, size_t len)
{
	return stralloc_catb(arg, s, len);
}

static bool
refuse(void *arg, char const *s, size_t len)
{
	(void)arg;
	(void)s;
	(void)len;
	return false;
}

/* All that becomes of LEN octets. */
static bool
inflate_piece(struct compress *c, char const *s, size_t len, stralloc *out)
{
	char buf[7];
	size_t made;
	memcpy(compress_room(c), s, len);
	compress_came(c, len);
	do {
		if (!compress_in(c, buf, sizeof buf, &made))
			return false;
		stralloc_catb(out, buf, made);
	} while (made);
	return true;
}

static void
test_cuts(void)
{
	static char const first[] = "a SELECT INBOX\r\nb FETCH 1:* FLAGS\r\n";
	static char const second[] = "c FETCH 1:* FLAGS\r\nd NOOP\r\n";
	struct compress *c = compress_new();
	stralloc packed = STRALLOC_ZERO;
	check(c &&
	        compress_out(c, first, strlen(first), true, collect, &packed),
	    "out");
	size_t before = packed.len;
	check(compress_out(c, "", 0, true, collect, &packed) &&
	        packed.len == before,
	    "a flush of nothing");
	compress_forget(c);
	check(compress_out(c, second, 4, false, collect, &packed) &&
	        compress_out(c, second + 4, strlen(second) - 4, true, collect,
	            &packed),
	    "out behind what was forgotten");
	compress_free(c);
	for (size_t cut = 0; cut <= packed.len; cut++) {
		stralloc out = STRALLOC_ZERO;
		struct compress *in = compress_new();
		check(in && inflate_piece(in, packed.s, cut, &out) &&
		        inflate_piece(in, packed.s + cut, packed.len - cut,
		            &out),
		    "in");
		check(out.len == strlen(first) + strlen(second) &&
		        memcmp(out.s, first, strlen(first)) == 0 &&
		        memcmp(out.s + strlen(first), second, strlen(second)) ==
		            0,
		    "the same");
		compress_free(in);
		stralloc_free(&out);
	}
	stralloc_free(&packed);
}

static void
test_faults(void)
{
	struct compress *c = compress_new();
	stralloc out = STRALLOC_ZERO;
	check(!inflate_piece(c, "a NOOP\r\n", 8, &out), "no stream");
	check(!inflate_piece(c, "", 0, &out), "no stream, asked again");
	check(!compress_out(c, "a", 1, true, refuse, NULL), "no room");
	compress_free(c);
	c = compress_new();
	check(!inflate_piece(c, "\x03\x00", 2, &out) && !out.len, "its end");
	compress_free(c);
	stralloc_free(&out);
}

int
main(void)
{
	test_cuts();
	test_faults();
	return failures != 0;
}
