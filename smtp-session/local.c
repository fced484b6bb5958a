/* SPDX-License-Identifier: ISC */
#include "local.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "back.h"
#include "owner.h"
#include "sender-rules.h"

int
local_user_find(struct local_user *u, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	int family;
	socklen_t family_len = sizeof family;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &family_len) < 0)
		u->uid = getuid(); /* no socket */
	else if (family == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
		u->uid = peer.uid;
	else
		return 0;
	unix_user_name(u->uid, u->name);
	return 1;
}

static bool
may_be_anybody(struct smtp_back const *b)
{
	uid_t uid = b->local->uid;
	uid_t owner;
	gid_t group;
	return uid == 0 || uid == geteuid() ||
	    (owner_ids(b->common.settings, &owner, &group) && uid == owner);
}

static bool
is_own_name(struct smtp_back const *b, struct address const *a)
{
	char const *host = b->common.settings->myhostname;
	return strlen(b->local->name) == a->local_len &&
	    strncasecmp(b->local->name, a->local, a->local_len) == 0 &&
	    strlen(host) == a->domain_len &&
	    strncasecmp(host, a->domain, a->domain_len) == 0;
}

char const *
local_sender_rules(struct smtp_back *b, struct address const *sender)
{
	if (may_be_anybody(b) || is_own_name(b, sender))
		return NULL;
	return sender_rules(b, sender);
}
