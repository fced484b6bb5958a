/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"
#include "lib/srs-kept.h"
#include "lib/srs-secrets.h"

static struct srs us = {
	.secrets = { "the first secret", "an older secret" },
	.count = 2,
	.domain = "us.test",
	.today = 20000,
	.days = 21,
};

static struct address
parse(char const *s)
{
	struct address a;
	if (!address_parse(s, strlen(s), &a))
		a = (struct address){ 0 };
	return a;
}

static char const *
write_out(struct address const *a)
{
	static stralloc sa = STRALLOC_ZERO;
	sa.len = 0;
	return address_format(a, &sa) && stralloc_0(&sa) ? sa.s : "";
}

/* The result of S sent on; "" when it is too long. */
static char const *
forward(char const *s)
{
	struct address a = parse(s), out;
	return srs_forward(&us, &a, &out) == SRS_OK ? write_out(&out) : "";
}

static char const *
back(char const *s)
{
	static char const *const names[] = { "ok", "none", "forged", "expired",
		"named", "too long" };
	struct address a = parse(s), out;
	enum srs_result r = srs_return(&us, &a, &out);
	return r == SRS_OK ? write_out(&out) : names[r];
}

static bool
same(char const *a, char const *b)
{
	if (strcmp(a, b) == 0)
		return true;
	fprintf(stderr, "%s, not %s\n", a, b);
	return false;
}

/* S goes out in this form (* is an octet of the hash) and comes back as BACK.
 */
static bool
goes(char const *s, char const *form, char const *wanted)
{
	char out[ADDRESS_MAX + 1];
	snprintf(out, sizeof out, "%s", forward(s));
	bool ok = strlen(out) == strlen(form);
	for (size_t i = 0; ok && out[i]; i++)
		ok = out[i] == form[i] || form[i] == '*';
	return (ok || same(out, form)) && same(back(out), wanted);
}

static void
test_forms(void)
{
	/* 20000 % 1024 is 544, 17 * 32 */
	CHECK(goes("alice@a.test", "SRS0=******=ra=a.test=alice@us.test",
	    "alice@a.test"));
	CHECK(goes("a=b+c=@a.test", "SRS0=******=ra=a.test=a=b+c=@us.test",
	    "a=b+c=@a.test"));
	CHECK(goes("\"a b\"@a.test", "\"SRS0=******=ra=a.test=a b\"@us.test",
	    "\"a b\"@a.test"));
	CHECK(goes("a@[192.0.2.1]", "\"SRS0=******=ra=[192.0.2.1]=a\"@us.test",
	    "a@[192.0.2.1]"));
	CHECK(goes("\xc3\xa9@a.test", "SRS0=******=ra=a.test=\xc3\xa9@us.test",
	    "\xc3\xa9@a.test"));
	CHECK(goes("a@b\xc3\xbc"
	           "cher.test",
	    "SRS0=******=ra=xn--bcher-kva.test=a@us.test",
	    "a@xn--bcher-kva.test"));
}

/* What other programs write: libsrs2 and postsrsd with each separator. */
static void
test_others(void)
{
	CHECK(goes("SRS0=Hash=T2=a.test=alice@them.test",
	    "SRS1=******=them.test==Hash=T2=a.test=alice@us.test",
	    "SRS0=Hash=T2=a.test=alice@them.test"));
	CHECK(goes("SRS0+9y+4=T2=a.test=alice@them.test",
	    "SRS1=******=them.test=+9y+4=T2=a.test=alice@us.test",
	    "SRS0+9y+4=T2=a.test=alice@them.test"));
	CHECK(goes("srs0-Hash=T2=a.test=alice@them.test",
	    "SRS1=******=them.test=-Hash=T2=a.test=alice@us.test",
	    "SRS0-Hash=T2=a.test=alice@them.test"));
	/* the one between goes out of the chain */
	CHECK(goes("SRS1=Hash=them.test==Hash=T2=a.test=alice@others.test",
	    "SRS1=******=them.test==Hash=T2=a.test=alice@us.test",
	    "SRS0=Hash=T2=a.test=alice@them.test"));
	CHECK(goes("SRS1+Hash=them.test=-Hash=T2=a.test=a@others.test",
	    "SRS1=******=them.test=-Hash=T2=a.test=a@us.test",
	    "SRS0-Hash=T2=a.test=a@them.test"));
	/* no SRS, in spite of its beginning */
	CHECK(goes("SRS1=x@a.test", "SRS0=******=ra=a.test=SRS1=x@us.test",
	    "SRS1=x@a.test"));
	CHECK(goes("SRS1=h=x=y@a.test",
	    "SRS0=******=ra=a.test=SRS1=h=x=y@us.test", "SRS1=h=x=y@a.test"));
	CHECK(goes("srs0@a.test", "SRS0=******=ra=a.test=srs0@us.test",
	    "srs0@a.test"));
}

