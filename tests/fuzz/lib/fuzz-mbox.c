/* SPDX-License-Identifier: ISC */
/* mbox files: what is read does not hang on how the octets arrive. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "mbox.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

struct copy {
	stralloc out;
	size_t start;
	bool open;
};

static int
start(void *arg, struct mbox const *m)
{
	struct copy *c = arg;
	c->open = true;
	c->start = c->out.len;
	return stralloc_append(&c->out, m->stray ? 's' : m->dated ? 'd' : 'u');
}

static int
data(void *arg, char const *s, size_t len)
{
	struct copy *c = arg;
	if (!c->open || !len)
		abort();
	return stralloc_catb(&c->out, s, len);
}

static int
end(void *arg, struct mbox const *m)
{
	struct copy *c = arg;
	if (!c->open || m->keywords_len > sizeof m->keywords)
		abort();
	c->open = false;
	return stralloc_catb(&c->out, m->keywords, m->keywords_len) &&
	    stralloc_catb(&c->out, (char const *)&m->flags, 4);
}

static void
read_all(char const *in, size_t len, size_t step, struct copy *c)
{
	static struct mbox m;
	struct mbox_sink const sink = { c, start, data, end };
	size_t pos = 0;
	int again = 0;
	mbox_init(&m, &sink);
	c->out.len = 0;
	c->open = false;
	for (;;) {
		size_t n = step < len - pos ? step : len - pos;
		int r = n ? mbox_feed(&m, in + pos, n) : mbox_end(&m);
		if (r == 0)
			abort();
		if (r == MBOX_AGAIN) {
			if (++again > 100 || m.offset > pos + n)
				abort();
			c->out.len = c->start;
			c->open = false;
			pos = m.offset;
		} else if (!n) {
			break;
		} else {
			pos += n;
		}
	}
	if (c->open)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *bytes, size_t size)
{
	static struct copy a, b;
	char const *in = (char const *)bytes;
	if (!size)
		return 0;
	read_all(in, size, size, &a);
	read_all(in, size, size > 20000 ? 1001 : 1 + bytes[size - 1] % 3, &b);
	if (a.out.len != b.out.len ||
	    (a.out.len && memcmp(a.out.s, b.out.s, a.out.len) != 0))
		abort();
	return 0;
}
