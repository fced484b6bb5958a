/* SPDX-License-Identifier: ISC */
/* What the header of a message loses and gains when we take it: Bcc and its
 * like, and results of authentication that claim to be ours, go; Date and
 * Message-ID come where a user's program left them out. Every other octet stays
 * as it is. Nothing here grows with the message. */
#ifndef SMTP_HEADER_EDIT_H
#define SMTP_HEADER_EDIT_H

#include <stdbool.h>
#include <stddef.h>

enum { AUTHSERV_ID_MAX = 255 };

struct header_edit {
	bool submission; /* from a user: RFC 6409 section 8 */
	/* Is this authserv-id one of our names (lower case)? 1, 0, or -1: it
	 * cannot be told now. */
	int (*ours)(void *arg, char const *id, size_t len);
	void *arg;

	/* found by header_edit_scan */
	bool drops;       /* some field must go */
	bool lacks_date;  /* a Date is to be added, */
	bool lacks_id;    /* a Message-ID, */
	bool lacks_blank; /* the line that ends a header */
	size_t end;       /* of the header fields */
};

/* Looks through the message (LF line ends). 1; 0 when e->ours could not tell. */
int header_edit_scan(struct header_edit *e, char const *m, size_t len);

/* Whether anything is to be done. */
bool header_edit_changes(struct header_edit const *e);

/* The next run of header octets that stay: *FROM up to *POS, where the search
 * goes on; *POS starts at 0. 1; 0 at the end of the fields; -1 when e->ours
 * could not tell. */
int header_edit_next(struct header_edit const *e, char const *m, size_t *pos,
    size_t *from);

enum authserv {
	AUTHSERV_NONE,  /* the field names nobody */
	AUTHSERV_NAMED, /* ID is the name, in lower case */
	AUTHSERV_BROKEN /* there is no telling whom it names */
};

/* The authserv-id (RFC 8601 2.2) in the value of an Authentication-Results
 * field: comments, folds and quotes taken off, and a last dot. */
enum authserv header_authserv_id(char const *s, size_t len,
    char id[AUTHSERV_ID_MAX], size_t *id_len);

#endif
