/* SPDX-License-Identifier: ISC */
/* Who is at the other end of the connection. */
#ifndef BESACE_PEER_H
#define BESACE_PEER_H

enum { PEER_IP_MAX = 64, PEER_NAME_MAX = 256 };

struct peer {
	char ip[PEER_IP_MAX]; /* "192.0.2.1", "2001:db8::1"; "" for a pipe */
	char name[PEER_NAME_MAX]; /* host name, forward-confirmed; "" if unknown */
	char local_port[8];       /* "25"; "" if unknown */
};

/* From the environment (UCSPI: TCPREMOTEIP, TCPREMOTEHOST, TCPLOCALPORT;
 * systemd: REMOTE_ADDR), else from the socket on descriptor FD. */
void peer_find(struct peer *p, int fd);

/* Another client and port, as a proxy says it; its host name is not known. 1,
 * or 0 when IP or PORT is none: P stays as it was. */
int peer_set(struct peer *p, char const *ip, char const *port);

/* The address for a log line: "local" for a pipe. */
char const *peer_text(struct peer const *p);

#endif
