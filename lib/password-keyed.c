/* SPDX-License-Identifier: ISC */
/* The schemes that a challenge can be answered with: the password as it is, and
 * what CRAM-MD5 and SCRAM need of it. */
#include "password-scheme.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <openssl/evp.h>

#include "cram-md5.h"
#include "scram.h"

int
plain_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	(void)scheme;
	*why = "the password is empty";
	return hash.len > 0;
}

int
plain_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	(void)scheme;
	return hash.len == given.len &&
	    octets_equal(hash.s, given.s, given.len);
}

int
plain_make(struct scheme const *scheme, struct bytes given, struct bytes like,
    stralloc *hash)
{
	(void)scheme;
	(void)like;
	return stralloc_catb(hash, given.s, given.len);
}

/* --- CRAM-MD5 ------------------------------------------------------------- */

int
cram_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	(void)scheme;
	struct cram_md5_secret secret;
	*why = "64 hexadecimal digits are needed";
	return cram_md5_parse(hash, &secret);
}

int
cram_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	(void)scheme;
	struct cram_md5_secret stored, made;
	int ok = cram_md5_parse(hash, &stored) &&
	    cram_md5_derive(given, &made) &&
	    octets_equal(stored.octets, made.octets, sizeof made.octets);
	explicit_bzero(&stored, sizeof stored);
	explicit_bzero(&made, sizeof made);
	return ok;
}

int
cram_make(struct scheme const *scheme, struct bytes given, struct bytes like,
    stralloc *hash)
{
	static char const digits[] = "0123456789abcdef";
	(void)scheme;
	(void)like;
	struct cram_md5_secret secret;
	errno = EINVAL;
	int ok = cram_md5_derive(given, &secret) &&
	    stralloc_readyplus(hash, 2 * sizeof secret.octets);
	for (size_t i = 0; ok && i < sizeof secret.octets; i++) {
		hash->s[hash->len++] = digits[secret.octets[i] >> 4];
		hash->s[hash->len++] = digits[secret.octets[i] & 15];
	}
	explicit_bzero(&secret, sizeof secret);
	return ok;
}

/* --- SCRAM ---------------------------------------------------------------- */

int
scram_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	struct scram_secret secret;
	*why = "rounds,salt,StoredKey,ServerKey are needed";
	return scram_parse(hash, scheme->digest(), &secret);
}

int
scram_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	EVP_MD const *md = scheme->digest();
	struct scram_secret stored;
	if (!scram_parse(hash, md, &stored))
		return 0;
	struct scram_secret made = stored;
	int ok = scram_derive(given, md, &made) &&
	    octets_equal(made.stored_key, stored.stored_key,
	        (size_t)EVP_MD_get_size(md));
	explicit_bzero(&made, sizeof made);
	return ok;
}

int
scram_make(struct scheme const *scheme, struct bytes given, struct bytes like,
    stralloc *hash)
{
	EVP_MD const *md = scheme->digest();
	struct scram_secret secret;
	if (!like.len || !scram_parse(like, md, &secret)) {
		secret.rounds = SCRAM_ROUNDS_NEW;
		secret.salt_len = SCRAM_SALT;
		if (getrandom(secret.salt, SCRAM_SALT, 0) != SCRAM_SALT)
			return 0;
	}
	errno = EINVAL;
	int ok =
	    scram_derive(given, md, &secret) && scram_format(&secret, md, hash);
	explicit_bzero(&secret, sizeof secret);
	return ok;
}
