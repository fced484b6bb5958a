/* SPDX-License-Identifier: ISC */
/* Logins: the one password table for SMTP, IMAP and the rest. */
#ifndef BESACE_AUTH_H
#define BESACE_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

enum {
	AUTH_LOGIN_MAX = 320 /* octets of a login name */
};

enum auth_result {
	AUTH_FAILED =
	    -1,         /* no verdict: the map is missing or damaged, or memory
	                   * is short; logged; the client may try again later */
	AUTH_WRONG = 0, /* unknown login or wrong password: never say which */
	AUTH_OK = 1
};

/* What became of a login. The strings end in a NUL that is not counted. */
struct auth_verdict {
	enum auth_result result;
	char const *reason; /* a constant, for the log only: which of the many
	                       ways to be wrong it was; NULL on AUTH_OK */
	stralloc user;      /* AUTH_OK: the login as it stands in the tables
	                       (lower case); else empty */
	stralloc label;     /* of the password that was right, often empty */
};

#define AUTH_VERDICT_ZERO \
	{ \
		AUTH_WRONG, NULL, STRALLOC_ZERO, STRALLOC_ZERO \
	}

void auth_verdict_free(struct auth_verdict *v);

/* Whether what the client sent (ARG) fits this stored password. */
typedef bool auth_proof(void *arg, struct bytes hash);

/* Whether LOGIN may use SERVICE ("imap", "smtp", "sieve"): one of its passwords
 * fits, and is for this service. Opens BESACE_ETC/passwords.cdb anew each time,
 * so a change counts at once.
 *
 * A login that is empty, too long or holds a control octet is wrong. An unknown
 * login costs as much work as one of the table. As schemes may still differ in
 * their cost, callers answer AUTH_WRONG at a fixed time after the START of the
 * check (auth_failure_delay), not after its end.
 *
 * The log line of the login is the caller's. */
enum auth_result auth_verify(char const *service, struct bytes login,
    auth_proof *proof, void *arg, struct auth_verdict *v);

/* The same for a password as it is. One that is empty, too long or holds NUL is
 * wrong. It is not kept; wiping it (explicit_bzero) is the caller's part. */
enum auth_result auth_check(char const *service, struct bytes login,
    struct bytes password, struct auth_verdict *v);

/* Sets a verdict of AUTH_WRONG or AUTH_FAILED. Returns it. */
enum auth_result auth_settle(struct auth_verdict *v, enum auth_result result,
    char const *reason);

/* *KEY becomes the login as it stands in the table, with a NUL that is not
 * counted. 1; 0 when it cannot stand there; -1 out of memory. */
int auth_fold(struct bytes login, stralloc *key);

/* The parts of one line of a value in passwords.cdb:
 * "{SCHEME}HASH<TAB>LABEL<TAB>SCOPE"; label and scope may be absent. */
struct auth_entry {
	struct bytes hash;
	struct bytes label;
	struct bytes scope; /* services, separated by commas; empty: all */
};

/* Reads the line at *POS of VALUE and moves *POS behind it. 1; 0 at the end.
 * Pure. */
int auth_next_entry(char const *value, size_t len, size_t *pos,
    struct auth_entry *e);

/* Whether the entry's scope has this service. Pure. */
int auth_entry_allows(struct auth_entry const *e, char const *service);

#endif
