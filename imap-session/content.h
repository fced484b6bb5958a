/* SPDX-License-Identifier: ISC */
/* The bytes of a message's file, as IMAP counts and sends them: every bare LF is
 * CR LF, a NUL is 0x80. */
#ifndef IMAP_CONTENT_H
#define IMAP_CONTENT_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "mailbox.h"
#include "mime.h"
#include "wire.h"

enum {
	HEADER_MEMORY = 1 << 20, /* octets of a header that are looked at */
	CONTENT_WINDOW = 128
	    << 10 /* octets that are read at once: most files */
};

/* A file that is read, with what of it is in memory. */
struct content {
	int fd; /* borrowed */
	char *window;
	uint64_t at;
	size_t len;
	bool ends; /* the file ends behind the window */
};

/* From now on FD is read; -1: none. The window stays allocated. */
void content_open(struct content *c, int fd);
void content_free(struct content *c);

/* A place in the file and the same place as it is sent. Between the CR and the
 * LF that stand for a bare LF, after_cr is true and raw still at the LF. */
struct place {
	uint64_t raw, wire;
	bool after_cr;
};

/* Goes on by COUNT octets as sent, not beyond END in the file. 1; 0 with
 * errno. */
int content_skip(struct content *c, struct place *p, uint64_t count,
    uint64_t end);

/* Sends exactly COUNT octets. A file that no longer has them, after their number
 * was promised, ends the connection. */
void content_send(struct wire *w, struct content *c, struct place *p,
    uint64_t count);

/* Parts of the message. 1, or 0 with errno. */
int content_parse(struct content *c, struct mime *m, bool header_only);

/* *OUT becomes the file's octets from FROM to TO, at most MAX. 1, or 0 with
 * errno. */
int content_copy(struct content *c, uint64_t from, uint64_t to, size_t max,
    stralloc *out);
int content_read(int fd, uint64_t from, uint64_t to, size_t max, stralloc *out);

/* RFC822.SIZE of a file. 1, or 0 with errno. */
int content_count(struct content *c, uint64_t *size);
/* The same as the file's name has it, if that can be believed. */
bool content_size_by_name(struct mailbox *b, struct message const *m,
    uint64_t *size);

/* RFC822.SIZE. The sizes in a file's name count only if the stored one is
 * right. 1, or 0 with errno. */
int content_size(struct mailbox *b, struct message *m, uint64_t *size);

#endif
