/* SPDX-License-Identifier: ISC */
/* Format: a mark, then places. A place is taken where its process holds the
 * lock on its range (fcntl, not of the open file: those say no process); who
 * gets the lock of another's place knows that session to be dead. So no place
 * is ever waited for. Whoever counts reads all places at once; two who come in
 * the same moment may both be let in. */
#include "open-sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/sha256.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "log.h"
#include "shared-file.h"

enum {
	PLACES_MAX = 8192,
	PLACES_STEP = 64, /* before more are made, the dead are looked for */
	PATIENCE = 5,     /* seconds of silence that are nobody's fault */
	MAIL_PATIENCE = 30
};

static char const mark[16] = "besace sessions";

/* All places, as they were when they were read. */
struct view {
	stralloc bytes;
	struct open_record *at;
	uint32_t count;
};

static off_t
place_at(uint32_t place)
{
	return (off_t)sizeof mark +
	    (off_t)place * (off_t)sizeof(struct open_record);
}

static uint32_t
now_seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint32_t)ts.tv_sec;
}

/* --- the file ------------------------------------------------------------- */

static bool
has_mark(int fd, void *arg)
{
	char seen[sizeof mark];
	(void)arg;
	return pread(fd, seen, sizeof seen, 0) == (ssize_t)sizeof seen &&
	    memcmp(seen, mark, sizeof mark) == 0;
}

static bool
write_mark(int fd, void *arg)
{
	(void)arg;
	return file_write(fd, mark, sizeof mark);
}

static bool
read_places(int fd, struct view *v)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	off_t size = st.st_size - place_at(0);
	size_t count = size > 0 ? (size_t)size / sizeof(struct open_record) : 0;
	v->count = count < PLACES_MAX ? (uint32_t)count : PLACES_MAX;
	size_t len = v->count * sizeof(struct open_record);
	if (!stralloc_ready(&v->bytes, len + 1))
		return false;
	ssize_t r = pread(fd, v->bytes.s, len, place_at(0));
	if (r < 0)
		return false;
	v->at = (struct open_record *)(void *)v->bytes.s;
	v->count = (uint32_t)((size_t)r / sizeof(struct open_record));
	return true;
}

static bool
lock_place(int fd, uint32_t place, short type)
{
	struct flock range = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = place_at(place),
		.l_len = sizeof(struct open_record) };
	return fcntl(fd, F_SETLK, &range) == 0;
}

static bool
write_record(struct open_session const *s)
{
	struct open_record r = s->record;
	return pwrite(s->fd, &r, sizeof r, place_at(s->place)) ==
	    (ssize_t)sizeof r;
}

/* --- the dead ------------------------------------------------------------- */

static bool
same_source(struct open_record const *a, struct open_record const *b)
{
	return memcmp(a->source, b->source, sizeof a->source) == 0;
}

static bool
same_listener(struct open_record const *a, struct open_record const *b)
{
	return memcmp(a->listener, b->listener, sizeof a->listener) == 0;
}

static bool
same_protocol(struct open_record const *a, struct open_record const *b)
{
	return memcmp(a->protocol, b->protocol, sizeof a->protocol) == 0;
}

static bool
is_stranger(struct open_record const *r)
{
	return r->state >= OPEN_STRANGER && r->state <= OPEN_DATA;
}

/* What a killed process left behind, here and in the file. */
static void
bury(int fd, struct view *v, uint32_t place)
{
	static struct open_record const none;
	if (!lock_place(fd, place, F_WRLCK))
		return;
	v->at[place] = none;
	if (pwrite(fd, &none, sizeof none, place_at(place)) < 0)
		log_error("write", "sessions", errno);
	lock_place(fd, place, F_UNLCK);
}

static void
bury_dead(struct open_session const *s, struct view *v)
{
	for (uint32_t i = 0; i < v->count; i++)
		if (v->at[i].state != OPEN_NONE &&
		    !(s->record.state && i == s->place))
			bury(s->fd, v, i);
}

/* --- who has to leave ----------------------------------------------------- */

struct candidate {
	struct open_record const *record;
	uint32_t place;
};

