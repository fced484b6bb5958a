/* SPDX-License-Identifier: ISC */
/* MD5_Init and friends are deprecated; {CRAM-MD5} is made of their state. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "password.h"

#include <crypt.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>

#include "base64.h"
#include "hex.h"

enum {
	DIGEST_MAX = 64,     /* octets of SHA-512 */
	SALT_MAX = 256,      /* octets after a salted digest */
	CRYPT_TAIL_MIN = 22, /* characters after the last $: MD5-CRYPT */
	CRYPT_DES_LEN = 13,  /* a hash without $ */
	SCRAM_ROUNDS_MAX = 10000000
};

struct bytes {
	char const *s;
	size_t len;
};

struct scheme {
	char const *name;
	int (*usable)(struct scheme const *, struct bytes, char const **why);
	int (*verify)(struct scheme const *, struct bytes, struct bytes);
	char const *prefix; /* crypt: what the hash starts with */
	EVP_MD const *(*digest)(void);
	bool salted;
};

static bool
equal(char const *a, char const *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

/* --- crypt(3) ------------------------------------------------------------- */

static int
crypt_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	char setting[CRYPT_OUTPUT_SIZE];
	*why = "the hash is not one that crypt(3) made";
	if (hash.len >= sizeof setting || memchr(hash.s, 0, hash.len))
		return 0;
	memcpy(setting, hash.s, hash.len);
	setting[hash.len] = 0;
	int known = crypt_checksalt(setting);
	if (known == CRYPT_SALT_INVALID || known == CRYPT_SALT_METHOD_DISABLED)
		return 0;
	*why = "the hash is not of the scheme in braces";
	if (scheme->prefix &&
	    strncmp(setting, scheme->prefix, strlen(scheme->prefix)) != 0)
		return 0;
	*why = "the hash is cut short";
	char const *last = strrchr(setting, '$');
	return last ? strlen(last + 1) >= CRYPT_TAIL_MIN
	            : hash.len >= CRYPT_DES_LEN;
}

static int
crypt_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	(void)scheme;
	static struct crypt_data data;
	char setting[CRYPT_OUTPUT_SIZE];
	char phrase[PASSWORD_MAX + 1];
	if (hash.len >= sizeof setting || given.len > PASSWORD_MAX)
		return 0;
	memcpy(setting, hash.s, hash.len);
	setting[hash.len] = 0;
	memcpy(phrase, given.s, given.len);
	phrase[given.len] = 0;
	memset(&data, 0, sizeof data);
	char const *made = crypt_r(phrase, setting, &data);
	int ok = made && *made != '*' && strlen(made) == hash.len &&
	    equal(made, hash.s, hash.len);
	explicit_bzero(phrase, sizeof phrase);
	explicit_bzero(&data, sizeof data);
	return ok;
}

/* --- as it is ------------------------------------------------------------- */

static int
plain_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	(void)scheme;
	*why = "the password is empty";
	return hash.len > 0;
}

static int
plain_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	(void)scheme;
	return hash.len == given.len && equal(hash.s, given.s, given.len);
}

/* --- digests, in base64 or hexadecimal ------------------------------------ */

/* LEN octets from twice as many digits. */
static int
decode_hex(char const *s, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(s[2 * i]), low = hex_value(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		out[i] = (char)(high << 4 | low);
	}
	return 1;
}

/* The octets of a stored digest; their number, 0 when it is not one. Twice as
 * many characters as a bare digest has octets are hexadecimal. */
static size_t
decode_digest(struct scheme const *scheme, struct bytes hash,
    char out[DIGEST_MAX + SALT_MAX])
{
	size_t size = (size_t)EVP_MD_get_size(scheme->digest());
	if (!scheme->salted && hash.len == 2 * size)
		return decode_hex(hash.s, size, out) ? size : 0;
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

static int
digest_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	char raw[DIGEST_MAX + SALT_MAX];
	*why = "the digest has not the length of its scheme, or is damaged";
	return decode_digest(scheme, hash, raw) > 0;
}

