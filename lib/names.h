/* SPDX-License-Identifier: ISC */
/* Mailbox names: modified UTF-7 (RFC 3501 section 5.1.3), the way from the
 * protocol to the disk and back, and LIST patterns. Pure. */
#ifndef BESACE_NAMES_H
#define BESACE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	NAME_MAX_DISK = 254, /* a directory's name, less the first dot */
	NAME_MAX_UTF8 = 288, /* the same in UTF-8: 3 octets for 2 2/3 */
	PATTERN_MAX = 1024
};

/* Canonical modified UTF-7 of printable text: the one way to write a name. */
bool name_is_mutf7(char const *s, size_t len);

/* Appends the name S, UTF-8, in modified UTF-7. 1; 0 out of memory; -1 when it
 * is no UTF-8 (OUT may have a part of it). */
int name_from_utf8(char const *s, size_t len, stralloc *out);

/* Appends the name S, which is modified UTF-7, in UTF-8. 1; 0 out of memory. */
int name_to_utf8(char const *s, size_t len, stralloc *out);

/* NAME as a client says it becomes the folder on disk, levels joined by '.',
 * without the first dot, NUL-terminated; "" is INBOX, in whatever letter case.
 * One separator at the end is dropped. False when it cannot be a mailbox. */
bool name_to_folder(char const *name, size_t len, char separator,
    char folder[NAME_MAX_DISK + 1]);

/* Whether a directory entry ".NAME" is a folder's; NAME without the dot. */
bool name_is_folder(char const *name, size_t len);

/* Appends what the client sees. 1, or 0 with errno. */
int name_from_folder(char const *folder, char separator, stralloc *out);

/* Whether PATTERN ('*', and '%' that stops at SEPARATOR) matches NAME whole.
 * INBOX at the start of NAME matches in any letter case. NAME may be in modified
 * UTF-7 or UTF-8, as PATTERN is. Time is the product of
 * the lengths at worst. */
bool name_match(char const *pattern, size_t pattern_len, char const *name,
    size_t len, char separator);

#endif
