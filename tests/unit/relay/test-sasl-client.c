/* SPDX-License-Identifier: ISC */
#include <openssl/evp.h>
#include <string.h>

#include "../check.h"
#include "crypto.h"
#include "relay/sasl-client.h"

static struct bytes
bytes_in(stralloc const *sa)
{
	return (struct bytes){ sa->s ? sa->s : "", sa->len };
}

static char const channel[] = "what the channel exports";

static struct sasl_client
client(enum sasl_mechanism m)
{
	return (struct sasl_client){ .mechanism = m,
		.login = bytes_of("a=b,c"),
		.password = bytes_of("pencil") };
}

static bool
out_is(stralloc const *out, char const *s, size_t len)
{
	return out->len == len && memcmp(out->s, s, len) == 0;
}

static void
test_simple(void)
{
	stralloc out = STRALLOC_ZERO;
	struct sasl_client x = client(SASL_PLAIN);
	CHECK(sasl_client_start(&x, &out) == 1 &&
	    out_is(&out, "\0a=b,c\0pencil", 13) && x.believed);
	CHECK(sasl_client_step(&x, bytes_of("more"), &out) == 0);
	x = client(SASL_LOGIN);
	CHECK(sasl_client_start(&x, &out) == 0);
	CHECK(sasl_client_step(&x, bytes_of("User Name"), &out) == 1 &&
	    out_is(&out, "a=b,c", 5));
	CHECK(sasl_client_step(&x, bytes_of(""), &out) == 1 &&
	    out_is(&out, "pencil", 6));
	CHECK(sasl_client_step(&x, bytes_of(""), &out) == 0);
	/* RFC 2195 section 2 */
	x = client(SASL_CRAM_MD5);
	x.login = bytes_of("tim");
	x.password = bytes_of("tanstaaftanstaaf");
	CHECK(sasl_client_start(&x, &out) == 0);
	CHECK(sasl_client_step(&x,
	          bytes_of("<1896.697170952@postoffice.reston.mci.net>"),
	          &out) == 1 &&
	    out_is(&out, "tim b913a602c7eda7a495b4e6e7334d3890", 36));
	CHECK(sasl_client_step(&x, bytes_of("x"), &out) == 0);
	stralloc_free(&out);
}

/* The server's part by what our own server does it with. */
struct server {
	struct scram_secret secret;
	stralloc first;
	stralloc challenge;
	stralloc auth;
	stralloc nonce;
	char const *header;   /* what the client should say of binding */
	struct bytes binding; /* what it should bind to */
	unsigned char signature[SCRAM_SHA_256];
};

static void
server_challenge(struct server *s, stralloc const *first)
{
	struct scram_first f;
	s->secret = (struct scram_secret){ .rounds = 4096, .salt_len = 4 };
	memcpy(s->secret.salt, "salt", 4);
	CHECK(scram_derive(bytes_of("pencil"), EVP_sha256(), &s->secret));
	CHECK(stralloc_copy(&s->first, first));
	CHECK(scram_client_first(bytes_in(&s->first), &f));
	CHECK(bytes_are(f.gs2, s->header));
	CHECK(f.login_len == 5 && memcmp(f.login, "a=b,c", 5) == 0);
	CHECK(stralloc_copyb(&s->nonce, f.nonce.s, f.nonce.len) &&
	    stralloc_cats(&s->nonce, "server"));
	s->challenge.len = 0;
	CHECK(
	    scram_server_first(bytes_in(&s->nonce), &s->secret, &s->challenge));
	CHECK(stralloc_copyb(&s->auth, f.bare.s, f.bare.len) &&
	    stralloc_append(&s->auth, ',') &&
	    stralloc_cat(&s->auth, &s->challenge) &&
	    stralloc_append(&s->auth, ','));
}

static bool
server_believes(struct server *s, stralloc const *final)
{
	struct scram_final f;
	CHECK(scram_client_final(bytes_in(final), &f));
	CHECK(scram_binding_fits(&f, bytes_of(s->header), s->binding,
	          bytes_in(&s->nonce)) == 1);
	CHECK(stralloc_catb(&s->auth, f.without_proof.s, f.without_proof.len));
	return scram_proof_fits(&s->secret, bytes_in(&s->auth), f.proof,
	    s->signature);
}

