/* SPDX-License-Identifier: ISC */
#include "uidlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "array.h"
#include "file.h"

enum {
	UIDLIST_MAX = 1 << 30, /* octets of the file */
	UIDLIST_NAME_MAX = 255,
	UIDLIST_KEYS_MAX = 4096
};

#define UIDLIST_TMP "dovecot-uidlist.tmp"

void
uidlist_init(struct uidlist *u)
{
	memset(u, 0, sizeof *u);
	u->fd = -1;
}

void
uidlist_clear(struct uidlist *u)
{
	stralloc_free(&u->header);
	stralloc_free(&u->text);
	free(u->records);
	free(u->table);
	if (u->fd >= 0)
		close(u->fd);
	uidlist_init(u);
}

static int
malformed(void)
{
	errno = EPROTO;
	return 0;
}

/* FNV-1a */
static size_t
hash(char const *s, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ (h >> 32));
}

/* The slot of this name, or the empty one where it belongs. */
static size_t
slot(struct uidlist const *u, char const *base, size_t len)
{
	size_t i = hash(base, len) & (u->table_size - 1);
	while (u->table[i]) {
		struct uid_record const *r = &u->records[u->table[i] - 1];
		if (r->name_len == len &&
		    memcmp(u->text.s + r->name, base, len) == 0)
			break;
		i = (i + 1) & (u->table_size - 1);
	}
	return i;
}

static void
enter(struct uidlist *u, size_t index)
{
	struct uid_record const *r = &u->records[index];
	/* A name that comes twice belongs to the later line. */
	u->table[slot(u, u->text.s + r->name, r->name_len)] =
	    (uint32_t)index + 1;
}

static int
make_room(struct uidlist *u)
{
	void *p = array_grow(u->records, u->count, sizeof *u->records, SIZE_MAX,
	    &u->room);
	if (!p)
		return 0;
	u->records = p;
	if (u->count * 2 < u->table_size)
		return 1;
	size_t size = u->table_size ? u->table_size * 2 : 1024;
	uint32_t *table = calloc(size, sizeof *table);
	if (!table)
		return 0;
	free(u->table);
	u->table = table;
	u->table_size = size;
	for (size_t i = 0; i < u->count; i++)
		enter(u, i);
	return 1;
}

