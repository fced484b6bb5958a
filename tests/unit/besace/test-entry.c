/* SPDX-License-Identifier: ISC */
/* What each table's entries become, and which are refused. Texts of errors are
 * for tests/besace-maps.bats. */
#include <stdio.h>
#include <string.h>

#include "besace/entry.h"
#include "tests/unit/check.h"

static struct {
	entry_parser *parse;
	char const *text;
	enum entry_result result;
	char const *key;
	char const *value;
} const cases[] = {
	{ entry_domain, "Example.ORG", ENTRY_GOOD, "example.org", "" },
	{ entry_domain, "example.org OK", ENTRY_GOOD, "example.org", "OK" },
	{ entry_domain, "[192.0.2.1]", ENTRY_WRONG, NULL, NULL },
	{ entry_domain, "a..b", ENTRY_WRONG, NULL, NULL },
	{ entry_domain, "a\tb\x01", ENTRY_WRONG, NULL, NULL },

	{ entry_mailbox, "A@B.c  b.c/a/", ENTRY_GOOD, "a@b.c", "b.c/a" },
	{ entry_mailbox, "\"a b\"@b.c x", ENTRY_GOOD, "a b@b.c", "x" },
	{ entry_mailbox, "@b.c x", ENTRY_GOOD, "@b.c", "x" },
	{ entry_mailbox, "a@b.c x quota=1k", ENTRY_GOOD, "a@b.c",
	    "x\tquota=1024" },
	{ entry_mailbox, "a@b.c ..x/x..", ENTRY_GOOD, "a@b.c", "..x/x.." },
	{ entry_mailbox, "a@b.c ..", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c x/..", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c /", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c x/\x01", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c x quota=1k,7", ENTRY_GOOD, "a@b.c",
	    "x\tquota=1024,7" },
	{ entry_mailbox, "a@b.c x quota=1kS,7", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c x quota=", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@b.c x quota=99999999999999999999", ENTRY_WRONG,
	    NULL, NULL },
	{ entry_mailbox, "A@b.c", ENTRY_GOOD, "a@b.c", "b.c/a" },
	{ entry_mailbox, "a@b.c quota=1k", ENTRY_GOOD, "a@b.c",
	    "b.c/a\tquota=1024" },
	{ entry_mailbox, "@b.c", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "\"a/b\"@b.c", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "\"/\"@b.c", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "a@@b.c x", ENTRY_WRONG, NULL, NULL },
	{ entry_mailbox, "@ x", ENTRY_WRONG, NULL, NULL },

	{ entry_alias, "A@b.c d@E.f,,g@h.i  j@k.l", ENTRY_GOOD, "a@b.c",
	    "d@e.f\ng@h.i\nj@k.l" },
	{ entry_alias, "@b.c d@e.f", ENTRY_GOOD, "@b.c", "d@e.f" },
	{ entry_alias, "a@b.c \"x, y\"@e.f", ENTRY_GOOD, "a@b.c",
	    "\"x, y\"@e.f" },
	{ entry_alias, "b.c anything", ENTRY_IGNORED, NULL, NULL },
	{ entry_alias, "a@b.c ,", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c |cmd", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c \"|cmd\"", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a b@c.d", ENTRY_WRONG, NULL, NULL },

	{ entry_alias, "a@b.c expires=2027-02-19 d@e.f label=x,g@h.i",
	    ENTRY_GOOD, "a@b.c", "d@e.f\ng@h.i\texpires=1802995200\tlabel=x" },
	{ entry_alias, "a@b.c d@e.f expires=2027-02-19T14:03Z", ENTRY_GOOD,
	    "a@b.c", "d@e.f\texpires=1803045780" },
	{ entry_alias, "a@b.c label=x@e.f", ENTRY_GOOD, "a@b.c",
	    "label=x@e.f" },
	{ entry_alias, "a@b.c expires=2027-02-19", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c d@e.f expires=2027-02-30", ENTRY_WRONG, NULL,
	    NULL },
	{ entry_alias, "a@b.c d@e.f expires=2027-02-19T24:00Z", ENTRY_WRONG,
	    NULL, NULL },
	{ entry_alias, "a@b.c d@e.f expires=90d", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c d@e.f expires=", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c d@e.f label=", ENTRY_WRONG, NULL, NULL },
	{ entry_alias, "a@b.c d@e.f label=x label=x", ENTRY_WRONG, NULL, NULL },

	{ entry_sender, "a@b.c X@y.z x2", ENTRY_GOOD, "a@b.c", "x@y.z\nx2" },
	{ entry_sender, "a@b.c", ENTRY_WRONG, NULL, NULL },

	{ entry_certificate, "* c k", ENTRY_GOOD, "*", "c\tk" },
	{ entry_certificate, "*.B.c both", ENTRY_GOOD, "*.b.c", "both\tboth" },
	{ entry_certificate, "*.*.c c k", ENTRY_WRONG, NULL, NULL },
	{ entry_certificate, "b.c", ENTRY_WRONG, NULL, NULL },
	{ entry_certificate, "b.c c k more", ENTRY_WRONG, NULL, NULL },

	{ entry_password, "A:{PLAIN}x", ENTRY_GOOD, "a", "{PLAIN}x\t\t" },
	{ entry_password, "a:{PLAIN}x:1:2:g:/h:/s:label=l  scope=imap,smtp",
	    ENTRY_GOOD, "a", "{PLAIN}x\tl\timap,smtp" },
	{ entry_password, "a:{PLAIN}x::::::userdb_mail=maildir:/x:y",
	    ENTRY_GOOD, "a", "{PLAIN}x\t\t" },
	{ entry_password, "a:{PLAIN}x::::::other=1", ENTRY_DOUBTFUL, "a",
	    "{PLAIN}x\t\t" },
	{ entry_password, "a:{NONE}x", ENTRY_DOUBTFUL, "a", "{NONE}x\t\t" },
	{ entry_password, "a:!", ENTRY_DOUBTFUL, "a", "!\t\t" },
	{ entry_password, "a", ENTRY_WRONG, NULL, NULL },
	{ entry_password, "a::1:2", ENTRY_WRONG, NULL, NULL },
	{ entry_password, "a b:{PLAIN}x", ENTRY_WRONG, NULL, NULL },
	{ entry_password, "a:{PLAIN}x\ty", ENTRY_WRONG, NULL, NULL },
	{ entry_password, "a:{PLAIN}x::::::scope=", ENTRY_WRONG, NULL, NULL },
	{ entry_password, "a:{PLAIN}x::::::scope=imap,pop3", ENTRY_WRONG, NULL,
	    NULL },
	{ entry_password, "a:{PLAIN}x::::::nologin=y", ENTRY_WRONG, NULL,
	    NULL },

	{ entry_dkim_key, "n D.e:S:/f:g", ENTRY_GOOD, "n", "d.e\tS\t/f:g" },
	{ entry_dkim_key, "n %:s:f", ENTRY_GOOD, "n", "%\ts\tf" },
	{ entry_dkim_key, "n d.e:s:", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_key, "n d.e:s", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_key, "n d.e:s:f x", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_key, "n", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_signing, "*@D.e n", ENTRY_GOOD, "d.e", "n" },
	{ entry_dkim_signing, "@d.e n", ENTRY_GOOD, "d.e", "n" },
	{ entry_dkim_signing, "d.e n", ENTRY_GOOD, "d.e", "n" },
	{ entry_dkim_signing, ".d.e n", ENTRY_GOOD, "*.d.e", "n" },
	{ entry_dkim_signing, "*@*.d.e n", ENTRY_GOOD, "*.d.e", "n" },
	{ entry_dkim_signing, "* n", ENTRY_GOOD, "*", "n" },
	{ entry_dkim_signing, "*@* n", ENTRY_GOOD, "*", "n" },
	{ entry_dkim_signing, "a@d.e n", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_signing, "ab*@d.e n", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_signing, "d.e n m", ENTRY_WRONG, NULL, NULL },
	{ entry_dkim_signing, "*. n", ENTRY_WRONG, NULL, NULL },

	{ entry_setting, "myhostname=a b", ENTRY_GOOD, "myhostname", "a b" },
	{ entry_setting, "myhostname =", ENTRY_GOOD, "myhostname", "" },
	{ entry_setting, "myhostname = a=b", ENTRY_GOOD, "myhostname", "a=b" },
	{ entry_setting, "myhostname", ENTRY_WRONG, NULL, NULL },
	{ entry_setting, "= x", ENTRY_WRONG, NULL, NULL },
	{ entry_setting, "MYHOSTNAME = x", ENTRY_WRONG, NULL, NULL },
	{ entry_setting, "smtpd_timeout = 5y", ENTRY_WRONG, NULL, NULL },
};

static int
same(stralloc const *sa, char const *s)
{
	return sa->len == strlen(s) && memcmp(sa->s, s, sa->len) == 0;
}

/* The same struct for all of them: nothing may stay of the entry before. */
int
main(void)
{
	struct entry e = ENTRY_ZERO;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char const *text = cases[i].text;
		e.value.len = 0;
		enum entry_result r = cases[i].parse(text, strlen(text), &e);
		int ok = r == cases[i].result &&
		    (!cases[i].key ||
		        (same(&e.key, cases[i].key) &&
		            same(&e.value, cases[i].value)));
		if (!ok)
			fprintf(stderr, "%zu: %s: %d, key %.*s, value %.*s\n",
			    i, text, r, (int)e.key.len, e.key.s,
			    (int)e.value.len, e.value.s);
		CHECK(ok);
	}
	/* The name that was perhaps meant. */
	char const typo[] = "mesage_size_limit = 1M";
	e.instead = NULL;
	CHECK(entry_setting(typo, sizeof typo - 1, &e) == ENTRY_WRONG);
	CHECK(e.instead && strcmp(e.instead, "message_size_limit") == 0);
	e.instead = NULL;
	CHECK(entry_setting("xyz = 1", 7, &e) == ENTRY_WRONG && !e.instead);
	entry_free(&e);
	return check_failed;
}
