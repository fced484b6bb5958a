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
rcpt(char const *s, struct rcpt_arguments *r)
{
	return envelope_rcpt(s, strlen(s), false, r);
}

static char const *
rcpt_utf8(char const *s, struct rcpt_arguments *r)
{
	return envelope_rcpt(s, strlen(s), true, r);
}

static int
same(char const *got, char const *wanted)
{
	return got && strcmp(got, wanted) == 0;
}

/* What MAIL's options are once written and read again; NULL when they are
 * wrong. */
static char const *
mail_again(char const *s)
{
	static stralloc sa = STRALLOC_ZERO;
	struct mail_arguments m;
	struct mail_options o;
	if (mail(s, &m) || !stralloc_copys(&sa, " ") ||
	    !mail_options_format(&m.options, &sa) ||
	    mail_options_read(sa.s, sa.len, &o))
		return NULL;
	sa.len = 0;
	return mail_options_format(&o, &sa) && stralloc_0(&sa) ? sa.s : NULL;
}

static char const *
rcpt_again(char const *s)
{
	static stralloc sa = STRALLOC_ZERO;
	struct rcpt_arguments r;
	struct rcpt_options o;
	if (rcpt_utf8(s, &r) || !stralloc_copys(&sa, " ") ||
	    !rcpt_options_format(&r.options, &sa) ||
	    rcpt_options_read(sa.s, sa.len, true, &o))
		return NULL;
	sa.len = 0;
	return rcpt_options_format(&o, &sa) && stralloc_0(&sa) ? sa.s : NULL;
}

