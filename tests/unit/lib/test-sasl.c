/* SPDX-License-Identifier: ISC */
/* The formats, and whole exchanges against a back that is made here. */
#include <string.h>

#include "../check.h"
#include "lib/front.h"
#include "lib/sasl.h"

#define S(s) ((struct bytes){ (s), sizeof(s) - 1 })

/* --- formats -------------------------------------------------------------- */

static struct bytes login;
static struct bytes password;

static int
plain(struct bytes s)
{
	return sasl_plain(s, &login, &password);
}

static void
test_plain_format(void)
{
	CHECK(plain(S("\0alice\0secret")));
	CHECK(bytes_are(login, "alice") && bytes_are(password, "secret"));
	CHECK(plain(S("Alice\0alice\0secret")));
	CHECK(plain(S("\0alice\0")) && password.len == 0);
	CHECK(!plain(S("bob\0alice\0secret")));
	CHECK(!plain(S("")));
	CHECK(!plain(S("\0alice")));
	CHECK(!plain(S("alice")));
	CHECK(!plain(S("\0\0secret")));
	CHECK(!plain(S("\0alice\0secret\0more")));
}

static void
test_sets(void)
{
	static char const all[] =
	    "plain login cram-md5 scram-sha-256 scram-sha-256-plus";
	sasl_set set;
	stralloc text = STRALLOC_ZERO;
	CHECK(sasl_parse_set(all, strlen(all), &set));
	CHECK(set == (1 << SASL_MECHANISMS) - 1);
	CHECK(sasl_parse_set(" PLAIN,\tLogin ", 14, &set));
	CHECK(set == SASL_PLAINTEXT);
	CHECK(sasl_parse_set("", 0, &set) && set == 0);
	CHECK(!sasl_parse_set("plain gssapi", 12, &set));
	CHECK(!sasl_parse_set("plai", 4, &set));
	CHECK(sasl_format_set(1 << SASL_PLAIN | 1 << SASL_CRAM_MD5,
	    " AUTH=", &text));
	CHECK(text.len == 25 &&
	    memcmp(text.s, " AUTH=PLAIN AUTH=CRAM-MD5", 25) == 0);
	stralloc_free(&text);
	CHECK(sasl_find("scram-sha-256", 13) == SASL_SCRAM_SHA_256);
	CHECK(sasl_find("SCRAM-SHA-256-PLUS", 13) == SASL_SCRAM_SHA_256);
	CHECK(sasl_find("SCRAM", 5) == -1);
}

static void
test_offer(void)
{
	sasl_set all = (1 << SASL_MECHANISMS) - 1;
	sasl_set cram = 1 << SASL_CRAM_MD5, scram = 1 << SASL_SCRAM_SHA_256;
	CHECK(sasl_offer(all, cram | scram, true, true) == all);
	CHECK(sasl_offer(all, 0, true, true) == SASL_PLAINTEXT);
	CHECK(sasl_offer(all, cram | scram, false, false) == (cram | scram));
	CHECK(sasl_offer(all, cram, false, true) == cram);
	CHECK(sasl_offer(cram, scram, true, true) == 0);
	CHECK(sasl_offer(all, scram, false, true) == SASL_SCRAM);
}

/* --- exchanges ------------------------------------------------------------ */

struct fake {
	int answer; /* to REQUEST_LOGIN */
	int challenge;
	char said[256]; /* what it was asked last */
};

static void
note(struct fake *f, char const *what, struct channel_field const *fields)
{
	snprintf(f->said, sizeof f->said, "%s %.*s %.*s", what,
	    (int)fields[0].len, fields[0].s, (int)fields[1].len, fields[1].s);
}

static int
ask(void *arg, uint8_t type, struct channel_field const *fields,
    unsigned int count, stralloc *text)
{
	struct fake *f = arg;
	CHECK(count == 4);
	text->len = 0;
	if (type == REQUEST_CHALLENGE) {
		note(f, "challenge", fields);
		if (fields[2].len)
			stralloc_cats(text, "r=");
		stralloc_catb(text, fields[2].s, fields[2].len);
		stralloc_cats(text, "more,s=AAAA,i=1");
		return f->challenge;
	}
	note(f, type == REQUEST_LOGIN ? "login" : "refuse", fields);
	stralloc_copys(text, "v=AAAA");
	return type == REQUEST_LOGIN ? f->answer : REPLY_NO;
}

static struct fake fake = { .answer = REPLY_YES, .challenge = REPLY_YES };
static struct sasl exchange;
static stralloc challenge = STRALLOC_ZERO;

static void
start(enum sasl_mechanism m)
{
	sasl_free(&exchange);
	exchange = (struct sasl){ .mechanism = m,
		.channel = bytes_of("0123"),
		.ask = ask,
		.arg = &fake };
	fake.said[0] = 0;
}

/* One step; whether it went so. NULL: no initial response; nothing wanted. */
static bool
step(struct bytes const *response, enum sasl_result wanted, char const *text)
{
	return sasl_step(&exchange, response, &challenge) == wanted &&
	    (!text ||
	        bytes_are((struct bytes){ challenge.s, challenge.len }, text));
}

static bool
says(struct bytes response, enum sasl_result wanted, char const *text)
{
	return step(&response, wanted, text);
}

static bool
asked(char const *what)
{
	return strcmp(fake.said, what) == 0;
}

