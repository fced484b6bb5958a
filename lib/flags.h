/* SPDX-License-Identifier: ISC */
/* Flags of a message as a set of bits, as letters in a file name
 * ("BASE:2,DFRSTabc") and as IMAP names. Pure. */
#ifndef BESACE_FLAGS_H
#define BESACE_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum { KEYWORDS_MAX = 26 };

/* Bits 0 to 25 are the keywords of the letters a to z. */
#define FLAG_ANSWERED (UINT32_C(1) << 26)
#define FLAG_FLAGGED  (UINT32_C(1) << 27)
#define FLAG_DELETED  (UINT32_C(1) << 28)
#define FLAG_SEEN     (UINT32_C(1) << 29)
#define FLAG_DRAFT    (UINT32_C(1) << 30)
#define FLAG_KEYWORDS ((UINT32_C(1) << KEYWORDS_MAX) - 1)

struct system_flag {
	uint32_t bit;
	char letter;
	char const *name; /* "\\Seen" */
};

/* The five, ended by a bit of 0. */
extern struct system_flag const system_flags[];

/* 0 when it is none of the five. */
uint32_t flags_system(char const *name, size_t len);

/* Octets of the base name: before the first ':'. */
size_t flags_base(char const *name, size_t len);

uint32_t flags_of_name(char const *name, size_t len);

/* *OUT becomes the file's name with these flags; capital letters that mean
 * nothing to us stay. NUL-terminated and the NUL not counted. 1, or 0 with
 * errno. */
int flags_rename(char const *name, size_t len, uint32_t flags, stralloc *out);

#endif
