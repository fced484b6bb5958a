/* SPDX-License-Identifier: ISC */
/* Typed, length-checked messages between front and back: one packet of a
 * SOCK_SEQPACKET pair each, with up to two descriptors. */
#ifndef BESACE_CHANNEL_H
#define BESACE_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

enum {
	CHANNEL_FIELDS = 8,       /* most fields of a message */
	CHANNEL_SIZE = 96 * 1024, /* most octets of a message */
	CHANNEL_FDS = 2
};

struct channel_field {
	char const *s;
	size_t len;
};

struct channel_message {
	uint8_t type;
	unsigned int count;
	struct channel_field field[CHANNEL_FIELDS];
	unsigned int fd_count;
	int fd[CHANNEL_FDS]; /* the receiver's to close */
	size_t len;          /* of bytes */
	char bytes[CHANNEL_SIZE];
};

/* The two ends. 1, or 0 with errno. */
int channel_pair(int ends[2]);

/* A field of a C string. */
struct channel_field channel_text(char const *s);

/* Sends one message. 1; 0 with errno (EMSGSIZE: too large). */
int channel_send(int channel, uint8_t type, struct channel_field const *fields,
    unsigned int count, int const *fds, unsigned int fd_count);

/* Waits for one message. 1; 0 the other side is gone; -1 with errno (EPROTO:
 * malformed). The fields point into M. */
int channel_receive(int channel, struct channel_message *m);

/* Reads the fields of M->bytes[0..LEN). 1, 0 when malformed. Pure. */
int channel_parse(struct channel_message *m, size_t len);

/* Nothing of a secret in it stays. */
void channel_wipe(struct channel_message *m);

/* Field I as a NUL-terminated string in BUF. 1; 0 when it is missing, longer
 * than SIZE - 1, or holds a NUL. */
int channel_string(struct channel_message const *m, unsigned int i, char *buf,
    size_t size);

#endif
