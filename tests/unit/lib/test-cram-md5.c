/* SPDX-License-Identifier: ISC */
/* The exchange of RFC 2195 section 2, and answers that are none. */
#include <string.h>

#include "../check.h"
#include "lib/cram-md5.h"

static char const challenge[] = "<1896.697170952@postoffice.reston.mci.net>";
static char const answer[] = "tim b913a602c7eda7a495b4e6e7334d3890";

static int
response(char const *s, size_t len, struct bytes *login)
{
	unsigned char digest[CRAM_MD5_DIGEST];
	return cram_md5_response((struct bytes){ s, len }, login, digest);
}

#define S(s) (s), sizeof(s) - 1

int
main(void)
{
	struct cram_md5_secret secret, stored;
	unsigned char wanted[CRAM_MD5_DIGEST], made[CRAM_MD5_DIGEST];
	struct bytes login;
	CHECK(cram_md5_response(bytes_of(answer), &login, wanted));
	CHECK(bytes_are(login, "tim"));
	CHECK(cram_md5_derive(bytes_of("tanstaaftanstaaf"), &secret));
	CHECK(cram_md5_digest(&secret, bytes_of(challenge), made));
	CHECK(memcmp(made, wanted, sizeof made) == 0);
	CHECK(cram_md5_digest(&secret, bytes_of(""), made));
	CHECK(memcmp(made, wanted, sizeof made) != 0);

	/* as "doveadm pw -s CRAM-MD5" makes it */
	CHECK(cram_md5_parse(bytes_of("38b57fd1a0c4b46c814aa05f20318edd71c4553"
	                              "80655f2c0ac35c5b359528d29"),
	    &stored));
	CHECK(cram_md5_derive(bytes_of("correct horse"), &secret));
	CHECK(memcmp(&secret, &stored, sizeof secret) == 0);
	CHECK(!cram_md5_parse(bytes_of("38b57fd1a0c4b46c"), &stored));
	CHECK(!cram_md5_parse(bytes_of("x8b57fd1a0c4b46c814aa05f20318edd71c455"
	                               "380655f2c0ac35c5b359528d29"),
	    &stored));

	CHECK(response(S("a b c b913a602c7eda7a495b4e6e7334d3890"), &login));
	CHECK(bytes_are(login, "a b c"));
	CHECK(!response(S(""), &login));
	CHECK(!response(S("b913a602c7eda7a495b4e6e7334d3890"), &login));
	CHECK(!response(S(" b913a602c7eda7a495b4e6e7334d3890"), &login));
	CHECK(!response(S("tim\tb913a602c7eda7a495b4e6e7334d3890"), &login));
	CHECK(!response(S("tim b913a602c7eda7a495b4e6e7334d389"), &login));
	CHECK(!response(S("tim b913a602c7eda7a495b4e6e7334d3890 "), &login));
	CHECK(!response(S("tim g913a602c7eda7a495b4e6e7334d3890"), &login));
	for (size_t len = 0; len + 1 < sizeof answer; len++)
		CHECK(!response(answer, len, &login));
	return check_failed;
}
