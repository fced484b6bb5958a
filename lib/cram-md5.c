/* SPDX-License-Identifier: ISC */
/* MD5_Init and friends are deprecated; the stored secret is their state. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cram-md5.h"

#include <stdint.h>
#include <string.h>
#include <openssl/md5.h>

#include "hex.h"

enum { STATE = 16, BLOCK = 64 };

static void
put_state(MD5_CTX const *md, unsigned char *out)
{
	uint32_t const word[4] = { md->A, md->B, md->C, md->D };
	for (size_t i = 0; i < STATE; i++)
		out[i] = (unsigned char)(word[i / 4] >> 8 * (i % 4));
}

static uint32_t
get_word(unsigned char const *in)
{
	return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
	    (uint32_t)in[3] << 24;
}

/* As if one block had been taken in. */
static int
take_up(MD5_CTX *md, unsigned char const *state)
{
	if (!MD5_Init(md))
		return 0;
	md->A = get_word(state);
	md->B = get_word(state + 4);
	md->C = get_word(state + 8);
	md->D = get_word(state + 12);
	md->Nl = BLOCK * 8;
	return 1;
}

/* The state of MD5 after the key, padded to a block and mixed with PAD. */
static int
keyed_state(unsigned char const key[BLOCK], unsigned char pad,
    unsigned char *out)
{
	unsigned char block[BLOCK];
	MD5_CTX md;
	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	int ok = MD5_Init(&md) && MD5_Update(&md, block, sizeof block);
	put_state(&md, out);
	explicit_bzero(block, sizeof block);
	explicit_bzero(&md, sizeof md);
	return ok;
}

int
cram_md5_derive(struct bytes password, struct cram_md5_secret *secret)
{
	unsigned char key[BLOCK] = { 0 };
	/* RFC 2104: a key longer than a block is its digest. */
	if (password.len > BLOCK)
		MD5((unsigned char const *)password.s, password.len, key);
	else
		memcpy(key, password.s, password.len);
	int ok = keyed_state(key, 0x5c, secret->octets) &&
	    keyed_state(key, 0x36, secret->octets + STATE);
	explicit_bzero(key, sizeof key);
	return ok;
}

int
cram_md5_parse(struct bytes hash, struct cram_md5_secret *secret)
{
	return hash.len == 2 * sizeof secret->octets &&
	    hex_decode(hash.s, sizeof secret->octets, secret->octets);
}

int
cram_md5_digest(struct cram_md5_secret const *secret, struct bytes challenge,
    unsigned char digest[CRAM_MD5_DIGEST])
{
	unsigned char inner[CRAM_MD5_DIGEST];
	MD5_CTX md;
	int ok = take_up(&md, secret->octets + STATE) &&
	    MD5_Update(&md, challenge.s, challenge.len) &&
	    MD5_Final(inner, &md) && take_up(&md, secret->octets) &&
	    MD5_Update(&md, inner, sizeof inner) && MD5_Final(digest, &md);
	explicit_bzero(&md, sizeof md);
	return ok;
}

/* A login may have blanks in it, the digest has none. */
int
cram_md5_response(struct bytes s, struct bytes *login,
    unsigned char digest[CRAM_MD5_DIGEST])
{
	size_t tail = (size_t)2 * CRAM_MD5_DIGEST;
	if (s.len < tail + 2 || s.s[s.len - tail - 1] != ' ')
		return 0;
	login->s = s.s;
	login->len = s.len - tail - 1;
	return hex_decode(s.s + login->len + 1, CRAM_MD5_DIGEST, digest);
}
