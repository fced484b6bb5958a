/* SPDX-License-Identifier: ISC */
/* The local service: a user of this machine at the other end of a Unix socket,
 * known by what the kernel says of him. */
#ifndef SMTP_LOCAL_H
#define SMTP_LOCAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "address.h"
#include "unix-user.h"

struct settings;
struct smtp_back;

struct local_user {
	uid_t uid;
	char name[UNIX_USER_MAX];
};

/* Who is on descriptor FD: the peer of a Unix socket; for a pipe, a file or a
 * terminal whoever started us. 1; 0 when it is a connection of another kind. */
int local_user_find(struct local_user *u, int fd);

/* What there is against a local user's SENDER: nothing for his own name at this
 * host, nor for anybody's if he is root or the mail's owner; else as for users
 * who logged in. NULL or the reply. */
char const *local_sender_rules(struct smtp_back *b,
    struct address const *sender);

#endif
