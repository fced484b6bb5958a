/* SPDX-License-Identifier: ISC */
/* All text files of BESACE_ETC, read and checked together. */
#ifndef BESACE_TABLES_H
#define BESACE_TABLES_H

#include <stddef.h>
#include <sys/types.h>
#include "entry.h"
#include "table.h"
#include "text.h"
#include "settings.h"

enum table_id {
	TABLE_SETTINGS,
	TABLE_DOMAINS,
	TABLE_MAILBOXES,
	TABLE_ALIASES,
	TABLE_SENDERS,
	TABLE_PASSWORDS,
	TABLE_DKIM_KEYS,
	TABLE_DKIM_SIGNING,
	TABLE_CERTIFICATES,
	TABLE_TRUSTED_HOSTS,
	TABLE_ROUTES,
	TABLES
};

/* One row for each text file. */
struct source {
	char const *file; /* below BESACE_ETC */
	enum text_style style;
	entry_parser *parse;
	char const *map;        /* NAME of NAME.cdb; NULL: part of another */
	unsigned int mode;      /* of the map */
	unsigned int text_mode; /* of the text file, when we make it */
};

extern struct source const sources[TABLES];

struct tables {
	struct table table[TABLES];
	unsigned int errors;
	unsigned int warnings;
	bool silent; /* counts faults, but says nothing */
	uid_t uid;   /* the mail's owner, known once tables_check has */
	gid_t gid;   /* looked: 0 until then, and when it is no good */
};

/* Reads every file and reports each fault of each on stderr, as FILE:LINE. A
 * file that is not there is empty. 1, also with faults (errors counts them);
 * 0 when memory is short. */
int tables_read(struct tables *t, bool silent);

/* What one file alone cannot tell: duplicates, addresses whose domain is not
 * ours, aliases that lead nowhere, keys and certificates that cannot be used.
 * Reported and counted likewise. 1, or 0 when memory is short. */
int tables_check(struct tables *t);

/* Whether an address of ours is delivered anywhere, by the lookup order. */
bool tables_resolve(struct tables const *t, char const *address, size_t len);

/* The settings as the file has them, the rest by default. 1, or 0 with
 * errno. */
int tables_settings(struct tables const *t, struct settings *into);

enum severity { WARNING, ERROR };

/* Prints "FILE:LINE: [warning: ][ABOUT: ]WHY[; did you mean INSTEAD?]", counted.
 * LINE 0: the file as a whole. */
void tables_report(struct tables *t, enum severity severity, enum table_id id,
    unsigned int line, char const *about, size_t about_len, char const *why,
    char const *instead);

/* The same for a record, ABOUT being its key. */
void tables_report_record(struct tables *t, enum severity severity,
    enum table_id id, struct record const *r, char const *why);

void tables_free(struct tables *t);

#endif
