/* SPDX-License-Identifier: ISC */
#include "imap-word.h"

#include <string.h>

bool
imap_equal(char const *s, size_t len, char const *word)
{
	return strlen(word) == len && imap_equal_n(s, word, len);
}

bool
imap_equal_n(char const *a, char const *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char x = (unsigned char)a[i];
		unsigned char y = (unsigned char)b[i];
		if (x != y &&
		    ((x ^ y) != 0x20 || (x | 0x20) < 'a' || (x | 0x20) > 'z'))
			return false;
	}
	return true;
}

bool
imap_is_atom_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr("(){%*\"\\]", c);
}