static int
number(char const **s, char const *end, uint32_t *n)
{
	uint64_t value = 0;
	char const *p = *s;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if ((value = value * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return 0;
	if (p == *s)
		return 0;
	*s = p;
	*n = (uint32_t)value;
	return 1;
}

/* "1 <uidvalidity> <nextuid>" */
static int
header_1(struct uidlist *u, char const *s, char const *end)
{
	u->legacy = true;
	return number(&s, end, &u->validity) && s < end && *s++ == ' ' &&
	    number(&s, end, &u->next) && u->validity && u->next;
}

/* <letter><value> items, in any order; those we do not know are kept. */
static int
header_3(struct uidlist *u, char const *s, char const *end)
{
	while (s < end) {
		char const *space = memchr(s, ' ', (size_t)(end - s));
		char const *item_end = space ? space : end;
		char const *value = s + 1;
		if (*s == 'V' || *s == 'N') {
			if (!number(&value, item_end,
			        *s == 'V' ? &u->validity : &u->next) ||
			    value != item_end)
				return 0;
		} else if (item_end > s &&
		    (!stralloc_append(&u->header, ' ') ||
		        !stralloc_catb(&u->header, s,
		            (size_t)(item_end - s)))) {
			return 0;
		}
		s = space ? space + 1 : end;
	}
	return u->validity && u->next;
}

static int
parse_header(struct uidlist *u, char const *s, size_t len)
{
	if (len > 2 && memcmp(s, "3 ", 2) == 0)
		return header_3(u, s + 2, s + len) ? 1 : malformed();
	if (len > 2 && memcmp(s, "1 ", 2) == 0)
		return header_1(u, s + 2, s + len) ? 1 : malformed();
	return malformed();
}

static int
add_record(struct uidlist *u, uint32_t uid, char const *keys, size_t keys_len,
    char const *name, size_t name_len)
{
	if (!name_len || name_len > UIDLIST_NAME_MAX ||
	    keys_len > UIDLIST_KEYS_MAX || memchr(name, '/', name_len))
		return malformed();
	if (!make_room(u))
		return 0;
	struct uid_record *r = &u->records[u->count++];
	r->uid = uid;
	r->keys = (uint32_t)(keys - u->text.s);
	r->keys_len = (uint16_t)keys_len;
	r->name = (uint32_t)(name - u->text.s);
	r->name_len = (uint16_t)name_len;
	r->file = 0;
	enter(u, u->count - 1);
	if (uid >= u->next)
		u->next = uid + 1;
	return 1;
}

/* LINE lies in u->text. */
static int
parse_record(struct uidlist *u, char const *line, size_t len)
{
	char const *s = line;
	char const *end = line + len;
	uint32_t uid;
	if (!number(&s, end, &uid) || s == end || *s++ != ' ')
		return malformed();
	if (!uid || uid == UINT32_MAX ||
	    (u->count && uid <= u->records[u->count - 1].uid))
		return malformed();
	if (u->legacy)
		return add_record(u, uid, s, 0, s, (size_t)(end - s));
	char const *keys = s;
	while (s < end && *s != ':') {
		char const *space = memchr(s, ' ', (size_t)(end - s));
		if (!space)
			return malformed();
		s = space + 1;
	}
	if (s == end)
		return malformed();
	size_t keys_len = s > keys ? (size_t)(s - 1 - keys) : 0;
	return add_record(u, uid, keys, keys_len, s + 1, (size_t)(end - s - 1));
}

int
uidlist_parse(struct uidlist *u, char const *s, size_t len)
{
	size_t pos = u->text.len;
	if (len > UIDLIST_MAX - pos)
		return malformed();
	if (!stralloc_catb(&u->text, s, len))
		return 0;
	while (pos < u->text.len) {
		char const *line = u->text.s + pos;
		char const *lf = memchr(line, '\n', u->text.len - pos);
		if (!lf)
			return malformed();
		size_t n = (size_t)(lf - line);
		if (!(u->validity ? parse_record(u, line, n)
		                  : parse_header(u, line, n)))
			return 0;
		pos += n + 1;
	}
	return 1;
}

struct uid_record *
uidlist_find(struct uidlist const *u, char const *base, size_t len)
{
	if (!u->table_size)
		return NULL;
	uint32_t found = u->table[slot(u, base, len)];
	return found ? &u->records[found - 1] : NULL;
}

/* Reads from where the known lines end. */
static int
read_more(struct uidlist *u, off_t size)
{
	size_t known = u->skipped + u->text.len;
	if (size > UIDLIST_MAX || (size_t)size < known)
		return malformed();
	size_t want = (size_t)size - known;
	char *buf = malloc(want + 1);
	if (!buf)
		return 0;
	size_t got = 0;
	while (got < want) {
		ssize_t n =
		    pread(u->fd, buf + got, want - got, (off_t)(known + got));
		if (n < 0 && errno != EINTR) {
			free(buf);
			return 0;
		}
		if (n == 0)
			break;
		if (n > 0)
			got += (size_t)n;
	}
	char const *last = got ? memrchr(buf, '\n', got) : NULL;
	size_t whole = last ? (size_t)(last - buf) + 1 : 0;
	u->torn = whole < got;
	u->on_disk = known + got;
	int ok = uidlist_parse(u, buf, whole);
	free(buf);
	if (ok && !u->validity)
		return malformed();
	return ok;
}

static int
open_list(struct uidlist *u, int dir)
{
	u->fd = file_open(dir, UIDLIST_FILE, O_RDWR);
	if (u->fd < 0 && (errno == EROFS || errno == EACCES))
		u->fd = file_open(dir, UIDLIST_FILE, O_RDONLY);
	return u->fd >= 0;
}

/* Opens the file anew unless it is the one that is open. */
static int
reopen(struct uidlist *u, int dir, struct stat *st)
{
	struct stat mine;
	if (u->fd >= 0 && fstat(u->fd, &mine) == 0 &&
	    fstatat(dir, UIDLIST_FILE, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == st->st_ino && mine.st_dev == st->st_dev &&
	    (size_t)st->st_size >= u->skipped + u->text.len)
		return 1;
	uidlist_clear(u);
	if (!open_list(u, dir))
		return errno == ENOENT ? 0 : -1;
	return fstat(u->fd, st) == 0 ? 1 : -1;
}

int
uidlist_load(struct uidlist *u, int dir)
{
	struct stat st;
	int found = reopen(u, dir, &st);
	if (found <= 0)
		return found;
	if (u->validity && (size_t)st.st_size == u->skipped + u->text.len)
		return 1;
	return read_more(u, st.st_size) ? 1 : -1;
}

static void
note(struct uidlist_known *k, struct stat const *st)
{
	k->inode = st->st_ino;
	k->size = (uint64_t)st->st_size;
	k->mtime = st->st_mtim.tv_sec;
	k->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
}

bool
uidlist_known(struct uidlist const *u, struct uidlist_known *k)
{
	struct stat st;
	if (u->fd < 0 || !u->validity || u->legacy || u->torn ||
	    u->on_disk != u->skipped + u->text.len || fstat(u->fd, &st) < 0 ||
	    (size_t)st.st_size != u->on_disk)
		return false;
	k->validity = u->validity;
	k->next = u->next;
	note(k, &st);
	return true;
}

bool
uidlist_is_known(struct uidlist_known const *k, struct stat const *st)
{
	struct uidlist_known now;
	note(&now, st);
	return k->inode == now.inode && k->size == now.size &&
	    k->mtime == now.mtime && k->mtime_ns == now.mtime_ns;
}

static int
read_header(struct uidlist *u)
{
	char buf[UIDLIST_KEYS_MAX];
	ssize_t n = pread(u->fd, buf, sizeof buf, 0);
	char const *lf = n > 0 ? memchr(buf, '\n', (size_t)n) : NULL;
	return lf && parse_header(u, buf, (size_t)(lf - buf));
}

int
uidlist_open_known(struct uidlist *u, int dir, struct uidlist_known const *k)
{
	struct stat st;
	uidlist_clear(u);
	if (open_list(u, dir) && fstat(u->fd, &st) == 0 &&
	    uidlist_is_known(k, &st) && read_header(u) &&
	    u->validity == k->validity && !u->legacy) {
		u->next = k->next;
		u->skipped = u->on_disk = (size_t)k->size;
		return 1;
	}
	uidlist_clear(u);
	return 0;
}

static int
format_header(struct uidlist const *u, stralloc *out)
{
	char buf[64];
	int n = snprintf(buf, sizeof buf, "3 V%u N%u", (unsigned)u->validity,
	    (unsigned)u->next);
	return stralloc_catb(out, buf, (size_t)n) &&
	    stralloc_catb(out, u->header.s, u->header.len) &&
	    stralloc_append(out, '\n');
}

static int
format_record(struct uidlist const *u, struct uid_record const *r,
    stralloc *out)
{
	char buf[16];
	int n = snprintf(buf, sizeof buf, "%u ", (unsigned)r->uid);
	return stralloc_catb(out, buf, (size_t)n) &&
	    stralloc_catb(out, u->text.s + r->keys, r->keys_len) &&
	    (!r->keys_len || stralloc_append(out, ' ')) &&
	    stralloc_append(out, ':') &&
	    stralloc_catb(out, u->text.s + r->name, r->name_len) &&
	    stralloc_append(out, '\n');
}

/* Readers take a greater mtime as the sign of a new list. */
static void
raise_mtime(int fd, int old)
{
	struct stat now;
	struct stat before;
	if (old < 0 || fstat(fd, &now) < 0 || fstat(old, &before) < 0 ||
	    now.st_mtime > before.st_mtime)
		return;
	struct timespec times[2] = { now.st_atim, { before.st_mtime + 1, 0 } };
	(void)futimens(fd, times);
}

/* Puts TEXT in the file's place. */
static int
replace(struct uidlist *u, int dir, stralloc const *text)
{
	/* What somebody who died under the lock has left, or anything else. */
	unlinkat(dir, UIDLIST_TMP, 0);
	int fd = openat(dir, UIDLIST_TMP,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	if (file_write(fd, text->s, text->len)) {
		raise_mtime(fd, u->fd);
		if (file_sync(fd) &&
		    renameat(dir, UIDLIST_TMP, dir, UIDLIST_FILE) == 0) {
			close(fd);
			return file_sync(dir);
		}
	}
	int saved = errno;
	close(fd);
	unlinkat(dir, UIDLIST_TMP, 0);
	errno = saved;
	return 0;
}

static int
new_guid(stralloc *header)
{
	unsigned char guid[16];
	if (getrandom(guid, sizeof guid, 0) != (ssize_t)sizeof guid ||
	    !stralloc_cats(header, " G"))
		return 0;
	for (size_t i = 0; i < sizeof guid; i++) {
		char hex[3];
		snprintf(hex, sizeof hex, "%02x", guid[i]);
		if (!stralloc_catb(header, hex, 2))
			return 0;
	}
	return 1;
}

/* The file as the header says, without records. */
static int
write_empty(struct uidlist *u, int dir)
{
	stralloc text = STRALLOC_ZERO;
	int ok = format_header(u, &text) && replace(u, dir, &text);
	int saved = errno;
	stralloc_free(&text);
	uidlist_clear(u);
	errno = saved;
	return ok && uidlist_load(u, dir) == 1;
}

int
uidlist_create(struct uidlist *u, int dir, uint32_t validity, uint32_t next)
{
	uidlist_clear(u);
	u->validity = validity;
	u->next = next;
	return new_guid(&u->header) && write_empty(u, dir);
}

/* Item LETTER of the header as a number, 0 when there is none. */
static uint32_t
header_number(struct uidlist const *u, char letter)
{
	uint32_t n = 0;
	for (size_t i = 0; i + 2 < u->header.len; i++) {
		char const *s = u->header.s + i + 2;
		if (u->header.s[i] == ' ' && u->header.s[i + 1] == letter &&
		    number(&s, u->header.s + u->header.len, &n))
			return n;
	}
	return 0;
}

int
uidlist_adopt(struct uidlist *u, int dir, struct uidlist const *from)
{
	char item[16];
	uidlist_clear(u);
	u->validity = from->validity;
	u->next = from->next;
	int n = snprintf(item, sizeof item, " I%u", (unsigned)from->next);
	if (!stralloc_catb(&u->header, from->header.s, from->header.len) ||
	    (!header_number(u, 'I') &&
	        !stralloc_catb(&u->header, item, (size_t)n)) ||
	    (from->legacy && !new_guid(&u->header)))
		return 0;
	return write_empty(u, dir);
}

/* A line at the end of the text; BASE may be anything, KEYS are a list's. */
static int
add_line(struct uidlist *u, uint32_t uid, char const *keys, size_t keys_len,
    char const *base, size_t len)
{
	char buf[16];
	if (!len || len > UIDLIST_NAME_MAX || memchr(base, '\n', len) ||
	    memchr(base, '/', len)) {
		errno = EINVAL;
		return 0;
	}
	int n = snprintf(buf, sizeof buf, "%u ", (unsigned)uid);
	size_t start = u->text.len;
	if (!stralloc_catb(&u->text, buf, (size_t)n) ||
	    !stralloc_catb(&u->text, keys, keys_len) ||
	    !stralloc_cats(&u->text, keys_len ? " :" : ":") ||
	    !stralloc_catb(&u->text, base, len) ||
	    !stralloc_append(&u->text, '\n')) {
		u->text.len = start;
		return 0;
	}
	return add_record(u, uid, u->text.s + start + n, keys_len,
	    u->text.s + u->text.len - 1 - len, len);
}

/* A GUID that cannot stand in a line is left out. */
int
uidlist_give_copy(struct uidlist *u, char const *base, size_t len,
    struct bytes guid, uint32_t *uid)
{
	char keys[UIDLIST_NAME_MAX + 2];
	int n = 0;
	bool same = guid.len == len && memcmp(guid.s, base, len) == 0;
	if (!same && guid.len && guid.len <= UIDLIST_NAME_MAX &&
	    !memchr(guid.s, ' ', guid.len))
		n = snprintf(keys, sizeof keys, "G%.*s", (int)guid.len, guid.s);
	if (u->next == UINT32_MAX) {
		errno = EOVERFLOW;
		return 0;
	}
	*uid = u->next;
	return add_line(u, *uid, keys, (size_t)n, base, len);
}

int
uidlist_give(struct uidlist *u, char const *base, size_t len, uint32_t *uid)
{
	struct bytes same = { base, len };
	return uidlist_give_copy(u, base, len, same, uid);
}

int
uidlist_put(struct uidlist *u, struct uidlist const *from,
    struct uid_record const *r, char const *base, size_t len)
{
	uint32_t last = u->count ? u->records[u->count - 1].uid : 0;
	if (r->uid <= last ||
	    (r->uid < u->next && r->uid >= header_number(u, 'I'))) {
		errno = EEXIST;
		return 0;
	}
	return add_line(u, r->uid, from->text.s + r->keys, r->keys_len, base,
	    len);
}

/* Still the file that was read, and nothing in it that was not read: a holder
 * of the lock that slept for too long has lost it to somebody else. */
static bool
is_as_read(struct uidlist const *u, int dir)
{
	struct stat mine;
	struct stat there;
	if (u->fd >= 0 && fstat(u->fd, &mine) == 0 &&
	    fstatat(dir, UIDLIST_FILE, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev &&
	    (size_t)mine.st_size == u->on_disk)
		return true;
	errno = EAGAIN;
	return false;
}

/* A version 1 list, or one whose last line is torn, is written whole. */
static int
rewrite(struct uidlist *u, int dir, bool only_with_file)
{
	stralloc text = STRALLOC_ZERO;
	if (u->skipped) {
		errno = EAGAIN;
		return 0;
	}
	int ok = format_header(u, &text);
	for (size_t i = 0; i < u->count && ok; i++) {
		struct uid_record const *r = &u->records[i];
		bool stays = r->file || !only_with_file;
		if (stays &&
		    uidlist_find(u, u->text.s + r->name, r->name_len) == r)
			ok = format_record(u, r, &text);
	}
	ok = ok && replace(u, dir, &text);
	int saved = errno;
	stralloc_free(&text);
	uidlist_clear(u);
	errno = saved;
	return ok && uidlist_load(u, dir) == 1;
}

static int
append(struct uidlist *u)
{
	size_t end = u->on_disk;
	size_t written = end - u->skipped;
	if (lseek(u->fd, (off_t)end, SEEK_SET) < 0)
		return 0;
	if (file_write(u->fd, u->text.s + written, u->text.len - written) &&
	    fdatasync(u->fd) == 0) {
		u->on_disk = u->skipped + u->text.len;
		return 1;
	}
	/* Half a line would be in the way of all who come after. */
	int saved = errno;
	(void)!ftruncate(u->fd, (off_t)end);
	errno = saved;
	return 0;
}

int
uidlist_flush(struct uidlist *u, int dir)
{
	if (!is_as_read(u, dir))
		return 0;
	return u->legacy || u->torn ? rewrite(u, dir, false) : append(u);
}

int
uidlist_compact(struct uidlist *u, int dir)
{
	return is_as_read(u, dir) && rewrite(u, dir, true);
}

int
uidlist_make_guid(struct uidlist *u, int dir)
{
	struct bytes guid;
	if (uidlist_mailbox_guid(u, &guid))
		return 1;
	return is_as_read(u, dir) && new_guid(&u->header) &&
	    rewrite(u, dir, false);
}
