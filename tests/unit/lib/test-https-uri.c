/* SPDX-License-Identifier: ISC */
#include "lib/https-uri.h"

#include <stdio.h>
#include <string.h>

#include "../check.h"

/* "host port path", or "-". */
static struct {
	char const *text;
	char const *wanted;
} const cases[] = {
	{ "https://a.example", "a.example 0 /" },
	{ "https://a.example/", "a.example 0 /" },
	{ "HTTPS://A.Example/Path", "a.example 0 /Path" },
	{ "https://a.example:8443/x/y?z=1&u=%2c",
	    "a.example 8443 /x/y?z=1&u=%2c" },
	{ "https://a.example?q", "a.example 0 /?q" },
	{ "https://a.example:1?q/?", "a.example 1 /?q/?" },
	{ "https://a.example//../.", "a.example 0 //../." },
	{ "https://a.example/-._~!$&'()*+,;=:@",
	    "a.example 0 /-._~!$&'()*+,;=:@" },
	{ "https://xn--bcher-kva.example:65535",
	    "xn--bcher-kva.example 65535 /" },
	/* other schemes and forms */
	{ "", "-" },
	{ "https", "-" },
	{ "https:", "-" },
	{ "https://", "-" },
	{ "https:///x", "-" },
	{ "https:a.example", "-" },
	{ "https:/a.example/", "-" },
	{ "http://a.example/", "-" },
	{ "httpss://a.example/", "-" },
	{ "//a.example/", "-" },
	{ " https://a.example/", "-" },
	/* hosts that are no name, or more than one */
	{ "https://user@a.example/", "-" },
	{ "https://user:pass@a.example/", "-" },
	{ "https://a.example@b.example/", "-" },
	{ "https://192.0.2.1/", "-" },
	{ "https://[2001:db8::1]/", "-" },
	{ "https://2130706433/", "-" },
	{ "https://localhost/", "-" },
	{ "https://a.example./", "-" },
	{ "https://.a.example/", "-" },
	{ "https://a..example/", "-" },
	{ "https://a%2eexample/", "-" },
	{ "https://a.example\\@b.example/", "-" },
	{ "https://\xc3\xa4.example/", "-" },
	/* ports */
	{ "https://a.example:/", "-" },
	{ "https://a.example:0/", "-" },
	{ "https://a.example:65536/", "-" },
	{ "https://a.example:99999999999/", "-" },
	{ "https://a.example:000443/", "-" },
	{ "https://a.example:+1/", "-" },
	{ "https://a.example:1:2/", "-" },
	{ "https://:443/", "-" },
	/* paths */
	{ "https://a.example#f", "-" },
	{ "https://a.example/#f", "-" },
	{ "https://a.example/?#", "-" },
	{ "https://a.example/a b", "-" },
	{ "https://a.example/a\tb", "-" },
	{ "https://a.example/a\r\nX: y", "-" },
	{ "https://a.example/%", "-" },
	{ "https://a.example/%4", "-" },
	{ "https://a.example/%4g", "-" },
	{ "https://a.example/{a,b}", "-" },
	{ "https://a.example/[1-9]", "-" },
	{ "https://a.example/\\", "-" },
	{ "https://a.example/\"", "-" },
	{ "https://a.example/^", "-" },
	{ "https://a.example/\x7f", "-" },
	{ "https://a.example/\xc3\xa4", "-" },
};

static char const *
parsed(char const *text, size_t len)
{
	static char out[HTTPS_URI_MAX + HOSTNAME_MAX + 16];
	struct https_uri uri;
	if (!https_uri_parse(text, len, &uri))
		return "-";
	snprintf(out, sizeof out, "%s %u %s", uri.host, uri.port, uri.path);
	return out;
}

static void
test_cases(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *seen = parsed(cases[i].text, strlen(cases[i].text));
		if (strcmp(seen, cases[i].wanted) == 0)
			continue;
		fprintf(stderr, "%s\nwanted: %s\nseen:   %s\n", cases[i].text,
		    cases[i].wanted, seen);
		check_failed = 1;
	}
}

/* As long as it may be, and one more; no octet is taken for the end. */
static void
test_lengths(void)
{
	static char text[HTTPS_URI_MAX + 1] = "https://a.example?";
	struct https_uri uri;
	memset(text + strlen(text), 'x', sizeof text - strlen(text));
	CHECK(https_uri_parse(text, HTTPS_URI_MAX, &uri) == 1);
	CHECK(strlen(uri.path) ==
	    HTTPS_URI_MAX - strlen("https://a.example") + 1);
	CHECK(https_uri_parse(text, HTTPS_URI_MAX + 1, &uri) == 0);
	CHECK(https_uri_parse("https://a.example\0/", 19, &uri) == 0);
	CHECK(https_uri_parse("https://a.example/\0", 19, &uri) == 0);
	CHECK(https_uri_parse("https://a.example/x", 17, &uri) == 1);
	CHECK(strcmp(uri.path, "/") == 0);
}

int
main(void)
{
	test_cases();
	test_lengths();
	return check_failed;
}
