/* SPDX-License-Identifier: ISC */
#include "password.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "password-scheme.h"

bool
octets_equal(void const *a, void const *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

#define CRYPT(name, prefix, make) \
	{ \
		name, crypt_usable, crypt_verify, make, prefix, NULL, false \
	}
#define ARGON2(name, prefix) \
	{ \
		name, argon2_usable, argon2_verify_hash, argon2_make, prefix, \
		    NULL, false \
	}
#define DIGEST(name, function, salted) \
	{ \
		name, digest_usable, digest_verify, NULL, NULL, function, \
		    salted \
	}
#define PLAIN(name) \
	{ \
		name, plain_usable, plain_verify, plain_make, NULL, NULL, \
		    false \
	}
#define CRAM(name) \
	{ \
		name, cram_usable, cram_verify, cram_make, NULL, NULL, false \
	}
#define SCRAM(name, function) \
	{ \
		name, scram_usable, scram_verify, scram_make, NULL, function, \
		    false \
	}

static struct scheme const schemes[] = {
	/* first: a hash without braces, and new ones */
	CRYPT("CRYPT", NULL, crypt_make),
	CRYPT("SHA512-CRYPT", "$6$", crypt_make),
	CRYPT("SHA256-CRYPT", "$5$", crypt_make),
	CRYPT("BLF-CRYPT", "$2", crypt_make),
	CRYPT("MD5-CRYPT", "$1$", NULL),
	CRYPT("MD5", "$1$", NULL),
	CRYPT("DES-CRYPT", NULL, NULL),
	ARGON2("ARGON2ID", "$argon2id$"),
	ARGON2("ARGON2I", "$argon2i$"),
	DIGEST("SSHA512", EVP_sha512, true),
	DIGEST("SSHA256", EVP_sha256, true),
	DIGEST("SSHA", EVP_sha1, true),
	DIGEST("SMD5", EVP_md5, true),
	DIGEST("SHA512", EVP_sha512, false),
	DIGEST("SHA256", EVP_sha256, false),
	DIGEST("SHA1", EVP_sha1, false),
	DIGEST("SHA", EVP_sha1, false),
	DIGEST("PLAIN-MD5", EVP_md5, false),
	DIGEST("LDAP-MD5", EVP_md5, false),
	SCRAM("SCRAM-SHA-256", EVP_sha256),
	SCRAM("SCRAM-SHA-1", EVP_sha1),
	CRAM("CRAM-MD5"),
	CRAM("HMAC-MD5"),
	PLAIN("PLAIN"),
	PLAIN("CLEARTEXT"),
	PLAIN("CLEAR"),
};

static bool
takes_encoding(struct scheme const *scheme, struct bytes name)
{
	static char const *const names[] = { "HEX", "B64", "BASE64" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == name.len &&
		    strncasecmp(names[i], name.s, name.len) == 0)
			return scheme->digest && !scheme->salted;
	return false;
}

/* The scheme of this name; a bare digest may say how it is written, as in
 * "SHA256.HEX": its length tells it as well. */
static struct scheme const *
find_scheme(char const *name, size_t len)
{
	char const *dot = memchr(name, '.', len);
	struct bytes encoding = { "", 0 };
	if (dot) {
		encoding.s = dot + 1;
		encoding.len = len - (size_t)(encoding.s - name);
		len = (size_t)(dot - name);
	}
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strlen(schemes[i].name) == len &&
		    strncasecmp(schemes[i].name, name, len) == 0)
			return !dot || takes_encoding(&schemes[i], encoding)
			    ? &schemes[i]
			    : NULL;
	return NULL;
}

/* The scheme of "{SCHEME}HASH" or of a bare HASH, and where HASH starts. NULL
 * when it has no name we know, or the brace is not closed. */
static struct scheme const *
split_stored(struct bytes stored, struct bytes *hash)
{
	*hash = stored;
	if (!stored.len || stored.s[0] != '{')
		return &schemes[0];
	char const *end = memchr(stored.s, '}', stored.len);
	if (!end)
		return NULL;
	hash->s = end + 1;
	hash->len = stored.len - (size_t)(hash->s - stored.s);
	return find_scheme(stored.s + 1, (size_t)(end - stored.s) - 1);
}

int
password_usable(char const *stored, size_t len, char const **why)
{
	struct bytes hash;
	*why = "it is too long";
	if (len > PASSWORD_STORED_MAX)
		return 0;
	struct scheme const *scheme =
	    split_stored((struct bytes){ stored, len }, &hash);
	*why = "the scheme in braces is not one of ours";
	return scheme && scheme->usable(scheme, hash, why);
}

int
password_verify(char const *stored, size_t stored_len, char const *password,
    size_t len)
{
	struct bytes hash;
	struct scheme const *scheme =
	    split_stored((struct bytes){ stored, stored_len }, &hash);
	char const *why;
	if (!scheme || len > PASSWORD_MAX || memchr(password, 0, len) ||
	    !scheme->usable(scheme, hash, &why))
		return 0;
	return scheme->verify(scheme, hash, (struct bytes){ password, len });
}

/* The stored password of that scheme, without its braces; "" for none. */
static struct bytes
hash_of_scheme(struct scheme const *scheme, char const *stored, size_t len)
{
	struct bytes hash = { "", 0 };
	struct scheme const *its =
	    len ? split_stored((struct bytes){ stored, len }, &hash) : NULL;
	return its == scheme ? hash : (struct bytes){ "", 0 };
}

int
password_hash(char const *scheme_name, char const *password, size_t len,
    char const *like, size_t like_len, stralloc *stored)
{
	struct scheme const *scheme =
	    find_scheme(scheme_name, strlen(scheme_name));
	errno = EINVAL;
	if (!scheme || !scheme->make || !len || len > PASSWORD_STORE_MAX ||
	    memchr(password, 0, len))
		return 0;
	stored->len = 0;
	return stralloc_append(stored, '{') &&
	    stralloc_cats(stored, scheme->name) &&
	    stralloc_append(stored, '}') &&
	    scheme->make(scheme, (struct bytes){ password, len },
	        hash_of_scheme(scheme, like, like_len), stored);
}

int
password_scheme_makes(char const *name)
{
	struct scheme const *scheme = find_scheme(name, strlen(name));
	return scheme && scheme->make;
}

int
password_plain(char const *stored, size_t len, struct bytes *plain)
{
	struct scheme const *scheme =
	    split_stored((struct bytes){ stored, len }, plain);
	return scheme && scheme->verify == plain_verify && plain->len;
}

int
password_cram_md5(char const *stored, size_t len,
    struct cram_md5_secret *secret)
{
	struct bytes hash;
	struct scheme const *scheme =
	    split_stored((struct bytes){ stored, len }, &hash);
	return scheme && scheme->verify == cram_verify &&
	    cram_md5_parse(hash, secret);
}

int
password_scram(char const *stored, size_t len, struct scram_secret *secret)
{
	struct bytes hash;
	struct scheme const *scheme =
	    split_stored((struct bytes){ stored, len }, &hash);
	return scheme && scheme->verify == scram_verify &&
	    scheme->digest == EVP_sha256 &&
	    scram_parse(hash, EVP_sha256(), secret);
}

int
password_random(size_t count, stralloc *sa)
{
	/* 32 characters: five bits of each random octet are used. */
	static char const alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
	if (!stralloc_readyplus(sa, count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		unsigned char octet;
		if (getrandom(&octet, 1, 0) != 1)
			return 0;
		sa->s[sa->len++] = alphabet[octet & 31];
	}
	return 1;
}