/* Digest of the password, then of the salt that follows the stored digest. */
static int
digest_verify(struct scheme const *scheme, struct bytes hash,
    struct bytes given)
{
	char stored[DIGEST_MAX + SALT_MAX];
	unsigned char made[EVP_MAX_MD_SIZE];
	size_t len = decode_digest(scheme, hash, stored);
	size_t size = (size_t)EVP_MD_get_size(scheme->digest());
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = len && md && EVP_DigestInit_ex(md, scheme->digest(), NULL) &&
	    EVP_DigestUpdate(md, given.s, given.len) &&
	    EVP_DigestUpdate(md, stored + size, len - size) &&
	    EVP_DigestFinal_ex(md, made, NULL) &&
	    equal((char const *)made, stored, size);
	EVP_MD_CTX_free(md);
	return ok;
}

/* --- {CRAM-MD5}: the two states of HMAC-MD5 after the key's block ---------- */

enum {
	MD5_STATE = 16,
	MD5_BLOCK = 64,
	CRAM_SIZE = 2 * MD5_STATE,
	CRAM_DIGITS = 2 * CRAM_SIZE
};

static int
cram_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	(void)scheme;
	char raw[CRAM_SIZE];
	*why = "64 hexadecimal digits are needed";
	return hash.len == CRAM_DIGITS && decode_hex(hash.s, CRAM_SIZE, raw);
}

static void
put_state(MD5_CTX const *md, char *out)
{
	uint32_t const word[4] = { md->A, md->B, md->C, md->D };
	for (size_t i = 0; i < MD5_STATE; i++)
		out[i] = (char)(word[i / 4] >> 8 * (i % 4));
}

/* The state of MD5 after the key, padded to a block and mixed with PAD. */
static int
keyed_state(unsigned char const key[MD5_BLOCK], unsigned char pad, char *out)
{
	unsigned char block[MD5_BLOCK];
	MD5_CTX md;
	for (size_t i = 0; i < MD5_BLOCK; i++)
		block[i] = key[i] ^ pad;
	int ok = MD5_Init(&md) && MD5_Update(&md, block, sizeof block);
	put_state(&md, out);
	explicit_bzero(block, sizeof block);
	explicit_bzero(&md, sizeof md);
	return ok;
}

/* RFC 2104: the outer state is stored first, as Dovecot does. */
static int
cram_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	unsigned char key[MD5_BLOCK] = { 0 };
	char stored[CRAM_SIZE], made[CRAM_SIZE];
	char const *why;
	if (!cram_usable(scheme, hash, &why) ||
	    !decode_hex(hash.s, sizeof stored, stored))
		return 0;
	if (given.len > MD5_BLOCK)
		MD5((unsigned char const *)given.s, given.len, key);
	else
		memcpy(key, given.s, given.len);
	int ok = keyed_state(key, 0x5c, made) &&
	    keyed_state(key, 0x36, made + MD5_STATE) &&
	    equal(made, stored, sizeof made);
	explicit_bzero(key, sizeof key);
	explicit_bzero(made, sizeof made);
	return ok;
}

/* --- SCRAM (RFC 5803): "rounds,salt,StoredKey,ServerKey" ------------------ */

struct scram {
	uint32_t rounds;
	stralloc salt;
	stralloc stored_key;
};

/* The text up to the next comma, taken off the front of *REST. */
static struct bytes
next_part(struct bytes *rest)
{
	char const *comma = memchr(rest->s, ',', rest->len);
	struct bytes part = *rest;
	if (comma)
		part.len = (size_t)(comma - rest->s);
	size_t used = comma ? part.len + 1 : part.len;
	rest->s += used;
	rest->len -= used;
	return part;
}

static int
scram_read(struct scheme const *scheme, struct bytes hash, struct scram *out)
{
	struct bytes rounds = next_part(&hash);
	struct bytes salt = next_part(&hash);
	struct bytes stored_key = next_part(&hash);
	out->rounds = 0;
	for (size_t i = 0; i < rounds.len; i++) {
		unsigned digit = (unsigned char)rounds.s[i] - (unsigned)'0';
		if (digit > 9 || out->rounds > SCRAM_ROUNDS_MAX)
			return 0;
		out->rounds = out->rounds * 10 + digit;
	}
	return out->rounds > 0 && out->rounds <= SCRAM_ROUNDS_MAX &&
	    base64_decode(salt.s, salt.len, &out->salt) > 0 &&
	    out->salt.len > 0 && out->salt.len <= SALT_MAX &&
	    base64_decode(stored_key.s, stored_key.len, &out->stored_key) > 0 &&
	    out->stored_key.len == (size_t)EVP_MD_get_size(scheme->digest()) &&
	    hash.len > 0;
}

