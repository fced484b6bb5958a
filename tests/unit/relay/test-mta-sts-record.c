/* SPDX-License-Identifier: ISC */
#include "relay/mta-sts-record.h"

#include <string.h>

#include "../check.h"

static char id[MTA_STS_ID_MAX + 1];

/* The records of an answer, one after the other, ended by NULL. */
static bool
finds(char const *first, char const *second, char const *third)
{
	char const *const text[] = { first, second, third };
	struct dns_answer a = { .status = DNS_FOUND };
	for (; a.count < 3 && text[a.count]; a.count++)
		a.record[a.count] = (struct dns_record){ .text = text[a.count],
			.len = strlen(text[a.count]) };
	return mta_sts_record_find(&a, id);
}

static bool
is(char const *text, char const *expected)
{
	return finds(text, NULL, NULL) && strcmp(id, expected) == 0;
}

static bool
wrong(char const *text)
{
	return !finds(text, NULL, NULL);
}

static void
check_one(void)
{
	CHECK(is("v=STSv1; id=20160831085700Z;", "20160831085700Z"));
	CHECK(is("v=STSv1;id=a", "a"));
	CHECK(is("v=STSv1 \t ; \t id=a \t ; \t ", "a"));
	CHECK(is("v=STSv1; x-1.y_z=$(`:/; id=1; id=2; more=3", "1"));
	CHECK(is("v=STSv1; ID=9; id=1", "1"));
	CHECK(is("v=STSv1; id=12345678901234567890123456789012",
	    "12345678901234567890123456789012"));
	CHECK(wrong("v=STSv1; id=123456789012345678901234567890123"));
	CHECK(wrong("v=STSv1"));
	CHECK(wrong("v=STSv1;"));
	CHECK(wrong("v=STSv1;;id=1"));
	CHECK(wrong("v=STSv1; id=1;;"));
	CHECK(wrong("v=STSv1; id="));
	CHECK(wrong("v=STSv1; id=;id=1"));
	CHECK(wrong("v=STSv1; id=1-2"));
	CHECK(wrong("v=STSv1; id = 1"));
	CHECK(wrong("v=STSv1; id=1 2"));
	CHECK(wrong("v=STSv1; id=1; x"));
	CHECK(wrong("v=STSv1; id=1; x="));
	CHECK(wrong("v=STSv1; id=1; x=a=b"));
	CHECK(wrong("v=STSv1; id=1; -x=a"));
	CHECK(wrong("v=STSv1; id=1; x=\xc3\xa4"));
	CHECK(wrong("v=STSv1; id=1; x23456789012345678901234567890123=a"));
	CHECK(wrong("v=STSv1; x=1"));
	CHECK(wrong("v=STSv2; id=1"));
	CHECK(wrong("v=stsv1; id=1"));
	CHECK(wrong(" v=STSv1; id=1"));
	CHECK(wrong("id=1; v=STSv1"));
	CHECK(wrong(""));
}

static void
check_several(void)
{
	CHECK(finds("v=spf1 -all", "v=STSv1; id=a", "v=STSv10; id=b"));
	CHECK(strcmp(id, "a") == 0);
	CHECK(finds("v=STSv1; id=a", "v=STSv1", NULL));
	CHECK(!finds("v=STSv1; id=a", "v=STSv1; id=a", NULL));
	CHECK(!finds("v=STSv1; id=a", "x", "v=STSv1; broken"));
	CHECK(!finds("v=spf1", "x", NULL));
	CHECK(!finds(NULL, NULL, NULL));
	struct dns_answer a = { .status = DNS_FAILED,
		.count = 1,
		.record[0] = { .text = "v=STSv1;id=a", .len = 12 } };
	CHECK(!mta_sts_record_find(&a, id));
	/* a NUL in it */
	a.status = DNS_FOUND;
	a.record[0] =
	    (struct dns_record){ .text = "v=STSv1;id=a\0", .len = 13 };
	CHECK(!mta_sts_record_find(&a, id));
}

int
main(void)
{
	check_one();
	check_several();
	return check_failed;
}
