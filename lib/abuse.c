/* SPDX-License-Identifier: ISC */
/* A record's key is a network: 16 octets of address (IPv4 as ::ffff:a.b.c.d),
 * one octet of prefix length. The file's notes have a bit for each length that
 * a ban by hand may have, so that one look-up for each of them finds all. */
#include "abuse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"

enum {
	BUCKETS = 4096, /* 32768 addresses, 4 MB at most */
	POINT = 1000,   /* scores are in thousandths of a failure */
	MAPPED = 96,    /* bits before an IPv4 address */
	SOURCE_BITS = 64,
	PREFIXES = 128,
	SETTING_MAX = 4000000 /* failures; seconds, 46 days */
};

struct record {
	int64_t last;  /* when the scores were brought up to date */
	int64_t until; /* of the ban; 0 for none */
	uint32_t score[ABUSE_KINDS];
	uint32_t bans; /* so far; forgotten with the record */
	uint32_t failures;
	uint32_t why;
};

static char const *const reasons[] = {
	[ABUSE_LOGIN] = "logins",
	[ABUSE_REFUSAL] = "refusals",
	[ABUSE_KINDS] = "by-hand",
};

_Static_assert(sizeof(struct record) <= HASH_FILE_DATA, "fits");

static int64_t
now_seconds(void)
{
	return time(NULL);
}

/* What a setting may be without an overflow here. */
static int64_t
bounded(uint64_t value)
{
	return (int64_t)(value < SETTING_MAX ? value : SETTING_MAX);
}

/* --- networks and keys ---------------------------------------------------- */

/* The first BITS of it; those behind are zero, so that one network has one
 * key. */
static void
network_key(struct network const *n, unsigned int bits,
    unsigned char key[HASH_FILE_KEY])
{
	bool v4 = n->family == AF_INET;
	memset(key, 0, HASH_FILE_KEY);
	if (v4)
		memset(key + 10, 0xff, 2);
	memcpy(key + (v4 ? 12 : 0), n->addr, v4 ? 4 : 16);
	for (unsigned int i = bits; i < PREFIXES; i++)
		key[i / 8] &= (unsigned char)~(0x80U >> i % 8);
	key[16] = (unsigned char)bits;
}

static unsigned int
key_bits(struct network const *n)
{
	return n->bits + (n->family == AF_INET ? MAPPED : 0);
}

static void
key_network(unsigned char const key[HASH_FILE_KEY], struct network *n)
{
	static unsigned char const mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = key[16] >= MAPPED && memcmp(key, mapped, sizeof mapped) == 0;
	memset(n, 0, sizeof *n);
	n->family = v4 ? AF_INET : AF_INET6;
	n->bits = v4 ? key[16] - MAPPED : key[16];
	memcpy(n->addr, key + (v4 ? 12 : 0), v4 ? 4 : 16);
}

bool
abuse_network(char const *text, struct network *n)
{
	if (!network_parse(text, strlen(text), n) || n->excluded || !n->bits)
		return false;
	if (n->family == AF_INET6 && !strchr(text, '/'))
		n->bits = SOURCE_BITS;
	return true;
}

static bool
has_prefix(unsigned char const notes[HASH_FILE_NOTES], unsigned int bits)
{
	return notes[bits / 8] >> bits % 8 & 1;
}

/* --- records -------------------------------------------------------------- */

static struct record
read_record(struct hash_record const *h)
{
	struct record r;
	memcpy(&r, h->data, sizeof r);
	return r;
}

static int64_t
limit_of(struct settings const *s, enum abuse_kind kind)
{
	return bounded(kind == ABUSE_LOGIN ? s->abuse_ban_after
	                                   : s->abuse_ban_after_refusals);
}

static void
take_off(uint32_t *score, int64_t points)
{
	*score -= points < *score ? (uint32_t)points : *score;
}

