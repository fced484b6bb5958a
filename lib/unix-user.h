/* SPDX-License-Identifier: ISC */
/* Users of this machine, as /etc/passwd has them. The name service is not
 * asked: a program with the C library in it cannot. */
#ifndef BESACE_UNIX_USER_H
#define BESACE_UNIX_USER_H

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { UNIX_USER_MAX = 64 };

/* NULL when there is none. The next call overwrites it. */
struct passwd const *unix_user_find(uid_t uid);

bool unix_user_exists(char const *name, size_t len);

/* The login; the number of a user who is not listed. */
void unix_user_name(uid_t uid, char name[UNIX_USER_MAX]);

#endif
