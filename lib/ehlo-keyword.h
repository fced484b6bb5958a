/* SPDX-License-Identifier: ISC */
/* The keywords of a server's reply to EHLO that our client knows. Pure. */
#ifndef BESACE_EHLO_KEYWORD_H
#define BESACE_EHLO_KEYWORD_H

#include <stdbool.h>

#include "bytes.h"

enum ehlo_keyword {
	EHLO_8BITMIME,
	EHLO_AUTH,
	EHLO_CHUNKING,
	EHLO_DSN,
	EHLO_PIPELINING,
	EHLO_REQUIRETLS,
	EHLO_SIZE,
	EHLO_SMTPUTF8,
	EHLO_STARTTLS,
	EHLO_KEYWORDS
};

/* The keyword of this name, in any letter case; -1 for none. */
int ehlo_keyword_find(struct bytes name);

/* As it stands on the wire: "CHUNKING". */
char const *ehlo_keyword_name(int keyword);

/* Whether each word of LIST (words.h) is one. */
bool ehlo_keywords_known(char const *list, size_t len);

#endif
