/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "smtp-session/envelope.h"
#include "smtp-session/reply.h"

static char const *
mail(char const *s, struct mail_arguments *m)
{
	return envelope_mail(s, strlen(s), m);
}

static char const *
rcpt(char const *s, struct address *a)
{
	return envelope_rcpt(s, strlen(s), a);
}

static int
same(char const *got, char const *wanted)
{
	return got && strcmp(got, wanted) == 0;
}

int
main(void)
{
	struct mail_arguments m;
	struct address a;

	CHECK(!mail("FROM:<alice@example.org>", &m));
	CHECK(m.sender.local_len == 5 && !m.has_size);
	CHECK(!mail("from: <alice@example.org> SIZE=10 BODY=8BITMIME", &m));
	CHECK(m.has_size && m.size == 10);
	CHECK(!mail("from:alice@example.org size=7 body=7bit", &m));
	CHECK(!mail("FROM:<>", &m) && m.sender.local_len == 0);
	CHECK(!mail("FROM:<> AUTH=<>", &m));
	CHECK(same(mail("FROM:", &m), REPLY_BAD_ADDRESS));
	CHECK(same(mail("TO:<a@b.c>", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c", &m), REPLY_BAD_ADDRESS));
	CHECK(same(mail("FROM:<a@b.c>x", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c> SIZE=", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=1x", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=-1", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=1 SIZE=1", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=18446744073709551616", &m),
	    REPLY_TOO_LARGE));
	CHECK(same(mail("FROM:<a@b.c> BODY=BINARYMIME", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c> FOO=1", &m), REPLY_PARAMETER));
	CHECK(same(mail("FROM:<\xc3\xa9@b.c>", &m), REPLY_UTF8));

	CHECK(!rcpt("TO:<bob@example.org>", &a) && a.local_len == 3);
	CHECK(!rcpt("to:<postmaster>", &a) && a.domain_len == 0);
	CHECK(same(rcpt("TO:<>", &a), REPLY_BAD_RECIPIENT));
	CHECK(same(rcpt("TO:<b@c.d> NOTIFY=NEVER", &a), REPLY_PARAMETER));
	CHECK(same(rcpt("TO:<b@c.d>>", &a), REPLY_SYNTAX));
	return check_failed;
}
