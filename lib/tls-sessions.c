/* SPDX-License-Identifier: ISC */
#include "tls-sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "hex.h"
#include "hostname.h"
#include "path.h"

enum {
	VALUE_MAX = 300,     /* octets of a value, before it is escaped */
	DETAILS_ROOM = 1024, /* policy strings leave so much of a line free */
	DAY = 86400
};

char const *const tls_field_names[TLS_FIELDS] = {
	[TLS_FIELD_DOMAIN] = "domain",
	[TLS_FIELD_POLICY_TYPE] = "policy-type",
	[TLS_FIELD_POLICY_DOMAIN] = "policy-domain",
	[TLS_FIELD_POLICY_STRING] = "policy-string",
	[TLS_FIELD_MX_HOST] = "mx-host",
	[TLS_FIELD_RESULT] = "result",
	[TLS_FIELD_SENDING_IP] = "sending-mta-ip",
	[TLS_FIELD_RECEIVING_MX] = "receiving-mx-hostname",
	[TLS_FIELD_RECEIVING_IP] = "receiving-ip",
	[TLS_FIELD_REASON] = "failure-reason-code",
};

/* --- days ------------------------------------------------------------------- */

int
tls_sessions_open(void)
{
	static char const name[] = "tls-reports";
	int var = path_open_var();
	if (var < 0)
		return -1;
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(var, name, flags);
	if (fd < 0 && errno == ENOENT &&
	    (mkdirat(var, name, 0700) == 0 || errno == EEXIST))
		fd = openat(var, name, flags);
	int saved = errno;
	close(var);
	errno = saved;
	return fd;
}

void
tls_sessions_day(int64_t when, char day[TLS_SESSIONS_DAY])
{
	char text[UTC_MAX];
	utc_format(when, text);
	memcpy(day, text, TLS_SESSIONS_DAY - 1);
	day[TLS_SESSIONS_DAY - 1] = 0;
}

bool
tls_sessions_start(char const *day, int64_t *start)
{
	char text[UTC_MAX];
	int n = snprintf(text, sizeof text, "%sT00:00:00Z", day);
	return n > 0 && (size_t)n < sizeof text &&
	    utc_parse(text, (size_t)n, start);
}

/* --- a line is written ------------------------------------------------------ */

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && c != '%';
}

static int
put_value(stralloc *line, char const *value, size_t len)
{
	static char const digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		char octet[3] = { '%', digits[c >> 4], digits[c & 15] };
		if (!stralloc_catb(line, is_plain(value[i]) ? value + i : octet,
		        is_plain(value[i]) ? 1 : sizeof octet))
			return 0;
	}
	return 1;
}

int
tls_session_put(stralloc *line, enum tls_field field, char const *value)
{
	size_t before = line->len, most = TLS_SESSION_MAX - 1;
	if (!value)
		return 1;
	if (field == TLS_FIELD_POLICY_STRING || field == TLS_FIELD_MX_HOST)
		most -= DETAILS_ROOM;
	if ((before && !stralloc_append(line, '\t')) ||
	    !stralloc_cats(line, tls_field_names[field]) ||
	    !stralloc_append(line, '=') ||
	    !put_value(line, value, strnlen(value, VALUE_MAX)))
		return 0;
	if (line->len > most)
		line->len = before;
	return 1;
}

static int
write_line(int fd, stralloc const *line)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return 0;
	if (st.st_size > (off_t)(TLS_SESSIONS_MAX - line->len)) {
		errno = EDQUOT;
		return 0;
	}
	ssize_t n = write(fd, line->s, line->len);
	if (n >= 0 && (size_t)n < line->len)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == line->len;
}

int
tls_session_append(int dir, stralloc *line, int64_t now)
{
	char day[TLS_SESSIONS_DAY];
	if (!stralloc_append(line, '\n'))
		return 0;
	tls_sessions_day(now, day);
	int fd = openat(dir, day,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return 0;
	int ok = write_line(fd, line), saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

/* --- and read --------------------------------------------------------------- */

/* The first field of S without its end: -1 for one that we do not know. */
static int
split_field(struct bytes s, struct bytes *value)
{
	char const *is = memchr(s.s, '=', s.len);
	size_t n = is ? (size_t)(is - s.s) : s.len;
	*value = is ? (struct bytes){ is + 1, s.len - n - 1 }
	            : (struct bytes){ s.s, 0 };
	for (int i = 0; is && i < TLS_FIELDS; i++)
		if (bytes_are((struct bytes){ s.s, n }, tls_field_names[i]))
			return i;
	return -1;
}

static bool
may_follow(int field, int last)
{
	return field > last ||
	    (field == last &&
	        (field == TLS_FIELD_POLICY_STRING ||
	            field == TLS_FIELD_MX_HOST));
}

/* The fields of a line up to, or behind, its result. */
static void
take_field(struct tls_session *s, int field, struct bytes text,
    struct bytes value)
{
	struct bytes *part =
	    field < TLS_FIELD_RESULT ? &s->policy : &s->details;
	if (field == TLS_FIELD_DOMAIN) {
		s->domain = value;
	} else if (field == TLS_FIELD_RESULT) {
		s->result = value;
	} else {
		if (!part->len)
			part->s = text.s;
		part->len = (size_t)(text.s + text.len - part->s);
	}
}

bool
tls_session_parse(struct bytes line, struct tls_session *s)
{
	struct bytes none = bytes_of("");
	int last = -1;
	*s = (struct tls_session){ none, none, none, none };
	if (line.len >= TLS_SESSION_MAX)
		return false;
	while (line.len) {
		struct bytes value, text = bytes_take_until(&line, '\t');
		int field = split_field(text, &value);
		if (field < 0 || !may_follow(field, last))
			return false;
		take_field(s, field, text, value);
		last = field;
	}
	return hostname_valid(s->domain.s, s->domain.len) && s->policy.len &&
	    s->result.len;
}

static int
put_unescaped(stralloc *value, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char octet = (unsigned char)text.s[i];
		if (octet == '%' && text.len - i > 2 &&
		    hex_decode(text.s + i + 1, 1, &octet))
			i += 2;
		if (!stralloc_append(value, (char)octet))
			return 0;
	}
	return 1;
}

int
tls_session_next(struct bytes *rest, enum tls_field *field, stralloc *value)
{
	while (rest->len) {
		struct bytes text, part = bytes_take_until(rest, '\t');
		int found = split_field(part, &text);
		if (found < 0)
			continue;
		*field = (enum tls_field)found;
		value->len = 0;
		return put_unescaped(value, text) ? 1 : -1;
	}
	return 0;
}
