/* SPDX-License-Identifier: ISC */
/* How much a mailbox may hold, and what "maildirsize" says of it:
 *
 *	5368709120S,10000C
 *	169 4
 *	-47 -1
 *
 * the limit it was counted for, then octets and messages that came or went, a
 * line each time; their sums are what the mailbox holds. Pure. */
#ifndef BESACE_QUOTA_H
#define BESACE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	QUOTA_TEXT = 64,      /* room for a limit, or a line, as text */
	QUOTA_WARNINGS = 8,   /* most steps of quota_warning */
	QUOTA_SIZE_MAX = 5120 /* a longer file is counted anew: Maildir++ */
};

/* Each 0 for none. */
struct quota_limit {
	uint64_t bytes;
	uint64_t messages;
};

struct quota_usage {
	uint64_t bytes;
	uint64_t messages;
};

/* What stands in a file. */
struct quota_sums {
	struct quota_limit limit;
	struct quota_usage used;
	unsigned int lines; /* below the limit's */
};

bool quota_limit_is_any(struct quota_limit const *l);

/* A limit: "5G", "5G,10000", or as maildirsize has it, "5368709120S,10000C".
 * False when it is none, and *L is as before. */
bool quota_limit_parse(char const *s, size_t len, struct quota_limit *l);

/* As maildirsize has it, with NUL; "0S" for none. Its length. */
size_t quota_limit_format(struct quota_limit const *l, char text[QUOTA_TEXT]);

/* As the map has it, with NUL: "quota=5368709120,10000". Its length. */
size_t quota_option_format(struct quota_limit const *l, char text[QUOTA_TEXT]);

/* What comes behind PATH TAB in a mailbox's entry in the map; FALLBACK octets
 * when it says nothing of a quota. */
struct quota_limit quota_limit_of(char const *options, size_t len,
    uint64_t fallback);

/* The whole file. False when it is not in order: a line that is no pair of
 * numbers or has no end, a sum below 0 or beyond 63 bits. */
bool quota_sums_parse(char const *s, size_t len, struct quota_sums *sums);

/* A line of the file, with its LF and NUL. Its length. */
size_t quota_line_format(int64_t bytes, int64_t messages,
    char text[QUOTA_TEXT]);

/* Whether so much more may come. Octets may go over the limit by GRACE when the
 * mailbox was below it. */
bool quota_has_room(struct quota_limit const *l, struct quota_usage const *used,
    uint64_t bytes, uint64_t messages, uint64_t grace);

/* How full it is in percent, rounded down, of the limit that is nearer; 0
 * without a limit. */
unsigned int quota_percent(struct quota_limit const *l,
    struct quota_usage const *used);

/* The setting quota_warning, "80 95": percents from 1 to 100, ascending. How
 * many; -1 when it is not that. */
int quota_warnings_parse(char const *s, size_t len,
    unsigned char percent[QUOTA_WARNINGS]);

#endif
