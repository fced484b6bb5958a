/* SPDX-License-Identifier: ISC */
#include "queue-value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "utf8.h"
#include "utc.h"

static char const *const state_names[] = {
	[QUEUE_WAITING] = "waiting",
	[QUEUE_RELAYED] = "relayed",
	[QUEUE_DELIVERED] = "delivered",
	[QUEUE_FAILED] = "failed",
	[QUEUE_EXPANDED] = "expanded",
};

enum { STATES = sizeof state_names / sizeof *state_names };

char const *
queue_state_name(enum queue_state state)
{
	return state_names[state];
}

/* Octets at S that may stand as they are, 0 for none. */
static size_t
plain(char const *s, size_t len, bool edge)
{
	uint32_t point;
	size_t n = utf8_read(s, len, &point);
	bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
	return !n || control || point == '\\' || (point == ' ' && edge) ? 0 : n;
}

int
queue_escape(stralloc *sa, char const *value)
{
	size_t len = strlen(value), n;
	for (size_t i = 0; i < len; i += n) {
		char escape[5];
		n = plain(value + i, len - i, i == 0 || i + 1 == len);
		if (n ? !stralloc_catb(sa, value + i, n)
		      : (snprintf(escape, sizeof escape, "\\x%02x",
		             (unsigned int)(unsigned char)value[i]),
		            !stralloc_cats(sa, escape)))
			return 0;
		n += !n;
	}
	return 1;
}

/* One octet at S, which may be an escape. Its length; 0 when it is none. */
static size_t
get_octet(char const *s, size_t len, char *octet)
{
	unsigned char c = (unsigned char)*s;
	*octet = *s;
	if (*s == '\\') {
		if (len < 4 || s[1] != 'x' || !hex_decode(s + 2, 1, &c))
			return 0;
		*octet = (char)c;
		return c ? 4 : 0;
	}
	return c < 0x20 || c == 0x7f ? 0 : 1;
}

/* 1; -1 when it is none; 0 with errno. */
static int
get_text(struct bytes value, char **into)
{
	char *text = malloc(value.len + 1);
	size_t len = 0, n;
	if (!text)
		return 0;
	for (size_t i = 0; i < value.len; i += n)
		if (!(n = get_octet(value.s + i, value.len - i,
		          &text[len++]))) {
			free(text);
			return -1;
		}
	text[len] = 0;
	free(*into);
	*into = text;
	return 1;
}

static int
get_count(struct bytes value, uint64_t *into)
{
	uint64_t n = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.s[i] < '0' || value.s[i] > '9' ||
		    n > UINT64_MAX / 10 - 1)
			return -1;
		n = n * 10 + (uint64_t)(value.s[i] - '0');
	}
	*into = n;
	return value.len ? 1 : -1;
}

static int
get_state(struct bytes value, enum queue_state *into)
{
	for (unsigned int i = 0; i < STATES; i++)
		if (bytes_are(value, state_names[i])) {
			*into = (enum queue_state)i;
			return 1;
		}
	return -1;
}

int
queue_value_get(struct bytes value, enum queue_kind kind, void *into)
{
	switch (kind) {
	case QUEUE_TEXT:
		return get_text(value, into);
	case QUEUE_TIME:
		return utc_parse(value.s, value.len, into) ? 1 : -1;
	case QUEUE_COUNT:
		return get_count(value, into);
	case QUEUE_FLAG:
		*(bool *)into = bytes_are(value, "yes");
		return *(bool *)into || bytes_are(value, "no") ? 1 : -1;
	case QUEUE_STATE:
		return get_state(value, into);
	case QUEUE_NOTIFY:
		*(unsigned int *)into = dsn_notify(value.s, value.len);
		return *(unsigned int *)into ? 1 : -1;
	case QUEUE_RET:
		*(enum dsn_ret *)into = dsn_ret(value.s, value.len);
		return *(enum dsn_ret *)into ? 1 : -1;
	}
	return -1;
}

bool
queue_value_unsaid(enum queue_kind kind, void const *from)
{
	switch (kind) {
	case QUEUE_TEXT:
		return !*(char *const *)from;
	case QUEUE_TIME:
		return *(int64_t const *)from <= 0;
	case QUEUE_COUNT:
		return !*(uint64_t const *)from;
	case QUEUE_FLAG:
		return !*(bool const *)from;
	case QUEUE_STATE:
		return false;
	case QUEUE_NOTIFY:
		return !*(unsigned int const *)from;
	case QUEUE_RET:
		return !*(enum dsn_ret const *)from;
	}
	return true;
}

int
queue_value_put(stralloc *sa, enum queue_kind kind, void const *from)
{
	char word[UTC_MAX];
	switch (kind) {
	case QUEUE_TEXT:
		return queue_escape(sa, *(char *const *)from);
	case QUEUE_TIME:
		utc_format(*(int64_t const *)from, word);
		return stralloc_cats(sa, word);
	case QUEUE_COUNT:
		snprintf(word, sizeof word, "%llu",
		    (unsigned long long)*(uint64_t const *)from);
		return stralloc_cats(sa, word);
	case QUEUE_FLAG:
		return stralloc_cats(sa, "yes");
	case QUEUE_STATE:
		return stralloc_cats(sa,
		    state_names[*(enum queue_state const *)from]);
	case QUEUE_NOTIFY:
		return dsn_notify_format(*(unsigned int const *)from, sa);
	case QUEUE_RET:
		return stralloc_cats(sa,
		    *(enum dsn_ret const *)from == DSN_RET_FULL ? "FULL"
		                                                : "HDRS");
	}
	return 0;
}
