/* SPDX-License-Identifier: ISC */
/* A record is the number of fields, a struct place for each of them, and the
 * fields with their names, every line ended by CR LF and every NUL an 0x80, as
 * they are sent. */
#include "cached-fields.h"

#include <string.h>
#include "header.h"
#include "imap-word.h"
#include "lines.h"

#define NAME(s) \
	{ \
		sizeof(s) - 1, s \
	}

/* What ENVELOPE, SORT and THREAD need, and what the lists of Thunderbird,
 * (neo)mutt, K-9, Apple Mail, Evolution and Roundcube ask for. Their order is
 * part of the file's format: new ones go to the end. */
static struct name {
	size_t len;
	char const *text;
} const names[] = {
	NAME("Date"),
	NAME("Subject"),
	NAME("From"),
	NAME("Sender"),
	NAME("Reply-To"),
	NAME("To"),
	NAME("Cc"),
	NAME("Bcc"),
	NAME("In-Reply-To"),
	NAME("Message-ID"),
	NAME("References"),
	NAME("Content-Type"),
	NAME("Content-Transfer-Encoding"),
	NAME("Content-Description"),
	NAME("Content-Disposition"),
	NAME("Content-Class"),
	NAME("MIME-Version"),
	NAME("List-Archive"),
	NAME("List-Help"),
	NAME("List-Id"),
	NAME("List-Owner"),
	NAME("List-Post"),
	NAME("List-Subscribe"),
	NAME("List-Unsubscribe"),
	NAME("List-Unsubscribe-Post"),
	NAME("Importance"),
	NAME("Priority"),
	NAME("X-Priority"),
	NAME("X-MSMail-Priority"),
	NAME("Precedence"),
	NAME("Auto-Submitted"),
	NAME("Disposition-Notification-To"),
	NAME("Return-Receipt-To"),
	NAME("Newsgroups"),
	NAME("Followup-To"),
	NAME("Mail-Followup-To"),
	NAME("Mail-Reply-To"),
	NAME("Delivered-To"),
	NAME("X-Original-To"),
	NAME("Envelope-To"),
	NAME("Return-Path"),
	NAME("Resent-From"),
	NAME("Resent-Message-ID"),
	NAME("X-Spam-Flag"),
	NAME("X-Spam-Level"),
	NAME("X-Spam-Score"),
	NAME("X-Spam-Status"),
	NAME("X-Label"),
	NAME("X-Keywords"),
	NAME("X-Mailer"),
	NAME("User-Agent"),
	NAME("Lines"),
	NAME("Status"),
	NAME("X-Status"),
	NAME("X-Draft-Info"),
	NAME("X-K9mail-Identity"),
	NAME("X-Mozilla-Draft-Info"),
	NAME("X-Uniform-Type-Identifier"),
	NAME("X-Universally-Unique-Identifier"),
	NAME("Chat-Version"),
	NAME("Thread-Topic"),
};

#define COUNT (sizeof names / sizeof *names)

struct place {
	uint16_t name; /* which of them */
	uint16_t len;
};

static unsigned
number_of(char const *name, size_t len)
{
	unsigned i = 0;
	while (i < COUNT &&
	    (len != names[i].len || !imap_equal_n(name, names[i].text, len)))
		i++;
	return i;
}

uint64_t
cached_field(char const *name, size_t len)
{
	unsigned i = number_of(name, len);
	return i < COUNT ? UINT64_C(1) << i : 0;
}

int
cached_fields_pack(char const *header, size_t len, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	struct header_field f;
	size_t pos = 0;
	uint32_t count = 0;
	int ok = stralloc_copyb(out, (char const *)&count, sizeof count);
	while (ok && header_next(header, len, &pos, &f)) {
		size_t start = text.len;
		unsigned name = number_of(f.name, f.name_len);
		if (name == COUNT)
			continue;
		ok = lines_append(&text, f.start, f.len);
		size_t n = text.len - start;
		/* So long that the record is not kept anyway. */
		struct place p = { (uint16_t)name,
			n > UINT16_MAX ? UINT16_MAX : (uint16_t)n };
		ok = ok && stralloc_catb(out, (char const *)&p, sizeof p);
		count++;
	}
	ok = ok && stralloc_catb(out, text.s, text.len);
	stralloc_free(&text);
	if (ok)
		memcpy(out->s, &count, sizeof count);
	return ok;
}

bool
cached_fields_open(struct cached_fields *f, char const *record, size_t len)
{
	uint32_t count;
	if (len < sizeof count)
		return false;
	memcpy(&count, record, sizeof count);
	len -= sizeof count;
	if (count > len / sizeof(struct place))
		return false;
	f->record = record;
	f->count = count;
	f->text = record + sizeof count + count * sizeof(struct place);
	f->len = len - count * sizeof(struct place);
	return true;
}

int
cached_fields_put(struct cached_fields const *f, uint64_t wanted, stralloc *out)
{
	size_t at = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct place p;
		memcpy(&p, f->record + sizeof(uint32_t) + i * sizeof p,
		    sizeof p);
		if (p.name >= COUNT || p.len > f->len - at)
			break;
		if (wanted >> p.name & 1 &&
		    !stralloc_catb(out, f->text + at, p.len))
			return 0;
		at += p.len;
	}
	return 1;
}
