/* SPDX-License-Identifier: ISC */
/* mbox files. A message has no name in them: it gets one from its date and the
 * hash of its text, so that the same message is known when it is met again; of
 * messages that are the same within a file, each is kept. */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/sha256.h>

#include "file.h"
#include "flags.h"
#include "mbox.h"

enum {
	CHUNK = 64 << 10,
	IN_MEMORY = 256 << 10, /* octets; a longer message goes to a file */
	HASH_OCTETS = 16       /* of SHA-256's, in the name */
};

struct reader {
	struct import *import;
	struct source const *source;
	char const *path;
	struct target target;
	struct uidlist met; /* names that this file had: a set */
	stralloc text;      /* the message, or its start */
	int fd;             /* the whole of it, when it is long; -1 */
	SHA256Schedule hash;
	struct mbox mbox;
	uint64_t size, lf, crlf;
	char last;
	bool ending; /* the file's end is reached */
	bool none;   /* it is no mbox */
	bool broken; /* this message cannot be taken: why */
	int why;
};

static char const stray_header[] =
    "From: MAILER-DAEMON\n"
    "Subject: A part of an mbox file that is no message\n\n";

static int
open_spool(struct reader *r)
{
	int fd = -1;
	if (r->target.dir >= 0)
		fd = openat(r->target.dir, "tmp",
		    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : memfd_create("message", MFD_CLOEXEC);
}

static int
store(struct reader *r, char const *s, size_t len)
{
	if (r->fd < 0 && r->text.len + len <= IN_MEMORY)
		return stralloc_catb(&r->text, s, len);
	if (r->fd < 0) {
		r->fd = open_spool(r);
		if (r->fd < 0 || !file_write(r->fd, r->text.s, r->text.len))
			return 0;
	}
	return file_write(r->fd, s, len);
}

/* What cannot be stored is one message's fault, not the file's. */
static int
on_data(void *arg, char const *s, size_t len)
{
	struct reader *r = arg;
	if (!r->mbox.restless)
		sha256_update(&r->hash, s, len);
	for (size_t i = 0; i < len; i++) {
		r->lf += s[i] == '\n';
		r->crlf += s[i] == '\n' && r->last == '\r';
		r->last = s[i];
	}
	r->size += len;
	if (!r->broken && !store(r, s, len)) {
		r->broken = true;
		r->why = errno;
	}
	return 1;
}

static int
on_start(void *arg, struct mbox const *m)
{
	struct reader *r = arg;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->text.len = 0;
	r->size = r->lf = r->crlf = 0;
	r->last = 0;
	r->broken = false;
	sha256_init(&r->hash);
	return !m->stray || on_data(r, stray_header, sizeof stray_header - 1);
}

/* The name of the NTH message of this text, without sizes. */
static void
name_message(struct reader *r, struct mbox const *m, char const *hex,
    unsigned nth, char name[MAILDIR_NAME_MAX + 1])
{
	long long date = m->dated && m->date > 0 ? m->date : 0;
	snprintf(name, MAILDIR_NAME_MAX + 1, "%lld.X%s_%u.import,S=%llu,W=%llu",
	    date, hex, nth, (unsigned long long)r->size,
	    (unsigned long long)(r->size + r->lf - r->crlf));
}

/* Its name in the Maildir: the first that this file did not have yet. */
static int
find_name(struct reader *r, struct mbox const *m,
    char name[MAILDIR_NAME_MAX + 1])
{
	char digest[32], hex[2 * HASH_OCTETS + 1];
	uint32_t uid;
	sha256_final(&r->hash, digest);
	for (size_t i = 0; i < HASH_OCTETS; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)digest[i]);
	for (unsigned nth = 0;; nth++) {
		name_message(r, m, hex, nth, name);
		if (!uidlist_find(&r->met, name, strlen(name)))
			return uidlist_give(&r->met, name, strlen(name), &uid);
	}
}

static uint32_t
flags_of(struct reader *r, struct mbox const *m)
{
	uint32_t flags = m->flags;
	for (size_t i = 0; i < m->keywords_len;) {
		size_t n = 0;
		while (i + n < m->keywords_len && m->keywords[i + n] != ' ')
			n++;
		if (n)
			flags |= target_keyword(&r->target, m->keywords + i, n);
		i += n + 1;
	}
	return flags;
}

