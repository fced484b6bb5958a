/* SPDX-License-Identifier: ISC */
/* UIDs for names that are new. */
#include "uidlist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "uidlist-parts.h"

/* A line at the end of the text; BASE may be anything, KEYS are a list's. */
static int
add_line(struct uidlist *u, uint32_t uid, char const *keys, size_t keys_len,
    char const *base, size_t len)
{
	char buf[16];
	if (!len || len > UIDLIST_NAME_MAX || memchr(base, '\n', len) ||
	    memchr(base, '/', len)) {
		errno = EINVAL;
		return 0;
	}
	int n = snprintf(buf, sizeof buf, "%u ", (unsigned)uid);
	size_t start = u->text.len;
	if (!stralloc_catb(&u->text, buf, (size_t)n) ||
	    !stralloc_catb(&u->text, keys, keys_len) ||
	    !stralloc_cats(&u->text, keys_len ? " :" : ":") ||
	    !stralloc_catb(&u->text, base, len) ||
	    !stralloc_append(&u->text, '\n')) {
		u->text.len = start;
		return 0;
	}
	return uidlist_add_record(u, uid, u->text.s + start + n, keys_len,
	    u->text.s + u->text.len - 1 - len, len);
}

/* A GUID that cannot stand in a line is left out. */
int
uidlist_give_copy(struct uidlist *u, char const *base, size_t len,
    struct bytes guid, uint32_t *uid)
{
	char keys[UIDLIST_NAME_MAX + 2];
	int n = 0;
	bool same = guid.len == len && memcmp(guid.s, base, len) == 0;
	if (!same && guid.len && guid.len <= UIDLIST_NAME_MAX &&
	    !memchr(guid.s, ' ', guid.len))
		n = snprintf(keys, sizeof keys, "G%.*s", (int)guid.len, guid.s);
	if (u->next == UINT32_MAX) {
		errno = EOVERFLOW;
		return 0;
	}
	*uid = u->next;
	return add_line(u, *uid, keys, (size_t)n, base, len);
}

int
uidlist_give(struct uidlist *u, char const *base, size_t len, uint32_t *uid)
{
	struct bytes same = { base, len };
	return uidlist_give_copy(u, base, len, same, uid);
}

int
uidlist_put(struct uidlist *u, struct uidlist const *from,
    struct uid_record const *r, char const *base, size_t len)
{
	uint32_t last = u->count ? u->records[u->count - 1].uid : 0;
	if (r->uid <= last ||
	    (r->uid < u->next && r->uid >= uidlist_header_number(u, 'I'))) {
		errno = EEXIST;
		return 0;
	}
	return add_line(u, r->uid, from->text.s + r->keys, r->keys_len, base,
	    len);
}
