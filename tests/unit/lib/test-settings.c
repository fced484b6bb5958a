/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../check.h"
#include "lib/settings.h"

static struct settings s;

static int
set(char const *name, char const *value)
{
	char const *why = NULL;
	struct setting const *e = settings_find(name, strlen(name));
	int ok = e && settings_parse(e, value, strlen(value), &s, &why);
	return ok || !why ? ok : -1;
}

int
main(void)
{
	CHECK(settings_defaults(&s) == 1);
	CHECK(s.message_size_limit == 52428800);
	CHECK(strcmp(s.recipient_delimiter, "+") == 0);
	CHECK(s.disable_plaintext_auth && *s.myhostname);
	CHECK(set("message_size_limit", "10k") == 1 &&
	    s.message_size_limit == 10240);
	CHECK(set("message_size_limit", "2G") == 1 &&
	    s.message_size_limit == 2147483648);
	CHECK(set("message_size_limit", "") == -1);
	CHECK(set("message_size_limit", "10m") == -1);
	CHECK(set("message_size_limit", "-1") == -1);
	CHECK(set("message_size_limit", "1 k") == -1);
	CHECK(set("message_size_limit", "99999999999999999999") == -1);
	CHECK(set("message_size_limit", "18446744073709551615G") == -1);
	CHECK(set("smtpd_timeout", "5m") == 1 && s.smtpd_timeout == 300);
	CHECK(set("smtpd_timeout", "1w") == 1 && s.smtpd_timeout == 604800);
	CHECK(set("smtpd_timeout", "5M") == -1);
	CHECK(set("hopcount_limit", "5k") == -1);
	CHECK(set("disable_plaintext_auth", "no") == 1 &&
	    !s.disable_plaintext_auth);
	CHECK(set("disable_plaintext_auth", "nope") == -1);
	CHECK(set("myhostname", "a\nb") == -1);
	CHECK(set("mynetworks", "127.0.0.0/8, [::1]/128") == 1);
	CHECK(set("mynetworks", "127.0.0.0/33") == -1);
	CHECK(set("mynetworks", "localhost") == -1);
	CHECK(set("no_such_setting", "1") == 0);
	for (struct setting const *e = settings_table; e->name; e++) {
		char const *why;
		CHECK(settings_parse(e, e->fallback, strlen(e->fallback), NULL,
		    &why));
		CHECK(settings_find(e->name, strlen(e->name)) == e);
	}
	return check_failed;
}