static void
scram_free(struct scram *s)
{
	stralloc_free(&s->salt);
	stralloc_free(&s->stored_key);
}

static int
scram_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	struct scram s = { 0, STRALLOC_ZERO, STRALLOC_ZERO };
	*why = "rounds,salt,StoredKey,ServerKey are needed";
	int ok = scram_read(scheme, hash, &s);
	scram_free(&s);
	return ok;
}

/* RFC 5802 section 3: StoredKey := H(HMAC(Hi(password), "Client Key")). */
static int
scram_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	struct scram s = { 0, STRALLOC_ZERO, STRALLOC_ZERO };
	unsigned char salted[EVP_MAX_MD_SIZE], client[EVP_MAX_MD_SIZE];
	unsigned char made[EVP_MAX_MD_SIZE];
	int size = EVP_MD_get_size(scheme->digest());
	int ok = scram_read(scheme, hash, &s) &&
	    PKCS5_PBKDF2_HMAC(given.s, (int)given.len,
	        (unsigned char const *)s.salt.s, (int)s.salt.len, (int)s.rounds,
	        scheme->digest(), size, salted) &&
	    HMAC(scheme->digest(), salted, size,
	        (unsigned char const *)"Client Key", 10, client, NULL) &&
	    EVP_Digest(client, (size_t)size, made, NULL, scheme->digest(),
	        NULL) &&
	    equal((char const *)made, s.stored_key.s, (size_t)size);
	explicit_bzero(salted, sizeof salted);
	explicit_bzero(client, sizeof client);
	scram_free(&s);
	return ok;
}

/* --- the table ------------------------------------------------------------ */

#define CRYPT(name, prefix) \
	{ \
		name, crypt_usable, crypt_verify, prefix, NULL, false \
	}
#define DIGEST(name, function, salted) \
	{ \
		name, digest_usable, digest_verify, NULL, function, salted \
	}
#define PLAIN(name) \
	{ \
		name, plain_usable, plain_verify, NULL, NULL, false \
	}
#define SCRAM(name, function) \
	{ \
		name, scram_usable, scram_verify, NULL, function, false \
	}

static struct scheme const schemes[] = {
	CRYPT("CRYPT", NULL), /* first: a hash without braces, and new ones */
	CRYPT("SHA512-CRYPT", "$6$"),
	CRYPT("SHA256-CRYPT", "$5$"),
	CRYPT("BLF-CRYPT", "$2"),
	CRYPT("MD5-CRYPT", "$1$"),
	CRYPT("MD5", "$1$"),
	CRYPT("DES-CRYPT", NULL),
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
	{ "CRAM-MD5", cram_usable, cram_verify, NULL, NULL, false },
	{ "HMAC-MD5", cram_usable, cram_verify, NULL, NULL, false },
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

int
password_hash(char const *password, size_t len, stralloc *stored)
{
	static struct crypt_data data;
	char phrase[PASSWORD_STORE_MAX + 1];
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	if (!len || len > PASSWORD_STORE_MAX || memchr(password, 0, len)) {
		errno = EINVAL;
		return 0;
	}
	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof setting))
		return 0;
	memcpy(phrase, password, len);
	phrase[len] = 0;
	memset(&data, 0, sizeof data);
	char const *made = crypt_r(phrase, setting, &data);
	int ok = made && *made != '*' && stralloc_copys(stored, "{CRYPT}") &&
	    stralloc_cats(stored, made);
	int saved = errno;
	explicit_bzero(phrase, sizeof phrase);
	explicit_bzero(&data, sizeof data);
	errno = saved;
	return ok;
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
