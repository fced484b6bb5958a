/* SPDX-License-Identifier: ISC */
#include "flags.h"

#include <string.h>
#include "imap-word.h"

struct system_flag const system_flags[] = {
	{ FLAG_ANSWERED, 'R', "\\Answered" },
	{ FLAG_FLAGGED, 'F', "\\Flagged" },
	{ FLAG_DELETED, 'T', "\\Deleted" },
	{ FLAG_SEEN, 'S', "\\Seen" },
	{ FLAG_DRAFT, 'D', "\\Draft" },
	{ 0, 0, NULL },
};

uint32_t
flags_system(char const *name, size_t len)
{
	for (struct system_flag const *f = system_flags; f->bit; f++)
		if (imap_equal(name, len, f->name))
			return f->bit;
	return 0;
}

size_t
flags_base(char const *name, size_t len)
{
	char const *colon = memchr(name, ':', len);
	return colon ? (size_t)(colon - name) : len;
}

static uint32_t
letter_bit(char letter)
{
	if (letter >= 'a' && letter <= 'z')
		return UINT32_C(1) << (letter - 'a');
	for (struct system_flag const *f = system_flags; f->bit; f++)
		if (f->letter == letter)
			return f->bit;
	return 0;
}

/* The letters behind ":2,"; another info part counts as none. */
static char const *
letters(char const *name, size_t len, size_t *count)
{
	size_t base = flags_base(name, len);
	*count = 0;
	if (len - base < 3 || memcmp(name + base, ":2,", 3) != 0)
		return name + len;
	char const *s = name + base + 3;
	char const *end = memchr(s, ',', len - base - 3);
	*count = end ? (size_t)(end - s) : len - base - 3;
	return s;
}

uint32_t
flags_of_name(char const *name, size_t len)
{
	size_t count;
	char const *s = letters(name, len, &count);
	uint32_t flags = 0;
	for (size_t i = 0; i < count; i++)
		flags |= letter_bit(s[i]);
	return flags;
}

int
flags_rename(char const *name, size_t len, uint32_t flags, stralloc *out)
{
	bool stays[128] = { false };
	size_t count;
	char const *s = letters(name, len, &count);
	for (size_t i = 0; i < count; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			stays[(unsigned char)s[i]] = !letter_bit(s[i]);
	if (!stralloc_copyb(out, name, flags_base(name, len)) ||
	    !stralloc_cats(out, ":2,"))
		return 0;
	for (int i = 'A'; i <= 'z'; i++) {
		char c = (char)i;
		if ((stays[i] || (letter_bit(c) & flags)) &&
		    !stralloc_append(out, c))
			return 0;
	}
	if (!stralloc_0(out))
		return 0;
	out->len--;
	return 1;
}
