/* SPDX-License-Identifier: ISC */
#include "signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <skalibs/genalloc.h>
#include "key.h"
#include "message.h"

/* Fields that say who, to whom, what and how it is to be read (RFC 6376 5.4.1).
 * Trace fields, Return-Path and X- fields change on the way and stay out.
 * An "oversigned" name is listed once more than it occurs, so that a field of
 * that name put in later breaks the signature (RFC 6376 8.15). */
static struct {
	char const *name;
	bool oversign;
} const signed_fields[] = {
	{ "From", true },
	{ "To", true },
	{ "Cc", false },
	{ "Subject", true },
	{ "Date", true },
	{ "Message-ID", false },
	{ "Sender", false },
	{ "Reply-To", false },
	{ "In-Reply-To", false },
	{ "References", false },
	{ "MIME-Version", false },
	{ "Content-Type", false },
	{ "Content-Transfer-Encoding", false },
	{ "Content-Disposition", false },
	{ "Content-Language", false },
	{ "Resent-Date", false },
	{ "Resent-From", false },
	{ "Resent-Sender", false },
	{ "Resent-To", false },
	{ "Resent-Cc", false },
	{ "Resent-Message-ID", false },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false },
	{ "List-Subscribe", false },
	{ "List-Post", false },
	{ "List-Owner", false },
	{ "List-Archive", false },
	{ "Autocrypt", false },
};

enum {
	SIGNED_FIELDS = sizeof signed_fields / sizeof *signed_fields,
	LINE_MAX_COLUMN = 76,
	TAB_COLUMNS = 8,
	SIGNATURE_MAX = 2048 /* an RSA key of 16384 bits */
};

/* --- the field's text ------------------------------------------------------ */

struct text {
	stralloc *sa;
	size_t column;
};

/* A piece that is not to be broken, on this line or the next. */
static int
put_piece(struct text *t, char const *s, size_t len)
{
	if (t->column + len > LINE_MAX_COLUMN) {
		while (len && *s == ' ') {
			s++;
			len--;
		}
		if (!stralloc_cats(t->sa, "\n\t"))
			return 0;
		t->column = TAB_COLUMNS;
	}
	t->column += len;
	return stralloc_catb(t->sa, s, len);
}

static int
put_tag(struct text *t, char const *name, char const *value)
{
	char tag[400];
	int n = snprintf(tag, sizeof tag, " %s=%s;", name, value);
	return n > 0 && (size_t)n < sizeof tag && put_piece(t, tag, (size_t)n);
}

/* Base64 may be folded anywhere (RFC 6376 3.5: FWS in base64string). */
static int
put_base64(struct text *t, unsigned char const *bytes, size_t len)
{
	unsigned char b64[SIGNATURE_MAX / 3 * 4 + 8];
	if (len > SIGNATURE_MAX)
		return 0;
	size_t n = (size_t)EVP_EncodeBlock(b64, bytes, (int)len);
	for (size_t i = 0; i < n;) {
		size_t room = t->column < LINE_MAX_COLUMN
		    ? LINE_MAX_COLUMN - t->column
		    : 1; /* starts the next line */
		size_t k = n - i < room ? n - i : room;
		if (!put_piece(t, (char const *)b64 + i, k))
			return 0;
		i += k;
	}
	return 1;
}

/* --- which fields ---------------------------------------------------------- */

struct chosen {
	struct message_field field;
	int rank; /* in signed_fields */
};

static int
rank_of(struct message_field const *f)
{
	for (int i = 0; i < SIGNED_FIELDS; i++)
		if (message_field_is(f, signed_fields[i].name))
			return i;
	return -1;
}

static int
choose(char const *m, size_t len, genalloc *all)
{
	struct message_field f;
	size_t pos = message_mbox_line(m, len);
	while (message_next_field(m, len, &pos, &f)) {
		struct chosen c = { f, rank_of(&f) };
		if (c.rank >= 0 && !genalloc_append(struct chosen, all, &c))
			return 0;
	}
	return 1;
}

static int
list_name(struct text *t, char const *name, bool first)
{
	char piece[64];
	int n =
	    snprintf(piece, sizeof piece, "%s%s", first ? " h=" : ":", name);
	return n > 0 && put_piece(t, piece, (size_t)n);
}

/* Writes h= and gathers the canonical fields in the same order: fields of one
 * name from the last to the first (RFC 6376 5.4.2). */
