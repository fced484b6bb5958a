/* SPDX-License-Identifier: ISC */
/* The entries of the text files, one parser for each: an entry as text_next
 * gives it becomes the key and value of a map. All pure. */
#ifndef BESACE_ENTRY_H
#define BESACE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "bytes.h"

enum entry_result {
	ENTRY_MEMORY = -1,
	ENTRY_WRONG,    /* an error: why, about */
	ENTRY_GOOD,     /* key and value */
	ENTRY_DOUBTFUL, /* key and value, and a warning: why, about */
	ENTRY_IGNORED   /* no entry, and a warning: why, about */
};

struct entry {
	stralloc key;
	stralloc value;
	char const *why;     /* a constant: what is wrong and what to do */
	char const *instead; /* a constant: what was perhaps meant, or NULL */
	stralloc about;      /* the part of the entry that is meant */
};

#define ENTRY_ZERO \
	{ \
		STRALLOC_ZERO, STRALLOC_ZERO, NULL, NULL, STRALLOC_ZERO \
	}

typedef enum entry_result entry_parser(char const *s, size_t len,
    struct entry *e);

/* "name = value" (settings-file.c). */
entry_parser entry_setting;

/* "key value" as postmap(1) reads it (postmap.c). */
entry_parser entry_domain;
entry_parser entry_mailbox;
entry_parser entry_alias;
entry_parser entry_sender;
entry_parser entry_certificate;

/* "user:{SCHEME}hash:uid:gid:gecos:home:shell:extra" (passwd-file.c). */
entry_parser entry_password;

/* OpenDKIM's KeyTable: key name, "DOMAIN<TAB>SELECTOR<TAB>KEYFILE"; and its
 * SigningTable: domain, "*.domain" or "*", key name (opendkim.c). */
entry_parser entry_dkim_key;
entry_parser entry_dkim_signing;

/* OpenDKIM's TrustedHosts: a network or host name (host-list.h). */
entry_parser entry_trusted_host;

/* "domain hop options" (route-entry.c). */
entry_parser entry_route;

/* Sets WHY and ABOUT. RESULT, or ENTRY_MEMORY. */
enum entry_result entry_say(struct entry *e, enum entry_result result,
    char const *why, struct bytes about);

/* The same for ENTRY_WRONG. */
enum entry_result entry_wrong(struct entry *e, char const *why,
    struct bytes about);

/* The first word (text_word) of *REST, which is moved to the next. */
struct bytes bytes_take_word(struct bytes *rest);

bool bytes_have_control(struct bytes b);

/* A host or mail domain name, no address literal. */
bool bytes_are_domain(struct bytes b);

/* Appends B in lower case. 1, or 0 with errno. */
int bytes_fold(stralloc *sa, struct bytes b);

/* Appends a domain name as map keys have it: lower case, A-labels. What is not
 * of the name, "@" or "*." or "." before it, stays. 1, or 0 with errno. */
int bytes_fold_domain(stralloc *sa, struct bytes b);

void entry_free(struct entry *e);

#endif
