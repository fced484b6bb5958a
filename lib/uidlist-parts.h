/* SPDX-License-Identifier: ISC */
/* What the files of the list of UIDs share among themselves. */
#ifndef BESACE_UIDLIST_PARTS_H
#define BESACE_UIDLIST_PARTS_H

#include "uidlist.h"

enum {
	UIDLIST_MAX = 1 << 30, /* octets of the file */
	UIDLIST_NAME_MAX = 255,
	UIDLIST_KEYS_MAX = 4096
};

/* 0, errno being EPROTO. */
int uidlist_malformed(void);

/* 1, *S behind it; 0 no number. */
int uidlist_number(char const **s, char const *end, uint32_t *n);

/* The first line, without its end. 1; 0 with errno. */
int uidlist_parse_header(struct uidlist *u, char const *s, size_t len);

/* Item LETTER of the header as a number, 0 when there is none. */
uint32_t uidlist_header_number(struct uidlist const *u, char letter);

/* A record whose line is in the text already. 1; 0 with errno. */
int uidlist_add_record(struct uidlist *u, uint32_t uid, char const *keys,
    size_t keys_len, char const *name, size_t name_len);

#endif
