/* SPDX-License-Identifier: ISC */
/* The way to the server: its socket, or a session of our own making. */
#ifndef SENDMAIL_SERVICE_H
#define SENDMAIL_SERVICE_H

#include <sys/types.h>
#include "settings.h"

struct service {
	int fd;
	pid_t session; /* 0: behind a socket */
};

/* Connects to the setting sendmail_socket. Where nobody listens and the
 * instance is ours (its BESACE_VAR can be written to), smtp-session is started
 * instead. 1, or 0: said on standard error. */
int service_open(struct service *s, struct settings const *settings);

/* Waits for the end of what was started. */
void service_close(struct service *s);

/* Passes octets both ways between standard input and output and the service,
 * until it ends. 1, or 0 with errno. */
int service_relay(struct service const *s);

#endif
