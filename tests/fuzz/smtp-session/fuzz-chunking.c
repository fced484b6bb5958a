/* SPDX-License-Identifier: ISC */
/* The same octets by BDAT, cut anywhere, and by DATA, with dots doubled, are the
 * same message or are refused alike; and the argument of BDAT. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "smtp-session/chunking.h"
#include "smtp-session/data-reader.h"

struct result {
	char *out;
	size_t len;
	struct data_reader reader;
};

static void
feed(struct result *r, char const *in, size_t len)
{
	size_t made;
	size_t used =
	    data_reader_feed(&r->reader, in, len, r->out + r->len, &made);
	if (used != len)
		abort();
	r->len += made;
}

static void
by_chunks(struct result *r, char const *in, size_t len, size_t piece)
{
	size_t made;
	data_reader_init(&r->reader, false, true);
	for (size_t i = 0; i < len; i += piece)
		feed(r, in + i, len - i < piece ? len - i : piece);
	data_reader_end(&r->reader, r->out + r->len, &made);
	r->len += made;
}

static void
by_data(struct result *r, char const *in, size_t len)
{
	data_reader_init(&r->reader, false, false);
	for (size_t i = 0; i < len; i++) {
		bool start = i == 0 ||
		    (i >= 2 && in[i - 2] == '\r' && in[i - 1] == '\n');
		if (start && in[i] == '.')
			feed(r, ".", 1);
		feed(r, in + i, 1);
	}
	bool open =
	    len && !(len >= 2 && in[len - 2] == '\r' && in[len - 1] == '\n');
	feed(r, open ? "\r\n.\r\n" : ".\r\n", open ? 5 : 3);
	if (r->reader.state != DATA_END)
		abort();
}

/* What is right reads as what strtoull makes of it. */
static void
check_argument(char const *s, size_t len)
{
	struct chunk c;
	char digits[32];
	if (chunk_read(s, len, &c) != CHUNK_RIGHT)
		return;
	snprintf(digits, sizeof digits, "%llu", (unsigned long long)c.size);
	size_t n = strlen(digits);
	while (len && *s == '0' && n != len && s[1] >= '0' && s[1] <= '9') {
		s++;
		len--;
	}
	if (len < n || memcmp(s, digits, n) != 0 || (len > n && s[n] != ' '))
		abort();
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (!size)
		return 0;
	char const *in = (char const *)data + 1;
	size_t len = size - 1;
	check_argument(in, len);
	struct result chunks = { .out = malloc(len + 2) };
	struct result lines = { .out = malloc(len + 2) };
	if (!chunks.out || !lines.out)
		abort();
	by_chunks(&chunks, in, len, 1 + data[0] % 9);
	/* a CR at the end is a bare one, which a line end must not heal */
	if (!len || in[len - 1] != '\r') {
		by_data(&lines, in, len);
		if (chunks.reader.bare != lines.reader.bare)
			abort();
		if (!lines.reader.bare &&
		    (chunks.len != lines.len ||
		        memcmp(chunks.out, lines.out, lines.len) != 0))
			abort();
	} else if (!chunks.reader.bare) {
		abort();
	}
	free(chunks.out);
	free(lines.out);
	return 0;
}
