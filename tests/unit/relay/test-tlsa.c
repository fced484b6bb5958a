/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/tlsa.h"

static struct tlsa record;

/* A record with LEN octets of data. */
static int
parse(int usage, int selector, int matching, size_t len)
{
	char data[3 + 100] = { (char)usage, (char)selector, (char)matching };
	return tlsa_parse(data, 3 + len, &record);
}

static void
test_use(void)
{
	CHECK(parse(3, 1, 1, 32) && record.usage == TLSA_DANE_EE &&
	    record.selector == TLSA_SPKI && record.matching == TLSA_SHA256 &&
	    record.len == 32);
	CHECK(parse(2, 0, 2, 64) && record.usage == TLSA_DANE_TA &&
	    record.matching == TLSA_SHA512 && record.len == 64);
	CHECK(parse(3, 0, 0, 1) && parse(3, 0, 0, 100));
	/* digests of another length */
	CHECK(!parse(3, 1, 1, 31) && !parse(3, 1, 1, 33) &&
	    !parse(3, 1, 1, 64) && !parse(3, 1, 2, 32) && !parse(3, 1, 2, 65));
	/* PKIX-TA, PKIX-EE, PrivCert, and what is not assigned */
	CHECK(!parse(0, 1, 1, 32) && !parse(1, 1, 1, 32) &&
	    !parse(4, 1, 1, 32) && !parse(255, 1, 1, 32));
	CHECK(!parse(3, 2, 1, 32) && !parse(3, 255, 1, 32));
	CHECK(!parse(3, 1, 3, 32) && !parse(3, 1, 255, 32));
}

static void
test_short(void)
{
	for (size_t len = 0; len <= 3; len++)
		CHECK(!tlsa_parse("\3\1\0", len, &record));
}

static void
test_set(void)
{
	static struct tlsa_set set;
	static char big[9000];
	struct tlsa t;
	size_t at = 0;
	CHECK(!tlsa_set_next(&set, &at, &t));
	CHECK(tlsa_parse("\3\1\0ab", 5, &t) && tlsa_set_add(&set, &t));
	memset(big, 'x', sizeof big);
	memcpy(big, "\2\0\0", 3);
	CHECK(tlsa_parse(big, sizeof big, &t) && tlsa_set_add(&set, &t));
	/* no room for a second one */
	CHECK(!tlsa_set_add(&set, &t) && set.count == 2);
	CHECK(tlsa_set_next(&set, &at, &t) && t.usage == TLSA_DANE_EE &&
	    t.selector == TLSA_SPKI && t.len == 2 &&
	    memcmp(t.data, "ab", 2) == 0);
	CHECK(tlsa_set_next(&set, &at, &t) && t.usage == TLSA_DANE_TA &&
	    t.selector == TLSA_CERT && t.len == sizeof big - 3 &&
	    memcmp(t.data, big + 3, t.len) == 0);
	CHECK(!tlsa_set_next(&set, &at, &t));
}

int
main(void)
{
	test_use();
	test_short();
	test_set();
	return check_failed;
}
