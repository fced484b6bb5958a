/* SPDX-License-Identifier: ISC */
/* The exchange of RFC 7677 section 3, and messages that are none. */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "../check.h"
#include "lib/base64.h"
#include "lib/scram.h"

static char const client_first[] = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
static char const server_nonce[] =
    "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
static char const server_first[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
static char const client_final[] =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
static char const server_proof[] =
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

static int
is_text(struct bytes b, char const *text)
{
	return bytes_are(b, text);
}

/* Hands the parser an exact copy, so that a sanitizer sees a read behind it. */
static int
first(char const *s, size_t len, struct scram_first *f)
{
	static char *copy;
	copy = realloc(copy, len ? len : 1);
	memcpy(copy, s, len);
	return scram_client_first((struct bytes){ copy, len }, f);
}

static int
first_of(char const *s)
{
	struct scram_first f;
	return first(s, strlen(s), &f);
}

static int
final_of(char const *s, struct scram_final *f)
{
	return scram_client_final(bytes_of(s), f);
}

static void
test_rfc_7677(void)
{
	struct scram_first f;
	struct scram_final last;
	struct scram_secret secret = { .rounds = 4096, .salt_len = 16 };
	unsigned char signature[SCRAM_SHA_256];
	stralloc text = STRALLOC_ZERO, salt = STRALLOC_ZERO;
	CHECK(first(client_first, strlen(client_first), &f));
	CHECK(f.flag == 'n' && is_text(f.gs2, "n,,"));
	CHECK(is_text(f.nonce, "rOprNGfwEbeRWgbNEkqO"));
	CHECK(is_text(f.bare, client_first + 3));
	CHECK(f.login_len == 4 && memcmp(f.login, "user", 4) == 0);

	CHECK(base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==", 24, &salt) == 1);
	memcpy(secret.salt, salt.s, 16);
	CHECK(scram_server_first(bytes_of(server_nonce), &secret, &text));
	CHECK(text.len == strlen(server_first) &&
	    memcmp(text.s, server_first, text.len) == 0);

	CHECK(final_of(client_final, &last));
	CHECK(scram_binding_fits(&last, f.gs2, bytes_of(""),
	          bytes_of(server_nonce)) == 1);
	CHECK(scram_binding_fits(&last, bytes_of("y,,"), bytes_of(""),
	          bytes_of(server_nonce)) == 0);
	CHECK(scram_binding_fits(&last, f.gs2, bytes_of("x"),
	          bytes_of(server_nonce)) == 0);
	CHECK(scram_binding_fits(&last, f.gs2, bytes_of(""),
	          bytes_of("rOprNGfwEbeRWgbNEkqO")) == 0);

	text.len = 0;
	stralloc_cats(&text, client_first + 3);
	stralloc_append(&text, ',');
	stralloc_cats(&text, server_first);
	stralloc_append(&text, ',');
	stralloc_catb(&text, last.without_proof.s, last.without_proof.len);
	struct bytes message = { text.s, text.len };
	CHECK(scram_derive(bytes_of("pencil"), EVP_sha256(), &secret));
	CHECK(scram_proof_fits(&secret, message, last.proof, signature));
	salt.len = 0;
	base64_encode((char const *)signature, sizeof signature, &salt);
	CHECK(salt.len == strlen(server_proof) &&
	    memcmp(salt.s, server_proof, salt.len) == 0);
	last.proof[31] ^= 1;
	CHECK(!scram_proof_fits(&secret, message, last.proof, signature));
	last.proof[31] ^= 1;
	message.len--;
	CHECK(!scram_proof_fits(&secret, message, last.proof, signature));
	stralloc_free(&text);
	stralloc_free(&salt);
}

static void
test_stored_form(void)
{
	struct scram_secret one = { .rounds = 77, .salt_len = 3 };
	struct scram_secret two;
	stralloc text = STRALLOC_ZERO;
	memcpy(one.salt, "abc", 3);
	CHECK(scram_derive(bytes_of("x"), EVP_sha256(), &one));
	CHECK(scram_format(&one, EVP_sha256(), &text));
	CHECK(scram_parse((struct bytes){ text.s, text.len }, EVP_sha256(),
	    &two));
	CHECK(scram_same_salt(&one, &two));
	CHECK(memcmp(one.stored_key, two.stored_key, SCRAM_SHA_256) == 0);
	CHECK(memcmp(one.server_key, two.server_key, SCRAM_SHA_256) == 0);
	two.salt[2]++;
	CHECK(!scram_same_salt(&one, &two));
	for (size_t len = 0; len < text.len; len++)
		CHECK(!scram_parse((struct bytes){ text.s, len }, EVP_sha256(),
		    &two));
	stralloc_free(&text);
}

static void
test_client_first(void)
{
	struct scram_first f;
	char long_name[2000];
	CHECK(first_of("y,,n=u,r=x"));
	CHECK(first_of("n,a=u,n=U,r=x"));
	CHECK(first_of("n,a=a=2Cb,n=a=2Cb,r=x"));
	CHECK(first_of("n,,n=u,r=x,ext=1"));
	CHECK(first("p=tls-exporter,,n=u,r=x", 23, &f));
	CHECK(f.flag == 'p' && is_text(f.binding, "tls-exporter") &&
	    is_text(f.gs2, "p=tls-exporter,,"));
	CHECK(first("n,,n=a=2Cb=3Dc,r=x", 18, &f));
	CHECK(f.login_len == 5 && memcmp(f.login, "a,b=c", 5) == 0);
	CHECK(!first_of(""));
	CHECK(!first_of("n"));
	CHECK(!first_of("n,,"));
	CHECK(!first_of("n,n=u,r=x"));
	CHECK(!first_of("x,,n=u,r=x"));
	CHECK(!first_of("nn,,n=u,r=x"));
	CHECK(!first_of("p,,n=u,r=x"));
	CHECK(!first_of("n,b=u,n=u,r=x"));
	CHECK(!first_of("n,a=other,n=u,r=x"));
	CHECK(!first_of("n,,m=ext,n=u,r=x"));
	CHECK(!first_of("n,,n=,r=x"));
	CHECK(!first_of("n,,n=u,r="));
	CHECK(!first_of("n,,n=u"));
	CHECK(!first_of("n,,r=x,n=u"));
	CHECK(!first_of("n,,n=a=b,r=x"));
	CHECK(!first_of("n,,n=a=,r=x"));
	CHECK(!first_of("n,,n=a=2c,r=x"));
	CHECK(!first_of("n,,n=a\tb,r=x"));
	CHECK(!first_of("n,,n=a\r\nb,r=x"));
	CHECK(!first_of("n,,n=u,r=x y"));
	CHECK(!first_of("n,,n=u,r=x\x80"));
	CHECK(!first("n,,n=a\0b,r=x", 12, &f));
	memset(long_name, 'a', sizeof long_name);
	memcpy(long_name, "n,,n=", 5);
	memcpy(long_name + 1990, ",r=x", 4);
	CHECK(!first(long_name, 1994, &f));
	memcpy(long_name, "n,,n=u,r=", 9);
	CHECK(!first(long_name, 1990, &f));
	for (size_t len = 0; len + 1 < sizeof client_first; len++)
		first(client_first, len, &f);
}

static void
test_client_final(void)
{
	struct scram_final f;
	char piece[sizeof client_final];
	CHECK(final_of(client_final, &f));
	CHECK(is_text(f.binding, "biws") && is_text(f.nonce, server_nonce));
	CHECK(f.without_proof.len == strlen(client_final) - 47);
	CHECK(final_of("c=biws,r=a,x=y,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmi"
	               "z7AndVQ=",
	    &f));
	CHECK(!final_of("c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	    &f));
	CHECK(!final_of("r=a,c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7An"
	                "dVQ=",
	    &f));
	CHECK(!final_of("c=biws,r=a,p=AAAA", &f));
	CHECK(!final_of("c=biws,r=a,p=", &f));
	CHECK(!final_of("c=biws,r=a,p", &f));
	CHECK(!final_of("c=biws,r=a", &f));
	CHECK(!final_of("c=biws,r=p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndV"
	                "Q=",
	    &f));
	for (size_t len = 0; len + 1 < sizeof client_final; len++) {
		memcpy(piece, client_final, len);
		CHECK(!scram_client_final((struct bytes){ piece, len }, &f));
	}
}

int
main(void)
{
	test_rfc_7677();
	test_stored_form();
	test_client_first();
	test_client_final();
	return check_failed;
}
