/* SPDX-License-Identifier: ISC */
/* The octets between DATA's 354 and the end of the message, RFC 5321 4.1.1.4,
 * 4.5.2. Only CR LF "." CR LF ends it; a bare CR or LF is noted and the message
 * as a whole refused, so that nobody downstream can see another end. */
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
	bool bare;     /* a bare CR or LF was seen */
	uint64_t size; /* octets as sent, dots of transparency not counted */
};

void data_reader_init(struct data_reader *r, bool lf_lines);

/* Reads from IN, appends the message with LF line ends to OUT, which holds at
 * least LEN + 1 octets, and sets *OUT_LEN. Returns the octets used: all of them,
 * or fewer when the end was met (state DATA_END). Pure. */
size_t data_reader_feed(struct data_reader *r, char const *in, size_t len,
    char *out, size_t *out_len);

#endif
