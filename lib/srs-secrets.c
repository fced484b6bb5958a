/* SPDX-License-Identifier: ISC */
#include "srs-secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "file.h"
#include "hex.h"
#include "log.h"
#include "path.h"

enum {
	DAY = 86400,
	FILE_MAX = 4096,
	DIGITS = 2 * SRS_SECRET,
	LINE_ROOM = DIGITS + 32
};

static char const file_name[] = "srs-secrets";

/* The file's lines; made[i] is when secret i was. */
struct secrets {
	struct srs *srs;
	uint64_t made[SRS_SECRETS_MAX];
	uint64_t now;
};

static uint64_t
window(struct secrets const *s)
{
	return s->srs->days * DAY;
}

/* --- the file ----------------------------------------------------------- */

static bool
read_line(struct secrets *s, struct bytes line)
{
	struct bytes made = bytes_take_until(&line, ' ');
	char number[UINT64_FMT + 1];
	size_t n = s->srs->count;
	if (n == SRS_SECRETS_MAX || made.len >= sizeof number ||
	    line.len != DIGITS)
		return false;
	memcpy(number, made.s, made.len);
	number[made.len] = 0;
	if (!uint640_scan(number, &s->made[n]) ||
	    !hex_decode(line.s, SRS_SECRET, s->srs->secrets[n]))
		return false;
	s->srs->count++;
	return true;
}

/* 1, or 0 with errno. */
static int
read_secrets(struct secrets *s, int fd)
{
	stralloc text = STRALLOC_ZERO;
	int ok = file_read(fd, &text, FILE_MAX);
	s->srs->count = 0;
	for (struct bytes rest = { text.s, text.len }; ok && rest.len;)
		if (!read_line(s, bytes_take_until(&rest, '\n'))) {
			errno = EINVAL;
			ok = 0;
		}
	int saved = errno;
	if (text.s)
		explicit_bzero(text.s, text.a);
	stralloc_free(&text);
	errno = saved;
	return ok;
}

static int
put_line(uint64_t made, unsigned char const secret[SRS_SECRET], stralloc *text)
{
	char line[LINE_ROOM];
	int n = snprintf(line, sizeof line, "%llu ", (unsigned long long)made);
	for (size_t i = 0; i < SRS_SECRET; i++)
		n += snprintf(line + n, sizeof line - (size_t)n, "%02x",
		    secret[i]);
	int ok =
	    stralloc_catb(text, line, (size_t)n) && stralloc_append(text, '\n');
	explicit_bzero(line, sizeof line);
	return ok;
}

/* A new secret, and those whose addresses may still be good. */
static int
replace(struct secrets const *s, int var)
{
	unsigned char fresh[SRS_SECRET];
	stralloc text = STRALLOC_ZERO;
	int ok = getrandom(fresh, sizeof fresh, 0) == (ssize_t)sizeof fresh &&
	    put_line(s->now, fresh, &text);
	for (size_t i = 0; i < s->srs->count && i < SRS_SECRETS_MAX - 1; i++)
		if (s->made[i] + 2 * window(s) > s->now)
			ok = ok &&
			    put_line(s->made[i], s->srs->secrets[i], &text);
	ok = ok && file_replace_in(var, file_name, text.s, text.len, 0600);
	int saved = errno;
	explicit_bzero(fresh, sizeof fresh);
	if (text.s)
		explicit_bzero(text.s, text.a);
	stralloc_free(&text);
	errno = saved;
	return ok;
}

/* --- who makes it ------------------------------------------------------- */

static bool
is_fresh(struct secrets const *s)
{
	return s->srs->count && s->made[0] + window(s) > s->now;
}

/* Whether FD is still the file; another may have replaced it while we
 * waited for the lock. */
static bool
is_current(int fd, int var)
{
	struct stat ours, there;
	return fstat(fd, &ours) == 0 &&
	    fstatat(var, file_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Whoever has the lock of the file replaces it, which ends the lock. 1, or 0
 * with errno. */
static int
renew(struct secrets *s, int var)
{
	int fd = openat(var, file_name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return 0;
	int ok = flock(fd, LOCK_EX) == 0;
	if (ok && is_current(fd, var))
		ok = read_secrets(s, fd) && (is_fresh(s) || replace(s, var));
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static int
load(struct secrets *s, int var)
{
	int fd = file_open(var, file_name, O_RDONLY);
	s->srs->count = 0;
	if (fd < 0)
		return errno == ENOENT;
	int ok = read_secrets(s, fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

static int
load_fresh(struct secrets *s, int var)
{
	int ok = load(s, var);
	while (ok && !is_fresh(s))
		ok = renew(s, var) && load(s, var);
	return ok;
}

/* --- both ways ---------------------------------------------------------- */

static void
set_up(struct secrets *s, struct settings const *settings)
{
	struct srs *srs = s->srs;
	s->now = (uint64_t)time(NULL);
	srs->domain =
	    *settings->srs_domain ? settings->srs_domain : settings->myhostname;
	srs->today = s->now / DAY;
	srs->days = settings->srs_max_age / DAY;
	if (srs->days < 1)
		srs->days = 1;
	if (srs->days > SRS_DAYS_MAX)
		srs->days = SRS_DAYS_MAX;
}

static int
open_with(struct srs *srs, struct settings const *settings,
    int (*get)(struct secrets *, int))
{
	struct secrets s = { .srs = srs };
	int var = path_open_var();
	set_up(&s, settings);
	int ok = var >= 0 && get(&s, var);
	if (!ok)
		log_error_in("read or make the secrets of reverse-paths",
		    path_var(), file_name, errno);
	if (var >= 0)
		close(var);
	return ok;
}

int
srs_open(struct srs *s, struct settings const *settings)
{
	return open_with(s, settings, load);
}

int
srs_open_to_sign(struct srs *s, struct settings const *settings)
{
	return open_with(s, settings, load_fresh);
}
