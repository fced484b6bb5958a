/* SPDX-License-Identifier: ISC */
/* The same octets, whole and cut at every 1 to 7, give the same message; the
 * end is where an independent search finds CR LF . CR LF; a message that is
 * not marked holds no CR. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp-session/data-reader.h"

struct result {
	char *out;
	size_t len;
	size_t used;
	struct data_reader reader;
};

static void
run(struct result *r, char const *in, size_t len, size_t piece)
{
	r->out = malloc(len + 1);
	r->len = r->used = 0;
	data_reader_init(&r->reader, false, false);
	while (r->out && r->used < len && r->reader.state != DATA_END) {
		size_t n = len - r->used < piece ? len - r->used : piece;
		size_t made;
		r->used += data_reader_feed(&r->reader, in + r->used, n,
		    r->out + r->len, &made);
		r->len += made;
	}
}

/* Octets up to and with the end, 0 for none. */
static size_t
find_end(char const *in, size_t len)
{
	if (len >= 3 && memcmp(in, ".\r\n", 3) == 0)
		return 3;
	char const *p = memmem(in, len, "\r\n.\r\n", 5);
	return p ? (size_t)(p - in) + 5 : 0;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (size < 2)
		return 0;
	char const *in = (char const *)data + 1;
	size_t len = size - 1;
	struct result whole;
	struct result pieces;
	run(&whole, in, len, len);
	run(&pieces, in, len, 1 + data[0] % 7);
	if (!whole.out || !pieces.out)
		return 0;
	size_t end = find_end(in, len);
	if (whole.len != pieces.len || whole.used != pieces.used ||
	    whole.reader.bare != pieces.reader.bare ||
	    whole.reader.state != pieces.reader.state ||
	    memcmp(whole.out, pieces.out, whole.len) != 0)
		abort();
	if ((whole.reader.state == DATA_END) != (end != 0) ||
	    (end && whole.used != end))
		abort();
	if (!whole.reader.bare && memchr(whole.out, '\r', whole.len))
		abort();
	free(whole.out);
	free(pieces.out);
	return 0;
}
