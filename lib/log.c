/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "utf8.h"

enum { LOG_UID_MAX = 64, LOG_VALUE_MAX = 2000 };

static char log_program[32] = "besace";
static char log_message_uid[LOG_UID_MAX + 1] = "-";
static bool log_by_syslog;
static bool log_to_journal;

/* inetd puts the connection on stderr too: our lines are not for the client. */
static bool
stderr_is_the_client(void)
{
	struct stat in;
	struct stat err;
	return fstat(0, &in) == 0 && fstat(2, &err) == 0 &&
	    S_ISSOCK(err.st_mode) && in.st_dev == err.st_dev &&
	    in.st_ino == err.st_ino;
}

static void
use_syslog(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_by_syslog = true;
	openlog(log_program, LOG_PID | LOG_NDELAY, LOG_MAIL);
	if (null < 0 || dup2(null, 2) < 0)
		close(2);
	if (null >= 0)
		close(null);
}

/* systemd says which stream is the journal's: "device:inode". There a line may
 * say how grave it is, sd-daemon(3). */
static bool
stderr_is_the_journal(void)
{
	struct stat err;
	char name[64];
	char const *journal = getenv("JOURNAL_STREAM");
	if (!journal || fstat(2, &err) < 0)
		return false;
	snprintf(name, sizeof name, "%ju:%ju", (uintmax_t)err.st_dev,
	    (uintmax_t)err.st_ino);
	return strcmp(name, journal) == 0;
}

void
log_open(char const *program)
{
	snprintf(log_program, sizeof log_program, "%s", program);
	log_uid(getenv("MESSAGE_UID"));
	log_to_journal = stderr_is_the_journal();
	if (stderr_is_the_client())
		use_syslog();
}

void
log_close(void)
{
	if (log_by_syslog)
		closelog();
	log_by_syslog = false;
}

void
log_to_syslog(void)
{
	if (log_by_syslog || log_to_journal || access("/dev/log", W_OK) != 0)
		return;
	log_by_syslog = true;
	openlog(log_program, LOG_PID, LOG_MAIL);
}

void
log_uid(char const *uid)
{
	size_t n = 0;
	for (char const *p = uid ? uid : ""; *p && n < LOG_UID_MAX; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
		    (*p >= 'A' && *p <= 'Z') || *p == '-' || *p == '.')
			log_message_uid[n++] = *p;
	if (!n)
		log_message_uid[n++] = '-';
	log_message_uid[n] = 0;
}

static bool
is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

/* Octets at S that may stand as they are: of a character, and of none that does
 * something to a terminal. A line with others journalctl(1) does not show. */
static size_t
harmless(char const *s, size_t len)
{
	uint32_t point;
	size_t n = utf8_read(s, len, &point);
	bool control = n && (point < 0x20 || (point >= 0x7f && point < 0xa0));
	return control ? 0 : n;
}

static int
put_octet(stralloc *sa, unsigned char c)
{
	static char const hex[] = "0123456789abcdef";
	char const esc[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };
	return stralloc_catb(sa, esc, sizeof esc);
}

int
log_quote(stralloc *sa, char const *value, size_t len)
{
	bool plain = len > 0;
	for (size_t i = 0; i < len; i++)
		plain = plain && is_plain((unsigned char)value[i]);
	if (plain)
		return stralloc_catb(sa, value, len);
	int ok = stralloc_append(sa, '"');
	for (size_t i = 0, n; ok && i < len; i += n) {
		n = harmless(value + i, len - i);
		if (value[i] == '"' || value[i] == '\\')
			ok = stralloc_append(sa, '\\');
		ok = ok &&
		    (n ? stralloc_catb(sa, value + i, n)
		       : put_octet(sa, (unsigned char)value[i]));
		n += !n;
	}
	return ok && stralloc_append(sa, '"');
}

static int
log_pair(stralloc *line, char const *key, char const *value)
{
	size_t n = strnlen(value, LOG_VALUE_MAX);
	return stralloc_append(line, ' ') && stralloc_cats(line, key) &&
	    stralloc_append(line, '=') && log_quote(line, value, n);
}

/* LINE is "program[pid]: UID event ...". */
static int
priority_of(char const *line, size_t len)
{
	static char const error[] = "error ";
	size_t at = 0;
	for (int words = 0; words < 2 && at < len; words++) {
		char const *space = memchr(line + at, ' ', len - at);
		at = space ? (size_t)(space - line) + 1 : len;
	}
	return len - at >= sizeof error - 1 &&
	        memcmp(line + at, error, sizeof error - 1) == 0
	    ? LOG_ERR
	    : LOG_INFO;
}

/* One write(2), so that lines of many processes do not mix. */
static void
write_whole(char const *line, size_t len)
{
	while (len) {
		ssize_t w = write(2, line, len);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return;
		line += w;
		len -= (size_t)w;
	}
}

/* Without memory for a new line the old one has to do. */
static void
write_to_journal(char const *line, size_t len)
{
	stralloc marked = STRALLOC_ZERO;
	char mark[] = { '<', (char)('0' + priority_of(line, len)), '>' };
	if (stralloc_catb(&marked, mark, sizeof mark) &&
	    stralloc_catb(&marked, line, len))
		write_whole(marked.s, marked.len);
	else
		write_whole(line, len);
	stralloc_free(&marked);
}

/* PREFIX is the length of "program[pid]: ", which syslog(3) writes itself. */
static void
log_write(char const *line, size_t len, size_t prefix)
{
	if (log_by_syslog)
		syslog(priority_of(line, len), "%.*s", (int)(len - 1 - prefix),
		    line + prefix);
	else if (log_to_journal)
		write_to_journal(line, len);
	else
		write_whole(line, len);
}

void
log_pass(char const *line, size_t len)
{
	log_write(line, len, 0);
}

void
log_event(char const *event, ...)
{
	int saved = errno;
	stralloc line = STRALLOC_ZERO;
	char head[160];
	int prefix = snprintf(head, sizeof head, "%s[%ld]: ", log_program,
	    (long)getpid());
	snprintf(head + prefix, sizeof head - (size_t)prefix, "%s %s",
	    log_message_uid, event);
	int ok = stralloc_cats(&line, head);
	va_list ap;
	va_start(ap, event);
	for (char const *key; ok && (key = va_arg(ap, char const *));) {
		char const *value = va_arg(ap, char const *);
		if (value)
			ok = log_pair(&line, key, value);
	}
	va_end(ap);
	if (ok && stralloc_append(&line, '\n'))
		log_write(line.s, line.len, (size_t)prefix);
	stralloc_free(&line);
	errno = saved;
}

void
log_error(char const *what, char const *object, int errnum)
{
	log_event("error", "what", what, "object", object, "reason",
	    errnum ? strerror(errnum) : NULL, (char *)NULL);
}

void
log_error_in(char const *what, char const *dir, char const *name, int errnum)
{
	stralloc path = STRALLOC_ZERO;
	bool whole = stralloc_cats(&path, dir) && stralloc_append(&path, '/') &&
	    stralloc_cats(&path, name) && stralloc_0(&path);
	log_error(what, whole ? path.s : name, errnum);
	stralloc_free(&path);
}
