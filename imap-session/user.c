/* SPDX-License-Identifier: ISC */
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "log.h"
#include "maildir.h"
#include "map.h"
#include "owner.h"
#include "sandbox.h"

/* *PATH becomes what mailboxes.cdb says, below virtual_mailbox_base. */
static int
find_mailbox(struct settings const *settings, char const *user, stralloc *path,
    struct quota_limit *quota)
{
	struct map *map = map_open_logged("mailboxes");
	if (!map)
		return 0;
	int found = map_get(map, user, strlen(user), path);
	int saved = errno;
	map_close(map);
	if (found < 0)
		log_error("read", "mailboxes.cdb", saved);
	else if (!found)
		log_event("error", "what", "find the mailbox", "user", user,
		    "reason", "not in mailboxes.cdb", (char *)NULL);
	if (found <= 0)
		return 0;
	struct bytes rest = { path->s, path->len };
	path->len = bytes_take_until(&rest, '\t').len;
	*quota =
	    quota_limit_of(rest.s, rest.len, settings->virtual_mailbox_limit);
	if (!maildir_is_path(path->s, path->len)) {
		log_event("error", "what", "find the mailbox", "user", user,
		    "reason", "without a path in mailboxes.cdb", (char *)NULL);
		return 0;
	}
	return stralloc_0(path);
}

/* The root directory can be changed only before the user is. */
static int
enter(struct settings const *settings, int base, char const *path)
{
	int root = maildir_open(base, path, false);
	if (root < 0 && errno != ENOENT)
		return -1;
	if (root >= 0 && geteuid() == 0 &&
	    (fchdir(root) < 0 || chroot(".") < 0))
		return -1;
	if (!owner_become(settings))
		return -1;
	int whole =
	    maildir_open(root >= 0 ? root : base, root >= 0 ? "" : path, true);
	if (root >= 0)
		close(root);
	return whole;
}

int
user_enter(struct settings const *settings, char const *user,
    struct quota_limit *quota)
{
	stralloc path = STRALLOC_ZERO;
	/* What comes from files outside is read now. */
	tzset();
	if (!find_mailbox(settings, user, &path, quota))
		return -1;
	int base = open(settings->virtual_mailbox_base,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0) {
		log_error("open", settings->virtual_mailbox_base, errno);
		return -1;
	}
	int root = enter(settings, base, path.s);
	if (root < 0)
		log_error("open the Maildir", path.s, errno);
	close(base);
	stralloc_free(&path);
	if (root >= 0 && sandbox_below(root))
		return root;
	if (root >= 0)
		log_error("confine the session", user, errno);
	return -1;
}