/* In abuse_window as many are forgotten as would have led to a ban. */
static void
let_time_pass(struct record *r, struct settings const *s, int64_t now)
{
	int64_t window = bounded(s->abuse_window) + 1;
	int64_t elapsed = now > r->last ? now - r->last : 0;
	if (elapsed > window)
		elapsed = window;
	for (int kind = 0; kind < ABUSE_KINDS; kind++)
		take_off(&r->score[kind],
		    elapsed * limit_of(s, kind) * POINT / window);
	r->last = now;
}

/* Who comes back within abuse_ban_time_max of a ban's end is a repeater. */
static int64_t
expiry(struct record const *r, struct settings const *s, int64_t now)
{
	if (r->until == ABUSE_FOREVER)
		return ABUSE_FOREVER;
	int64_t counts = now + bounded(s->abuse_window);
	int64_t repeats =
	    r->until ? r->until + bounded(s->abuse_ban_time_max) : 0;
	return counts > repeats ? counts : repeats;
}

static void
begin(struct abuse const *a, struct hash_change *c, struct record *r)
{
	int64_t now = now_seconds();
	hash_file_begin(&a->file, a->key, now, c);
	*r = read_record(&c->record);
	let_time_pass(r, a->settings, now);
}

static void
end(struct abuse const *a, struct hash_change *c, struct record const *r)
{
	c->record.expires = expiry(r, a->settings, r->last);
	memcpy(c->record.data, r, sizeof *r);
	hash_file_end(&a->file, c);
}

/* --- one client ----------------------------------------------------------- */

bool
abuse_table(struct hash_file *file)
{
	return hash_file_open(file, "abuse", BUCKETS);
}

static void
source_key(struct network const *address, unsigned char key[HASH_FILE_KEY])
{
	bool v4 = address->family == AF_INET;
	network_key(address, v4 ? PREFIXES : SOURCE_BITS, key);
}

bool
abuse_source(char const *ip, unsigned char source[16])
{
	struct network n;
	unsigned char key[HASH_FILE_KEY];
	if (!network_parse(ip, strlen(ip), &n))
		return false;
	source_key(&n, key);
	memcpy(source, key, 16);
	return true;
}

bool
abuse_is_exempt(struct settings const *settings, char const *ip)
{
	return network_list_has(settings->abuse_exempt, ip) ||
	    network_list_has(settings->mynetworks, ip);
}

void
abuse_open(struct abuse *a, struct settings const *settings, char const *ip)
{
	a->settings = settings;
	a->ip = ip;
	a->file.fd = -1;
	if (abuse_is_exempt(settings, ip) ||
	    !network_parse(ip, strlen(ip), &a->network))
		return;
	source_key(&a->network, a->key);
	abuse_table(&a->file);
}

/* MAX: the longest ban we give; a longer one comes from a clock that was
 * wrong, or from other settings. By hand there is no such limit. */
static int64_t
ban_of(struct hash_file const *f, unsigned char const key[HASH_FILE_KEY],
    int64_t max)
{
	struct hash_record h;
	int64_t now = now_seconds();
	if (!hash_file_get(f, key, now, &h))
		return 0;
	struct record r = read_record(&h);
	bool valid = r.why == ABUSE_KINDS || r.until - now <= max;
	return valid && r.until > now ? r.until : 0;
}

int64_t
abuse_banned_until(struct abuse const *a)
{
	unsigned char notes[HASH_FILE_NOTES];
	unsigned char key[HASH_FILE_KEY];
	int64_t max = bounded(a->settings->abuse_ban_time_max);
	if (a->file.fd < 0)
		return 0;
	int64_t until = ban_of(&a->file, a->key, max);
	hash_file_notes(&a->file, notes);
	/* an IPv4 address is in no network of IPv6, though its key is */
	unsigned int first = a->network.family == AF_INET ? MAPPED + 1 : 1;
	for (unsigned int bits = first; !until && bits <= PREFIXES; bits++)
		if (has_prefix(notes, bits)) {
			network_key(&a->network, bits, key);
			until = ban_of(&a->file, key, max);
		}
	return until;
}

/* Doubled for each ban before. */
static int64_t
ban_time(struct settings const *s, uint32_t bans)
{
	int64_t longest = bounded(s->abuse_ban_time_max);
	int64_t seconds = bounded(s->abuse_ban_time);
	while (bans-- && seconds < longest)
		seconds *= 2;
	return seconds < longest ? seconds : longest;
}