static int
by_source(void const *a, void const *b)
{
	struct candidate const *x = a;
	struct candidate const *y = b;
	return memcmp(x->record->source, y->record->source, OPEN_SOURCE);
}

typedef bool choice(struct open_record const *newcomer,
    struct open_record const *other);

static bool
of_source(struct open_record const *newcomer, struct open_record const *other)
{
	return same_protocol(newcomer, other) && same_source(newcomer, other);
}

static bool
stranger_of_listener(struct open_record const *newcomer,
    struct open_record const *other)
{
	return is_stranger(other) && same_listener(newcomer, other);
}

static uint64_t
count(struct view const *v, struct open_record const *newcomer, choice *chosen)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < v->count; i++)
		n += v->at[i].state != OPEN_NONE && chosen(newcomer, &v->at[i]);
	return n;
}

/* Of the source that has most of them, the one silent longest: who comes from
 * one place does not drive out the others. */
static struct candidate const *
worst(struct candidate *c, size_t n, uint8_t state, uint64_t silence)
{
	struct candidate const *best = NULL;
	size_t most = 0;
	uint32_t now = now_seconds();
	qsort(c, n, sizeof *c, by_source);
	for (size_t start = 0, end; start < n; start = end) {
		for (end = start; end < n && !by_source(&c[start], &c[end]);)
			end++;
		for (size_t i = start; i < end; i++) {
			struct open_record const *r = c[i].record;
			if (r->state != state || r->asked || r->active > now ||
			    now - r->active < silence)
				continue;
			if (!best || end - start > most ||
			    (end - start == most &&
			        r->active < best->record->active)) {
				best = &c[i];
				most = end - start;
			}
		}
	}
	return best;
}

/* The process that holds the place. 0: none, or not to be seen from here. */
static pid_t
holder(int fd, uint32_t place)
{
	struct flock range = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = place_at(place),
		.l_len = sizeof(struct open_record) };
	if (fcntl(fd, F_GETLK, &range) < 0 || range.l_type == F_UNLCK)
		return 0;
	return range.l_pid > 0 ? range.l_pid : 0;
}

/* Asked once only: who does not go is not counted on. */
static bool
ask(int fd, uint32_t place)
{
	static uint8_t const asked = 1;
	pid_t pid = holder(fd, place);
	off_t at = place_at(place) + (off_t)offsetof(struct open_record, asked);
	return pid > 0 && pwrite(fd, &asked, 1, at) == 1 &&
	    kill(pid, OPEN_LEAVE) == 0;
}

static bool
ask_one(struct open_session const *s, struct view const *v, choice *chosen,
    uint64_t message)
{
	size_t n = 0;
	struct candidate *c = calloc(v->count + 1, sizeof *c);
	for (uint32_t i = 0; c && i < v->count; i++)
		if (is_stranger(&v->at[i]) && chosen(&s->record, &v->at[i]))
			c[n++] = (struct candidate){ &v->at[i], i };
	struct candidate const *w =
	    c ? worst(c, n, OPEN_STRANGER, PATIENCE) : NULL;
	if (c && !w)
		w = worst(c, n, OPEN_MAIL, MAIL_PATIENCE);
	if (c && !w)
		w = worst(c, n, OPEN_DATA, message);
	bool ok = w && ask(s->fd, w->place);
	free(c);
	return ok;
}

static bool
has_room(struct open_session const *s, struct view *v, choice *chosen,
    uint64_t limit, uint64_t message)
{
	if (!limit || count(v, &s->record, chosen) < limit)
		return true;
	bury_dead(s, v);
	return count(v, &s->record, chosen) < limit ||
	    ask_one(s, v, chosen, message);
}

/* --- a place ---------------------------------------------------------------- */

static bool
take_free(struct open_session *s, struct view const *v)
{
	for (uint32_t i = 0; i < v->count; i++)
		if (v->at[i].state == OPEN_NONE &&
		    lock_place(s->fd, i, F_WRLCK)) {
			s->place = i;
			return true;
		}
	return false;
}

static bool
take_new(struct open_session *s, struct view const *v)
{
	for (uint32_t i = v->count; i < PLACES_MAX; i++)
		if (lock_place(s->fd, i, F_WRLCK)) {
			s->place = i;
			return true;
		}
	return false;
}

