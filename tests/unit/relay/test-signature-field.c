/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "relay/signature-field.h"

static struct signatures
find(char const *m)
{
	struct signatures s;
	signatures_find((struct span){ m, strlen(m) }, &s);
	return s;
}

static bool
has_time(char const *value, uint64_t when)
{
	char m[300];
	snprintf(m, sizeof m, "DKIM-Signature:%s\n\n", value);
	struct signatures s = find(m);
	return s.count == 1 && s.timed && s.time == when;
}

int
main(void)
{
	struct signatures s = find("A: b\n\nDKIM-Signature: t=1\n");
	CHECK(!s.count && !s.dkim.len);
	char const m[] = "A: b\ndkim-signature: v=1;\n\tt=12; b=x\nC: d\n\n";
	s = find(m);
	CHECK(s.count == 1 && s.dkim.s == m + 5 && s.dkim.len == 32);
	CHECK(s.timed && s.time == 12);
	CHECK(find("ARC-Seal: i=1\nDKIM-Signature: t=1\n\n").count == 2);
	CHECK(find("ARC-Message-Signature: i=1\n\n").count == 1);
	CHECK(find("DomainKey-Signature: i=1\n\n").count == 1);
	CHECK(has_time("t=1", 1) &&
	    has_time(" v=1;\n t=1700000000 ;", 1700000000));
	CHECK(!has_time(" t=", 0) && !has_time("v=1; b=t=1", 1));
	CHECK(!has_time(" t=1x", 1) && !has_time(" t=1 2", 1));
	CHECK(!has_time(" t=99999999999999999999", 0));
	CHECK(!has_time(" t=100000000000000000001", 1));
	return check_failed;
}