static void
ban(struct abuse const *a, struct record *r, enum abuse_kind kind)
{
	char until[ABUSE_TIME_MAX];
	char failures[16];
	r->until = r->last + ban_time(a->settings, r->bans++);
	r->score[ABUSE_LOGIN] = r->score[ABUSE_REFUSAL] = 0;
	r->why = kind;
	abuse_time(r->until, until);
	snprintf(failures, sizeof failures, "%u", r->failures);
	log_event("banned", "ip", a->ip, "until", until, "why", reasons[kind],
	    "failures", failures, (char *)NULL);
}

unsigned int
abuse_count(struct abuse *a, enum abuse_kind kind, unsigned int count)
{
	struct hash_change c;
	struct record r;
	int64_t limit = limit_of(a->settings, kind);
	if (a->file.fd < 0 || !limit || !count)
		return 0;
	begin(a, &c, &r);
	int64_t score = r.score[kind] + bounded(count) * POINT;
	r.score[kind] = score < UINT32_MAX ? (uint32_t)score : UINT32_MAX;
	r.failures += count;
	if (r.until <= r.last && score > (limit - 1) * POINT)
		ban(a, &r, kind);
	end(a, &c, &r);
	return (unsigned int)((score + POINT - 1) / POINT);
}

void
abuse_forgive(struct abuse *a, enum abuse_kind kind, unsigned int count)
{
	struct hash_change c;
	struct record r;
	struct hash_record seen;
	if (!hash_file_get(&a->file, a->key, now_seconds(), &seen))
		return; /* nothing to forgive, and nothing to write */
	begin(a, &c, &r);
	take_off(&r.score[kind], bounded(count) * POINT);
	end(a, &c, &r);
}

void
abuse_time(int64_t when, char text[ABUSE_TIME_MAX])
{
	time_t t = (time_t)when;
	struct tm tm;
	if (when == ABUSE_FOREVER || !gmtime_r(&t, &tm) ||
	    !strftime(text, ABUSE_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(text, ABUSE_TIME_MAX, "forever");
}

/* --- for the administrator ------------------------------------------------ */

bool
abuse_next_ban(struct hash_file const *file, uint32_t *pos,
    struct abuse_ban *ban)
{
	struct hash_record h;
	int64_t now = now_seconds();
	while (hash_file_next(file, pos, now, &h)) {
		struct record r = read_record(&h);
		if (r.until <= now)
			continue;
		key_network(h.key, &ban->network);
		ban->until = r.until;
		ban->why = reasons[r.why < ABUSE_KINDS ? r.why : ABUSE_KINDS];
		ban->failures = r.failures;
		return true;
	}
	return false;
}

/* Before the ban: what is not looked for is no ban. */
static bool
note_prefix(struct hash_file const *file, unsigned int bits)
{
	unsigned char notes[HASH_FILE_NOTES];
	hash_file_notes(file, notes);
	notes[bits / 8] |= (unsigned char)(1U << bits % 8);
	return hash_file_note(file, notes);
}

bool
abuse_ban(struct hash_file const *file, struct network const *n, int64_t until)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_change c;
	network_key(n, key_bits(n), key);
	if (!note_prefix(file, key[16]))
		return false;
	hash_file_begin(file, key, now_seconds(), &c);
	struct record r = read_record(&c.record);
	r.until = until;
	r.why = ABUSE_KINDS;
	c.record.expires = until;
	memcpy(c.record.data, &r, sizeof r);
	return hash_file_end(file, &c);
}

int
abuse_unban(struct hash_file const *file, struct network const *n)
{
	unsigned char key[HASH_FILE_KEY];
	struct hash_change c;
	network_key(n, key_bits(n), key);
	bool banned = ban_of(file, key, INT64_MAX) != 0;
	hash_file_begin(file, key, now_seconds(), &c);
	c.record.expires = 0;
	return hash_file_end(file, &c) ? banned : -1;
}