static bool
take_place(struct open_session *s, struct view *v)
{
	if (take_free(s, v))
		return true;
	if (v->count % PLACES_STEP == 0) {
		bury_dead(s, v);
		if (take_free(s, v))
			return true;
	}
	return take_new(s, v);
}

static enum open_answer
enter(struct open_session *s, struct view *v, struct open_limits const *limits)
{
	if (!read_places(s->fd, v))
		return OPEN_ADMITTED;
	if (!has_room(s, v, of_source, limits->of_source, limits->message))
		return OPEN_TOO_MANY_OF_SOURCE;
	if (!has_room(s, v, stranger_of_listener, limits->strangers,
	        limits->message))
		return OPEN_TOO_MANY;
	if (take_place(s, v)) {
		s->record.state = OPEN_STRANGER;
		s->record.active = now_seconds();
		if (write_record(s))
			return OPEN_ADMITTED;
		log_error("write", "sessions", errno);
	}
	close(s->fd);
	s->fd = -1;
	return OPEN_ADMITTED;
}

enum open_answer
open_enter(struct open_session *s, char const *protocol, char const *listener,
    unsigned char const source[OPEN_SOURCE], struct open_limits const *limits)
{
	struct shared_file file = { "sessions", has_mark, write_mark, NULL };
	struct view v = { .bytes = STRALLOC_ZERO };
	memset(s, 0, sizeof *s);
	memcpy(s->record.source, source, OPEN_SOURCE);
	memcpy(s->record.listener, listener, strnlen(listener, OPEN_LISTENER));
	memcpy(s->record.protocol, protocol, strnlen(protocol, OPEN_PROTOCOL));
	s->fd = shared_file_open(&file);
	if (s->fd < 0)
		return OPEN_ADMITTED;
	enum open_answer answer = enter(s, &v, limits);
	stralloc_free(&v.bytes);
	if (answer != OPEN_ADMITTED) {
		close(s->fd);
		s->fd = -1;
	}
	return answer;
}

/* --- what becomes of it ----------------------------------------------------- */

/* All but what others write. */
void
open_update(struct open_session *s, enum open_state state)
{
	if (s->fd < 0)
		return;
	uint32_t now = now_seconds();
	if (s->record.state == (uint8_t)state && s->record.active == now)
		return; /* is there: many requests come in one second */
	s->record.state = (uint8_t)state;
	s->record.active = now;
	if (pwrite(s->fd, &s->record, offsetof(struct open_record, asked),
	        place_at(s->place)) < 0)
		log_error("write", "sessions", errno);
}

static uint64_t
hash_of(char const *user, size_t len)
{
	SHA256Schedule hash = SHA256_INIT();
	char digest[32];
	uint64_t n;
	sha256_update(&hash, user, len);
	sha256_final(&hash, digest);
	memcpy(&n, digest, sizeof n);
	return n;
}

static bool
of_user(struct open_record const *newcomer, struct open_record const *other)
{
	return other->state == OPEN_USER && other->user == newcomer->user &&
	    of_source(newcomer, other);
}

static bool
user_has_room(struct open_session const *s, uint64_t limit)
{
	struct view v = { .bytes = STRALLOC_ZERO };
	bool ok = !limit || !read_places(s->fd, &v) ||
	    count(&v, &s->record, of_user) < limit;
	if (!ok) {
		bury_dead(s, &v);
		ok = count(&v, &s->record, of_user) < limit;
	}
	stralloc_free(&v.bytes);
	return ok;
}

bool
open_login(struct open_session *s, char const *user, size_t len, uint64_t limit)
{
	if (s->fd < 0)
		return true;
	s->record.user = hash_of(user, len);
	if (!user_has_room(s, limit)) {
		s->record.user = 0;
		return false;
	}
	s->record.active = 0; /* the user is not there yet */
	open_update(s, OPEN_USER);
	return true;
}

void
open_leave(struct open_session *s)
{
	if (s->fd < 0)
		return;
	open_update(s, OPEN_NONE);
	close(s->fd); /* and the lock is gone */
	s->fd = -1;
}
