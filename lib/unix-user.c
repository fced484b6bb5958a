/* SPDX-License-Identifier: ISC */
#include "unix-user.h"

#include <stdio.h>
#include <string.h>

struct passwd const *
unix_user_find(uid_t uid)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	struct passwd const *user = NULL;
	while (passwd && (user = fgetpwent(passwd)) && user->pw_uid != uid)
		continue;
	if (passwd)
		fclose(passwd); /* the entry lies in a buffer of fgetpwent's */
	return user;
}

bool
unix_user_exists(char const *name, size_t len)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	struct passwd const *user = NULL;
	while (passwd && (user = fgetpwent(passwd)) &&
	    (strlen(user->pw_name) != len ||
	        memcmp(user->pw_name, name, len) != 0))
		continue;
	if (passwd)
		fclose(passwd);
	return user;
}

void
unix_user_name(uid_t uid, char name[UNIX_USER_MAX])
{
	struct passwd const *user = unix_user_find(uid);
	if (user && *user->pw_name && strlen(user->pw_name) < UNIX_USER_MAX)
		snprintf(name, UNIX_USER_MAX, "%s", user->pw_name);
	else
		snprintf(name, UNIX_USER_MAX, "%lu", (unsigned long)uid);
}
