/* SPDX-License-Identifier: ISC */
/* dovecot-uidlist and dovecot-keywords as anybody may have left them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keywords.h"
#include "uidlist.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check(struct uidlist const *u)
{
	uint32_t last = 0;
	for (size_t i = 0; i < u->count; i++) {
		struct uid_record const *r = &u->records[i];
		if (r->uid <= last || r->uid >= u->next ||
		    r->name + r->name_len > u->text.len ||
		    r->keys + r->keys_len > u->text.len)
			abort();
		last = r->uid;
		struct uid_record const *found =
		    uidlist_find(u, u->text.s + r->name, r->name_len);
		if (!found || found->uid < r->uid)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct keywords k;
	struct uidlist u;
	uint32_t uid;
	char const *s = (char const *)data;
	uidlist_init(&u);
	if (uidlist_parse(&u, s, size) && u.validity) {
		check(&u);
		if (uidlist_give(&u, "new", 3, &uid))
			check(&u);
	}
	uidlist_clear(&u);
	keywords_parse(&k, s, size);
	for (unsigned i = 0; i < KEYWORDS_MAX; i++)
		if (memchr(k.names[i], 0, sizeof k.names[i]) == NULL)
			abort();
	return 0;
}
