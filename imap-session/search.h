/* SPDX-License-Identifier: ISC */
/* The keys of SEARCH (RFC 3501 section 6.4.4) as a tree. Pure. */
#ifndef IMAP_SEARCH_H
#define IMAP_SEARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "parse.h"
#include "sequence.h"

enum { SEARCH_NODES_MAX = 2000 };

enum search_kind {
	SEARCH_ALL,
	SEARCH_AND, /* child, and its nexts */
	SEARCH_OR,  /* the same, any of them */
	SEARCH_NOT, /* child */
	SEARCH_NUMBERS,
	SEARCH_UIDS,
	SEARCH_FLAG,
	SEARCH_KEYWORD,
	SEARCH_EMAILID,
	SEARCH_THREADID,
	SEARCH_RECENT,
	SEARCH_NEW,
	SEARCH_LARGER,
	SEARCH_SMALLER,
	SEARCH_MODSEQ,
	SEARCH_OLDER,
	SEARCH_YOUNGER,
	SEARCH_BEFORE,
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_SAVEDBEFORE,
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	SEARCH_SENTBEFORE,
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_HEADER,
	SEARCH_BODY,
	SEARCH_TEXT
};

struct search_node {
	enum search_kind kind;
	int child, next; /* -1: none */
	uint64_t number; /* octets, seconds, a mod-sequence, a flag's bit */
	int64_t day;     /* since 1970; of OLDER and YOUNGER the second */
	struct sequence set;
	stralloc field;  /* header field, NUL-terminated; or keyword */
	stralloc needle; /* as text_casemap makes it */
};

struct search {
	struct search_node *nodes; /* [0] is the whole */
	int count;
	size_t room;
	bool bad_charset;
	bool has_modseq;
	/* what no message matches without, or with: match_resolve finds them */
	uint32_t flags, no_flags;
	bool only_flags; /* and there is no other condition */
};

enum search_charset {
	SEARCH_CHARSET_NONE,  /* after UTF8=ACCEPT (RFC 6855) */
	SEARCH_CHARSET_NAMED, /* SEARCH: ["CHARSET" SP charset SP] */
	SEARCH_CHARSET_FIRST  /* SORT and THREAD: charset SP */
};

/* The charset, then search-key *(SP search-key), to the end of the command.
 * False: syntax error, no memory, or a charset we do not know (bad_charset). */
bool search_parse(struct cursor *c, enum search_charset where,
    struct search *s);
void search_free(struct search *s);

/* Whether a key names message numbers. */
bool search_has_numbers(struct search const *s);

#endif
