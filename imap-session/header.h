/* SPDX-License-Identifier: ISC */
/* Header fields of a message and the structured values of MIME's (RFC 2045,
 * RFC 2183, RFC 2231). Pure. */
#ifndef IMAP_HEADER_H
#define IMAP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	HEADER_PARAMS_MAX = 200,
	HEADER_VALUE_MAX = 16384 /* octets of a value with parameters */
};

struct header_field {
	char const *start; /* its first line */
	size_t len;        /* all its lines, with their ends */
	char const *name;
	size_t name_len;
	char const *value; /* behind the colon, folds and last line end in it */
	size_t value_len;
};

/* The field at *POS, which moves on. Lines that are none are passed over. False
 * at the end: a blank line or no more bytes. */
bool header_next(char const *s, size_t len, size_t *pos,
    struct header_field *f);
bool header_is(struct header_field const *f, char const *name);

/* Appends a value on one line: folds and white space at both ends go away. */
int header_unfold(char const *s, size_t len, stralloc *out);

/* Bytes in a pool. */
struct span {
	size_t at, len;
};

struct param {
	struct span name, value;
};

/* "type/subtype; name=value ..." or "token; name=value ...". */
struct structured {
	stralloc pool;
	struct span first, second; /* second is empty without a slash */
	struct param params[HEADER_PARAMS_MAX];
	size_t count;
};

/* False when there is no token at the start (*V is then empty), or no memory. */
bool structured_parse(struct structured *v, char const *s, size_t len);
/* NULL when it is not there. */
struct param const *structured_param(struct structured const *v,
    char const *name);
void structured_free(struct structured *v);

/* Skips blanks, line ends and comments. */
size_t header_skip_cfws(char const *s, size_t len, size_t pos);

#endif
