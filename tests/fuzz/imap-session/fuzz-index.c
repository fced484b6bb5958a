/* SPDX-License-Identifier: ISC */
/* A mailbox with anything as its besace.index. The sums are put right, so that
 * what is behind them is read. The view has to be that of the files. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checksum.h"
#include "file.h"
#include "flags.h"
#include "imap-session/mailbox.h"

enum { MESSAGES = 5, MAX = 8192 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t len);

static char dir_name[] = "/tmp/fuzz-index.XXXXXX";
static int dir = -1;
static uint32_t validity;

/* In place of the C library's. */
int
fsync(int fd)
{
	(void)fd;
	return 0;
}

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
remove_all(void)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", dir_name);
	(void)!system(command);
}

static void
make(void)
{
	require(mkdtemp(dir_name) != NULL);
	dir = open(dir_name, O_RDONLY | O_DIRECTORY);
	require(dir >= 0 && mkdirat(dir, "cur", 0700) == 0 &&
	    mkdirat(dir, "new", 0700) == 0 && mkdirat(dir, "tmp", 0700) == 0);
	atexit(remove_all);
	for (int i = 1; i <= MESSAGES; i++) {
		char name[32];
		snprintf(name, sizeof name, "cur/%d.m:2,%s", i,
		    i % 2 ? "S" : "");
		int fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);
		require(fd >= 0 && write(fd, "a: b\n", 5) == 5);
		close(fd);
	}
	struct mailbox b;
	require(mailbox_open(&b, dir, "", true) && mailbox_sync(&b));
	validity = b.validity;
	mailbox_close(&b);
}

static void
put(char *s, unsigned octets, uint64_t n)
{
	for (unsigned i = 0; i < octets; i++)
		s[i] = (char)(n >> (8 * i));
}

static uint32_t
get32(char const *s)
{
	uint32_t n = 0;
	for (unsigned i = 0; i < 4; i++)
		n |= (uint32_t)(unsigned char)s[i] << (8 * i);
	return n;
}

/* Ours for this file, and for each part of it. */
static void
put_sums_right(char *s, size_t len)
{
	struct index_header h;
	if (len < INDEX_HEADER_SIZE)
		return;
	memcpy(s, "besaceIX\1\0\0\0", 12);
	put(s + 12, 4, validity);
	put(s + 56, 8, checksum(1, s, 56));
	if (!index_get_header(&h, (unsigned char *)s, len))
		return;
	uint64_t at = index_frames_at(&h);
	size_t summed = (size_t)(at - h.names) - INDEX_HEADER_SIZE;
	if (summed < INDEX_PIECE) {
		put(s + 48, 8, checksum(h.id, s + INDEX_HEADER_SIZE, summed));
		put(s + 56, 8, checksum(1, s, 56));
	}
	while (len - at > INDEX_FRAME_HEAD + INDEX_FRAME_TAIL) {
		uint32_t n = get32(s + at);
		if (n > len - at - INDEX_FRAME_HEAD - INDEX_FRAME_TAIL)
			break;
		if (n > INDEX_STATE_SIZE)
			put(s + at + INDEX_FRAME_HEAD + n - INDEX_STATE_SIZE +
			        8,
			    4, validity);
		put(s + at + 8, 8,
		    checksum(h.id ^ checksum(at, "", 0),
		        s + at + INDEX_FRAME_HEAD, n));
		at += n + INDEX_FRAME_HEAD + INDEX_FRAME_TAIL;
	}
}

static void
check_view(struct mailbox *b)
{
	uint32_t live = 0;
	for (uint32_t i = 0; i < b->count; i++) {
		struct message *m = &b->messages[i];
		char base[16];
		if (m->gone)
			continue;
		snprintf(base, sizeof base, "%u.m:2,", m->uid);
		require(strncmp(mailbox_name(b, m), base, strlen(base)) == 0);
		require(m->flags == (m->uid % 2 ? FLAG_SEEN : 0));
		live++;
	}
	require(live == MESSAGES && b->uids.next == MESSAGES + 1);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t len)
{
	char s[MAX];
	struct mailbox b;
	struct sequence gone = SEQUENCE_ZERO;
	if (dir < 0)
		make();
	if (len < 1 || len > sizeof s)
		return 0;
	memcpy(s, data + 1, len - 1);
	if (data[0] % 4)
		put_sums_right(s, len - 1);
	unlinkat(dir, INDEX_FILE, 0);
	int fd = openat(dir, INDEX_FILE, O_WRONLY | O_CREAT | O_EXCL, 0600);
	require(fd >= 0 && file_write(fd, s, len - 1));
	close(fd);
	require(mailbox_open(&b, dir, "", true) && mailbox_sync(&b));
	check_view(&b);
	require(mailbox_vanished(&b, 1, NULL, &gone));
	stralloc_free(&gone.ranges);
	mailbox_close(&b);
	return 0;
}
