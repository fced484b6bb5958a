/* SPDX-License-Identifier: ISC */
#include "signature-field.h"

#include <string.h>
#include <skalibs/types.h>

#include "message.h"

/* RFC 6376 section 3.2: tags between ";". A digit behind a long row of others is
 * no time of ours. */
static bool
read_time(struct span value, uint64_t *when)
{
	char digits[20 + 1];
	while (value.len) {
		char const *end = memchr(value.s, ';', value.len);
		size_t n = end ? (size_t)(end - value.s) : value.len;
		struct span tag = span_trim((struct span){ value.s, n });
		value = span_from(value, n + (end != NULL));
		if (!span_starts(tag, "t="))
			continue;
		tag = span_from(tag, 2);
		if (!tag.len || tag.len >= sizeof digits)
			return false;
		memcpy(digits, tag.s, tag.len);
		digits[tag.len] = 0;
		return uint640_scan(digits, when) != 0;
	}
	return false;
}

void
signatures_find(struct span m, struct signatures *found)
{
	struct message_field f;
	size_t pos = 0;
	*found = (struct signatures){ .dkim = { m.s, 0 } };
	while (message_next_field(m.s, m.len, &pos, &f)) {
		bool dkim = message_field_is(&f, "DKIM-Signature");
		found->count += dkim || message_field_is(&f, "ARC-Seal") ||
		    message_field_is(&f, "ARC-Message-Signature") ||
		    message_field_is(&f, "DomainKey-Signature");
		if (!dkim)
			continue;
		found->dkim = (struct span){ f.start, f.len };
		found->timed = read_time((struct span){ f.value, f.value_len },
		    &found->time);
	}
}
