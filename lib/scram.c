/* SPDX-License-Identifier: ISC */
#include "scram.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base64.h"

/* --- the stored form ------------------------------------------------------ */

static size_t
size_of(EVP_MD const *md)
{
	return (size_t)EVP_MD_get_size(md);
}

static int
parse_rounds(struct bytes s, uint32_t *rounds)
{
	*rounds = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.s[i] - (unsigned)'0';
		if (digit > 9 || *rounds > SCRAM_ROUNDS_MAX)
			return 0;
		*rounds = *rounds * 10 + digit;
	}
	return *rounds > 0 && *rounds <= SCRAM_ROUNDS_MAX;
}

/* Between LEAST and MOST octets; their number, or 0. */
static size_t
parse_octets(struct bytes s, size_t least, size_t most, unsigned char *out)
{
	stralloc raw = STRALLOC_ZERO;
	size_t len = 0;
	if (base64_decode(s.s, s.len, &raw) > 0 && raw.len >= least &&
	    raw.len <= most) {
		memcpy(out, raw.s, raw.len);
		len = raw.len;
	}
	stralloc_free(&raw);
	return len;
}

int
scram_parse(struct bytes text, EVP_MD const *md, struct scram_secret *secret)
{
	size_t size = size_of(md);
	struct bytes rounds = bytes_take_until(&text, ',');
	struct bytes salt = bytes_take_until(&text, ',');
	struct bytes stored_key = bytes_take_until(&text, ',');
	secret->salt_len = parse_octets(salt, 1, SCRAM_SALT_MAX, secret->salt);
	return parse_rounds(rounds, &secret->rounds) && secret->salt_len &&
	    parse_octets(stored_key, size, size, secret->stored_key) &&
	    parse_octets(text, size, size, secret->server_key);
}

int
scram_format(struct scram_secret const *secret, EVP_MD const *md,
    stralloc *text)
{
	char rounds[16];
	snprintf(rounds, sizeof rounds, "%u,", (unsigned)secret->rounds);
	return stralloc_cats(text, rounds) &&
	    base64_encode((char const *)secret->salt, secret->salt_len, text) &&
	    stralloc_append(text, ',') &&
	    base64_encode((char const *)secret->stored_key, size_of(md),
	        text) &&
	    stralloc_append(text, ',') &&
	    base64_encode((char const *)secret->server_key, size_of(md), text);
}

static int
keyed(EVP_MD const *md, unsigned char const *key, struct bytes data,
    unsigned char *out)
{
	return HMAC(md, key, (int)size_of(md), (unsigned char const *)data.s,
	           data.len, out, NULL) != NULL;
}

/* RFC 5802 section 3: StoredKey := H(HMAC(Hi(password), "Client Key")). */
static int
derive(struct bytes password, EVP_MD const *md, struct scram_secret *secret,
    unsigned char client[SCRAM_KEY_MAX])
{
	unsigned char salted[SCRAM_KEY_MAX];
	size_t size = size_of(md);
	int ok = PKCS5_PBKDF2_HMAC(password.s, (int)password.len, secret->salt,
	             (int)secret->salt_len, (int)secret->rounds, md, (int)size,
	             salted) &&
	    keyed(md, salted, bytes_of("Client Key"), client) &&
	    EVP_Digest(client, size, secret->stored_key, NULL, md, NULL) &&
	    keyed(md, salted, bytes_of("Server Key"), secret->server_key);
	explicit_bzero(salted, sizeof salted);
	return ok;
}

int
scram_derive(struct bytes password, EVP_MD const *md,
    struct scram_secret *secret)
{
	unsigned char client[SCRAM_KEY_MAX];
	int ok = derive(password, md, secret, client);
	explicit_bzero(client, sizeof client);
	return ok;
}

bool
scram_same_salt(struct scram_secret const *a, struct scram_secret const *b)
{
	return a->rounds == b->rounds && a->salt_len == b->salt_len &&
	    memcmp(a->salt, b->salt, a->salt_len) == 0;
}

/* --- the messages --------------------------------------------------------- */

/* The value of the attribute NAME, which must come next in *REST. 1, or 0. */
static int
take_attribute(struct bytes *rest, char name, struct bytes *value)
{
	*value = bytes_take_until(rest, ',');
	if (value->len < 2 || value->s[0] != name || value->s[1] != '=')
		return 0;
	value->s += 2;
	value->len -= 2;
	return 1;
}

/* RFC 5802 section 5.1: printable, without a comma, which ended it. */
static bool
is_nonce(struct bytes s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] < 0x21 || s.s[i] > 0x7e)
			return false;
	return s.len && s.len <= SCRAM_NONCE_MAX;
}

/* saslname: "=2C" is a comma, "=3D" an equals sign, no other "=" is there.
 * Control octets are not let through to anybody. The length, 0 for no name. */
static size_t
decode_name(struct bytes s, char out[SCRAM_LOGIN_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < s.len && n < SCRAM_LOGIN_MAX; i++) {
		unsigned char c = (unsigned char)s.s[i];
		if (c < 0x20 || c == 0x7f)
			return 0;
		if (c == '=') {
			if (s.len - i < 3)
				return 0;
			bool comma = memcmp(s.s + i, "=2C", 3) == 0;
			if (!comma && memcmp(s.s + i, "=3D", 3) != 0)
				return 0;
			c = comma ? ',' : '=';
			i += 2;
		}
		out[n++] = (char)c;
		if (n == SCRAM_LOGIN_MAX)
			return 0;
	}
	return n;
}

