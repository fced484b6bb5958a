/* SPDX-License-Identifier: ISC */
#include "auth-challenge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth-mechanisms.h"
#include "auth-secret.h"
#include "base64.h"
#include "cram-md5.h"
#include "log.h"
#include "map.h"
#include "password.h"

enum { RANDOM = 18 }; /* octets: 24 digits of base64 */

static int
append_random(stralloc *sa)
{
	char octets[RANDOM];
	return getrandom(octets, sizeof octets, 0) == (ssize_t)sizeof octets &&
	    base64_encode(octets, sizeof octets, sa);
}

static struct bytes
bytes_in(stralloc const *sa)
{
	return (struct bytes){ sa->s ? sa->s : "", sa->len };
}

static enum auth_result
no_challenge(struct auth_verdict *v)
{
	v->user.len = v->label.len = 0;
	return auth_settle(v, AUTH_WRONG, "answer without a challenge");
}

/* --- CRAM-MD5 ------------------------------------------------------------- */

/* RFC 2195 section 2: a msg-id of RFC 822. */
int
auth_challenge_cram_md5(struct auth_challenge *c, char const *hostname,
    stralloc *text)
{
	char rest[300];
	snprintf(rest, sizeof rest, ".%lld@%.255s>", (long long)time(NULL),
	    hostname);
	int ok = stralloc_copys(text, "<") && append_random(text) &&
	    stralloc_cats(text, rest) && stralloc_copy(&c->message, text);
	c->open = ok ? AUTH_CRAM_MD5 : AUTH_NO_CHALLENGE;
	return ok;
}

struct cram_md5_answer {
	struct bytes challenge;
	struct bytes digest;
};

static bool
digest_fits(void *arg, struct bytes hash)
{
	struct cram_md5_answer const *a = arg;
	struct cram_md5_secret secret;
	struct bytes plain;
	unsigned char made[CRAM_MD5_DIGEST];
	bool fits = (password_cram_md5(hash.s, hash.len, &secret) ||
	                (password_plain(hash.s, hash.len, &plain) &&
	                    cram_md5_derive(plain, &secret))) &&
	    cram_md5_digest(&secret, a->challenge, made) &&
	    CRYPTO_memcmp(made, a->digest.s, sizeof made) == 0;
	explicit_bzero(&secret, sizeof secret);
	return fits;
}

enum auth_result
auth_answer_cram_md5(struct auth_challenge *c, char const *service,
    struct bytes login, struct bytes digest, struct auth_verdict *v)
{
	struct cram_md5_answer answer = { bytes_in(&c->message), digest };
	if (c->open != AUTH_CRAM_MD5 || digest.len != CRAM_MD5_DIGEST)
		return no_challenge(v);
	c->open = AUTH_NO_CHALLENGE;
	return auth_verify(service, login, digest_fits, &answer, v);
}

/* --- SCRAM: the salt ------------------------------------------------------ */

