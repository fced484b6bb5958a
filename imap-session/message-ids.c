/* SPDX-License-Identifier: ISC */
#include "message-ids.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* --- in header fields ----------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "<" left "@" right ">"; *POS, behind the "<", becomes where to look on. */
static bool
read_id(char const *s, size_t len, size_t *pos, struct message_id *id)
{
	bool quoted = false;
	bool at = false;
	id->len = 0;
	for (; *pos < len; ++*pos) {
		char c = s[*pos];
		if (!quoted && (c == '<' || c == '>'))
			break;
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && c == '\\' && *pos + 1 < len)
			c = s[++*pos];
		if (is_blank(c))
			continue;
		if (id->len == MESSAGE_ID_MAX)
			return false;
		at = at || (c == '@' && id->len);
		id->s[id->len++] = c;
	}
	return *pos < len && s[*pos] == '>' && at && id->s[id->len - 1] != '@';
}

bool
message_id_next(char const *s, size_t len, size_t *pos, struct message_id *id)
{
	while (*pos < len) {
		char const *open = memchr(s + *pos, '<', len - *pos);
		*pos = open ? (size_t)(open - s) + 1 : len;
		if (open && read_id(s, len, pos, id))
			return true;
	}
	return false;
}

/* --- the table ------------------------------------------------------------ */

struct message_ids_entry {
	uint64_t hash;
	size_t at;
	size_t len;
};

enum {
	FREE = UINT32_MAX,
	FIRST_SIZE = 1024,
	POOL_MAX = 64 << 20 /* octets of all, which senders of mail choose */
};

static struct message_ids_entry *
entries(struct message_ids const *t)
{
	return (struct message_ids_entry *)(void *)t->entries.s;
}

/* FNV-1a, with a start that no sender of mail can know. */
static uint64_t
hash(struct message_ids const *t, struct message_id const *id)
{
	uint64_t h = t->seed;
	for (size_t i = 0; i < id->len; i++)
		h = (h ^ (unsigned char)id->s[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static void
put(struct message_ids *t, uint32_t number)
{
	size_t i = entries(t)[number].hash & (t->size - 1);
	while (t->slots[i] != FREE)
		i = (i + 1) & (t->size - 1);
	t->slots[i] = number;
}

/* Keeps half of the slots free. */
static bool
grow(struct message_ids *t)
{
	if (t->count * 2 < t->size)
		return true;
	size_t size = t->size ? t->size * 2 : FIRST_SIZE;
	if (!t->size &&
	    getrandom(&t->seed, sizeof t->seed, 0) != sizeof t->seed)
		return false;
	uint32_t *slots = malloc(size * sizeof *slots);
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->size = size;
	memset(slots, 0xff, size * sizeof *slots);
	for (uint32_t i = 0; i < t->count; i++)
		put(t, i);
	return true;
}

static bool
is(struct message_ids const *t, uint32_t number, uint64_t h,
    struct message_id const *id)
{
	struct message_ids_entry const *e = &entries(t)[number];
	return e->hash == h && e->len == id->len &&
	    memcmp(t->pool.s + e->at, id->s, id->len) == 0;
}

int64_t
message_ids_number(struct message_ids *t, struct message_id const *id,
    uint32_t most)
{
	if (!grow(t))
		return -1;
	uint64_t h = hash(t, id);
	size_t i = h & (t->size - 1);
	for (; t->slots[i] != FREE; i = (i + 1) & (t->size - 1))
		if (is(t, t->slots[i], h, id))
			return t->slots[i];
	struct message_ids_entry e = { h, t->pool.len, id->len };
	if (t->count >= most || t->pool.len > POOL_MAX)
		return -2;
	if (!stralloc_catb(&t->pool, id->s, id->len) ||
	    !stralloc_catb(&t->entries, (char const *)&e, sizeof e))
		return -1;
	t->slots[i] = t->count;
	return t->count++;
}

void
message_ids_free(struct message_ids *t)
{
	stralloc_free(&t->pool);
	stralloc_free(&t->entries);
	free(t->slots);
}
