/* SPDX-License-Identifier: ISC */
/* Mailbox names: what gets through never leaves the Maildir, and comes back from
 * the disk as it went there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "names.h"
#include "utf8.h"
#include "imap-session/sequence.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
check_folder(char const *s, size_t len, char separator)
{
	char folder[NAME_MAX_DISK + 1];
	char again[NAME_MAX_DISK + 1];
	stralloc name = STRALLOC_ZERO;
	if (!name_to_folder(s, len, separator, folder))
		return;
	if (strchr(folder, '/') || strstr(folder, "..") || folder[0] == '.' ||
	    (*folder && folder[strlen(folder) - 1] == '.'))
		abort();
	if (!name_from_folder(folder, separator, &name) ||
	    !name_to_folder(name.s, name.len, separator, again) ||
	    strcmp(folder, again) != 0 ||
	    !name_match("*", 1, name.s, name.len, separator) ||
	    !name_match(name.s, name.len, name.s, name.len, separator))
		abort();
	stralloc utf8 = STRALLOC_ZERO;
	stralloc back = STRALLOC_ZERO;
	if (!name_to_utf8(name.s, name.len, &utf8) ||
	    utf8.len > NAME_MAX_UTF8 ||
	    name_from_utf8(utf8.s, utf8.len, &back) != 1 ||
	    back.len != name.len || memcmp(back.s, name.s, name.len) != 0)
		abort();
	stralloc_free(&utf8);
	stralloc_free(&back);
	stralloc_free(&name);
}

/* What a name of printable text becomes is the one way to write it. */
static void
check_utf8(char const *s, size_t len)
{
	stralloc name = STRALLOC_ZERO;
	bool printable = true;
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t point = 0;
		n = utf8_read(s + i, len - i, &point);
		if (!n)
			n = 1;
		printable = printable && point >= 0x20 &&
		    (point < 0x7f || point >= 0xa0);
	}
	int ok = name_from_utf8(s, len, &name);
	if ((ok == 1) != utf8_valid(s, len) ||
	    (ok == 1 && printable && !name_is_mutf7(name.s, name.len)))
		abort();
	stralloc_free(&name);
}

static void
check_flags(char const *s, size_t len)
{
	stralloc name = STRALLOC_ZERO;
	uint32_t flags = flags_of_name(s, len);
	if (!flags_rename(s, len, flags, &name) ||
	    flags_of_name(name.s, name.len) != flags ||
	    flags_base(name.s, name.len) != flags_base(s, len))
		abort();
	stralloc_free(&name);
}

static void
check_sequence(char const *s, size_t len)
{
	struct sequence set = SEQUENCE_ZERO;
	stralloc text = STRALLOC_ZERO;
	struct cursor c = { s, len, 0 };
	if (cursor_sequence(&c, &set)) {
		sequence_resolve(&set, 1000);
		uint32_t n = sequence_count(&set);
		struct range const *r = sequence_ranges(&set);
		for (uint32_t i = 0; i < n; i++)
			if (r[i].first > r[i].last ||
			    (i && r[i].first <= r[i - 1].last) ||
			    !sequence_has(&set, r[i].first) ||
			    !sequence_has(&set, r[i].last))
				abort();
		if (!sequence_format(&set, &text))
			abort();
	}
	stralloc_free(&set.ranges);
	stralloc_free(&text);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	if (size < 2)
		return 0;
	size_t pattern = data[0] % size;
	s++;
	size--;
	check_folder(s, size, '.');
	check_folder(s, size, '/');
	check_utf8(s, size);
	check_flags(s, size);
	check_sequence(s, size);
	if (pattern <= size)
		name_match(s, pattern, s + pattern, size - pattern, '.');
	return 0;
}
