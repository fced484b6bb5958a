/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../check.h"
#include "lib/der.h"
#include "lib/private-key.h"

#define B(s) ((struct bytes){ (s), sizeof(s) - 1 })

static void
test_der(void)
{
	struct bytes value, rest = B("\x04\x02hi\x02\x01\x05");
	CHECK(!der_take(&rest, DER_INTEGER, &value) && rest.len == 7);
	CHECK(der_take(&rest, DER_OCTET_STRING, &value));
	CHECK(bytes_are(value, "hi") && rest.len == 3);
	CHECK(der_take_number(&rest, &value) && value.len == 1 && !rest.len);
	CHECK(!der_take(&rest, DER_INTEGER, &value));
	static struct bytes const bad[] = {
		B("\x04"),                 /* no length */
		B("\x04\x02h"),            /* cut */
		B("\x04\x80"),             /* without an end */
		B("\x04\x81"),             /* cut length */
		B("\x04\x81\x02hi"),       /* too long a length */
		B("\x04\x82\x00\x02hi"),   /* the same */
		B("\x04\x84\0\0\0\x02hi"), /* more than there can be */
		B("\x04\xff"),
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		rest = bad[i];
		CHECK(!der_take(&rest, DER_OCTET_STRING, &value));
		CHECK(rest.s == bad[i].s && rest.len == bad[i].len);
	}
	char large[3 + 200] = "\x04\x81\xc8";
	rest = (struct bytes){ large, sizeof large };
	CHECK(der_take(&rest, DER_OCTET_STRING, &value) && value.len == 200);
	rest = B("\x02\x02\x00\x80");
	CHECK(der_take_number(&rest, &value) && value.len == 1);
	rest = B("\x02\x01\x00");
	CHECK(der_take_number(&rest, &value) && !value.len);
	rest = B("\x02\x01\x80"); /* negative */
	CHECK(!der_take_number(&rest, &value) && rest.len == 3);
	rest = B("\x02\x00");
	CHECK(!der_take_number(&rest, &value));
}

/* Whether the key signs what the other verifies. */
static bool
fits(EVP_PKEY *key, EVP_PKEY *public)
{
	static unsigned char const text[] = "x";
	unsigned char signature[1024];
	size_t len = sizeof signature;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_MD const *md =
	    EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
	bool ok = EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature, &len, text, 1) == 1;
	EVP_MD_CTX_reset(ctx);
	ok = ok && EVP_DigestVerifyInit(ctx, NULL, md, NULL, public) == 1 &&
	    EVP_DigestVerify(ctx, signature, len, text, 1) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Takes DER, which OpenSSL allocated. */
static void
test_form(EVP_PKEY *key, char const *label, unsigned char *der, int len)
{
	struct private_key parsed;
	CHECK(der && len > 0);
	for (int n = 0; n < len; n++) { /* a copy, for what reads behind it */
		char *cut = malloc((size_t)n + 1);
		memcpy(cut, der, (size_t)n);
		CHECK(!private_key_parse(label,
		    (struct bytes){ cut, (size_t)n }, &parsed));
		free(cut);
	}
	CHECK(private_key_parse(label,
	    (struct bytes){ (char *)der, (size_t)len }, &parsed));
	EVP_PKEY *made = private_key_make(&parsed);
	CHECK(made && EVP_PKEY_eq(made, key) == 1 && fits(made, key));
	CHECK(EVP_PKEY_get_id(made) == EVP_PKEY_get_id(key));
	CHECK(!private_key_parse("ENCRYPTED PRIVATE KEY",
	    (struct bytes){ (char *)der, (size_t)len }, &parsed));
	EVP_PKEY_free(made);
	OPENSSL_free(der);
}

/* TRADITIONAL: the label of the kind's own form, or NULL. */
static void
test_kind(EVP_PKEY *key, char const *traditional)
{
	unsigned char *der = NULL;
	CHECK(key);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	test_form(key, "PRIVATE KEY", der, len);
	der = NULL;
	if (traditional) {
		len = i2d_PrivateKey(key, &der);
		test_form(key, traditional, der, len);
	}
	EVP_PKEY_free(key);
}

/* Kinds and forms that are OpenSSL's to decode. */
static void
test_others(EVP_PKEY *key, char const *label)
{
	struct private_key parsed;
	unsigned char *der = NULL;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	CHECK(len > 0 &&
	    !private_key_parse(label,
	        (struct bytes){ (char *)der, (size_t)len }, &parsed));
	PKCS8_PRIV_KEY_INFO_free(info);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
}

int
main(void)
{
	test_der();
	test_kind(EVP_EC_gen("P-256"), "EC PRIVATE KEY");
	test_kind(EVP_EC_gen("P-384"), "EC PRIVATE KEY");
	test_kind(EVP_EC_gen("P-521"), "EC PRIVATE KEY");
	test_kind(EVP_RSA_gen(2048), "RSA PRIVATE KEY");
	test_kind(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL);
	test_others(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "PRIVATE KEY");
	test_others(EVP_EC_gen("secp256k1"), "PRIVATE KEY");
	test_others(EVP_EC_gen("P-256"), "RSA PRIVATE KEY");
	test_others(EVP_EC_gen("P-256"), "DSA PRIVATE KEY");
	test_others(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "PRIVATE KEY");
	return check_failed;
}
