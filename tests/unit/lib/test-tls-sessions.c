/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/tls-sessions.h"

static bool
parses(char const *line)
{
	struct tls_session s;
	return tls_session_parse(bytes_of(line), &s);
}

/* What is written is read back, whatever is in it. */
static void
test_round_trip(void)
{
	static char const nasty[] = "a\tb\nc%25%d\x01\x7f\xff \"\\";
	stralloc line = STRALLOC_ZERO, value = STRALLOC_ZERO;
	struct tls_session s;
	enum tls_field field;
	CHECK(tls_session_put(&line, TLS_FIELD_DOMAIN, "example.net"));
	CHECK(tls_session_put(&line, TLS_FIELD_POLICY_TYPE, "sts"));
	CHECK(tls_session_put(&line, TLS_FIELD_POLICY_DOMAIN, "example.net"));
	CHECK(tls_session_put(&line, TLS_FIELD_POLICY_STRING, nasty));
	CHECK(tls_session_put(&line, TLS_FIELD_POLICY_STRING, "mode: enforce"));
	CHECK(tls_session_put(&line, TLS_FIELD_MX_HOST, "*.example.net"));
	CHECK(tls_session_put(&line, TLS_FIELD_RESULT, "certificate-expired"));
	CHECK(tls_session_put(&line, TLS_FIELD_SENDING_IP, NULL));
	CHECK(tls_session_put(&line, TLS_FIELD_REASON, nasty));
	for (size_t i = 0; i < line.len; i++)
		CHECK((line.s[i] & 0xe0) != 0 || line.s[i] == '\t');
	CHECK(tls_session_parse((struct bytes){ line.s, line.len }, &s));
	CHECK(bytes_are(s.domain, "example.net"));
	CHECK(bytes_are(s.result, "certificate-expired"));
	CHECK(tls_session_next(&s.policy, &field, &value) == 1 &&
	    field == TLS_FIELD_POLICY_TYPE && value.len == 3);
	CHECK(tls_session_next(&s.policy, &field, &value) == 1 &&
	    field == TLS_FIELD_POLICY_DOMAIN);
	CHECK(tls_session_next(&s.policy, &field, &value) == 1 &&
	    field == TLS_FIELD_POLICY_STRING && value.len == strlen(nasty) &&
	    memcmp(value.s, nasty, value.len) == 0);
	CHECK(tls_session_next(&s.policy, &field, &value) == 1 &&
	    field == TLS_FIELD_POLICY_STRING);
	CHECK(tls_session_next(&s.policy, &field, &value) == 1 &&
	    field == TLS_FIELD_MX_HOST);
	CHECK(tls_session_next(&s.policy, &field, &value) == 0);
	CHECK(tls_session_next(&s.details, &field, &value) == 1 &&
	    field == TLS_FIELD_REASON && value.len == strlen(nasty) &&
	    memcmp(value.s, nasty, value.len) == 0);
	CHECK(tls_session_next(&s.details, &field, &value) == 0);
	stralloc_free(&line);
	stralloc_free(&value);
}

/* However much is put into it, a line stays one that is read. */
static void
test_long(void)
{
	char text[1000];
	stralloc line = STRALLOC_ZERO;
	struct tls_session s;
	memset(text, '\n', sizeof text - 1);
	text[sizeof text - 1] = 0;
	tls_session_put(&line, TLS_FIELD_DOMAIN, "example.net");
	tls_session_put(&line, TLS_FIELD_POLICY_TYPE, "sts");
	for (int i = 0; i < 50; i++)
		tls_session_put(&line, TLS_FIELD_POLICY_STRING, text);
	for (int i = 0; i < 50; i++)
		tls_session_put(&line, TLS_FIELD_MX_HOST, "mx.example.net");
	tls_session_put(&line, TLS_FIELD_RESULT, "validation-failure");
	CHECK(line.len < TLS_SESSION_MAX);
	tls_session_put(&line, TLS_FIELD_REASON, text);
	CHECK(line.len < TLS_SESSION_MAX);
	CHECK(tls_session_parse((struct bytes){ line.s, line.len }, &s));
	CHECK(bytes_are(s.result, "validation-failure"));
	stralloc_free(&line);
}

static void
test_lines(void)
{
	CHECK(parses("domain=a.b\tpolicy-type=tlsa\tresult=success"));
	CHECK(!parses(""));
	CHECK(!parses("domain=a.b\tpolicy-type=tlsa"));
	CHECK(!parses("domain=a.b\tresult=success"));
	CHECK(!parses("policy-type=tlsa\tresult=success"));
	CHECK(!parses("domain=a b\tpolicy-type=tlsa\tresult=success"));
	CHECK(!parses("domain=\tpolicy-type=tlsa\tresult=success"));
	CHECK(!parses("domain=a.b\tpolicy-type=tlsa\tresult="));
	/* two that a cut one made one of */
	CHECK(!parses("domain=a.b\tpolicy-tdomain=a.b\tpolicy-type=tlsa\t"
	              "result=success"));
	CHECK(!parses("domain=a.b\tpolicy-type=sts\tresult=succdomain=a.b\t"
	              "policy-type=tlsa\tresult=success"));
	CHECK(!parses("domain=a.b\tpolicy-type=tlsa\tresult=success\tx=y"));
}

static void
test_days(void)
{
	char day[TLS_SESSIONS_DAY];
	int64_t start;
	tls_sessions_day(1795269878, day);
	CHECK(strcmp(day, "2026-11-21") == 0);
	CHECK(tls_sessions_start(day, &start) && start == 1795219200);
	CHECK(!tls_sessions_start("2026-02-30", &start));
	CHECK(!tls_sessions_start("2026-11-2", &start));
	CHECK(!tls_sessions_start("2026-11-21x", &start));
	CHECK(!tls_sessions_start("", &start));
}

int
main(void)
{
	test_round_trip();
	test_long();
	test_lines();
	test_days();
	return check_failed;
}
