/* SPDX-License-Identifier: ISC */
/* deliver/envelope: what the environment says, believed where it is right. */
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "deliver/envelope.h"

static struct recipient_options
parsed(char const *line)
{
	struct recipient_options o;
	envelope_parse_options(bytes_of(line), false, &o);
	return o;
}

static void
test_options(void)
{
	CHECK(parsed("NOTIFY=NEVER").notify == DSN_NEVER);
	CHECK(
	    parsed("NOTIFY=DELAY,FAILURE").notify == (DSN_DELAY | DSN_FAILURE));
	CHECK(strcmp(parsed("ORCPT=rfc822;a@b").orcpt, "rfc822;a@b") == 0);
	struct recipient_options o = parsed(" X=1 NOTIFY=SUCCESS  ORCPT=x;y ");
	CHECK(o.notify == DSN_SUCCESS && strcmp(o.orcpt, "x;y") == 0);
	o = parsed("NOTIFY=NEVER,DELAY ORCPT=nothing notify=DELAY");
	CHECK(!o.notify && !o.orcpt[0]);
	o = parsed("ORCPT=rfc822;a\x01");
	CHECK(!o.orcpt[0]);
	CHECK(!parsed("").notify);
	char line[DSN_ORCPT_MAX + 10] = "ORCPT=x;";
	memset(line + 8, 'a', DSN_ORCPT_MAX - 2);
	line[6 + DSN_ORCPT_MAX] = 0;
	CHECK(strlen(parsed(line).orcpt) == DSN_ORCPT_MAX);
	line[6 + DSN_ORCPT_MAX] = 'a';
	CHECK(!parsed(line).orcpt[0]);
}

/* Each cut is read to its end and not beyond. */
static void
test_cut(void)
{
	static char const line[] = "NOTIFY=SUCCESS ORCPT=rfc822;a+2Bb@c";
	for (size_t n = 0; n < sizeof line; n++) {
		char *part = malloc(n ? n : 1);
		struct recipient_options o;
		memcpy(part, line, n);
		envelope_parse_options((struct bytes){ part, n }, false, &o);
		CHECK(!o.notify == (n < strlen("NOTIFY=SUCCESS")));
		free(part);
	}
}

static unsigned int
notify_of(size_t number)
{
	struct envelope e;
	struct recipient_options o;
	envelope_read(&e);
	envelope_options(&e, number, &o);
	return o.notify;
}

static void
test_lines(void)
{
	setenv("RECIPIENT_OPTIONS", "\nNOTIFY=DELAY\n\n\nNOTIFY=NEVER\n", 1);
	CHECK(!notify_of(0) && notify_of(1) == DSN_DELAY && !notify_of(2));
	CHECK(!notify_of(3) && notify_of(4) == DSN_NEVER && !notify_of(5));
	CHECK(!notify_of(1000000));
	setenv("RECIPIENT_OPTIONS", "NOTIFY=DELAY", 1);
	CHECK(notify_of(0) == DSN_DELAY && !notify_of(1));
	unsetenv("RECIPIENT_OPTIONS");
	CHECK(!notify_of(0));
}

int
main(void)
{
	test_options();
	test_cut();
	test_lines();
	return check_failed;
}
