/* SPDX-License-Identifier: ISC */
#include "mbox-status.h"

#include <string.h>
#include "flags.h"
#include "imap-word.h"

enum {
	SEEN_STATUS = 1,
	SEEN_X_STATUS = 2,
	SEEN_X_KEYWORDS = 4,
	SEEN_MOZILLA = 8,
	SEEN_MOZILLA_2 = 16,
	SEEN_MOZILLA_KEYS = 32,
	SEEN_X_UID = 64,
	SEEN_X_IMAPBASE = 128
};

#define SEEN_UNIX \
	(SEEN_STATUS | SEEN_X_STATUS | SEEN_X_KEYWORDS | SEEN_X_UID | \
	    SEEN_X_IMAPBASE)
#define SEEN_ALL_MOZILLA (SEEN_MOZILLA | SEEN_MOZILLA_2 | SEEN_MOZILLA_KEYS)

static bool
status(struct mbox *m, char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == 'R')
			m->flags |= FLAG_SEEN;
		m->old = m->old || s[i] == 'O' || s[i] == 'R';
	}
	return true;
}

static bool
x_status(struct mbox *m, char const *s, size_t len)
{
	static char const letters[] = "AFDT";
	static uint32_t const bits[] = { FLAG_ANSWERED, FLAG_FLAGGED,
		FLAG_DELETED, FLAG_DRAFT };
	for (size_t i = 0; i < len; i++) {
		char const *found = s[i] ? strchr(letters, s[i]) : NULL;
		if (found)
			m->flags |= bits[found - letters];
	}
	return true;
}

static bool
keywords(struct mbox *m, char const *s, size_t len)
{
	if (len + 1 > sizeof m->keywords - m->keywords_len)
		return false;
	if (m->keywords_len)
		m->keywords[m->keywords_len++] = ' ';
	memcpy(m->keywords + m->keywords_len, s, len);
	m->keywords_len += len;
	m->leaving_keywords = true;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
hex(char const *s, size_t len, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		if (hex_digit(s[i]) < 0)
			return false;
		*value = *value << 4 | (uint32_t)hex_digit(s[i]);
	}
	return len > 0 && len <= 8;
}

/* nsMsgMessageFlags: deleted is what waits to be compacted away. */
static bool
mozilla(struct mbox *m, char const *s, size_t len)
{
	uint32_t value;
	if (!hex(s, len, &value))
		return false;
	m->flags |= (value & 0x1 ? FLAG_SEEN : 0) |
	    (value & 0x2 ? FLAG_ANSWERED : 0) |
	    (value & 0x4 ? FLAG_FLAGGED : 0) | (value & 0x8 ? FLAG_DELETED : 0);
	m->forwarded = value & 0x1000;
	m->old = true;
	return true;
}

static bool
mozilla_2(struct mbox *m, char const *s, size_t len)
{
	uint32_t value;
	(void)m;
	return hex(s, len, &value);
}

/* UIDs belong to the file's folder, and are not known here. */
static bool
x_uid(struct mbox *m, char const *s, size_t len)
{
	(void)m;
	(void)s;
	return len > 0;
}

/* Only the first message has the folder's. */
static bool
x_imapbase(struct mbox *m, char const *s, size_t len)
{
	(void)s;
	return m->offset == 0 && len > 0;
}

static bool
lines(struct mbox *m, char const *s, size_t len)
{
	(void)s;
	(void)len;
	m->restless = true;
	return false;
}

static bool
content_length(struct mbox *m, char const *s, size_t len)
{
	uint64_t value = 0;
	m->restless = true;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || value > UINT64_MAX / 20)
			return false;
		value = value * 10 + (uint64_t)(s[i] - '0');
	}
	if (len && !m->has_length) {
		m->has_length = true;
		m->length = value;
	}
	return false; /* it stays */
}

struct field {
	char const *name;
	unsigned bit, rivals;
	bool (*read)(struct mbox *m, char const *s, size_t len);
};

static struct field const fields[] = {
	{ "Status", SEEN_STATUS, SEEN_ALL_MOZILLA, status },
	{ "X-Status", SEEN_X_STATUS, SEEN_ALL_MOZILLA, x_status },
	{ "X-Keywords", SEEN_X_KEYWORDS, SEEN_ALL_MOZILLA, keywords },
	{ "X-UID", SEEN_X_UID, SEEN_ALL_MOZILLA, x_uid },
	{ "X-IMAPbase", SEEN_X_IMAPBASE, SEEN_ALL_MOZILLA, x_imapbase },
	{ "X-Mozilla-Status", SEEN_MOZILLA, SEEN_UNIX, mozilla },
	{ "X-Mozilla-Status2", SEEN_MOZILLA_2, SEEN_UNIX, mozilla_2 },
	{ "X-Mozilla-Keys", SEEN_MOZILLA_KEYS, SEEN_UNIX, keywords },
	{ "Content-Length", 0, 0, content_length },
	{ "Lines", 0, 0, lines },
	{ NULL, 0, 0, NULL },
};

static void
trim(char const **s, size_t *len)
{
	while (*len && (**s == ' ' || **s == '\t')) {
		++*s;
		--*len;
	}
	while (*len && strchr(" \t\r\n", (*s)[*len - 1]) && (*s)[*len - 1])
		--*len;
}

static bool
continuation(struct mbox *m, char const *s, size_t len)
{
	if (!m->leaving)
		return false;
	trim(&s, &len);
	if (m->leaving_keywords)
		(void)keywords(m, s, len); /* more than there is room for */
	return true;
}

bool
mbox_status_line(struct mbox *m, char const *s, size_t len)
{
	if (*s == ' ' || *s == '\t')
		return continuation(m, s, len);
	m->leaving = m->leaving_keywords = m->restless = false;
	char const *colon = memchr(s, ':', len);
	if (!colon)
		return false;
	char const *value = colon + 1;
	size_t value_len = len - (size_t)(value - s);
	trim(&value, &value_len);
	for (struct field const *f = fields; f->name; f++) {
		if (!imap_equal(s, (size_t)(colon - s), f->name))
			continue;
		if (m->seen & (f->bit | f->rivals) ||
		    !f->read(m, value, value_len))
			return false;
		m->seen |= f->bit;
		m->leaving = true;
		return true;
	}
	return false;
}