static void
converse(struct sasl_client x, char const *header, struct bytes binding,
    bool fits, unsigned char spoil)
{
	struct server s = { .header = header, .binding = binding };
	stralloc out = STRALLOC_ZERO, last = STRALLOC_ZERO;
	CHECK(sasl_client_start(&x, &out) == 1 && !x.believed);
	server_challenge(&s, &out);
	CHECK(sasl_client_step(&x, bytes_in(&s.challenge), &out) == 1);
	CHECK(server_believes(&s, &out) == fits);
	char text[64] = "v=";
	s.signature[0] ^= spoil;
	EVP_EncodeBlock((unsigned char *)text + 2, s.signature,
	    sizeof s.signature);
	CHECK(sasl_client_step(&x, bytes_of(text), &last) == (fits && !spoil));
	CHECK(x.believed == (fits && !spoil));
	sasl_client_free(&x);
	stralloc_free(&s.first);
	stralloc_free(&s.challenge);
	stralloc_free(&s.auth);
	stralloc_free(&s.nonce);
	stralloc_free(&out);
	stralloc_free(&last);
}

static void
test_scram(char const *password, bool fits, unsigned char spoil)
{
	struct sasl_client x = client(SASL_SCRAM_SHA_256);
	x.password = bytes_of(password);
	converse(x, "n,,", bytes_of(""), fits, spoil);
}

/* RFC 5802 section 6. */
static void
test_binding(void)
{
	struct sasl_client x = client(SASL_SCRAM_SHA_256_PLUS);
	x.channel = bytes_of(channel);
	converse(x, "p=tls-exporter,,", x.channel, true, 0);
	x.mechanism = SASL_SCRAM_SHA_256;
	converse(x, "y,,", bytes_of(""), true, 0);
}

/* Challenges that are none, or somebody else's. */
static void
test_bad_challenges(void)
{
	static char const *const bad[] = { "", "r=", "r=x,s=c2FsdA==,i=4096",
		"s=c2FsdA==,i=4096", "r=*,s=,i=4096",
		"r=*x,s=c2FsdA==", "r=*x,s=c2FsdA==,i=0",
		"r=*x,s=c2FsdA==,i=99999999999", "r=*x,s=!,i=4096",
		"r=*,s=c2FsdA==,i=4096", "v=x" };
	stralloc out = STRALLOC_ZERO, text = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sasl_client x = client(SASL_SCRAM_SHA_256);
		CHECK(sasl_client_start(&x, &out) == 1);
		text.len = 0; /* "*" is the client's nonce */
		for (char const *s = bad[i]; *s; s++)
			CHECK(*s == '*'
			        ? stralloc_catb(&text, x.nonce.s, x.nonce.len)
			        : stralloc_append(&text, *s));
		if (sasl_client_step(&x, bytes_in(&text), &out) != 0) {
			fprintf(stderr, "taken: %s\n", bad[i]);
			check_failed = 1;
		}
		sasl_client_free(&x);
	}
	stralloc_free(&out);
	stralloc_free(&text);
}

int
main(void)
{
	CHECK(crypto_start());
	test_simple();
	test_scram("pencil", true, 0);
	test_scram("pencil", true, 1);
	test_scram("pen", false, 0);
	test_binding();
	test_bad_challenges();
	CHECK(sasl_client_choose(0, true) == -1);
	CHECK(sasl_client_choose(1 << SASL_PLAIN | 1 << SASL_LOGIN, true) ==
	    SASL_PLAIN);
	CHECK(sasl_client_choose(1 << SASL_PLAIN | 1 << SASL_SCRAM_SHA_256,
	          true) == SASL_SCRAM_SHA_256);
	CHECK(sasl_client_choose(1 << SASL_SCRAM_SHA_256_PLUS, false) == -1);
	CHECK(sasl_client_choose(SASL_SCRAM, true) == SASL_SCRAM_SHA_256_PLUS);
	CHECK(sasl_client_choose(SASL_SCRAM, false) == SASL_SCRAM_SHA_256);
	return check_failed;
}