static void
test_mail(void)
{
	struct mail_arguments m;
	CHECK(!mail("FROM:<alice@example.org>", &m));
	CHECK(m.sender.local_len == 5 && !m.options.has_size);
	CHECK(!mail("from: <alice@example.org> SIZE=10 BODY=8BITMIME", &m));
	CHECK(m.options.has_size && m.options.size == 10);
	CHECK(m.options.body == BODY_8BITMIME);
	CHECK(!mail("from:alice@example.org size=7 body=7bit", &m));
	CHECK(!mail("FROM:<>", &m) && m.sender.local_len == 0);
	CHECK(!mail("FROM:<> AUTH=<>", &m));
	CHECK(!mail("FROM:<> AUTH=e+3Dmc2@example.com ", &m));
	CHECK(same(mail("FROM:", &m), REPLY_BAD_ADDRESS));
	CHECK(same(mail("TO:<a@b.c>", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c", &m), REPLY_BAD_ADDRESS));
	CHECK(same(mail("FROM:<a@b.c>x", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c> SIZE=", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=1x", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=-1", &m), REPLY_BAD_SIZE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=1 SIZE=1", &m), REPLY_TWICE));
	CHECK(same(mail("FROM:<a@b.c> SIZE=18446744073709551616", &m),
	    REPLY_TOO_LARGE));
	CHECK(same(mail("FROM:<a@b.c> BODY=BINARYMIME", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<a@b.c> FOO=1", &m), REPLY_PARAMETER));
	CHECK(same(mail("FROM:<a@b.c> FOO", &m), REPLY_PARAMETER));
	CHECK(same(mail("FROM:<a@b.c> =", &m), REPLY_PARAMETER));
	/* Exim CVE-2020-28021 */
	CHECK(same(mail("FROM:<a@b.c> AUTH=a+0Ab", &m), REPLY_SYNTAX));
}

static void
test_utf8(void)
{
	struct mail_arguments m;
	struct rcpt_arguments r;
	CHECK(same(mail("FROM:<\xc3\xa9@b.c>", &m), REPLY_UTF8));
	CHECK(same(mail("FROM:<a@\xc3\xa9.c>", &m), REPLY_UTF8));
	CHECK(!mail("FROM:<\xc3\xa9@b.c> SMTPUTF8", &m));
	CHECK(!mail("FROM:<\xc3\xa9@b.c> SIZE=3 smtputf8 body=8bitmime", &m));
	CHECK(m.options.smtputf8);
	CHECK(!mail("FROM:<a@b.c> SMTPUTF8", &m) && m.options.smtputf8);
	CHECK(same(mail("FROM:<a@b.c> SMTPUTF8=1", &m), REPLY_SYNTAX));
	CHECK(same(mail("FROM:<\xc3@b.c> SMTPUTF8", &m), REPLY_BAD_ADDRESS));
	CHECK(same(rcpt("TO:<\xc3\xa9@b.c>", &r), REPLY_UTF8));
	CHECK(!rcpt_utf8("TO:<\xc3\xa9@\xc3\xa9.c>", &r));
	CHECK(same(rcpt_utf8("TO:<a@xn--abc-.c>", &r), REPLY_BAD_RECIPIENT));
	CHECK(!rcpt_utf8("TO:<a@b.c> ORCPT=utf-8;\xc3\xa9@b.c", &r));
	CHECK(same(rcpt("TO:<a@b.c> ORCPT=utf-8;\xc3\xa9@b.c", &r),
	    REPLY_SYNTAX));
}

static void
test_dsn(void)
{
	struct mail_arguments m;
	struct rcpt_arguments r;
	char text[700] = "FROM:<a@b.c> ENVID=";
	CHECK(!mail("FROM:<a@b.c> RET=FULL ENVID=QQ314159", &m));
	CHECK(m.options.ret == DSN_RET_FULL);
	CHECK(same(m.options.envid, "QQ314159"));
	CHECK(!mail("FROM:<a@b.c> ret=hdrs envid=a+20b+3D", &m));
	CHECK(same(m.options.envid, "a+20b+3D"));
	static char const *const wrong[] = { "RET=", "RET", "RET=HEAD",
		"ENVID=", "ENVID", "ENVID=a=b", "ENVID=a+b", "ENVID=a+2",
		"ENVID=a+0Ab", "ENVID=a+0D", "ENVID=a+00", "ENVID=a+7F",
		"ENVID=a+80", "ENVID=a+2b", "ENVID=a\tb", "ENVID=\xc3\xa9",
		"SMTPUTF8 ENVID=\xc3\xa9", "REQUIRETLS=", "REQUIRETLS=1" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(text, sizeof text, "FROM:<a@b.c> %s", wrong[i]);
		CHECK(same(mail(text, &m), REPLY_SYNTAX));
	}
	CHECK(same(mail("FROM:<a@b.c> RET=FULL RET=FULL", &m), REPLY_TWICE));
	snprintf(text, sizeof text, "FROM:<a@b.c> ENVID=%0100d", 0);
	CHECK(!mail(text, &m));
	snprintf(text, sizeof text, "FROM:<a@b.c> ENVID=%0101d", 0);
	CHECK(same(mail(text, &m), REPLY_SYNTAX));

	CHECK(!rcpt("TO:<a@b.c> NOTIFY=NEVER", &r));
	CHECK(r.options.notify == DSN_NEVER);
	CHECK(
	    !rcpt("TO:<a@b.c> notify=Success,delay ORCPT=rfc822;x+2By@z", &r));
	CHECK(r.options.notify == (DSN_SUCCESS | DSN_DELAY));
	CHECK(same(r.options.orcpt, "rfc822;x+2By@z"));
	CHECK(!rcpt("TO:<a@b.c> ORCPT=utf-8;\\x{E9}@b.c", &r));
	CHECK(!rcpt("TO:<a@b.c> ORCPT=rfc822;j+C3+B6rg@b.c", &r));
	static char const *const bad[] = { "NOTIFY=", "NOTIFY", "NOTIFY=,",
		"NOTIFY=SUCCESS,", "NOTIFY=NEVER,DELAY", "NOTIFY=ALWAYS",
		"ORCPT=", "ORCPT", "ORCPT=rfc822", "ORCPT=rfc822;", "ORCPT=;x",
		"ORCPT=a b;x", "ORCPT=rfc822;a+0Ab", "ORCPT=rfc822;a+0D+0Ab",
		"ORCPT=rfc822;a+00", "ORCPT=rfc822;a+C3",
		"ORCPT=rfc822;a+C2+85", "ORCPT=rfc822;a+ED+A0+80",
		"ORCPT=rfc822;\xc3\xa9", "ORCPT=rfc822;a=b", "ORCPT=a@b;x",
		"ORCPT=utf-8;", "ORCPT=utf-8;\\x{A}", "ORCPT=utf-8;\\x{}",
		"ORCPT=utf-8;\\x{9F}", "ORCPT=utf-8;\\x{110000}",
		"ORCPT=utf-8;\\x{D800}", "ORCPT=utf-8;\\x{E9",
		"ORCPT=utf-8;a+2Bb", "ORCPT=utf-8;\xc3" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "TO:<a@b.c> %s", bad[i]);
		CHECK(same(rcpt_utf8(text, &r), REPLY_SYNTAX));
	}
	CHECK(same(rcpt("TO:<a@b.c> NOTIFY=DELAY NOTIFY=DELAY", &r),
	    REPLY_TWICE));
	CHECK(same(rcpt("TO:<a@b.c> SIZE=1", &r), REPLY_PARAMETER));
	snprintf(text, sizeof text, "TO:<a@b.c> ORCPT=rfc822;%0493d", 0);
	CHECK(!rcpt(text, &r));
	snprintf(text, sizeof text, "TO:<a@b.c> ORCPT=rfc822;%0494d", 0);
	CHECK(same(rcpt(text, &r), REPLY_SYNTAX));
}

static void
test_again(void)
{
	CHECK(same(mail_again("FROM:<>"), ""));
	CHECK(same(mail_again("FROM:<> envid=x smtputf8 body=8bitmime size=07 "
	                      "AUTH=<> ret=full  requiretls"),
	    "SIZE=7 BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=FULL ENVID=x"));
	CHECK(same(rcpt_again("TO:<a@b.c>"), ""));
	CHECK(same(rcpt_again("TO:<a@b.c> ORCPT=x;y notify=delay,success"),
	    "NOTIFY=SUCCESS,DELAY ORCPT=x;y"));
}

static void
test_rcpt(void)
{
	struct rcpt_arguments r;
	CHECK(!rcpt("TO:<bob@example.org>", &r));
	CHECK(r.recipient.local_len == 3);
	CHECK(!rcpt("to:<postmaster>", &r) && r.recipient.domain_len == 0);
	CHECK(same(rcpt("TO:<>", &r), REPLY_BAD_RECIPIENT));
	CHECK(same(rcpt("TO:<b@c.d>>", &r), REPLY_SYNTAX));
}

int
main(void)
{
	test_mail();
	test_utf8();
	test_dsn();
	test_again();
	test_rcpt();
	return check_failed;
}
