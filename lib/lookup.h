/* SPDX-License-Identifier: ISC */
/* Who an address is: the one lookup order, for RCPT, deliver and besace. */
#ifndef BESACE_LOOKUP_H
#define BESACE_LOOKUP_H

#include <skalibs/stralloc.h>
#include "address.h"
#include "quota.h"
#include "settings.h"
#include "srs.h"

struct map;

/* Path of the mailbox for what every domain must answer to, and nobody does. */
#define LOOKUP_POSTMASTER "postmaster"

enum lookup_kind {
	LOOKUP_FAILED = -1, /* a map is missing or damaged: temporary, logged */
	LOOKUP_UNKNOWN,     /* our domain, no such address */
	LOOKUP_EXPIRED,     /* an alias that was to last until now only */
	LOOKUP_REMOTE,      /* not one of our domains */
	LOOKUP_MAILBOX,
	LOOKUP_ALIAS,
	LOOKUP_RETURN /* a reverse-path that we made, for bounces only */
};

struct lookup {
	struct map *domains;
	struct map *mailboxes;
	struct map *aliases;
	char const *delimiters;
	char const *hostname;
	char const *postmaster; /* an address, or "" */
	uint64_t mailbox_limit; /* where a mailbox has none of its own */
	bool propagate;         /* extensions, through aliases */
	struct settings const *settings;
	struct srs srs;
	bool srs_open;
};

struct lookup_result {
	enum lookup_kind kind;
	stralloc key;        /* the entry that matched: "alice@example.com" */
	stralloc extension;  /* what was stripped: "shop"; empty for none */
	char delimiter;      /* and what stood before it: '+'; or 0 */
	stralloc path;       /* LOOKUP_MAILBOX: below virtual_mailbox_base;
	                      * LOOKUP_ALIAS: of the same address, if it is a
	                      * mailbox too */
	stralloc targets;    /* LOOKUP_ALIAS: addresses, one a line;
	                     * LOOKUP_RETURN: the address it leads back to */
	enum srs_result srs; /* why a reverse-path is unknown: SRS_FORGED,
	                      * SRS_EXPIRED */
	int64_t expires;     /* LOOKUP_ALIAS, LOOKUP_EXPIRED: seconds since
	                      * 1970; 0: never */
	bool substitute;     /* postmaster or abuse without an entry */
	struct quota_limit quota; /* of the mailbox at PATH */
};

#define LOOKUP_RESULT_ZERO \
	{ \
		.kind = LOOKUP_UNKNOWN \
	}

/* Opens the three maps; SETTINGS are kept by reference. 1; 0 when a map cannot
 * be had (logged): every lookup then answers LOOKUP_FAILED. */
int lookup_open(struct lookup *l, struct settings const *settings);

/* Reverse-paths at srs_domain are what they are. For all else, in this order:
 * the address as it is; with its extension stripped, the shortest first (so
 * the longest existing address wins), for each delimiter; "@domain", the
 * catch-all; for postmaster and abuse (RFC 2142) an alias for
 * postmaster_address, or the mailbox LOOKUP_POSTMASTER when that is nobody;
 * unknown. Each first in aliases, then in mailboxes. An address without a domain, "postmaster" (RFC 5321 4.1.1.3), is looked up at
 * myhostname. The result's strings are replaced. */
enum lookup_kind lookup_address(struct lookup *l, struct address const *a,
    struct lookup_result *result);

/* Whether A is postmaster or abuse, of whatever domain, with an extension or
 * without. Pure. */
bool lookup_is_postmaster(struct address const *a, char const *delimiters);

/* Hands what was stripped from ALIAS, a result, on to TARGET, one of its
 * targets, if propagate_unmatched_extensions says so: not to one that has an
 * extension of its own, nor where that makes the local part too long. */
void lookup_extend(struct lookup *l, struct lookup_result const *alias,
    struct address *target);

/* Gives an address without a domain the one of this host. */
void lookup_complete(struct lookup const *l, struct address *a);

void lookup_result_free(struct lookup_result *result);

void lookup_close(struct lookup *l);

#endif
