/* SPDX-License-Identifier: ISC */
/* The open sessions of all services, in BESACE_VAR/sessions, so that none of
 * them keeps others out: a place for each, which its process holds by a lock
 * that the kernel takes away with the process. Where there are too many, the
 * one that has been silent longest is asked to leave for the newcomer. */
#ifndef BESACE_OPEN_SESSIONS_H
#define BESACE_OPEN_SESSIONS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum open_state {
	OPEN_NONE,     /* no session */
	OPEN_STRANGER, /* nobody has logged in */
	OPEN_MAIL,     /* the same, amid an envelope */
	OPEN_DATA,     /* the same, amid a message: asked last of all */
	OPEN_USER
};

enum {
	OPEN_SOURCE = 16,
	OPEN_LISTENER = 12,
	OPEN_PROTOCOL = 4,
	OPEN_LEAVE = SIGUSR1 /* how a session is asked */
};

/* A place in the file. ASKED is written by others, the rest by its owner. */
struct open_record {
	unsigned char source[OPEN_SOURCE]; /* IPv4 address, IPv6 /64 */
	char listener[OPEN_LISTENER];
	char protocol[OPEN_PROTOCOL];
	uint64_t user;   /* a hash of the login */
	uint32_t active; /* seconds since the machine started */
	uint8_t state;
	uint8_t asked; /* to leave */
	uint8_t unused[2];
};

/* One session's. */
struct open_session {
	int fd; /* -1: it has no place */
	uint32_t place;
	struct open_record record;
};

/* 0: no limit. */
struct open_limits {
	uint64_t of_source; /* sessions of the protocol from one source */
	uint64_t strangers; /* of the listener */
	uint64_t message;   /* seconds: who is amid one longer may be asked */
};

enum open_answer { OPEN_ADMITTED, OPEN_TOO_MANY_OF_SOURCE, OPEN_TOO_MANY };

/* A newcomer, as a stranger: PROTOCOL "smtp" has LISTENERs "smtp",
 * "submission", ... A file that cannot be had (logged) limits nothing. */
enum open_answer open_enter(struct open_session *s, char const *protocol,
    char const *listener, unsigned char const source[OPEN_SOURCE],
    struct open_limits const *limits);

/* The client did something, and is in this state now. */
void open_update(struct open_session *s, enum open_state state);

/* The client has logged in. False when it is one session more than LIMIT of
 * this user from this source and with this protocol; nothing changes then. */
bool open_login(struct open_session *s, char const *user, size_t len,
    uint64_t limit);

void open_leave(struct open_session *s);

#endif
