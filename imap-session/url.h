/* SPDX-License-Identifier: ISC */
/* URLs of messages and their parts (RFC 5092), as a client may name its own
 * mail: relative to this server, or to the selected mailbox. Pure. */
#ifndef IMAP_URL_H
#define IMAP_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "names.h"

enum { URL_MAX = 8192 };

struct url {
	bool selected; /* of the selected mailbox; else of FOLDER */
	char folder[NAME_MAX_DISK + 1];
	uint32_t validity; /* 0: not said */
	uint32_t uid;
	stralloc section; /* as between the brackets of BODY[]; may be empty */
	uint32_t offset;
	uint32_t count; /* 0: to the end */
};

/* "/MAILBOX[;UIDVALIDITY=n]/;UID=n[/;SECTION=s][/;PARTIAL=n[.n]]", MAILBOX in
 * UTF-8 with its levels divided by SEPARATOR, or from ";UID=" on. False: it is
 * something else. */
bool url_parse(char const *s, size_t len, char separator, struct url *u);

/* Appends S for a response code: every octet that may not stand there, and the
 * quotes' own, as "%XX"; at most MAX octets of S. 1, or 0 with errno. */
int url_show(char const *s, size_t len, size_t max, stralloc *out);

#endif
