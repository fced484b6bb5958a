/* SPDX-License-Identifier: ISC */
#include "relay/mta-sts-policy.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"

#define HEAD "version: STSv1\nmode: enforce\nmax_age: 86400\n"

static struct mta_sts_policy policy;
static char const *why;

static bool
parses(char const *text)
{
	return mta_sts_policy_parse(text, strlen(text), &policy, &why);
}

static bool
fails(char const *text, char const *reason)
{
	bool ok = !parses(text) && strcmp(why, reason) == 0;
	if (!ok)
		fprintf(stderr, "%s: %s\n", text, why ? why : "it parses");
	return ok;
}

static void
check_fields(void)
{
	CHECK(parses(HEAD "mx: mail.example.com\r\nmx: *.example.net\n"));
	CHECK(policy.mode == MTA_STS_ENFORCE && policy.max_age == 86400);
	/* in any order, without blanks, with more of them, without an end */
	CHECK(parses("mx:a.b\nmax_age:1\nmode:testing\nversion:STSv1"));
	CHECK(policy.mode == MTA_STS_TESTING && policy.max_age == 1);
	CHECK(parses("version: \t STSv1 \t\r\nmode:none\t\nmax_age: 0  \r\n"));
	CHECK(policy.mode == MTA_STS_NONE && policy.max_age == 0);
	/* unknown fields */
	CHECK(parses(HEAD "mx: a.b\nnew-one_1.x: a = b; c\n7: \xc3\xa4\n"));
	CHECK(parses(HEAD "mx: a.b\nMode: none\n"));
	CHECK(policy.mode == MTA_STS_ENFORCE);
	/* the first counts */
	CHECK(parses(HEAD "mx: a.b\nmode: none\nmax_age: x\nversion: 2\n"));
	CHECK(policy.mode == MTA_STS_ENFORCE && policy.max_age == 86400);
	/* a year is the most */
	CHECK(parses("version:STSv1\nmode:none\nmax_age:9999999999"));
	CHECK(policy.max_age == MTA_STS_AGE_MAX);
	CHECK(parses("version:STSv1\nmode:none\nmax_age:0031557599"));
	CHECK(policy.max_age == MTA_STS_AGE_MAX - 1);
}

static void
check_faults(void)
{
	char const *const no_field = "a line of it is no field";
	char const *const no_host = "an mx of it is no host name";
	CHECK(fails("", "it has no version"));
	CHECK(fails("mode: none\nmax_age: 1\n", "it has no version"));
	CHECK(fails("version: STSv1\nmax_age: 1\n", "it has no mode"));
	CHECK(fails("version: STSv1\nmode: none\n", "it has no max_age"));
	CHECK(fails(HEAD, "it has no mx"));
	CHECK(fails(HEAD "MX: a.b\n", "it has no mx"));
	CHECK(fails("version: STSv2\n", "its version is not STSv1"));
	CHECK(fails("version: stsv1\n", "its version is not STSv1"));
	CHECK(fails("mode: Enforce\n", "its mode is unknown"));
	CHECK(fails("mode: enforced\n", "its mode is unknown"));
	CHECK(fails("max_age: 12345678901\n",
	    "its max_age is no number of seconds"));
	CHECK(fails("max_age: -1\n", "its max_age is no number of seconds"));
	CHECK(fails("max_age: 1 d\n", "its max_age is no number of seconds"));
	CHECK(fails(HEAD "\nmx: a.b\n", no_field));
	CHECK(fails(HEAD "mx: a.b\n\n", no_field));
	CHECK(fails(HEAD "mx a.b\n", no_field));
	CHECK(fails(HEAD "mx : a.b\n", no_field));
	CHECK(fails(HEAD " mx: a.b\n", no_field));
	CHECK(fails(HEAD "mx:\n", no_field));
	CHECK(fails(HEAD "mx: a.b\r", no_field));
	CHECK(fails(HEAD "mx: a.b\rmx: c.d\n", no_field));
	CHECK(fails(HEAD "mx: a.b\nx: \xff\n", no_field));
	CHECK(fails(HEAD "mx: a.b\nx: a\tb\n", no_field));
	CHECK(fails(HEAD "mx: a.b\n_x: a\n", no_field));
	CHECK(fails(HEAD "mx: a.b\nx23456789012345678901234567890123: a\n",
	    no_field));
	CHECK(fails(HEAD "mx: *\n", no_host));
	CHECK(fails(HEAD "mx: *.\n", no_host));
	CHECK(fails(HEAD "mx: *.*.b\n", no_host));
	CHECK(fails(HEAD "mx: a*.b\n", no_host));
	CHECK(fails(HEAD "mx: a..b\n", no_host));
	CHECK(fails(HEAD "mx: .a\n", no_host));
	CHECK(fails(HEAD "mx: a.\n", no_host));
	CHECK(fails(HEAD "mx: -a.b\n", no_host));
	CHECK(fails(HEAD "mx: a_b.c\n", no_host));
	CHECK(fails(HEAD "mx: a.b, c.d\n", no_host));
	CHECK(fails(HEAD "mx: b\xc3\xbc.de\n", no_host));
	CHECK(fails(HEAD "mx: a.b\nmx: \xc3\xbc\n", no_host));
	CHECK(!mta_sts_policy_parse("mode: no\0ne\n", 12, &policy, &why));
}