/* gs2-header: "n,,", "y,a=authzid,", "p=tls-exporter,,". */
static int
take_header(struct bytes *rest, struct scram_first *first,
    struct bytes *authzid)
{
	struct bytes flag = bytes_take_until(rest, ',');
	struct bytes identity = bytes_take_until(rest, ',');
	struct bytes none = { "", 0 };
	first->flag = flag.len ? *flag.s : 0;
	first->binding = *authzid = none;
	if (first->flag == 'p') {
		if (!take_attribute(&flag, 'p', &first->binding))
			return 0;
	} else if (flag.len != 1 || (*flag.s != 'n' && *flag.s != 'y')) {
		return 0;
	}
	return !identity.len || take_attribute(&identity, 'a', authzid);
}

int
scram_client_first(struct bytes s, struct scram_first *first)
{
	char other[SCRAM_LOGIN_MAX];
	struct bytes rest = s, authzid, name;
	if (!take_header(&rest, first, &authzid))
		return 0;
	first->bare = rest;
	first->gs2 = (struct bytes){ s.s, (size_t)(rest.s - s.s) };
	if (!take_attribute(&rest, 'n', &name) ||
	    !take_attribute(&rest, 'r', &first->nonce) ||
	    !is_nonce(first->nonce))
		return 0;
	first->login_len = decode_name(name, first->login);
	if (!first->login_len || !authzid.len)
		return first->login_len > 0;
	return decode_name(authzid, other) == first->login_len &&
	    strncasecmp(other, first->login, first->login_len) == 0;
}

int
scram_client_final(struct bytes s, struct scram_final *final)
{
	struct bytes rest = s;
	char const *comma = memrchr(s.s, ',', s.len);
	if (!comma || !take_attribute(&rest, 'c', &final->binding) ||
	    !take_attribute(&rest, 'r', &final->nonce) || comma < rest.s - 1)
		return 0;
	struct bytes proof = { comma + 1, s.len - (size_t)(comma + 1 - s.s) };
	final->without_proof = (struct bytes){ s.s, (size_t)(comma - s.s) };
	return take_attribute(&proof, 'p', &rest) &&
	    parse_octets(rest, SCRAM_SHA_256, SCRAM_SHA_256, final->proof) > 0;
}

int
scram_read_server_first(struct bytes s, struct bytes mine, struct bytes *nonce,
    struct scram_secret *secret)
{
	struct bytes rest = s, salt, rounds;
	if (!take_attribute(&rest, 'r', nonce) || !is_nonce(*nonce) ||
	    nonce->len <= mine.len || memcmp(nonce->s, mine.s, mine.len) != 0 ||
	    !take_attribute(&rest, 's', &salt) ||
	    !take_attribute(&rest, 'i', &rounds))
		return 0;
	secret->salt_len = parse_octets(salt, 1, SCRAM_SALT_MAX, secret->salt);
	return secret->salt_len && parse_rounds(rounds, &secret->rounds);
}

int
scram_binding_fits(struct scram_final const *final, struct bytes gs2,
    struct bytes channel, struct bytes nonce)
{
	stralloc raw = STRALLOC_ZERO, text = STRALLOC_ZERO;
	int fits = -1;
	if (stralloc_copyb(&raw, gs2.s, gs2.len) &&
	    stralloc_catb(&raw, channel.s, channel.len) &&
	    base64_encode(raw.s, raw.len, &text))
		fits = text.len == final->binding.len &&
		    memcmp(text.s, final->binding.s, text.len) == 0 &&
		    nonce.len == final->nonce.len &&
		    memcmp(nonce.s, final->nonce.s, nonce.len) == 0;
	stralloc_free(&raw);
	stralloc_free(&text);
	return fits;
}

int
scram_server_first(struct bytes nonce, struct scram_secret const *secret,
    stralloc *text)
{
	char rounds[16];
	snprintf(rounds, sizeof rounds, ",i=%u", (unsigned)secret->rounds);
	return stralloc_cats(text, "r=") &&
	    stralloc_catb(text, nonce.s, nonce.len) &&
	    stralloc_cats(text, ",s=") &&
	    base64_encode((char const *)secret->salt, secret->salt_len, text) &&
	    stralloc_cats(text, rounds);
}

bool
scram_proof_fits(struct scram_secret const *secret, struct bytes auth_message,
    unsigned char const proof[SCRAM_SHA_256],
    unsigned char signature[SCRAM_SHA_256])
{
	unsigned char client[SCRAM_SHA_256], stored[SCRAM_SHA_256];
	EVP_MD const *md = EVP_sha256();
	int ok = keyed(md, secret->stored_key, auth_message, client);
	for (size_t i = 0; i < sizeof client; i++)
		client[i] ^= proof[i];
	ok = ok && EVP_Digest(client, sizeof client, stored, NULL, md, NULL) &&
	    keyed(md, secret->server_key, auth_message, signature) &&
	    CRYPTO_memcmp(stored, secret->stored_key, sizeof stored) == 0;
	explicit_bzero(client, sizeof client);
	return ok;
}

int
scram_prove(struct bytes password, struct scram_secret *secret,
    struct bytes auth_message, unsigned char proof[SCRAM_SHA_256],
    unsigned char signature[SCRAM_SHA_256])
{
	unsigned char client[SCRAM_KEY_MAX];
	EVP_MD const *md = EVP_sha256();
	int ok = derive(password, md, secret, client) &&
	    keyed(md, secret->stored_key, auth_message, proof) &&
	    keyed(md, secret->server_key, auth_message, signature);
	for (size_t i = 0; ok && i < SCRAM_SHA_256; i++)
		proof[i] ^= client[i];
	explicit_bzero(client, sizeof client);
	return ok;
}
