/* SPDX-License-Identifier: ISC */
#include "keywords.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "lock.h"
#include "imap-word.h"

enum { KEYWORDS_FILE_MAX = 64 << 10 };

static bool
is_keyword(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!imap_is_atom_char((unsigned char)s[i]))
			return false;
	return len > 0 && len <= KEYWORD_NAME_MAX;
}

static void
parse_line(struct keywords *k, char const *s, size_t len)
{
	size_t i = 0;
	unsigned n = 0;
	while (i < len && i < 3 && s[i] >= '0' && s[i] <= '9')
		n = n * 10 + (unsigned)(s[i++] - '0');
	if (!i || i == len || s[i] != ' ' || n >= KEYWORDS_MAX)
		return;
	i++;
	if (!is_keyword(s + i, len - i))
		return;
	memcpy(k->names[n], s + i, len - i);
	k->names[n][len - i] = 0;
}

void
keywords_parse(struct keywords *k, char const *s, size_t len)
{
	memset(k->names, 0, sizeof k->names);
	while (len) {
		char const *lf = memchr(s, '\n', len);
		size_t n = lf ? (size_t)(lf - s) : len;
		parse_line(k, s, n);
		n += lf ? 1 : 0;
		s += n;
		len -= n;
	}
}

static bool
same_file(struct keywords const *k, struct stat const *st)
{
	return k->inode == st->st_ino && k->size == (uint64_t)st->st_size &&
	    k->mtime.tv_sec == st->st_mtim.tv_sec &&
	    k->mtime.tv_nsec == st->st_mtim.tv_nsec;
}

int
keywords_load(struct keywords *k, int dir)
{
	struct stat st;
	if (fstatat(dir, KEYWORDS_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (same_file(k, &st))
		return 0;
	int fd = file_open(dir, KEYWORDS_FILE, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	stralloc text = STRALLOC_ZERO;
	int ok = fstat(fd, &st) == 0 && file_read(fd, &text, KEYWORDS_FILE_MAX);
	int saved = errno;
	close(fd);
	if (ok) {
		keywords_parse(k, text.s, text.len);
		k->inode = st.st_ino;
		k->size = (uint64_t)st.st_size;
		k->mtime = st.st_mtim;
	}
	stralloc_free(&text);
	errno = saved;
	return ok ? 1 : -1;
}

uint32_t
keywords_find(struct keywords const *k, char const *name, size_t len)
{
	char known[KEYWORD_NAME_MAX + 1];
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		keywords_name(k, i, known);
		if (imap_equal(name, len, known))
			return UINT32_C(1) << i;
	}
	return 0;
}

static int
format(struct keywords const *k, stralloc *out)
{
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		char buf[KEYWORD_NAME_MAX + 16];
		int n = snprintf(buf, sizeof buf, "%u %s\n", i, k->names[i]);
		if (k->names[i][0] && !stralloc_catb(out, buf, (size_t)n))
			return 0;
	}
	return 1;
}

static int
save(struct keywords *k, int dir)
{
	stralloc text = STRALLOC_ZERO;
	struct lock lock;
	int ok = 0;
	int saved = ENOMEM;
	if (format(k, &text) && lock_take(&lock, dir, KEYWORDS_FILE ".lock")) {
		ok = ftruncate(lock.fd, 0) == 0 &&
		    lseek(lock.fd, 0, SEEK_SET) == 0 &&
		    file_write(lock.fd, text.s, text.len) && file_sync(lock.fd);
		saved = errno;
		if (ok) {
			ok = lock_commit(&lock, KEYWORDS_FILE);
			saved = errno;
		} else {
			lock_drop(&lock);
		}
	} else {
		saved = errno;
	}
	stralloc_free(&text);
	errno = saved;
	return ok;
}

uint32_t
keywords_add(struct keywords *k, int dir, uint32_t used, char const *name,
    size_t len)
{
	errno = EINVAL;
	if (!is_keyword(name, len))
		return 0;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		uint32_t bit = UINT32_C(1) << i;
		if (k->names[i][0] || (used & bit))
			continue;
		memcpy(k->names[i], name, len);
		k->names[i][len] = 0;
		if (save(k, dir))
			return bit;
		k->names[i][0] = 0;
		return 0;
	}
	errno = EDQUOT;
	return 0;
}

void
keywords_name(struct keywords const *k, unsigned i,
    char name[KEYWORD_NAME_MAX + 1])
{
	if (k->names[i][0])
		memcpy(name, k->names[i], sizeof k->names[i]);
	else
		snprintf(name, KEYWORD_NAME_MAX + 1, "unknown-%u", i);
}