static void
test_plain_and_login(void)
{
	start(SASL_PLAIN);
	CHECK(step(NULL, SASL_CONTINUE, ""));
	CHECK(says(S("\0alice\0x"), SASL_OK, NULL));
	CHECK(asked("login PLAIN alice"));
	start(SASL_PLAIN);
	CHECK(says(S(""), SASL_WRONG, NULL));
	CHECK(asked("refuse PLAIN "));
	start(SASL_LOGIN);
	CHECK(step(NULL, SASL_CONTINUE, "Username:"));
	CHECK(says(S("alice"), SASL_CONTINUE, "Password:"));
	CHECK(says(S("x"), SASL_OK, NULL));
	CHECK(asked("login LOGIN alice"));
	start(SASL_LOGIN);
	CHECK(says(S("alice"), SASL_CONTINUE, "Password:"));
	fake.answer = REPLY_LATER;
	CHECK(says(S("x"), SASL_LATER, NULL));
	fake.answer = REPLY_YES;
}

static void
test_cram_md5(void)
{
	start(SASL_CRAM_MD5);
	CHECK(says(S("alice"), SASL_NOT_INITIAL, NULL));
	start(SASL_CRAM_MD5);
	CHECK(step(NULL, SASL_CONTINUE, "more,s=AAAA,i=1"));
	CHECK(says(S("tim b913a602c7eda7a495b4e6e7334d3890"), SASL_OK, NULL));
	CHECK(asked("login CRAM-MD5 tim"));
	start(SASL_CRAM_MD5);
	CHECK(step(NULL, SASL_CONTINUE, NULL));
	CHECK(says(S("tim"), SASL_WRONG, NULL));
	CHECK(asked("refuse CRAM-MD5 "));
	start(SASL_CRAM_MD5);
	fake.challenge = REPLY_LATER;
	CHECK(step(NULL, SASL_LATER, NULL));
	fake.challenge = REPLY_YES;
}

#define PROOF ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static void
test_scram(void)
{
	start(SASL_SCRAM_SHA_256);
	CHECK(step(NULL, SASL_CONTINUE, ""));
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, "r=xmore,s=AAAA,i=1"));
	CHECK(asked("challenge SCRAM-SHA-256 alice"));
	CHECK(says(S("c=biws,r=xmore" PROOF), SASL_CONTINUE, "v=AAAA"));
	CHECK(asked("login SCRAM-SHA-256 alice"));
	CHECK(says(S(""), SASL_OK, NULL));

	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, NULL));
	CHECK(says(S("c=biws,r=xmore" PROOF), SASL_CONTINUE, NULL));
	CHECK(says(S("more"), SASL_WRONG, NULL));
	CHECK(asked("refuse SCRAM-SHA-256 alice"));

	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, NULL));
	CHECK(says(S("c=biws,r=x" PROOF), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, NULL));
	CHECK(says(S("c=eSws,r=xmore" PROOF), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, NULL));
	fake.answer = REPLY_NO;
	CHECK(says(S("c=biws,r=xmore" PROOF), SASL_WRONG, NULL));
	fake.answer = REPLY_YES;
	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("rubbish"), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256);
	fake.challenge = REPLY_LATER;
	CHECK(says(S("n,,n=alice,r=x"), SASL_LATER, NULL));
	fake.challenge = REPLY_YES;
}

/* RFC 5802 section 6. */
static void
test_binding(void)
{
	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("y,,n=alice,r=x"), SASL_CONTINUE, NULL));
	start(SASL_SCRAM_SHA_256);
	exchange.plus_offered = true;
	CHECK(says(S("y,,n=alice,r=x"), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256);
	exchange.plus_offered = true;
	CHECK(says(S("n,,n=alice,r=x"), SASL_CONTINUE, NULL));
	start(SASL_SCRAM_SHA_256);
	CHECK(says(S("p=tls-exporter,,n=alice,r=x"), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256_PLUS);
	CHECK(says(S("n,,n=alice,r=x"), SASL_WRONG, NULL));
	start(SASL_SCRAM_SHA_256_PLUS);
	CHECK(says(S("p=tls-unique,,n=alice,r=x"), SASL_WRONG, NULL));

	/* base64 of "p=tls-exporter,,0123" */
	start(SASL_SCRAM_SHA_256_PLUS);
	CHECK(says(S("p=tls-exporter,,n=alice,r=x"), SASL_CONTINUE, NULL));
	CHECK(says(S("c=cD10bHMtZXhwb3J0ZXIsLDAxMjM=,r=xmore" PROOF),
	    SASL_CONTINUE, NULL));
	CHECK(asked("login SCRAM-SHA-256-PLUS alice"));
	/* of "p=tls-exporter,,0124" */
	start(SASL_SCRAM_SHA_256_PLUS);
	CHECK(says(S("p=tls-exporter,,n=alice,r=x"), SASL_CONTINUE, NULL));
	CHECK(says(S("c=cD10bHMtZXhwb3J0ZXIsLDAxMjQ=,r=xmore" PROOF),
	    SASL_WRONG, NULL));
}

int
main(void)
{
	test_plain_format();
	test_sets();
	test_offer();
	test_plain_and_login();
	test_cram_md5();
	test_scram();
	test_binding();
	return check_failed;
}