/* What c-client and its kin keep in a file's first message is none. */
static bool
is_folder_data(struct reader const *r)
{
	static char const subject[] =
	    "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n";
	return r->fd < 0 && r->text.len &&
	    memmem(r->text.s, r->text.len, "\nX-IMAP: ", 9) &&
	    memmem(r->text.s, r->text.len, subject, sizeof subject - 1);
}

static int
take(struct reader *r, struct mbox const *m, char const *from)
{
	char name[MAILDIR_NAME_MAX + 1];
	stralloc info = STRALLOC_ZERO;
	char const *letters = m->forwarded ? "x:2,P" : "x";
	int met = find_name(r, m, name)
	    ? target_meet(&r->target, name, strlen(name))
	    : -1;
	uint32_t flags = met == 0 ? flags_of(r, m) : 0;
	bool new = !flags && !m->old && !m->forwarded;
	if (met == 0 && flags_rename(letters, strlen(letters), flags, &info)) {
		struct incoming in = { from, name, new ? "" : info.s + 1, new,
			m->dated, m->date, NULL };
		target_take(&r->target, &in, r->text.s, r->text.len, r->fd);
	}
	stralloc_free(&info);
	r->target.tally.there += met > 0;
	return met >= 0;
}

static int
on_end(void *arg, struct mbox const *m)
{
	struct reader *r = arg;
	char from[SOURCE_PATH_MAX + 64];
	snprintf(from, sizeof from, "%s: message at octet %llu", r->path,
	    (unsigned long long)m->offset);
	if (m->stray && r->ending) {
		r->none = true;
		return 1;
	}
	if (is_folder_data(r))
		return 1;
	if (m->stray)
		target_complain(from,
		    "warning: no message, comes as one of its own");
	errno = r->why;
	if (r->broken || !take(r, m, from)) {
		target_complain(from, strerror(errno));
		r->target.tally.failed++;
	}
	return 1;
}

static int
read_file(struct reader *r, int fd)
{
	struct mbox *m = &r->mbox;
	static char chunk[CHUNK];
	struct mbox_sink const sink = { r, on_start, on_data, on_end };
	uint64_t pos = 0;
	mbox_init(m, &sink);
	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof chunk, (off_t)pos);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return 0;
		r->ending = n == 0;
		int fed = n ? mbox_feed(m, chunk, (size_t)n) : mbox_end(m);
		if (!fed)
			return 0;
		if (fed == MBOX_AGAIN)
			pos = m->offset;
		else if (n == 0)
			return 1;
		else
			pos += (uint64_t)n;
	}
}

/* Whether it begins as an mbox does, or is empty. */
static bool
looks_like_mbox(int fd)
{
	char start[5];
	ssize_t n = pread(fd, start, sizeof start, 0);
	return n == 0 || (n == 5 && memcmp(start, "From ", 5) == 0);
}

static void
read_into(struct import *i, struct reader *r, int fd, char const *folder)
{
	if (!target_open(&r->target, i->root, folder, NULL, i->dry)) {
		i->all = false;
		return;
	}
	if (!read_file(r, fd))
		import_complain(i, r->source, r->path, strerror(errno));
	if (r->none)
		import_complain(i, r->source, r->path, "not an mbox");
	import_report(i, &r->target);
}

int
import_mbox(struct import *i, struct source const *s, char const *path,
    char const *name, bool quiet)
{
	static struct reader r;
	char folder[NAME_MAX_DISK + 1];
	memset(&r, 0, sizeof r);
	r.import = i;
	r.source = s;
	r.path = path;
	r.fd = -1;
	uidlist_init(&r.met);
	r.met.next = 1;
	int fd = source_open(s, path);
	if (fd < 0) {
		import_complain(i, s, path, strerror(errno));
		return 0;
	}
	bool taken = !quiet || looks_like_mbox(fd);
	if (taken && !import_folder(i, name, folder))
		import_complain(i, s, path, "its name is too long");
	else if (taken)
		read_into(i, &r, fd, folder);
	close(fd);
	if (r.fd >= 0)
		close(r.fd);
	stralloc_free(&r.text);
	uidlist_clear(&r.met);
	return taken;
}
