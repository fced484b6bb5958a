/* SPDX-License-Identifier: ISC */
/* What a list of UIDs says of who its messages are. */
#include "uidlist.h"

/* The value of item LETTER of a row of items. */
static bool
item(struct bytes items, char letter, struct bytes *value)
{
	while (items.len) {
		struct bytes one = bytes_take_until(&items, ' ');
		if (one.len < 2 || one.s[0] != letter)
			continue;
		*value = (struct bytes){ one.s + 1, one.len - 1 };
		return true;
	}
	return false;
}

struct uid_record const *
uidlist_record(struct uidlist const *u, uint32_t uid)
{
	size_t low = 0;
	size_t high = u->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (u->records[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < u->count && u->records[low].uid == uid ? &u->records[low]
	                                                    : NULL;
}

struct bytes
uidlist_guid(struct uidlist const *u, struct uid_record const *r)
{
	struct bytes keys = { u->text.s + r->keys, r->keys_len };
	struct bytes guid = { u->text.s + r->name, r->name_len };
	item(keys, 'G', &guid);
	return guid;
}

bool
uidlist_mailbox_guid(struct uidlist const *u, struct bytes *guid)
{
	struct bytes items = { u->header.len ? u->header.s : "",
		u->header.len };
	return item(items, 'G', guid);
}
