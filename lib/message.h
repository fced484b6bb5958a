/* SPDX-License-Identifier: ISC */
/* A message as bytes (RFC 5322, LF or CRLF line ends): header fields and where
 * the body starts. Pure; lengths travel with pointers; NUL is a byte. */
#ifndef BESACE_MESSAGE_H
#define BESACE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* One header field, folded lines included. */
struct message_field {
	char const *start; /* first byte of the name */
	size_t len;        /* with the last line end */
	size_t name_len;
	char const *value; /* after the colon */
	size_t value_len;  /* with folds, without the last line end */
};

/* Reads the field at *POS and moves *POS behind it. 1; 0 at the end of the
 * header (blank line, a line that is no field, or the end of the bytes), *POS
 * unmoved. A leading mbox "From " line is for the caller to skip. */
int message_next_field(char const *m, size_t len, size_t *pos,
    struct message_field *f);

/* Whether the field has this name, in any letter case. */
bool message_field_is(struct message_field const *f, char const *name);

/* Offset of the first body byte: after the blank line; when there is none, the
 * end of the header fields. */
size_t message_body(char const *m, size_t len);

/* Whether a blank line ends the header. */
bool message_has_blank_line(char const *m, size_t len);

/* Length of a leading mbox "From " line with its line end, 0 for none. */
size_t message_mbox_line(char const *m, size_t len);

/* The line end of the message's first line, "\r\n" or "\n": what fields put
 * before it are to end with. */
char const *message_eol(char const *m, size_t len);

/* Moves *POS, at an opening parenthesis, behind the comment (RFC 5322 section
 * 3.2.2), nested or not. False, *POS at LEN or behind, when it has no end. */
bool message_skip_comment(char const *s, size_t len, size_t *pos);

/* Whether M starts with a header field or a blank line, so that fields may be
 * put before it without it being taken for a continuation of theirs. */
bool message_starts_clean(char const *m, size_t len);

#endif
