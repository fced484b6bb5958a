/* SPDX-License-Identifier: ISC */
/* Digests, with and without salt, in base64 or hexadecimal. */
#include "password-scheme.h"

#include <string.h>
#include <openssl/evp.h>

#include "base64.h"
#include "hex.h"

enum {
	DIGEST_MAX = 64, /* octets of SHA-512 */
	SALT_MAX = 256   /* octets after a salted digest */
};

/* The octets of a stored digest; their number, 0 when it is not one. Twice as
 * many characters as a bare digest has octets are hexadecimal. */
static size_t
decode_digest(struct scheme const *scheme, struct bytes hash,
    unsigned char out[DIGEST_MAX + SALT_MAX])
{
	size_t size = (size_t)EVP_MD_get_size(scheme->digest());
	if (!scheme->salted && hash.len == 2 * size)
		return hex_decode(hash.s, size, out) ? size : 0;
	stralloc raw = STRALLOC_ZERO;
	size_t len = 0;
	if (base64_decode(hash.s, hash.len, &raw) > 0 && raw.len >= size &&
	    raw.len <= DIGEST_MAX + SALT_MAX &&
	    (raw.len > size) == scheme->salted) {
		memcpy(out, raw.s, raw.len);
		len = raw.len;
	}
	stralloc_free(&raw);
	return len;
}

int
digest_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	unsigned char raw[DIGEST_MAX + SALT_MAX];
	*why = "the digest has not the length of its scheme, or is damaged";
	return decode_digest(scheme, hash, raw) > 0;
}

/* Digest of the password, then of the salt that follows the stored digest. */
int
digest_verify(struct scheme const *scheme, struct bytes hash,
    struct bytes given)
{
	unsigned char stored[DIGEST_MAX + SALT_MAX];
	unsigned char made[EVP_MAX_MD_SIZE];
	size_t len = decode_digest(scheme, hash, stored);
	size_t size = (size_t)EVP_MD_get_size(scheme->digest());
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = len && md && EVP_DigestInit_ex(md, scheme->digest(), NULL) &&
	    EVP_DigestUpdate(md, given.s, given.len) &&
	    EVP_DigestUpdate(md, stored + size, len - size) &&
	    EVP_DigestFinal_ex(md, made, NULL) &&
	    octets_equal(made, stored, size);
	EVP_MD_CTX_free(md);
	return ok;
}
