/* SPDX-License-Identifier: ISC */
/* A message as a program writes it to sendmail's standard input. */
#ifndef SENDMAIL_INPUT_H
#define SENDMAIL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

struct input {
	bool dots_are_text; /* a line of one dot does not end the message */
	stralloc message;   /* with LF line ends */
	stralloc line;      /* begun, not ended */
	bool any;           /* a line was seen */
	bool ended;
};

/* Takes the next octets. Lines may end in LF or CR LF; a "From " line of a
 * mailbox file in front is left out. 1, or 0 with errno. Pure. */
int input_feed(struct input *in, char const *s, size_t len);

/* Nothing more comes: a last line without an end is one. 1, or 0 with errno. */
int input_finish(struct input *in);

/* All of FD, a message of at most MAX octets. 1; 0 with errno (EFBIG). */
int input_read(struct input *in, int fd, size_t max);

#endif
