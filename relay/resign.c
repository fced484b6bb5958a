/* SPDX-License-Identifier: ISC */
#include "resign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command-list.h"
#include "environment.h"
#include "file.h"
#include "log.h"
#include "seven-bit.h"
#include "spool.h"
#include "stage.h"

enum { FIELD_MAX = 16384, PIECE = 65536, TIME_MAX = 24 };

struct signer {
	struct settings const *settings;
	struct environment const *environment;
	char **command; /* dkimsign, as the administrator has it */
};

/* What dkimsign makes of IN: a new file, or -1; *V is its verdict. */
static int
run(struct signer const *s, char *const *argv, int in, enum verdict *v)
{
	stralloc text = STRALLOC_ZERO;
	int64_t size = spool_size(in);
	int out = size < 0 ? -1 : spool_for((uint64_t)size);
	struct stage stage = { .argv = argv,
		.envp = s->environment->entry,
		.in = in,
		.out = out,
		.timeout = (int)s->settings->filter_timeout };
	*v = VERDICT_LATER;
	if (out >= 0)
		*v = stage_run(&stage, &text);
	stralloc_free(&text);
	if (*v == VERDICT_PASS || out < 0)
		return out;
	close(out);
	return -1;
}

/* --- whether it is ours ----------------------------------------------------- */

static bool
copy(struct seven_bit const *m, uint64_t at, uint64_t end, int to)
{
	static char piece[PIECE];
	while (at < end) {
		size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;
		if (!file_read_all_at(m->fd, piece, n, m->start + at) ||
		    !file_write(to, piece, n))
			return false;
		at += n;
	}
	return true;
}

/* The message without its signature. */
static int
without(struct seven_bit const *m, struct resign const *r)
{
	int fd = spool_for(m->size);
	if (fd >= 0 && copy(m, 0, r->at, fd) &&
	    copy(m, r->at + r->len, m->size, fd))
		return fd;
	log_error("write a message", "spool", errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whether FD begins with the field. */
static bool
begins_with_it(int fd, struct seven_bit const *m, struct resign const *r)
{
	static char had[FIELD_MAX], has[FIELD_MAX];
	return file_read_all_at(fd, has, r->len, 0) &&
	    file_read_all_at(m->fd, had, r->len, m->start + r->at) &&
	    memcmp(had, has, r->len) == 0;
}

static enum resign_result
is_ours(struct signer const *s, struct seven_bit const *m,
    struct resign const *r)
{
	char option[] = "-t", when[TIME_MAX];
	char *argv[COMMAND_WORDS_MAX + 3];
	size_t n = 0;
	enum verdict v;
	for (; s->command[n]; n++)
		argv[n] = s->command[n];
	snprintf(when, sizeof when, "%" PRIu64, r->time);
	argv[n++] = option;
	argv[n++] = when;
	argv[n] = NULL;
	int bare = without(m, r);
	if (bare < 0)
		return RESIGN_LATER;
	int fd = run(s, argv, bare, &v);
	close(bare);
	if (fd < 0)
		return v == VERDICT_LATER ? RESIGN_LATER : RESIGN_NOT_OURS;
	bool same = begins_with_it(fd, m, r);
	close(fd);
	return same ? RESIGN_DONE : RESIGN_NOT_OURS;
}

/* --- the new one ------------------------------------------------------------ */

static enum resign_result
sign(struct signer const *s, int converted, int *signed_fd)
{
	static char const name[] = "DKIM-Signature:";
	char head[sizeof name - 1];
	enum verdict v;
	int fd = run(s, s->command, converted, &v);
	if (fd >= 0 && file_read_all_at(fd, head, sizeof head, 0) &&
	    memcmp(head, name, sizeof head) == 0) {
		*signed_fd = fd;
		return RESIGN_DONE;
	}
	if (fd >= 0)
		close(fd);
	log_error("sign again", "a message that was converted", 0);
	return RESIGN_LATER;
}

static char **
find_dkimsign(struct command_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char const *slash = strrchr(list->argv[i][0], '/');
		if (strcmp(slash ? slash + 1 : list->argv[i][0], "dkimsign") ==
		    0)
			return list->argv[i];
	}
	return NULL;
}

enum resign_result
resign(struct settings const *settings, char const *uid,
    struct seven_bit const *original, struct resign const *signature,
    int converted, int *signed_fd)
{
	struct command_list list;
	struct environment e;
	struct signer s = { .settings = settings, .environment = &e };
	enum resign_result r = RESIGN_NOT_OURS;
	if (signature->len > FIELD_MAX || signature->at > original->size ||
	    signature->len > original->size - signature->at)
		return RESIGN_NOT_OURS;
	if (command_list_parse(settings->outbound_filters, &list) <= 0)
		return RESIGN_LATER;
	environment_begin(&e);
	environment_put(&e, "MESSAGE_UID", uid);
	s.command = find_dkimsign(&list);
	if (e.failed)
		r = RESIGN_LATER;
	else if (s.command)
		r = is_ours(&s, original, signature);
	if (r == RESIGN_DONE)
		r = sign(&s, converted, signed_fd);
	environment_free(&e);
	command_list_free(&list);
	return r;
}
