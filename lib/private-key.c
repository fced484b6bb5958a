/* SPDX-License-Identifier: ISC */
#include "private-key.h"

#include <stddef.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "der.h"

enum { ED25519_SIZE = 32 };

/* --- what a file says ------------------------------------------------------- */

#define OBJECT(octets) \
	{ \
		octets, sizeof(octets) - 1 \
	}

static struct bytes const id_rsa =
    OBJECT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
static struct bytes const id_ec = OBJECT("\x2a\x86\x48\xce\x3d\x02\x01");
static struct bytes const id_ed25519 = OBJECT("\x2b\x65\x70");

static struct {
	struct bytes object;
	char const *name;
	size_t size; /* of a number below its order */
} const curves[] = {
	{ OBJECT("\x2a\x86\x48\xce\x3d\x03\x01\x07"), "P-256", 32 },
	{ OBJECT("\x2b\x81\x04\x00\x22"), "P-384", 48 },
	{ OBJECT("\x2b\x81\x04\x00\x23"), "P-521", 66 },
};

static bool
same(struct bytes a, struct bytes b)
{
	return bytes_compare(&a, &b) == 0;
}

/* A number that says which form follows. */
static bool
take_version(struct bytes *rest, int version)
{
	struct bytes number;
	return der_take_number(rest, &number) &&
	    (version ? number.len == 1 && *number.s == version : !number.len);
}

/* RFC 8017 appendix A.1.2, version 0: two primes. */
static bool
parse_rsa(struct bytes der, struct private_key *key)
{
	struct bytes rest;
	key->kind = PRIVATE_KEY_RSA;
	if (!der_take(&der, DER_SEQUENCE, &rest) || der.len ||
	    !take_version(&rest, 0))
		return false;
	for (int i = 0; i < RSA_NUMBERS; i++)
		if (!der_take_number(&rest, &key->number[i]) ||
		    !key->number[i].len)
			return false;
	return !rest.len;
}

static bool
find_curve(struct bytes object, struct private_key *key)
{
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (same(object, curves[i].object)) {
			key->curve = curves[i].name;
			return key->secret.len == curves[i].size &&
			    key->point.len == 1 + 2 * curves[i].size &&
			    *key->point.s == 4; /* not compressed */
		}
	return false;
}

/* RFC 5915. CURVE is that of the PKCS #8 around it, or empty: then it has to be
 * said inside. */
static bool
parse_ec(struct bytes der, struct bytes curve, struct private_key *key)
{
	struct bytes rest, inside, bits;
	key->kind = PRIVATE_KEY_EC;
	if (!der_take(&der, DER_SEQUENCE, &rest) || der.len ||
	    !take_version(&rest, 1) ||
	    !der_take(&rest, DER_OCTET_STRING, &key->secret))
		return false;
	if (der_take(&rest, DER_EXPLICIT_0, &inside)) {
		struct bytes said;
		if (!der_take(&inside, DER_OBJECT, &said) || inside.len ||
		    (curve.len && !same(curve, said)))
			return false;
		curve = said;
	}
	if (!der_take(&rest, DER_EXPLICIT_1, &inside) || rest.len ||
	    !der_take(&inside, DER_BIT_STRING, &bits) || inside.len ||
	    !bits.len || *bits.s != 0) /* whole octets */
		return false;
	key->point = (struct bytes){ bits.s + 1, bits.len - 1 };
	return key->point.len && find_curve(curve, key);
}

/* RFC 8410 section 7: an OCTET STRING in the one of PKCS #8. */
static bool
parse_ed25519(struct bytes der, struct private_key *key)
{
	key->kind = PRIVATE_KEY_ED25519;
	return der_take(&der, DER_OCTET_STRING, &key->secret) && !der.len &&
	    key->secret.len == ED25519_SIZE;
}

/* RFC 5958, version 0; attributes behind the key say nothing about it. */
static bool
parse_pkcs8(struct bytes der, struct private_key *key)
{
	struct bytes rest, algorithm, object, octets, curve = bytes_of("");
	if (!der_take(&der, DER_SEQUENCE, &rest) || der.len ||
	    !take_version(&rest, 0) ||
	    !der_take(&rest, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, DER_OBJECT, &object) ||
	    !der_take(&rest, DER_OCTET_STRING, &octets))
		return false;
	if (same(object, id_rsa))
		return parse_rsa(octets, key);
	if (same(object, id_ec))
		return der_take(&algorithm, DER_OBJECT, &curve) &&
		    parse_ec(octets, curve, key);
	return same(object, id_ed25519) && parse_ed25519(octets, key);
}

bool
private_key_parse(char const *label, struct bytes der, struct private_key *key)
{
	if (strcmp(label, "PRIVATE KEY") == 0)
		return parse_pkcs8(der, key);
	if (strcmp(label, "EC PRIVATE KEY") == 0)
		return parse_ec(der, bytes_of(""), key);
	return strcmp(label, "RSA PRIVATE KEY") == 0 && parse_rsa(der, key);
}

/* --- what OpenSSL makes of it ----------------------------------------------- */

static unsigned char const *
octets_of(struct bytes b)
{
	return (unsigned char const *)b.s;
}

static EVP_PKEY *
make_from(char const *kind, OSSL_PARAM *params)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *
make_ec(struct private_key const *from, OSSL_PARAM_BLD *build)
{
	EVP_PKEY *key = NULL;
	BIGNUM *secret = BN_secure_new();
	OSSL_PARAM *params = NULL;
	if (secret &&
	    BN_bin2bn(octets_of(from->secret), (int)from->secret.len, secret) &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	        from->curve, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	        from->point.s, from->point.len) &&
	    OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, secret,
	        from->secret.len))
		params = OSSL_PARAM_BLD_to_param(build);
	key = make_from("EC", params);
	OSSL_PARAM_free(params);
	BN_clear_free(secret);
	return key;
}

static EVP_PKEY *
make_rsa(struct private_key const *from, OSSL_PARAM_BLD *build)
{
	static char const *const names[RSA_NUMBERS] = {
		OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	BIGNUM *number[RSA_NUMBERS];
	bool ok = true;
	for (int i = 0; i < RSA_NUMBERS; i++) {
		number[i] = BN_secure_new();
		ok = ok && number[i] &&
		    BN_bin2bn(octets_of(from->number[i]),
		        (int)from->number[i].len, number[i]) &&
		    OSSL_PARAM_BLD_push_BN(build, names[i], number[i]);
	}
	OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(build) : NULL;
	EVP_PKEY *key = make_from("RSA", params);
	OSSL_PARAM_free(params);
	for (int i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(number[i]);
	return key;
}

EVP_PKEY *
private_key_make(struct private_key const *from)
{
	if (from->kind == PRIVATE_KEY_ED25519)
		return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
		    octets_of(from->secret), from->secret.len);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = !build             ? NULL
	    : from->kind == PRIVATE_KEY_EC ? make_ec(from, build)
	                                   : make_rsa(from, build);
	OSSL_PARAM_BLD_free(build);
	return key;
}
