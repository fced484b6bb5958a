/* SPDX-License-Identifier: ISC */
/* The ways of mail to other servers: the map routes, the setting relayhost, or
 * none but the servers of the destination itself.
 *
 * The first of these counts: a route of the recipient's domain or of one above
 * it; of the sender's address, of it without its extension, of its domain or of
 * one above that; "*"; relayhost. What the route does not say about TLS and the
 * login is taken from the map's line of the next hop, if there is one. */
#ifndef BESACE_ROUTES_H
#define BESACE_ROUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <skalibs/stralloc.h>

#include "next-hop.h"
#include "settings.h"

enum { ROUTES_SECRET_MAX = 512, ROUTES_KEY_MAX = 512 };

/* Prefixes of keys in the map: a sender, and a next hop as next_hop_format
 * writes it. Others are recipients' domains. */
#define ROUTES_SENDER   "from:"
#define ROUTES_NEXT_HOP "hop:"

struct map;

struct routes {
	struct map *map;
	char const *relayhost;
	char const *delimiters; /* of extensions of an address */
	struct stat read[2];    /* the files they were read from */
};

enum way_by {
	WAY_DIRECT, /* nobody said anything */
	WAY_RELAYHOST,
	WAY_ROUTE
};

struct way {
	enum way_by by;
	char key[ROUTES_KEY_MAX]; /* the route's; "" for another's way */
	struct next_hop hop;
	bool named;   /* HOP is the administrator's word */
	bool nowhere; /* there is no HOP: no place that mail can go to */
	/* what was said about the next hop, or "" */
	char level[16];
	char certificate_name[NEXT_HOP_NAME_MAX];
	char auth[16]; /* "clear": log in also outside TLS */
	char login[ROUTES_SECRET_MAX];
	char password[ROUTES_SECRET_MAX];
};

/* Opens the map. The strings are SETTINGS'. 1; 0, logged: a temporary failure. */
int routes_open(struct routes *r, struct settings const *settings);

/* The same for who can do without: nothing is logged. */
int routes_try_open(struct routes *r, struct settings const *settings);

void routes_close(struct routes *r);

/* Whether the map or the settings are not what they were at routes_open, which
 * may be told before the change is complete. */
bool routes_are_old(struct routes const *r);

/* Whether the map or the settings, as they were at routes_open, were made after
 * the second BEFORE; by a clock that was not ahead of NOW. */
bool routes_changed_since(struct routes const *r, int64_t before, int64_t now);

/* Whether both lead everywhere the same way. */
bool routes_are_same(struct routes const *a, struct routes const *b);

/* The way of mail from SENDER ("" for <>, NULL: nobody's) to DESTINATION, a
 * domain or an address literal. 1; 0, logged: a temporary failure. */
int routes_find(struct routes const *r, char const *sender,
    char const *destination, struct way *w);

/* How much TLS there must be: what is said; with a login, "verify", as it is for
 * nobody else's ears; else the setting's. Where TLS comes first there is none to
 * do without. */
char const *way_level(struct way const *w, struct settings const *settings);

/* Appends what mail must have in common to go over one connection; no password,
 * as one login has one. 1, or 0 with errno. */
int way_identity(struct way const *w, char const *destination, stralloc *sa);

/* The next hop as text: of a way to nowhere, the destination. */
void way_name(struct way const *w, char const *destination,
    char out[NEXT_HOP_TEXT_MAX]);

#endif