static void
test_is(void)
{
	struct address a = parse("srs0+x@a.test"), b = parse("SRS1-@a.test");
	struct address c = parse("srs2=x@a.test"), d = parse("srs0@a.test");
	CHECK(srs_is(&a) && srs_is(&b) && !srs_is(&c) && !srs_is(&d));
}

static void
test_length(void)
{
	char s[128];
	snprintf(s, sizeof s, "%0*d@a.test", 64 - 22, 7);
	CHECK(strlen(forward(s)) == 64 + strlen("@us.test"));
	CHECK(same(back(forward(s)), s));
	snprintf(s, sizeof s, "%0*d@a.test", 65 - 22, 7);
	CHECK(same(forward(s), ""));
}

/* Every octet but for letter case and the first separator, and each cut. */
/* A long one is kept, in as many pieces as it takes. */
static void
test_kept(char *var)
{
	struct address a, out, back_again;
	char s[ADDRESS_MAX + 1];
	setenv("BESACE_VAR", var, 1);
	us.today = (uint64_t)time(NULL) / 86400;
	for (int label = 0; label < 4; label++) {
		size_t n = (size_t)snprintf(s, sizeof s, "%064d@a", label);
		for (int i = 0; i <= label; i++)
			n += (size_t)snprintf(s + n, sizeof s - n, ".%060d", i);
		a = parse(s);
		CHECK(srs_forward(&us, &a, &out) == SRS_TOO_LONG);
		CHECK(srs_send_on(&us, &a, &out) == SRS_OK);
		CHECK(out.local_len == 5 + 6 + 1 + 2 + 2 + SRS_NAME);
		CHECK(srs_return(&us, &out, &back_again) == SRS_NAMED);
		snprintf(s, sizeof s, "%s", write_out(&out));
		for (char *p = s; *p != '@'; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		out = parse(s);
		CHECK(srs_bring_back(&us, &out, &back_again) == SRS_OK);
		CHECK(back_again.local_len == 64 &&
		    !memcmp(back_again.local, a.local, 64) &&
		    back_again.domain_len == a.domain_len &&
		    !memcmp(back_again.domain, a.domain, a.domain_len));
	}
	a = parse("a@a.test");
	CHECK(srs_send_on(&us, &a, &out) == SRS_OK);
	CHECK(srs_bring_back(&us, &out, &back_again) == SRS_OK);
	/* one that nobody kept */
	CHECK(srs_forward_name(&us, "abcdefghabcdefgh", &out) == SRS_OK);
	CHECK(srs_bring_back(&us, &out, &back_again) == SRS_EXPIRED);
	us.today = 20000;
	snprintf(s, sizeof s, "%s/reverse-paths", var);
	unlink(s);
}

static void
test_forged(void)
{
	char good[ADDRESS_MAX + 1], s[ADDRESS_MAX + 1];
	snprintf(good, sizeof good, "%s", forward("alice@a.test"));
	size_t local = strcspn(good, "@");
	for (size_t i = 5; i < local; i++) {
		strcpy(s, good);
		s[i] = s[i] == 'x' ? 'y' : 'x';
		CHECK(same(back(s), "forged"));
	}
	for (size_t n = 5; n < local; n++) {
		snprintf(s, sizeof s, "%.*s@us.test", (int)n, good);
		CHECK(good[n - 1] == '.' || same(back(s), "forged"));
	}
	for (size_t i = 0; i <= strlen(good); i++)
		s[i] = good[i] >= 'a' && good[i] <= 'z'
		    ? (char)(good[i] - 'a' + 'A')
		    : good[i];
	CHECK(same(back(s), "ALICE@a.test"));
	s[4] = '+';
	CHECK(same(back(s), "ALICE@a.test"));
	strcpy(strchr(s, '@'), "@them.test");
	CHECK(same(back(s), "none"));
	CHECK(same(back("alice@us.test"), "none"));
	CHECK(same(back("SRS0=@us.test"), "forged"));
	CHECK(same(back("SRS1=x@us.test"), "forged"));
	/* one kind's hash is not the other's */
	strcpy(s, forward("SRS0=a=b=c@them.test"));
	s[3] = '0';
	CHECK(same(back(s), "forged"));
}

static void
test_time(void)
{
	char s[ADDRESS_MAX + 1], second[ADDRESS_MAX + 1];
	snprintf(s, sizeof s, "%s", forward("a@a.test"));
	snprintf(second, sizeof second, "%s", forward("SRS0=a=b=c=d@x.test"));
	us.today += us.days;
	CHECK(same(back(s), "a@a.test"));
	us.today++;
	CHECK(same(back(s), "expired"));
	CHECK(same(back(second), "SRS0=a=b=c=d@x.test"));
	us.today -= us.days + 2; /* made tomorrow */
	CHECK(same(back(s), "expired"));
	us.today++;
}

static void
test_secrets(void)
{
	char s[ADDRESS_MAX + 1];
	struct srs before = us;
	snprintf(s, sizeof s, "%s", forward("a@a.test"));
	memcpy(us.secrets[1], us.secrets[0], SRS_SECRET);
	memset(us.secrets[0], 'x', SRS_SECRET);
	CHECK(strcmp(s, forward("a@a.test")) != 0);
	CHECK(same(back(s), "a@a.test"));
	us.count = 1;
	CHECK(same(back(s), "forged"));
	us.count = 0;
	CHECK(same(back(s), "forged"));
	us = before;
}

/* --- the file ----------------------------------------------------------- */

static void
file_with(char const *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/srs-secrets", getenv("BESACE_VAR"));
	FILE *f = fopen(path, "w");
	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static char const *
line(uint64_t made, char digit)
{
	static char s[4][128];
	static size_t n;
	n = (n + 1) % 4;
	int len = snprintf(s[n], sizeof *s, "%llu ", (unsigned long long)made);
	memset(s[n] + len, digit, 2 * SRS_SECRET);
	strcpy(s[n] + len + 2 * SRS_SECRET, "\n");
	return s[n];
}

static void
test_file(char *var)
{
	struct settings settings = {
		.srs_domain = "",
		.myhostname = "us.test",
		.srs_max_age = 10 * 86400,
	};
	struct srs s, again;
	char path[512], text[512];
	struct stat st;
	uint64_t now = (uint64_t)time(NULL), day = 86400;
	setenv("BESACE_VAR", var, 1);
	snprintf(path, sizeof path, "%s/srs-secrets", var);
	CHECK(srs_open(&s, &settings) && s.count == 0 && s.days == 10);
	CHECK(access(path, F_OK) != 0);
	CHECK(srs_open_to_sign(&s, &settings) && s.count == 1);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(srs_open_to_sign(&again, &settings) && again.count == 1 &&
	    !memcmp(s.secrets, again.secrets, SRS_SECRET));
	/* the newest is old, one has had its time */
	snprintf(text, sizeof text, "%s%s%s", line(now - 10 * day, 'a'),
	    line(now - 19 * day, 'b'), line(now - 20 * day, 'c'));
	file_with(text);
	CHECK(srs_open(&s, &settings) && s.count == 3);
	CHECK(srs_open_to_sign(&s, &settings) && s.count == 3);
	CHECK(s.secrets[0][0] != 0xaa && s.secrets[1][0] == 0xaa &&
	    s.secrets[2][0] == 0xbb);
	file_with("");
	CHECK(srs_open_to_sign(&s, &settings) && s.count == 1);
	char const *damaged[] = { "x", "1 ab\n", " \n", "\n",
		"99999999999999999999999 ab\n" };
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		file_with(damaged[i]);
		CHECK(!srs_open(&s, &settings));
		CHECK(!srs_open_to_sign(&s, &settings));
	}
	unlink(path);
	setenv("BESACE_VAR", "/nonexistent", 1);
	CHECK(!srs_open_to_sign(&s, &settings));
}

int
main(void)
{
	char var[] = "/tmp/test-srs.XXXXXX";
	if (!mkdtemp(var))
		return 1;
	test_forms();
	test_others();
	test_is();
	test_length();
	test_forged();
	test_time();
	test_secrets();
	test_kept(var);
	test_file(var);
	rmdir(var);
	return check_failed;
}
