/* SPDX-License-Identifier: ISC */
/* besace.cache: whatever stands in it, nothing that is read lies outside it, and
 * after an addition that addition is there. An odd first octet makes the sums
 * right, so that what they guard is reached too. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "imap-session/cache-file.h"
#include "imap-session/cached-fields.h"
#include "imap-session/sort-facts.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

enum { VALIDITY = 1 };

static char name[] = "1.name:2,S";
static struct message messages[] = { { .uid = 1, .len = 10, .base = 6 },
	{ .uid = 2, .len = 10, .base = 6 },
	{ .uid = 9, .len = 10, .base = 6 } };

static void
put_file(int dir, bool right, uint8_t const *data, size_t size)
{
	struct cache_head head = cache_head_of(VALIDITY);
	struct cache_batch batch = { CACHE_MARK, 0, sizeof batch + size, 0 };
	int fd = openat(dir, CACHE_FILE,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	if (right) {
		batch.count =
		    (uint32_t)(size / sizeof(struct cache_place)) % 16;
		batch.check = cache_batch_check(&batch, VALIDITY, data);
		if (!file_write(fd, (char *)&head, sizeof head) ||
		    !file_write(fd, (char *)&batch, sizeof batch))
			abort();
	}
	if (!file_write(fd, (char const *)data, size))
		abort();
	close(fd);
}

static void
look(struct cache *c, struct mailbox *b)
{
	volatile char sum = 0;
	char const *s;
	size_t len;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		for (int kind = 0; kind < FACTS; kind++) {
			if (!cache_get(c, b, &messages[i],
			        (enum cache_fact)kind, &s, &len))
				continue;
			for (size_t k = 0; k < len; k++)
				sum = (char)(sum + s[k]);
		}
}

static void
fields(uint8_t const *data, size_t size)
{
	struct cached_fields f;
	stralloc out = STRALLOC_ZERO;
	if (cached_fields_open(&f, (char const *)data, size) &&
	    (!cached_fields_put(&f, UINT64_MAX, &out) || out.len > size))
		abort();
	out.len = 0;
	if (!cached_fields_pack((char const *)data, size, &out) ||
	    !cached_fields_open(&f, out.s, out.len))
		abort();
	stralloc_free(&out);
}

/* What is read is written the same. */
static void
sort_facts(char const *s, size_t size)
{
	struct sort_order_fact order;
	struct sort_ids_fact ids;
	stralloc out = STRALLOC_ZERO;
	if (sort_order_open(&order, s, size) &&
	    (!sort_order_pack(&order, &out) || out.len != size))
		abort();
	if (sort_ids_open(&ids, s, size) &&
	    (!sort_ids_pack(&ids, &out) || out.len != size ||
	        memcmp(out.s, s, size) != 0))
		abort();
	stralloc_free(&out);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static int dir = -1;
	static char path[] = "/tmp/fuzz-cache.XXXXXX";
	struct mailbox b = { .writable = true,
		.validity = VALIDITY,
		.messages = messages,
		.count = sizeof messages / sizeof *messages,
		.names = { .s = name, .len = sizeof name } };
	struct cache c = CACHE_ZERO;
	char const *s;
	size_t len;
	if (!size)
		return 0;
	if (dir < 0) {
		if (!mkdtemp(path) ||
		    (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) <
		        0 ||
		    mkdirat(dir, "tmp", 0700) < 0)
			abort();
	}
	b.dir = dir;
	put_file(dir, data[0] & 1, data + 1, size - 1);
	look(&c, &b);
	cache_put(&c, &b, &messages[1], FACT_SIZE, "added", 5);
	cache_write(&c, &b);
	look(&c, &b);
	if (!cache_get(&c, &b, &messages[1], FACT_SIZE, &s, &len) || len != 5 ||
	    memcmp(s, "added", 5) != 0)
		abort();
	cache_close(&c);
	fields(data, size);
	sort_facts((char const *)data, size);
	return 0;
}
