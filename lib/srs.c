/* SPDX-License-Identifier: ISC */
#include "srs.h"

#include <string.h>
#include <strings.h>
#include <skalibs/sha256.h>

#include "bytes.h"

enum {
	HASH = 6, /* digits of base32: 30 bits */
	TAG = 4,  /* "SRS0" */
	STAMP = 2,
	DAYS = 1 << 10, /* what a stamp can tell apart */
	BLOCK = 64,     /* of SHA-256 */
	DIGEST = 32
};

static char const digits[] = "abcdefghijklmnopqrstuvwxyz234567";

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* --- the hash ----------------------------------------------------------- */

static void
hmac_start(SHA256Schedule *ctx, unsigned char const key[SRS_SECRET], char pad)
{
	char block[BLOCK];
	memset(block, pad, sizeof block);
	for (size_t i = 0; i < SRS_SECRET; i++)
		block[i] = (char)(block[i] ^ key[i]);
	sha256_init(ctx);
	sha256_update(ctx, block, sizeof block);
	explicit_bzero(block, sizeof block);
}

static void
add_folded(SHA256Schedule *ctx, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		char c = fold(b.s[i]);
		sha256_update(ctx, &c, 1);
	}
}

/* Of TAG, and of TEXT: what stands behind the hash, letter case aside. */
static void
make_hash(unsigned char const key[SRS_SECRET], char const *tag,
    struct bytes text, char hash[HASH])
{
	SHA256Schedule ctx;
	char digest[DIGEST];
	uint64_t bits = 0;
	hmac_start(&ctx, key, 0x36);
	sha256_update(&ctx, tag, TAG);
	add_folded(&ctx, text);
	sha256_final(&ctx, digest);
	hmac_start(&ctx, key, 0x5c);
	sha256_update(&ctx, digest, sizeof digest);
	sha256_final(&ctx, digest);
	for (size_t i = 0; i < sizeof bits; i++)
		bits = bits << 8 | (unsigned char)digest[i];
	for (size_t i = 0; i < HASH; i++)
		hash[i] = digits[bits >> (5 * i) & 31];
}

/* In a time that does not tell where they differ. */
static bool
same_hash(char const a[HASH], char const b[HASH])
{
	unsigned int differ = 0;
	for (size_t i = 0; i < HASH; i++)
		differ |= (unsigned char)(fold(a[i]) ^ b[i]);
	return !differ;
}

static bool
verify(struct srs const *s, char const *tag, struct bytes hash,
    struct bytes text)
{
	bool good = false;
	for (size_t i = 0; hash.len == HASH && i < s->count; i++) {
		char wanted[HASH];
		make_hash(s->secrets[i], tag, text, wanted);
		good |= same_hash(hash.s, wanted);
	}
	return good;
}

/* --- the form ----------------------------------------------------------- */

static bool
is_separator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

/* Whether A starts with TAG; *REST is what follows it, with its separator. */
static bool
has_tag(struct address const *a, char const *tag, struct bytes *rest)
{
	if (a->local_len <= TAG || strncasecmp(a->local, tag, TAG) != 0 ||
	    !is_separator(a->local[TAG]))
		return false;
	*rest = (struct bytes){ a->local + TAG, a->local_len - TAG };
	return true;
}

bool
srs_is(struct address const *a)
{
	struct bytes rest;
	return has_tag(a, "SRS0", &rest) || has_tag(a, "SRS1", &rest);
}

/* The part before the next "="; false when there is none. */
static bool
take_part(struct bytes *rest, struct bytes *part)
{
	size_t before = rest->len;
	*part = bytes_take_until(rest, '=');
	return part->len < before;
}

/* Behind "SRS1", its separator and the hash: host "=" separator rest. */
static bool
split_second(struct bytes text, struct bytes *host, struct bytes *rest)
{
	*rest = text;
	return take_part(rest, host) && host->len && rest->len &&
	    is_separator(rest->s[0]);
}

/* --- forward ------------------------------------------------------------ */

/* A local part that is being written; too long once ROOM is not enough. */
struct writer {
	struct address *a;
	bool too_long;
};

static void
put(struct writer *w, struct bytes b)
{
	if (b.len > sizeof w->a->local - w->a->local_len) {
		w->too_long = true;
		return;
	}
	memcpy(w->a->local + w->a->local_len, b.s, b.len);
	w->a->local_len += b.len;
}

/* TAG=HASH=FIRST=SECOND=THIRD, of which the last may be empty; at our domain. */
static enum srs_result
write_signed(struct srs const *s, char const *tag, struct bytes first,
    struct bytes second, struct bytes const *third, struct address *out)
{
	struct writer w = { out, false };
	static char const unsigned_yet[HASH] = "******";
	struct bytes equals = bytes_of("=");
	*out = (struct address){ .domain_len = strlen(s->domain) };
	if (out->domain_len > sizeof out->domain)
		return SRS_TOO_LONG;
	for (size_t i = 0; i < out->domain_len; i++)
		out->domain[i] = fold(s->domain[i]);
	put(&w, bytes_of(tag));
	put(&w, equals);
	put(&w, (struct bytes){ unsigned_yet, HASH });
	put(&w, equals);
	size_t text = out->local_len;
	put(&w, first);
	put(&w, equals);
	put(&w, second);
	if (third) {
		put(&w, equals);
		put(&w, *third);
	}
	if (w.too_long)
		return SRS_TOO_LONG;
	make_hash(s->secrets[0], tag,
	    (struct bytes){ out->local + text, out->local_len - text },
	    out->local + TAG + 1);
	return SRS_OK;
}

