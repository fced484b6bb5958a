/* SPDX-License-Identifier: ISC */
/* Format: type (1 octet), number of fields (1 octet), then each field as its
 * length (4 octets, little endian) and its octets; nothing behind the last. */
#include "channel.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
channel_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

struct channel_field
channel_text(char const *s)
{
	struct channel_field f = { s, strlen(s) };
	return f;
}

static void
put_length(unsigned char out[4], size_t len)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(len >> (8 * i));
}

static size_t
get_length(char const *in)
{
	size_t len = 0;
	for (int i = 3; i >= 0; i--)
		len = len << 8 | (unsigned char)in[i];
	return len;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS)];
};

static void
attach(struct msghdr *msg, union control *control, int const *fds,
    unsigned int count)
{
	memset(control, 0, sizeof *control);
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
}

int
channel_send(int channel, uint8_t type, struct channel_field const *fields,
    unsigned int count, int const *fds, unsigned int fd_count)
{
	unsigned char head[2] = { type, (unsigned char)count };
	unsigned char lengths[CHANNEL_FIELDS][4];
	struct iovec iov[1 + 2 * CHANNEL_FIELDS] = { { head, sizeof head } };
	size_t total = sizeof head;
	errno = EMSGSIZE;
	if (count > CHANNEL_FIELDS || fd_count > CHANNEL_FDS)
		return 0;
	for (unsigned int i = 0; i < count; i++) {
		put_length(lengths[i], fields[i].len);
		iov[1 + 2 * i] = (struct iovec){ lengths[i], 4 };
		iov[2 + 2 * i].iov_base = (void *)(uintptr_t)fields[i].s;
		iov[2 + 2 * i].iov_len = fields[i].len;
		total += 4 + fields[i].len;
		if (total > CHANNEL_SIZE)
			return 0;
	}
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 1 + 2 * count };
	union control control;
	if (fd_count)
		attach(&msg, &control, fds, fd_count);
	ssize_t w;
	do
		w = sendmsg(channel, &msg, MSG_NOSIGNAL);
	while (w < 0 && errno == EINTR);
	return w >= 0;
}

int
channel_parse(struct channel_message *m, size_t len)
{
	if (len < 2 || (unsigned char)m->bytes[1] > CHANNEL_FIELDS)
		return 0;
	m->type = (uint8_t)m->bytes[0];
	m->count = (unsigned char)m->bytes[1];
	size_t pos = 2;
	for (unsigned int i = 0; i < m->count; i++) {
		if (len - pos < 4)
			return 0;
		size_t n = get_length(m->bytes + pos);
		pos += 4;
		if (n > len - pos)
			return 0;
		m->field[i].s = m->bytes + pos;
		m->field[i].len = n;
		pos += n;
	}
	return pos == len;
}

static void
take_descriptors(struct channel_message *m, struct msghdr *msg)
{
	m->fd_count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (m->fd_count < CHANNEL_FDS)
				m->fd[m->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

int
channel_receive(int channel, struct channel_message *m)
{
	union control control;
	struct iovec iov = { m->bytes, sizeof m->bytes };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes };
	ssize_t r;
	do
		r = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r <= 0) {
		/* the other side ended with our last message unread */
		return r < 0 && errno != ECONNRESET ? -1 : 0;
	}
	m->len = (size_t)r;
	take_descriptors(m, &msg);
	if (!(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    channel_parse(m, (size_t)r))
		return 1;
	for (unsigned int i = 0; i < m->fd_count; i++)
		close(m->fd[i]);
	errno = EPROTO;
	return -1;
}

void
channel_wipe(struct channel_message *m)
{
	explicit_bzero(m->bytes, m->len);
}

int
channel_string(struct channel_message const *m, unsigned int i, char *buf,
    size_t size)
{
	if (i >= m->count || m->field[i].len >= size ||
	    memchr(m->field[i].s, 0, m->field[i].len))
		return 0;
	memcpy(buf, m->field[i].s, m->field[i].len);
	buf[m->field[i].len] = 0;
	return 1;
}