static int
list_fields(struct signature const *how, char const *m, size_t len,
    struct text *t, stralloc *canonical)
{
	genalloc all = GENALLOC_ZERO;
	int ok = choose(m, len, &all);
	struct chosen *c = genalloc_s(struct chosen, &all);
	size_t n = genalloc_len(struct chosen, &all);
	for (int rank = 0; ok && rank < SIGNED_FIELDS; rank++) {
		char const *name = signed_fields[rank].name;
		bool first = rank == 0;
		for (size_t i = n; ok && i--;) {
			if (c[i].rank != rank)
				continue;
			ok = list_name(t, name, first) &&
			    canon_field(how->header, &c[i].field, canonical);
			first = false;
		}
		if (ok && signed_fields[rank].oversign)
			ok = list_name(t, name, first);
	}
	genalloc_free(struct chosen, &all);
	return ok && put_piece(t, ";", 1);
}

/* --- digests --------------------------------------------------------------- */

static int
digest_more(void *ctx, char const *s, size_t len)
{
	return EVP_DigestUpdate(ctx, s, len);
}

static int
digest_body(enum canon how, char const *body, size_t len,
    unsigned char digest[static EVP_MAX_MD_SIZE], unsigned int *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct canon_body b;
	canon_body_init(&b, how, digest_more, ctx);
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
	    canon_body_feed(&b, body, len) && canon_body_end(&b) &&
	    EVP_DigestFinal_ex(ctx, digest, n);
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* RFC 8463 section 3: Ed25519 signs the SHA-256 of the header, RSA its PKCS#1
 * v1.5 encoding. */
static int
sign(EVP_PKEY *key, stralloc const *header, unsigned char *out, size_t *n)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_len;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char const *data = (unsigned char const *)header->s;
	int ok;
	if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519)
		ok = ctx &&
		    EVP_Digest(header->s, header->len, digest, &digest_len,
		        EVP_sha256(), NULL) > 0 &&
		    EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) > 0 &&
		    EVP_DigestSign(ctx, out, n, digest, digest_len) > 0;
	else
		ok = ctx &&
		    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) >
		        0 &&
		    EVP_DigestSign(ctx, out, n, data, header->len) > 0;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* --- all together ---------------------------------------------------------- */

static char const *
canon_name(enum canon how)
{
	return how == CANON_SIMPLE ? "simple" : "relaxed";
}

static int
put_head(struct signature const *how, struct text *t)
{
	char canon[32];
	char when[24];
	snprintf(canon, sizeof canon, "%s/%s", canon_name(how->header),
	    canon_name(how->body));
	snprintf(when, sizeof when, "%" PRIu64, how->time);
	return put_piece(t, "DKIM-Signature:", 15) && put_tag(t, "v", "1") &&
	    put_tag(t, "a", key_algorithm(how->key)) &&
	    put_tag(t, "c", canon) && put_tag(t, "d", how->domain) &&
	    put_tag(t, "s", how->selector) && put_tag(t, "t", when);
}

static int
put_body_hash(struct signature const *how, char const *m, size_t len,
    struct text *t)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n;
	size_t head = message_mbox_line(m, len);
	head += message_body(m + head, len - head);
	return digest_body(how->body, m + head, len - head, digest, &n) &&
	    put_piece(t, " bh=", 4) && put_base64(t, digest, n) &&
	    put_piece(t, ";", 1) && put_piece(t, " b=", 3);
}

/* The field itself is signed last, with an empty b= and without its CRLF
 * (RFC 6376 3.7). */
static int
add_own_field(enum canon how, stralloc const *field, stralloc *canonical)
{
	struct message_field f;
	size_t pos = 0;
	if (!message_next_field(field->s, field->len, &pos, &f) ||
	    !canon_field(how, &f, canonical))
		return 0;
	canonical->len -= 2;
	return 1;
}

int
signature_make(struct signature const *how, char const *m, size_t len,
    stralloc *field)
{
	unsigned char value[SIGNATURE_MAX];
	size_t value_len = sizeof value;
	stralloc canonical = STRALLOC_ZERO;
	struct text t = { field, 0 };
	field->len = 0;
	int ok = put_head(how, &t) &&
	    list_fields(how, m, len, &t, &canonical) &&
	    put_body_hash(how, m, len, &t) &&
	    add_own_field(how->header, field, &canonical) &&
	    sign(how->key, &canonical, value, &value_len) &&
	    put_base64(&t, value, value_len) && stralloc_append(field, '\n');
	stralloc_free(&canonical);
	return ok;
}
