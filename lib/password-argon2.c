/* SPDX-License-Identifier: ISC */
/* Argon2 in its own encoded form: "$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$
 * HASH", with base64 that is not padded. */
#include "password-scheme.h"

#include <argon2.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "password.h"

enum {
	MEMORY_MAX = 262144, /* KiB: what one login may take */
	PASSES_MAX = 64,
	LANES_MAX = 16,
	NEW_MEMORY = 65536, /* as Dovecot's default */
	NEW_PASSES = 3,
	NEW_LANES = 1,
	SALT = 16,
	HASH = 32
};

static argon2_type
type_of(struct scheme const *scheme)
{
	return strcmp(scheme->prefix, "$argon2i$") == 0 ? Argon2_i : Argon2_id;
}

/* A number after NAME, which must come next. 1, or 0. */
static int
take_number(struct bytes *s, char const *name, unsigned long *n)
{
	size_t len = strlen(name), i = len;
	*n = 0;
	if (s->len < len || memcmp(s->s, name, len) != 0)
		return 0;
	for (; i < s->len && s->s[i] >= '0' && s->s[i] <= '9'; i++) {
		*n = *n * 10 + (unsigned long)(s->s[i] - '0');
		if (*n > 1UL << 31)
			return 0;
	}
	s->s += i;
	s->len -= i;
	return i > len;
}

static bool
is_base64(struct bytes s)
{
	static char const digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < s.len; i++)
		if (!memchr(digits, s.s[i], sizeof digits - 1))
			return false;
	return s.len >= 11; /* eight octets, the least the library takes */
}

int
argon2_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	unsigned long version, memory, passes, lanes;
	size_t len = strlen(scheme->prefix);
	*why = "the hash is not of the scheme in braces";
	if (hash.len < len || memcmp(hash.s, scheme->prefix, len) != 0)
		return 0;
	hash.s += len;
	hash.len -= len;
	*why = "the hash is damaged";
	if (!take_number(&hash, "v=", &version) ||
	    !take_number(&hash, "$m=", &memory) ||
	    !take_number(&hash, ",t=", &passes) ||
	    !take_number(&hash, ",p=", &lanes) || !hash.len || *hash.s != '$')
		return 0;
	hash.s++;
	hash.len--;
	if (!is_base64(bytes_take_until(&hash, '$')) || !is_base64(hash))
		return 0;
	*why = "more than 256 MiB of memory, 64 passes or 16 lanes are too "
	       "costly";
	return memory <= MEMORY_MAX && passes <= PASSES_MAX &&
	    lanes <= LANES_MAX;
}

int
argon2_verify_hash(struct scheme const *scheme, struct bytes hash,
    struct bytes given)
{
	char encoded[PASSWORD_STORED_MAX + 1];
	if (hash.len >= sizeof encoded)
		return 0;
	memcpy(encoded, hash.s, hash.len);
	encoded[hash.len] = 0;
	return argon2_verify(encoded, given.s, given.len, type_of(scheme)) ==
	    ARGON2_OK;
}

int
argon2_make(struct scheme const *scheme, struct bytes given, struct bytes like,
    stralloc *hash)
{
	unsigned char salt[SALT];
	char encoded[256];
	(void)like;
	if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
		return 0;
	errno = ENOMEM;
	return argon2_hash(NEW_PASSES, NEW_MEMORY, NEW_LANES, given.s,
	           given.len, salt, sizeof salt, NULL, HASH, encoded,
	           sizeof encoded, type_of(scheme),
	           ARGON2_VERSION_13) == ARGON2_OK &&
	    stralloc_cats(hash, encoded);
}