static enum srs_result
forward_first(struct srs const *s, struct bytes host, struct bytes local,
    struct address *out)
{
	char stamp[STAMP] = { digits[s->today % DAYS >> 5],
		digits[s->today % 32] };
	return write_signed(s, "SRS0", (struct bytes){ stamp, STAMP }, host,
	    &local, out);
}

enum srs_result
srs_forward_name(struct srs const *s, char const name[SRS_NAME],
    struct address *out)
{
	return forward_first(s, bytes_of(""), (struct bytes){ name, SRS_NAME },
	    out);
}

/* The way back leaves out who sent on between the first and us. */
enum srs_result
srs_forward(struct srs const *s, struct address const *sender,
    struct address *out)
{
	struct bytes host = { sender->domain, sender->domain_len };
	struct bytes rest, hash;
	enum srs_result r = SRS_NONE;
	if (has_tag(sender, "SRS0", &rest))
		r = write_signed(s, "SRS1", host, rest, NULL, out);
	else if (has_tag(sender, "SRS1", &rest)) {
		rest.s++;
		rest.len--;
		if (take_part(&rest, &hash) && split_second(rest, &host, &rest))
			r = write_signed(s, "SRS1", host, rest, NULL, out);
	}
	if (r == SRS_NONE)
		r = forward_first(s,
		    (struct bytes){ sender->domain, sender->domain_len },
		    (struct bytes){ sender->local, sender->local_len }, out);
	out->utf8 = sender->utf8;
	return r;
}

/* --- return ------------------------------------------------------------- */

/* TAG and LOCAL at HOST, if that is an address. */
static bool
compose(char const *tag, struct bytes local, struct bytes host,
    struct address *out)
{
	struct address made = { .domain_len = host.len };
	struct writer w = { &made, false };
	stralloc text = STRALLOC_ZERO;
	if (!host.len || host.len > sizeof made.domain)
		return false;
	memcpy(made.domain, host.s, host.len);
	put(&w, bytes_of(tag));
	put(&w, local);
	bool ok = !w.too_long && address_format(&made, &text) &&
	    address_parse(text.s, text.len, out);
	stralloc_free(&text);
	return ok;
}

static int
digit_value(char c)
{
	char const *at = c ? strchr(digits, fold(c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

static bool
is_in_time(struct srs const *s, struct bytes stamp)
{
	int high = stamp.len == STAMP ? digit_value(stamp.s[0]) : -1;
	int low = stamp.len == STAMP ? digit_value(stamp.s[1]) : -1;
	if (high < 0 || low < 0)
		return false;
	unsigned int made = (unsigned int)high << 5 | (unsigned int)low;
	return (s->today - made) % DAYS <= s->days;
}

static bool
take_name(struct bytes name, struct address *out)
{
	*out = (struct address){ .local_len = name.len };
	for (size_t i = 0; i < name.len && name.len == SRS_NAME; i++)
		out->local[i] = fold(name.s[i]);
	return name.len == SRS_NAME;
}

static enum srs_result
return_first(struct srs const *s, struct bytes hash, struct bytes text,
    struct address *out)
{
	struct bytes rest = text, stamp, host;
	if (!verify(s, "SRS0", hash, text) || !take_part(&rest, &stamp) ||
	    !take_part(&rest, &host))
		return SRS_FORGED;
	if (!is_in_time(s, stamp))
		return SRS_EXPIRED;
	if (!host.len)
		return take_name(rest, out) ? SRS_NAMED : SRS_FORGED;
	return compose("", rest, host, out) ? SRS_OK : SRS_FORGED;
}

/* Its day is for the server to judge that it goes back to. */
static enum srs_result
return_second(struct srs const *s, struct bytes hash, struct bytes text,
    struct address *out)
{
	struct bytes host, rest;
	if (!verify(s, "SRS1", hash, text) || !split_second(text, &host, &rest))
		return SRS_FORGED;
	return compose("SRS0", rest, host, out) ? SRS_OK : SRS_FORGED;
}

enum srs_result
srs_return(struct srs const *s, struct address const *a, struct address *out)
{
	struct bytes text, hash;
	bool first = has_tag(a, "SRS0", &text);
	if ((!first && !has_tag(a, "SRS1", &text)) ||
	    strlen(s->domain) != a->domain_len ||
	    strncasecmp(s->domain, a->domain, a->domain_len) != 0)
		return SRS_NONE;
	text.s++;
	text.len--;
	if (!take_part(&text, &hash))
		return SRS_FORGED;
	return first ? return_first(s, hash, text, out)
	             : return_second(s, hash, text, out);
}
