/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/tls-report/tlsrpt-record.h"

/* The addresses, then the URIs, each with a blank behind; "-": malformed. */
static char const *
rua(char const *text)
{
	static char out[4096];
	struct tlsrpt_record r;
	int ok = tlsrpt_record_parse(text, strlen(text), &r);
	strcpy(out, ok == 1 ? "" : "-");
	for (unsigned int i = 0; ok == 1 && i < r.mailtos; i++) {
		strcat(out, r.mailto[i].s);
		strcat(out, " ");
	}
	for (unsigned int i = 0; ok == 1 && i < r.webs; i++) {
		strcat(out, r.web[i].s);
		strcat(out, " ");
	}
	tlsrpt_record_free(&r);
	return out;
}

static struct {
	char const *text;
	char const *wanted;
} const cases[] = {
	{ "v=TLSRPTv1;rua=mailto:a@example.net", "a@example.net " },
	{ "v=TLSRPTv1; rua=mailto:a@example.net;", "a@example.net " },
	{ "v=TLSRPTv1 \t; \t rua=mailto:a@example.net \t; ", "a@example.net " },
	{ "v=TLSRPTv1; rua=mailto:a@b.example,mailto:c@d.example",
	    "a@b.example c@d.example " },
	{ "v=TLSRPTv1; rua=mailto:a@b.example , https://x.example/y",
	    "a@b.example https://x.example/y " },
	{ "v=TLSRPTv1; rua=https://x.example/y%3Bz",
	    "https://x.example/y%3Bz " },
	{ "v=TLSRPTv1; rua=HTTPS://x.example", "HTTPS://x.example " },
	{ "v=TLSRPTv1; rua=https://x.example/1,https://x.example/1",
	    "https://x.example/1 " },
	{ "v=TLSRPTv1; rua=https://x.example/1,https://x.example/12",
	    "https://x.example/1 https://x.example/12 " },
	{ "v=TLSRPTv1; rua=https://192.0.2.1/,http://x.example/,https:x,"
	  "https://a@x.example/,https://x.example/#y",
	    "" },
	{ "v=TLSRPTv1; rua=MAILTO:A@B.example", "A@b.example " },
	{ "v=TLSRPTv1; rua=mailto:a@b.example; rua=mailto:c@d.example",
	    "a@b.example c@d.example " },
	{ "v=TLSRPTv1; x=1; rua=mailto:a@b.example; y-z.9_=q", "a@b.example " },
	{ "v=TLSRPTv1; rua=mailto:a%2bb@c.example", "a+b@c.example " },
	{ "v=TLSRPTv1; rua=mailto:a@b.example?subject=x%0ABcc:d@e.example",
	    "a@b.example " },
	/* addresses that are none, or that we do not write to */
	{ "v=TLSRPTv1; rua=mailto:nobody,mailto:a@b.example", "a@b.example " },
	{ "v=TLSRPTv1; rua=mailto:a%0Ab@c.example", "" },
	{ "v=TLSRPTv1; rua=mailto:a%00@c.example", "" },
	{ "v=TLSRPTv1; rua=mailto:a@c.example%0d%0aRCPT", "" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example%2Cc@d.example", "" },
	{ "v=TLSRPTv1; rua=mailto:a@%5B192.0.2.1%5D", "" },
	{ "v=TLSRPTv1; rua=mailto:%C3%A4@b.example", "" },
	{ "v=TLSRPTv1; rua=mailto:a%4@b.example", "" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example%", "" },
	{ "v=TLSRPTv1; rua=mailto:", "" },
	{ "v=TLSRPTv1; rua=gopher:x", "" },
	/* no more than we write to */
	{ "v=TLSRPTv1; rua=mailto:1@a.b,mailto:2@a.b,mailto:3@a.b,mailto:4@a.b,"
	  "mailto:5@a.b,mailto:6@a.b,mailto:7@a.b,mailto:8@a.b,mailto:9@a.b",
	    "1@a.b 2@a.b 3@a.b 4@a.b 5@a.b 6@a.b 7@a.b 8@a.b " },
	{ "v=TLSRPTv1; rua=https://a.b/1,https://a.b/2,https://a.b/3,"
	  "https://a.b/4,https://a.b/5",
	    "https://a.b/1 https://a.b/2 https://a.b/3 https://a.b/4 " },
	/* malformed */
	{ "", "-" },
	{ "v=TLSRPTv1", "-" },
	{ "v=TLSRPTv1;", "-" },
	{ "v=TLSRPTv2; rua=mailto:a@b.example", "-" },
	{ "V=TLSRPTv1; rua=mailto:a@b.example", "-" },
	{ " v=TLSRPTv1; rua=mailto:a@b.example", "-" },
	{ "v=TLSRPTv1 rua=mailto:a@b.example", "-" },
	{ "v=TLSRPTv1; rua=", "-" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example,", "-" },
	{ "v=TLSRPTv1; rua=,mailto:a@b.example", "-" },
	{ "v=TLSRPTv1; rua =mailto:a@b.example", "-" },
	{ "v=TLSRPTv1; RUA=mailto:a@b.example", "-" },
	{ "v=TLSRPTv1;; rua=mailto:a@b.example", "-" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example; x", "-" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example; =x", "-" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example; x=", "-" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example; x=y z", "-" },
	{ "v=TLSRPTv1; rua=mailto:a b@c.example", "-" },
	{ "v=TLSRPTv1; rua=mailto:a!b@c.example", "-" },
	{ "v=TLSRPTv1; rua=mailto:\xc3\xa4@b.example", "-" },
	{ "v=TLSRPTv1; rua=mailto:a\n@b.example", "-" },
	{ "v=TLSRPTv1; x=1", "-" },
};

static void
test_cases(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *seen = rua(cases[i].text);
		if (strcmp(seen, cases[i].wanted) == 0)
			continue;
		fprintf(stderr, "%s\nwanted: %s\nseen:   %s\n", cases[i].text,
		    cases[i].wanted, seen);
		check_failed = 1;
	}
}

/* No octet behind the end is read, and none is taken for the end. */
static void
test_lengths(void)
{
	static char const text[] = "v=TLSRPTv1; rua=mailto:a@b.example; x=y";
	struct tlsrpt_record r;
	for (size_t n = 0; n < sizeof text; n++) {
		tlsrpt_record_parse(text, n, &r);
		tlsrpt_record_free(&r);
	}
	CHECK(tlsrpt_record_parse(text, sizeof text, &r) == 0);
	tlsrpt_record_free(&r);
}

static void
test_is(void)
{
	CHECK(tlsrpt_record_is("v=TLSRPTv1;", 11));
	CHECK(tlsrpt_record_is("v=TLSRPTv1; garbage", 19));
	CHECK(!tlsrpt_record_is("v=TLSRPTv1", 10));
	CHECK(!tlsrpt_record_is("v=TLSRPTv10;", 12));
	CHECK(!tlsrpt_record_is("v=spf1 -all;", 12));
	CHECK(!tlsrpt_record_is("", 0));
}

int
main(void)
{
	test_cases();
	test_lengths();
	test_is();
	return check_failed;
}
