/* SPDX-License-Identifier: ISC */
#include "encoding.h"

#include <string.h>
#include "header.h"
#include "imap-word.h"

struct name {
	char const *text;
	enum transfer kind;
};

static struct name const names[] = {
	{ "7bit", TRANSFER_PLAIN },
	{ "8bit", TRANSFER_PLAIN },
	{ "binary", TRANSFER_PLAIN },
	{ "quoted-printable", TRANSFER_QP },
	{ "base64", TRANSFER_BASE64 },
};

static size_t
token_length(char const *s, size_t len)
{
	size_t n = 0;
	while (n < len && !memchr(" \t\r\n;(", s[n], 6))
		n++;
	return n;
}

static void
take_value(struct encoding *e, char const *s, size_t len)
{
	size_t start = header_skip_cfws(s, len, 0);
	size_t n = token_length(s + start, len - start);
	e->known = !n;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!imap_equal(s + start, n, names[i].text))
			continue;
		e->known = true;
		e->kind = names[i].kind;
		e->binary = imap_equal(s + start, n, "binary");
	}
}

void
encoding_find(char const *header, size_t len, struct encoding *e)
{
	struct header_field f;
	size_t pos = 0;
	*e = (struct encoding){ .known = true, .kind = TRANSFER_PLAIN };
	while (!e->len && header_next(header, len, &pos, &f)) {
		if (!header_is(&f, "Content-Transfer-Encoding"))
			continue;
		take_value(e, f.value, f.value_len);
		e->at = (size_t)(f.start - header);
		e->len = f.len;
	}
}
