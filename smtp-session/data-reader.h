/* SPDX-License-Identifier: ISC */
/* The octets of a message. Behind DATA's 354 (RFC 5321 4.1.1.4, 4.5.2) only CR
 * LF "." CR LF ends it; in BDAT's chunks (RFC 3030) a dot means nothing. A bare
 * CR or LF is noted and the message as a whole refused, so that nobody
 * downstream can see another end. */
#ifndef SMTP_DATA_READER_H
#define SMTP_DATA_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum data_state {
	DATA_LINE_START,
	DATA_IN_LINE,
	DATA_CR,
	DATA_DOT,
	DATA_DOT_CR,
	DATA_END
};

struct data_reader {
	enum data_state state;
	bool lf_lines; /* lines end in LF: a local transcript */
	bool chunks;   /* by BDAT: no dots of transparency, no end in it */
	bool bare;     /* a bare CR or LF was seen */
	uint64_t size; /* octets as sent, dots of transparency not counted */
};

void data_reader_init(struct data_reader *r, bool lf_lines, bool chunks);

/* Reads from IN, appends the message with LF line ends to OUT, which holds at
 * least LEN + 1 octets, and sets *OUT_LEN. Returns the octets used: all of them,
 * or fewer when the end was met (state DATA_END). Pure. */
size_t data_reader_feed(struct data_reader *r, char const *in, size_t len,
    char *out, size_t *out_len);

/* There is no more. The last chunk may have been the end anywhere: a line
 * without its end gets one, in OUT, which holds an octet. *OUT_LEN is 0 or 1. */
void data_reader_end(struct data_reader *r, char *out, size_t *out_len);

#endif
