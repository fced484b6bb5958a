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

/* How far the stream of PACKED goes, which comes cut at CUT, and what its lines
 * are when nothing is inflated beyond the one wanted. */
static size_t
end_of(char const *packed, size_t len, size_t cut, char const *want)
{
	struct compress *c = compress_new();
	stralloc out = STRALLOC_ZERO;
	size_t fed = cut, left = 0, made = 1;
	char const *rest = NULL;
	char buf[64];
	memcpy(compress_room(c), packed, cut);
	compress_came(c, cut);
	int end = 0;
	while (out.len < strlen(want) || !end) {
		if (out.len < strlen(want)) {
			check(compress_in(c, buf, sizeof buf, &made) || made,
			    "in");
			stralloc_catb(&out, buf, made);
		} else {
			end = compress_end(c, &rest, &left);
			made = end;
		}
		if (made || fed == len)
			continue;
		memcpy(compress_room(c), packed + fed, len - fed);
		compress_came(c, len - fed);
		fed = len;
	}
	check(out.len == strlen(want) && memcmp(out.s, want, out.len) == 0,
	    "no more than was wanted");
	check(end == 1 &&
	        (!left || memcmp(rest, packed + fed - left, left) == 0),
	    "what is behind it");
	compress_free(c);
	stralloc_free(&out);
	return fed - left;
}

/* Behind the end of the client's stream comes what is none, and looks like the
 * flush's end too. */
static void
test_end(void)
{
	static char const line[] = "c UNAUTHENTICATE\r\n";
	static char const plain[] = "d LOGIN a b\r\n\0\0\xff\xff";
	/* the same line as a last block of fixed codes: 3 bits, then 8 or 9 a
	 * letter, which zlib makes of a Z_FINISH */
	static char const finished[] =
	    "\x4b\x56\x08\xf5\x73\x0c\x0d\xf1\x70\xf5\x0b\xf1\x74\x76"
	    "\x0c\x71\xe5\xe5\x02\x00";
	struct compress *c = compress_new();
	stralloc packed = STRALLOC_ZERO;
	check(compress_out(c, line, strlen(line), true, collect, &packed),
	    "out");
	size_t end = packed.len;
	stralloc_catb(&packed, plain, sizeof plain - 1);
	for (size_t cut = 1; cut <= packed.len; cut++)
		check(end_of(packed.s, packed.len, cut, line) == end,
		    "ends with the flush");
	packed.len = 0;
	stralloc_catb(&packed, finished, sizeof finished - 1);
	end = packed.len;
	stralloc_catb(&packed, plain, sizeof plain - 1);
	for (size_t cut = 1; cut <= packed.len; cut++)
		check(end_of(packed.s, packed.len, cut, line) == end,
		    "ends with the last block");
	compress_free(c);
	stralloc_free(&packed);
}

int
main(void)
{
	test_cuts();
	test_end();
	test_faults();
	return failures != 0;
}
