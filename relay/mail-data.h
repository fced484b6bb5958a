/* SPDX-License-Identifier: ISC */
/* A message on its way to another server: what it needs there, and its form on
 * the wire, behind DATA (RFC 5321 section 4.5.2) or BDAT (RFC 3030). Pure. */
#ifndef BESACE_RELAY_MAIL_DATA_H
#define BESACE_RELAY_MAIL_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what it needs ---------------------------------------------------------- */

struct mail_facts {
	uint64_t size;    /* octets with CRLF, before dots are doubled */
	bool header_8bit; /* an octet beyond ASCII is in the header */
	bool body_8bit;

	/* where we are */
	bool in_body;
	bool line_empty;
	char last;
};

#define MAIL_FACTS_ZERO \
	{ \
		.line_empty = true \
	}

/* Takes the next octets of the message into account. */
void mail_facts_add(struct mail_facts *f, char const *s, size_t len);

/* --- on the wire ------------------------------------------------------------ */

enum mail_place { MAIL_LINE_START, MAIL_IN_LINE, MAIL_BEHIND_CR };

struct mail_data {
	enum mail_place place; /* MAIL_LINE_START at the beginning */
	bool chunked; /* behind BDAT: dots are as they are, and its size is the
	               * end */
};

/* What LEN octets become at most. */
enum { MAIL_DATA_END = 6 };

#define MAIL_DATA_ROOM(len) (2 * (len) + 1)

/* Writes the next octets of the message to OUT: lines end in CRLF, a dot at
 * their start is doubled behind DATA, and a CR that ends no line becomes a blank, as no CR
 * or LF goes out alone. How many there are. */
size_t mail_data_add(struct mail_data *d, char const *s, size_t len, char *out);

/* The end of the last line, if it had none, and of the message behind DATA. */
size_t mail_data_end(struct mail_data *d, char out[MAIL_DATA_END]);

#endif
