/* SPDX-License-Identifier: ISC */
/* Who fails too often: failures of an address (IPv4: itself, IPv6: its /64) are
 * counted in BESACE_VAR/abuse, for all services together. They slow down the
 * answers, then get the address banned for a time that doubles each time. */
#ifndef BESACE_ABUSE_H
#define BESACE_ABUSE_H

#include <stdbool.h>
#include <stdint.h>
#include "hash-file.h"
#include "network.h"
#include "settings.h"

enum abuse_kind {
	ABUSE_LOGIN,   /* a failed login */
	ABUSE_REFUSAL, /* a recipient or command that was refused for good */
	ABUSE_KINDS
};

/* One client's. */
struct abuse {
	struct settings const *settings;
	struct hash_file file;  /* not there for whom is never counted */
	struct network network; /* of the address alone */
	unsigned char key[HASH_FILE_KEY];
	char const *ip;
};

/* For a client with this address; "" for a pipe. Never fails: a client whose
 * failures cannot be counted is served like others. IP must stay. */
void abuse_open(struct abuse *a, struct settings const *settings,
    char const *ip);

/* What stands for the address where clients are counted: IPv4 mapped into IPv6,
 * IPv6 its /64. False when IP is none. */
bool abuse_source(char const *ip, unsigned char source[16]);

/* Whether the address is in abuse_exempt or mynetworks. */
bool abuse_is_exempt(struct settings const *settings, char const *ip);

/* When the client's ban ends, in seconds of the wall clock; 0 for none. */
int64_t abuse_banned_until(struct abuse const *a);

/* Counts failures; with enough of them the client is banned, which is logged.
 * How many of this kind there are now. */
unsigned int abuse_count(struct abuse *a, enum abuse_kind kind,
    unsigned int count);

/* A login that succeeded, a message that was taken: the failures of this kind
 * are forgotten, at most COUNT of them. */
void abuse_forgive(struct abuse *a, enum abuse_kind kind, unsigned int count);

enum { ABUSE_TIME_MAX = 24 };

/* "2026-11-21T10:00:00Z" */
void abuse_time(int64_t when, char text[ABUSE_TIME_MAX]);

/* --- for the administrator ------------------------------------------------- */

#define ABUSE_FOREVER INT64_MAX

struct abuse_ban {
	struct network network;
	int64_t until; /* ABUSE_FOREVER: until it is taken back */
	char const *why;
	unsigned int failures; /* counted in all */
};

/* The table as a whole. */
bool abuse_table(struct hash_file *file);

/* An address or network as the table has it: an IPv6 address without a prefix
 * is its /64. */
bool abuse_network(char const *text, struct network *n);

/* The next one. Start with *POS 0. */
bool abuse_next_ban(struct hash_file const *file, uint32_t *pos,
    struct abuse_ban *ban);

bool abuse_ban(struct hash_file const *file, struct network const *n,
    int64_t until);

/* Forgets all about it. 1; 0 it was not banned; -1 with errno. */
int abuse_unban(struct hash_file const *file, struct network const *n);

#endif
