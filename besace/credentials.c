/* SPDX-License-Identifier: ISC */
#include "credentials.h"

#include <stdint.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base64.h"
#include "pem.h"

enum { DKIM_RSA_BITS = 2048, VALID_DAYS = 3650, DAY = 86400 };

/* Of OpenSSL's security level 2, which SSL_CTX has in Debian. */
enum { TLS_SECURITY_BITS = 112 };

char const *
credentials_check_dkim(char const *path)
{
	char const *why = NULL;
	EVP_PKEY *key = pem_read_dkim_key(path, &why);
	if (!key)
		return why;
	EVP_PKEY_free(key);
	return NULL;
}

/* TLS has others, but no client offers them. */
static bool
is_of_common_curve(EVP_PKEY *key)
{
	static int const common[] = { NID_X9_62_prime256v1, NID_secp384r1,
		NID_secp521r1 };
	char name[80];
	if (EVP_PKEY_get_id(key) != EVP_PKEY_EC ||
	    EVP_PKEY_get_group_name(key, name, sizeof name, NULL) != 1)
		return true;
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (strcmp(name, OBJ_nid2sn(common[i])) == 0)
			return true;
	return false;
}

struct credentials_fault
credentials_check_pair(char const *chain, char const *key_path)
{
	struct credentials_fault fault = { NULL, false, false };
	char const *why;
	X509 *certificate = pem_read_certificate(chain, &why);
	if (!certificate)
		fault.why = why;
	EVP_PKEY *key = certificate ? pem_read_key(key_path, &why) : NULL;
	if (certificate && !key) {
		fault.why = why;
		fault.key = true;
	} else if (certificate &&
	    X509_check_private_key(certificate, key) != 1) {
		fault.why = "is not the key of this line's certificate";
		fault.key = true;
	} else if (certificate &&
	    EVP_PKEY_get_security_bits(key) < TLS_SECURITY_BITS) {
		fault.why = "is too short a key for TLS: RSA needs 2048 bits";
		fault.key = true;
	} else if (certificate && !is_of_common_curve(key)) {
		fault.why = "has a curve that clients do not know: prime256v1 "
		            "is one that they do";
		fault.key = fault.warning = true;
	} else if (certificate &&
	    X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
		fault.why = "has expired: clients will refuse it";
		fault.warning = true;
	}
	EVP_PKEY_free(key);
	X509_free(certificate);
	return fault;
}

/* --- new ones --------------------------------------------------------------- */

static int
append_bio(BIO *bio, stralloc *sa)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	return len > 0 && stralloc_catb(sa, data, (size_t)len);
}

static int
append_key(EVP_PKEY *key, stralloc *sa)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int ok = bio &&
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) &&
	    append_bio(bio, sa);
	BIO_free(bio);
	return ok;
}

static int
append_certificate(X509 *certificate, stralloc *sa)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int ok =
	    bio && PEM_write_bio_X509(bio, certificate) && append_bio(bio, sa);
	BIO_free(bio);
	return ok;
}

static int
add_extension(X509 *certificate, int nid, char const *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	int ok = ext && X509_add_ext(certificate, ext, -1);
	X509_EXTENSION_free(ext);
	return ok;
}

/* 64 random bits, positive. */
static int
set_serial(X509 *certificate)
{
	uint64_t serial;
	return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate),
	        serial >> 1 | 1);
}

static int
fill_certificate(X509 *certificate, EVP_PKEY *key, char const *host)
{
	stralloc names = STRALLOC_ZERO;
	X509_NAME *subject = X509_get_subject_name(certificate);
	int ok = stralloc_cats(&names, "DNS:") && stralloc_cats(&names, host) &&
	    stralloc_cats(&names, ",DNS:localhost,IP:127.0.0.1,IP:::1") &&
	    stralloc_0(&names) && X509_set_version(certificate, 2) &&
	    set_serial(certificate) &&
	    X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) &&
	    X509_gmtime_adj(X509_getm_notAfter(certificate),
	        (long)VALID_DAYS * DAY) &&
	    X509_set_pubkey(certificate, key) &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	        (unsigned char const *)host, -1, -1, 0) &&
	    X509_set_issuer_name(certificate, subject) &&
	    add_extension(certificate, NID_subject_alt_name, names.s) &&
	    add_extension(certificate, NID_basic_constraints,
	        "critical,CA:TRUE") &&
	    add_extension(certificate, NID_subject_key_identifier, "hash") &&
	    X509_sign(certificate, key, EVP_sha256()) > 0;
	stralloc_free(&names);
	return ok;
}

int
credentials_make_certificate(char const *host, stralloc *pem, stralloc *key_pem)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	int ok = key && certificate &&
	    fill_certificate(certificate, key, host) &&
	    append_certificate(certificate, pem) && append_key(key, key_pem);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return ok;
}

int
credentials_make_dkim(stralloc *key_pem, stralloc *record)
{
	EVP_PKEY *key = EVP_RSA_gen(DKIM_RSA_BITS);
	unsigned char *der = NULL;
	int len = key ? i2d_PUBKEY(key, &der) : -1;
	int ok = len > 0 && append_key(key, key_pem) &&
	    stralloc_cats(record, "v=DKIM1; k=rsa; s=email; p=") &&
	    base64_encode((char const *)der, (size_t)len, record);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return ok;
}