/* Salt and rounds that LOGIN has each time. KIND: "ROUNDS/SALTLENGTH". */
static void
make_up(struct bytes login, struct bytes kind,
    unsigned char const secret[AUTH_SECRET], struct scram_secret *salt)
{
	char text[32] = "";
	unsigned char made[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	if (kind.len < sizeof text)
		memcpy(text, kind.s, kind.len);
	char *slash = strchr(text, '/');
	unsigned long rounds = strtoul(text, NULL, 10);
	unsigned long len = slash ? strtoul(slash + 1, NULL, 10) : 0;
	salt->rounds = rounds && rounds <= SCRAM_ROUNDS_MAX ? (uint32_t)rounds
	                                                    : SCRAM_ROUNDS;
	salt->salt_len = len && len <= SCRAM_SALT_MAX ? len : SCRAM_SALT;
	/* SHA-512 gives 64 octets: a longer salt repeats them */
	HMAC(EVP_sha512(), secret, AUTH_SECRET, (unsigned char const *)login.s,
	    login.len, made, &size);
	for (size_t i = 0; size && i < salt->salt_len; i++)
		salt->salt[i] = made[i % size];
}

/* One of the kinds in the map, always the same for this login. */
static struct bytes
choose_kind(stralloc const *kinds, struct bytes login,
    unsigned char const secret[AUTH_SECRET])
{
	unsigned char made[EVP_MAX_MD_SIZE] = { 0 };
	struct bytes rest = bytes_in(kinds), kind = { "", 0 };
	size_t count = 0;
	while (rest.len) {
		bytes_take_until(&rest, ' ');
		count++;
	}
	HMAC(EVP_sha256(), secret, AUTH_SECRET, (unsigned char const *)login.s,
	    login.len, made, NULL);
	rest = bytes_in(kinds);
	for (size_t i = count ? made[0] % count + 1 : 0; i; i--)
		kind = bytes_take_until(&rest, ' ');
	return kind;
}

/* The salt of the passwords that are for this service; they share one
 * (besace-maps(5)). 1; 0 when they have none: PLAIN tells whether one of them
 * is stored as it is. */
static int
stored_salt(stralloc const *value, char const *service,
    struct scram_secret *salt, bool *plain)
{
	struct auth_entry e;
	struct bytes word;
	*plain = false;
	for (size_t pos = 0; auth_next_entry(value->s, value->len, &pos, &e);) {
		if (!auth_entry_allows(&e, service))
			continue;
		if (password_scram(e.hash.s, e.hash.len, salt))
			return 1;
		*plain |= password_plain(e.hash.s, e.hash.len, &word);
	}
	return 0;
}

/* The salt is made up for everybody and then thrown away for who has one: that
 * takes longer than all the rest, and must not show who is there. */
static void
choose_salt(stralloc const *value, stralloc const *kinds, char const *service,
    struct bytes login, unsigned char const secret[AUTH_SECRET],
    struct scram_secret *salt)
{
	struct scram_secret stored;
	bool plain;
	bool known = stored_salt(value, service, &stored, &plain);
	struct bytes kind = choose_kind(kinds, login, secret);
	make_up(login, plain ? bytes_of("") : kind, secret, salt);
	if (known)
		*salt = stored;
}

/* KEY is empty when it cannot be a login. 1; 0, logged. */
static int
find_salt(struct map *map, char const *service, stralloc const *key,
    struct scram_secret *salt)
{
	unsigned char secret[AUTH_SECRET];
	stralloc value = STRALLOC_ZERO, kinds = STRALLOC_ZERO;
	struct bytes login = bytes_in(key);
	int ok = map_get(map, login.s, login.len, &value) >= 0 &&
	    map_note(map, AUTH_NOTE_SCRAM, &kinds) >= 0;
	if (!ok)
		log_error("look up login", "passwords.cdb", errno);
	ok = ok && auth_secret(secret);
	if (ok)
		choose_salt(&value, &kinds, service, login, secret, salt);
	explicit_bzero(secret, sizeof secret);
	if (value.s)
		explicit_bzero(value.s, value.a);
	stralloc_free(&value);
	stralloc_free(&kinds);
	return ok;
}

/* --- SCRAM: the messages -------------------------------------------------- */

static int
write_challenge(struct auth_challenge *c, struct bytes nonce, struct bytes bare,
    stralloc *text)
{
	stralloc whole = STRALLOC_ZERO;
	text->len = 0;
	int ok = stralloc_copyb(&whole, nonce.s, nonce.len) &&
	    append_random(&whole) &&
	    scram_server_first(bytes_in(&whole), &c->salt, text) &&
	    stralloc_copyb(&c->message, bare.s, bare.len) &&
	    stralloc_append(&c->message, ',') &&
	    stralloc_cat(&c->message, text) &&
	    stralloc_append(&c->message, ',');
	stralloc_free(&whole);
	return ok;
}

int
auth_challenge_scram(struct auth_challenge *c, char const *service,
    struct bytes login, struct bytes nonce, struct bytes client_first_bare,
    stralloc *text)
{
	stralloc key = STRALLOC_ZERO;
	int folded = auth_fold(login, &key);
	struct map *map = folded < 0 ? NULL : map_open_logged("passwords");
	if (folded == 0)
		key.len = 0;
	int ok = map && find_salt(map, service, &key, &c->salt) &&
	    stralloc_copyb(&c->login, login.s, login.len) &&
	    write_challenge(c, nonce, client_first_bare, text);
	c->open = ok ? AUTH_SCRAM : AUTH_NO_CHALLENGE;
	map_close(map);
	stralloc_free(&key);
	return ok;
}

struct scram_answer {
	struct scram_secret salt;
	struct bytes auth_message;
	unsigned char const *proof;
	unsigned char signature[SCRAM_SHA_256];
};

static bool
proof_fits(void *arg, struct bytes hash)
{
	struct scram_answer *a = arg;
	struct scram_secret secret = a->salt;
	unsigned char signature[SCRAM_SHA_256];
	struct bytes plain;
	bool known = password_plain(hash.s, hash.len, &plain)
	    ? scram_derive(plain, EVP_sha256(), &secret)
	    : password_scram(hash.s, hash.len, &secret) &&
	        scram_same_salt(&secret, &a->salt);
	bool fits = known &&
	    scram_proof_fits(&secret, a->auth_message, a->proof, signature);
	if (fits)
		memcpy(a->signature, signature, sizeof signature);
	explicit_bzero(&secret, sizeof secret);
	return fits;
}

enum auth_result
auth_answer_scram(struct auth_challenge *c, char const *service,
    struct bytes proof, struct bytes without_proof, stralloc *text,
    struct auth_verdict *v)
{
	if (c->open != AUTH_SCRAM || proof.len != SCRAM_SHA_256)
		return no_challenge(v);
	c->open = AUTH_NO_CHALLENGE;
	if (!stralloc_catb(&c->message, without_proof.s, without_proof.len))
		return auth_settle(v, AUTH_FAILED, "no memory");
	struct scram_answer answer = { .salt = c->salt,
		.auth_message = bytes_in(&c->message),
		.proof = (unsigned char const *)proof.s };
	if (auth_verify(service, bytes_in(&c->login), proof_fits, &answer, v) ==
	        AUTH_OK &&
	    (!stralloc_copys(text, "v=") ||
	        !base64_encode((char const *)answer.signature,
	            sizeof answer.signature, text)))
		auth_settle(v, AUTH_FAILED, "no memory");
	return v->result;
}
