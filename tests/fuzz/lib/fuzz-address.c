/* SPDX-License-Identifier: ISC */
/* Any bytes as an address: what is taken is written and read again as the same
 * one; its key is an address with the same key; the domain is ASCII, and the
 * one of every other spelling. */
#include "address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
key_of(struct address const *a, stralloc *sa)
{
	sa->len = 0;
	must(address_key(a, sa));
}

static bool
same(stralloc const *a, stralloc const *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static void
check_domain(struct address const *a)
{
	must(a->domain_len && a->domain_len <= ADDRESS_DOMAIN_MAX);
	for (size_t i = 0; i < a->domain_len; i++) {
		unsigned char c = (unsigned char)a->domain[i];
		must(c > 0x20 && c < 0x7f &&
		    !(c >= 'A' && c <= 'Z' && !a->literal));
	}
}

/* Written as it came, and with the domain's other name. */
static void
check_again(struct address const *a)
{
	stralloc text = STRALLOC_ZERO;
	stralloc key = STRALLOC_ZERO;
	stralloc other = STRALLOC_ZERO;
	struct address b;
	key_of(a, &key);
	must(!memchr(key.s, '\n', key.len) && !memchr(key.s, 0, key.len));
	must(address_format(a, &text));
	must(address_parse(text.s, text.len, &b));
	key_of(&b, &other);
	must(same(&key, &other));
	struct address ascii = *a;
	ascii.written_len = 0;
	text.len = 0;
	must(address_format(&ascii, &text));
	must(address_parse(text.s, text.len, &b));
	key_of(&b, &other);
	must(same(&key, &other));
	stralloc_free(&text);
	stralloc_free(&key);
	stralloc_free(&other);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct address a;
	stralloc sa = STRALLOC_ZERO;
	must(address_login_key(s, size, &sa));
	stralloc_free(&sa);
	if (address_parse(s, size, &a)) {
		check_domain(&a);
		check_again(&a);
	}
	size_t used = address_path(s, size, &a);
	must(used <= size);
	if (used && a.domain_len) {
		check_domain(&a);
		check_again(&a);
	}
	used = address_path_bare(s, size, &a);
	must(used <= size);
	return 0;
}
