/* SPDX-License-Identifier: ISC */
/* The base subject (RFC 5256 section 2.1), by which messages are sorted and
 * threaded. Pure. */
#ifndef IMAP_SUBJECT_H
#define IMAP_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the base subject of a decoded, unfolded one: it stands in *S from
 * *START on, *LEN octets, with runs of white space made one space. *REPLY:
 * something marked it as a reply or as forwarded. */
void subject_base(char *s, size_t *start, size_t *len, bool *reply);

#endif
