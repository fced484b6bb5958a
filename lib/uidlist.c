/* SPDX-License-Identifier: ISC */
/* The list in memory: lines, and records by their names. */
#include "uidlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "array.h"
#include "uidlist-parts.h"

void
uidlist_init(struct uidlist *u)
{
	memset(u, 0, sizeof *u);
	u->fd = -1;
}

void
uidlist_clear(struct uidlist *u)
{
	stralloc_free(&u->header);
	stralloc_free(&u->text);
	free(u->records);
	free(u->table);
	if (u->fd >= 0)
		close(u->fd);
	uidlist_init(u);
}

int
uidlist_malformed(void)
{
	errno = EPROTO;
	return 0;
}

/* FNV-1a */
static size_t
hash(char const *s, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ (h >> 32));
}

/* The slot of this name, or the empty one where it belongs. */
static size_t
slot(struct uidlist const *u, char const *base, size_t len)
{
	size_t i = hash(base, len) & (u->table_size - 1);
	while (u->table[i]) {
		struct uid_record const *r = &u->records[u->table[i] - 1];
		if (r->name_len == len &&
		    memcmp(u->text.s + r->name, base, len) == 0)
			break;
		i = (i + 1) & (u->table_size - 1);
	}
	return i;
}

static void
enter(struct uidlist *u, size_t index)
{
	struct uid_record const *r = &u->records[index];
	/* A name that comes twice belongs to the later line. */
	u->table[slot(u, u->text.s + r->name, r->name_len)] =
	    (uint32_t)index + 1;
}

static int
make_room(struct uidlist *u)
{
	void *p = array_grow(u->records, u->count, sizeof *u->records, SIZE_MAX,
	    &u->room);
	if (!p)
		return 0;
	u->records = p;
	if (u->count * 2 < u->table_size)
		return 1;
	size_t size = u->table_size ? u->table_size * 2 : 1024;
	uint32_t *table = calloc(size, sizeof *table);
	if (!table)
		return 0;
	free(u->table);
	u->table = table;
	u->table_size = size;
	for (size_t i = 0; i < u->count; i++)
		enter(u, i);
	return 1;
}

int
uidlist_number(char const **s, char const *end, uint32_t *n)
{
	uint64_t value = 0;
	char const *p = *s;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if ((value = value * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return 0;
	if (p == *s)
		return 0;
	*s = p;
	*n = (uint32_t)value;
	return 1;
}

/* "1 <uidvalidity> <nextuid>" */
static int
header_1(struct uidlist *u, char const *s, char const *end)
{
	u->legacy = true;
	return uidlist_number(&s, end, &u->validity) && s < end &&
	    *s++ == ' ' && uidlist_number(&s, end, &u->next) && u->validity &&
	    u->next;
}

/* <letter><value> items, in any order; those we do not know are kept. */
static int
header_3(struct uidlist *u, char const *s, char const *end)
{
	while (s < end) {
		char const *space = memchr(s, ' ', (size_t)(end - s));
		char const *item_end = space ? space : end;
		char const *value = s + 1;
		if (*s == 'V' || *s == 'N') {
			if (!uidlist_number(&value, item_end,
			        *s == 'V' ? &u->validity : &u->next) ||
			    value != item_end)
				return 0;
		} else if (item_end > s &&
		    (!stralloc_append(&u->header, ' ') ||
		        !stralloc_catb(&u->header, s,
		            (size_t)(item_end - s)))) {
			return 0;
		}
		s = space ? space + 1 : end;
	}
	return u->validity && u->next;
}

int
uidlist_parse_header(struct uidlist *u, char const *s, size_t len)
{
	if (len > 2 && memcmp(s, "3 ", 2) == 0)
		return header_3(u, s + 2, s + len) ? 1 : uidlist_malformed();
	if (len > 2 && memcmp(s, "1 ", 2) == 0)
		return header_1(u, s + 2, s + len) ? 1 : uidlist_malformed();
	return uidlist_malformed();
}

uint32_t
uidlist_header_number(struct uidlist const *u, char letter)
{
	uint32_t n = 0;
	for (size_t i = 0; i + 2 < u->header.len; i++) {
		char const *s = u->header.s + i + 2;
		if (u->header.s[i] == ' ' && u->header.s[i + 1] == letter &&
		    uidlist_number(&s, u->header.s + u->header.len, &n))
			return n;
	}
	return 0;
}

int
uidlist_add_record(struct uidlist *u, uint32_t uid, char const *keys,
    size_t keys_len, char const *name, size_t name_len)
{
	if (!name_len || name_len > UIDLIST_NAME_MAX ||
	    keys_len > UIDLIST_KEYS_MAX || memchr(name, '/', name_len))
		return uidlist_malformed();
	if (!make_room(u))
		return 0;
	struct uid_record *r = &u->records[u->count++];
	r->uid = uid;
	r->keys = (uint32_t)(keys - u->text.s);
	r->keys_len = (uint16_t)keys_len;
	r->name = (uint32_t)(name - u->text.s);
	r->name_len = (uint16_t)name_len;
	r->file = 0;
	enter(u, u->count - 1);
	if (uid >= u->next)
		u->next = uid + 1;
	return 1;
}

/* LINE lies in u->text. */
static int
parse_record(struct uidlist *u, char const *line, size_t len)
{
	char const *s = line;
	char const *end = line + len;
	uint32_t uid;
	if (!uidlist_number(&s, end, &uid) || s == end || *s++ != ' ')
		return uidlist_malformed();
	if (!uid || uid == UINT32_MAX ||
	    (u->count && uid <= u->records[u->count - 1].uid))
		return uidlist_malformed();
	if (u->legacy)
		return uidlist_add_record(u, uid, s, 0, s, (size_t)(end - s));
	char const *keys = s;
	while (s < end && *s != ':') {
		char const *space = memchr(s, ' ', (size_t)(end - s));
		if (!space)
			return uidlist_malformed();
		s = space + 1;
	}
	if (s == end)
		return uidlist_malformed();
	size_t keys_len = s > keys ? (size_t)(s - 1 - keys) : 0;
	return uidlist_add_record(u, uid, keys, keys_len, s + 1,
	    (size_t)(end - s - 1));
}

int
uidlist_parse(struct uidlist *u, char const *s, size_t len)
{
	size_t pos = u->text.len;
	if (len > UIDLIST_MAX - pos)
		return uidlist_malformed();
	if (!stralloc_catb(&u->text, s, len))
		return 0;
	while (pos < u->text.len) {
		char const *line = u->text.s + pos;
		char const *lf = memchr(line, '\n', u->text.len - pos);
		if (!lf)
			return uidlist_malformed();
		size_t n = (size_t)(lf - line);
		if (!(u->validity ? parse_record(u, line, n)
		                  : uidlist_parse_header(u, line, n)))
			return 0;
		pos += n + 1;
	}
	return 1;
}

struct uid_record *
uidlist_find(struct uidlist const *u, char const *base, size_t len)
{
	if (!u->table_size)
		return NULL;
	uint32_t found = u->table[slot(u, base, len)];
	return found ? &u->records[found - 1] : NULL;
}
