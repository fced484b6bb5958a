/* SPDX-License-Identifier: ISC */
/* Values of RET, NOTIFY, ENVID and ORCPT: what is taken decodes, by a decoder
 * of our own here, to octets that may be seen. */
#include "dsn.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
check_visible(unsigned long c)
{
	must(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0));
}

/* xtext's "+XX", or RFC 6533's "\x{XX}". */
static void
check_decoded(char const *s, size_t len, bool xtext)
{
	char text[8] = "";
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '+') {
			must(xtext && i + 2 < len);
			memcpy(text, s + i + 1, 2);
			text[2] = 0;
			/* an octet of UTF-8, or of ASCII */
			must(strtoul(text, NULL, 16) >= 0x20 &&
			    strtoul(text, NULL, 16) != 0x7f);
			i += 2;
		} else if (!xtext && s[i] == '\\') {
			must(len - i > 4 && memcmp(s + i, "\\x{", 3) == 0);
			check_visible(strtoul(s + i + 3, NULL, 16));
		} else {
			must((unsigned char)s[i] > 0x20 && s[i] != 0x7f);
		}
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char *s = malloc(size + 1); /* strtoul wants an end */
	must(s != NULL);
	memcpy(s, data, size);
	s[size] = 0;
	if (dsn_is_envid(s, size))
		check_decoded(s, size, true);
	for (int utf8 = 0; utf8 <= 1; utf8++)
		if (dsn_is_orcpt(s, size, utf8)) {
			char *value = memchr(s, ';', size);
			must(value != NULL);
			check_decoded(value, size - (size_t)(value - s),
			    value - s != 5 || strncasecmp(s, "utf-8", 5) != 0);
		}
	unsigned int notify = dsn_notify(s, size);
	must(!(notify & DSN_NEVER) || notify == DSN_NEVER);
	stralloc sa = STRALLOC_ZERO;
	must(!notify ||
	    (dsn_notify_format(notify, &sa) &&
	        dsn_notify(sa.s, sa.len) == notify));
	stralloc_free(&sa);
	dsn_ret(s, size);
	free(s);
	return 0;
}
