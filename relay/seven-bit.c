/* SPDX-License-Identifier: ISC */
#include "seven-bit.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "mime-downgrade.h"
#include "resign.h"
#include "sandbox.h"
#include "signature-field.h"
#include "spool.h"

enum { FD_OUT = 1, FD_REPORT = 3, PIECE = 65536 };

/* What the process found. */
struct report {
	enum mime_downgrade result;
	unsigned int signatures;
	struct resign signature; /* when it is one */
};

/* --- the process ------------------------------------------------------------ */

struct out {
	size_t len;
	char piece[PIECE];
};

static int
flush(struct out *o)
{
	size_t len = o->len;
	o->len = 0;
	return file_write(FD_OUT, o->piece, len);
}

static int
put(void *arg, char const *s, size_t len)
{
	struct out *o = arg;
	if (len > sizeof o->piece - o->len && !flush(o))
		return 0;
	if (len > sizeof o->piece)
		return file_write(FD_OUT, s, len);
	memcpy(o->piece + o->len, s, len);
	o->len += len;
	return 1;
}

/* A signature is left out: the message is no longer what it is about. */
static void
convert(struct span m, struct report *r)
{
	static struct out out;
	struct signatures found;
	signatures_find(m, &found);
	r->signatures = found.count;
	if (found.count == 1 && found.dkim.len && found.timed) {
		r->signature.at = (uint64_t)(found.dkim.s - m.s);
		r->signature.len = found.dkim.len;
		r->signature.time = found.time;
	}
	r->result = mime_downgrade(m, found.dkim, put, &out);
	if (r->result == MIME_DOWNGRADED && !flush(&out))
		r->result = MIME_STOPPED;
}

/* It has the message in memory and two files to write to. */
static int
run(struct seven_bit const *from, int out, int report)
{
	struct report r = { .signatures = 0 };
	size_t len = (size_t)(from->start + from->size);
	char *s = mmap(NULL, len, PROT_READ, MAP_PRIVATE, from->fd, 0);
	if (s == MAP_FAILED || dup2(out, FD_OUT) < 0 || dup2(FD_OUT, 0) < 0 ||
	    dup2(report, FD_REPORT) < 0 ||
	    close_range(FD_REPORT + 1, ~0U, 0) < 0 || !sandbox_filter())
		return EXIT_OSERR;
	convert((struct span){ s + from->start, (size_t)from->size }, &r);
	return file_write(FD_REPORT, (char const *)&r, sizeof r) ? EXIT_OK
	                                                         : EXIT_OSERR;
}

/* --- our side --------------------------------------------------------------- */

static bool
has_ended_well(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return status == 0;
}

/* Runs it. What a stranger's message may have made of it is taken for what it
 * says about that message, and nothing else. */
static bool
ask(struct seven_bit const *from, int out, struct report *r)
{
	int p[2];
	stralloc answer = STRALLOC_ZERO;
	if (pipe(p) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		_exit(run(from, out, p[1]));
	close(p[1]);
	bool ok = pid > 0 && file_read(p[0], &answer, sizeof *r) &&
	    answer.len == sizeof *r;
	close(p[0]);
	if (ok)
		memcpy(r, answer.s, sizeof *r);
	stralloc_free(&answer);
	return pid > 0 && has_ended_well(pid) && ok;
}

static enum seven_bit_result
later(char const *what)
{
	log_error("convert a message", what, errno);
	return SEVEN_BIT_LATER;
}

static enum seven_bit_result
impossible(struct seven_bit *to, char const *why)
{
	to->why = why;
	return SEVEN_BIT_IMPOSSIBLE;
}

static enum seven_bit_result
judge(struct report const *r, struct seven_bit *to)
{
	switch (r->result) {
	case MIME_DOWNGRADED:
		return SEVEN_BIT_MADE;
	case MIME_HEADER:
		return impossible(to, "a header in it is beyond ASCII");
	case MIME_PROTECTED:
		return impossible(to, "a part is signed or encrypted");
	case MIME_STRUCTURE:
		return impossible(to,
		    "its parts are not marked as MIME has it");
	case MIME_STOPPED:
	default:
		return later("no room");
	}
}

/* The message as it was, and what was made of it: signed as it was. */
static enum seven_bit_result
sign(struct settings const *settings, char const *uid,
    struct seven_bit const *from, struct report const *r, struct seven_bit *to)
{
	int fd = -1;
	if (!r->signatures)
		return SEVEN_BIT_MADE;
	switch (r->signature.len
	        ? resign(settings, uid, from, &r->signature, to->fd, &fd)
	        : RESIGN_NOT_OURS) {
	case RESIGN_DONE:
		close(to->fd);
		to->fd = fd;
		return SEVEN_BIT_MADE;
	case RESIGN_NOT_OURS:
		return impossible(to, "it is signed, and not by us");
	case RESIGN_LATER:
	default:
		return SEVEN_BIT_LATER;
	}
}

static enum seven_bit_result
make(struct settings const *settings, char const *uid,
    struct seven_bit const *from, struct seven_bit *to)
{
	struct report r;
	if (!ask(from, to->fd, &r))
		return later("its process failed");
	enum seven_bit_result result = judge(&r, to);
	if (result == SEVEN_BIT_MADE)
		result = sign(settings, uid, from, &r, to);
	int64_t size = spool_size(to->fd);
	if (result == SEVEN_BIT_MADE && (size <= 0 || !spool_seal(to->fd)))
		return later("the result");
	to->size = (uint64_t)size;
	return result;
}

enum seven_bit_result
seven_bit_make(struct settings const *settings, char const *uid,
    struct seven_bit const *from, struct seven_bit *to)
{
	*to = (struct seven_bit){ .fd = spool_for(from->size) };
	if (to->fd < 0)
		return SEVEN_BIT_LATER; /* logged there */
	enum seven_bit_result result = make(settings, uid, from, to);
	if (result != SEVEN_BIT_MADE)
		close(to->fd);
	return result;
}
