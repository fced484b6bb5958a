/* SPDX-License-Identifier: ISC */
#include "decode.h"

#include "charset.h"
#include "encoded-word.h"
#include "utf8.h"

int
decode_lines(struct span in, stralloc *out)
{
	for (size_t i = 0; i < in.len;) {
		char const *cr = memchr(in.s + i, '\r', in.len - i);
		size_t end = cr ? (size_t)(cr - in.s) : in.len;
		/* a CR that ends no line stays */
		bool keep = cr && (end + 1 == in.len || cr[1] != '\n');
		if (!stralloc_catb(out, in.s + i, end - i + keep))
			return 0;
		i = end + 1;
	}
	return 1;
}

int
decode_charset(struct span in, struct span charset, stralloc *out)
{
	static char const latin_name[] = "windows-1252";
	bool latin = span_is_case(charset, "iso-8859-1");
	bool plain = !charset.len || span_is_case(charset, "us-ascii") ||
	    span_is_case(charset, "utf-8");
	if (latin || (plain && !utf8_valid(in.s, in.len)))
		charset = (struct span){ latin_name, sizeof latin_name - 1 };
	int r = charset_to_utf8(charset.s, charset.len, in.s, in.len, out);
	return r ? r > 0 : stralloc_catb(out, in.s, in.len);
}

static int
read_encoded(char const *charset, size_t charset_len, char const *s, size_t len,
    stralloc *out)
{
	return decode_charset((struct span){ s, len },
	    (struct span){ charset, charset_len }, out);
}

int
decode_words(struct span in, stralloc *out)
{
	return encoded_word_decode(in.s, in.len, read_encoded, out);
}
