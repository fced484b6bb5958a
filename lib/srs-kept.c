/* SPDX-License-Identifier: ISC */
#include "srs-kept.h"

#include <string.h>
#include <skalibs/sha256.h>

#include "bytes.h"
#include "hash-file.h"

enum {
	BUCKETS = 4096, /* 32,768 records, 4 MB when all are in use */
	PIECE = HASH_FILE_DATA - 2,
	PIECES = (ADDRESS_MAX + PIECE - 1) / PIECE, /* of the longest address */
	DAY = 86400
};

static char const digits[] = "abcdefghijklmnopqrstuvwxyz234567";

/* What one record holds of an address. */
struct piece {
	unsigned char count; /* of the address's pieces */
	unsigned char len;
	char text[PIECE];
};

static void
key_of(char const name[SRS_NAME], unsigned int number,
    unsigned char key[HASH_FILE_KEY])
{
	memset(key, 0, HASH_FILE_KEY);
	memcpy(key, name, SRS_NAME);
	key[SRS_NAME] = (unsigned char)number;
}

/* Five bits of the digest a digit. */
static void
name_of(struct bytes address, char name[SRS_NAME])
{
	SHA256Schedule ctx = SHA256_INIT();
	char digest[32];
	sha256_update(&ctx, address.s, address.len);
	sha256_final(&ctx, digest);
	for (size_t i = 0; i < SRS_NAME; i++)
		name[i] = digits[(unsigned char)digest[i] & 31];
}

/* --- keep --------------------------------------------------------------- */

static bool
keep_piece(struct hash_file const *f, char const name[SRS_NAME],
    unsigned int number, struct piece const *p, struct srs const *s)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_change c;
	key_of(name, number, key);
	hash_file_begin(f, key, (int64_t)(s->today * DAY), &c);
	c.record.expires = (int64_t)((s->today + s->days + 1) * DAY);
	memcpy(c.record.data, p, sizeof *p);
	return hash_file_end(f, &c);
}

static bool
keep(struct srs const *s, struct bytes address, char name[SRS_NAME])
{
	struct hash_file f;
	size_t count = (address.len + PIECE - 1) / PIECE;
	name_of(address, name);
	bool ok = hash_file_open(&f, "reverse-paths", BUCKETS);
	for (unsigned int i = 0; ok && i < count; i++) {
		size_t at = (size_t)i * PIECE;
		struct bytes rest = { address.s + at, address.len - at };
		struct piece p = { .count = (unsigned char)count };
		p.len = (unsigned char)(rest.len < PIECE ? rest.len : PIECE);
		memcpy(p.text, rest.s, p.len);
		ok = keep_piece(&f, name, i, &p, s);
	}
	hash_file_close(&f);
	return ok;
}

enum srs_result
srs_send_on(struct srs const *s, struct address const *sender,
    struct address *out)
{
	stralloc text = STRALLOC_ZERO;
	char name[SRS_NAME];
	enum srs_result r = srs_forward(s, sender, out);
	if (r == SRS_TOO_LONG && address_format(sender, &text) &&
	    keep(s, (struct bytes){ text.s, text.len }, name))
		r = srs_forward_name(s, name, out);
	stralloc_free(&text);
	return r;
}

/* --- bring back --------------------------------------------------------- */

/* Appends piece NUMBER; how many there are, 0 when it is not there. */
static unsigned int
get_piece(struct hash_file const *f, char const name[SRS_NAME],
    unsigned int number, struct srs const *s, stralloc *text)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_record record;
	struct piece p;
	key_of(name, number, key);
	if (!hash_file_get(f, key, (int64_t)(s->today * DAY), &record))
		return 0;
	memcpy(&p, record.data, sizeof p);
	return p.len <= PIECE && stralloc_catb(text, p.text, p.len) ? p.count
	                                                            : 0;
}

/* OK when all of it is there, and nothing else. */
static enum srs_result
get_all(struct srs const *s, char const name[SRS_NAME], stralloc *text)
{
	struct hash_file f;
	char again[SRS_NAME];
	unsigned int i = 0, count = 1;
	if (!hash_file_open(&f, "reverse-paths", BUCKETS))
		return SRS_FAILED;
	while (i < count && i < PIECES)
		count = get_piece(&f, name, i++, s, text);
	hash_file_close(&f);
	if (!count || !text->len)
		return SRS_EXPIRED;
	name_of((struct bytes){ text->s, text->len }, again);
	return memcmp(name, again, SRS_NAME) == 0 ? SRS_OK : SRS_EXPIRED;
}

enum srs_result
srs_bring_back(struct srs const *s, struct address const *a,
    struct address *out)
{
	stralloc text = STRALLOC_ZERO;
	enum srs_result r = srs_return(s, a, out);
	if (r == SRS_NAMED)
		r = get_all(s, out->local, &text);
	if (r == SRS_OK && text.len && !address_parse(text.s, text.len, out))
		r = SRS_EXPIRED;
	stralloc_free(&text);
	return r;
}