static void
check_length(void)
{
	size_t head = strlen(HEAD "mx: a.b\nx: ");
	char *s = malloc(MTA_STS_POLICY_MAX + 1);
	memset(s, 'x', MTA_STS_POLICY_MAX + 1);
	memcpy(s, HEAD "mx: a.b\nx: ", head);
	CHECK(mta_sts_policy_parse(s, MTA_STS_POLICY_MAX, &policy, &why));
	CHECK(!mta_sts_policy_parse(s, MTA_STS_POLICY_MAX + 1, &policy, &why) &&
	    strcmp(why, "it is longer than 64 KB") == 0);
	free(s);
}

static void
check_hosts(void)
{
	CHECK(parses("mx: zero.example.com\n" HEAD
	             "mx: Mail.Example.com\r\nmx: *.example.net\n"
	             "mx: xn--bcher-kva.example\nnote: mx.example.org"));
	CHECK(mta_sts_policy_lists(&policy, "zero.example.com"));
	CHECK(mta_sts_policy_lists(&policy, "mail.example.com"));
	CHECK(mta_sts_policy_lists(&policy, "MAIL.EXAMPLE.COM."));
	CHECK(mta_sts_policy_lists(&policy, "XN--bcher-kva.example"));
	CHECK(!mta_sts_policy_lists(&policy, "ail.example.com"));
	CHECK(!mta_sts_policy_lists(&policy, "x.mail.example.com"));
	CHECK(!mta_sts_policy_lists(&policy, "mail.example.co"));
	CHECK(!mta_sts_policy_lists(&policy, "mx.example.org"));
	/* a wildcard is one label, the first */
	CHECK(mta_sts_policy_lists(&policy, "mx1.EXAMPLE.net"));
	CHECK(!mta_sts_policy_lists(&policy, "example.net"));
	CHECK(!mta_sts_policy_lists(&policy, ".example.net"));
	CHECK(!mta_sts_policy_lists(&policy, "a.b.example.net"));
	CHECK(!mta_sts_policy_lists(&policy, "a.badexample.net"));
	CHECK(!mta_sts_policy_lists(&policy, "*"));
	CHECK(!mta_sts_policy_lists(&policy, ""));
	CHECK(!mta_sts_policy_lists(&policy, "."));
}

int
main(void)
{
	check_fields();
	check_faults();
	check_length();
	check_hosts();
	CHECK(strcmp(mta_sts_mode_name(MTA_STS_TESTING), "testing") == 0);
	return check_failed;
}
