/* SPDX-License-Identifier: ISC */
#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "log.h"

/* (uid_t)-1 and (gid_t)-1 mean "leave as is" to the system calls. */
static bool
parse_static(char const *value, uint64_t minimum, unsigned int *id)
{
	static char const form[] = "static:";
	size_t n = sizeof form - 1;
	return strncmp(value, form, n) == 0 && uint0_scan(value + n, id) &&
	    *id != 0 && *id >= minimum && *id != (unsigned int)-1;
}

static int
refuse(char const *name, char const *value)
{
	log_event("error", "what", "take on the mail's owner", "object", name,
	    "value", value, "reason",
	    "not static:N with N from virtual_minimum_uid", (char *)NULL);
	return 0;
}

int
owner_ids(struct settings const *settings, uid_t *uid, gid_t *gid)
{
	unsigned int u, g;
	uint64_t minimum = settings->virtual_minimum_uid;
	if (!parse_static(settings->virtual_uid_maps, minimum, &u))
		return refuse("virtual_uid_maps", settings->virtual_uid_maps);
	if (!parse_static(settings->virtual_gid_maps, minimum, &g))
		return refuse("virtual_gid_maps", settings->virtual_gid_maps);
	*uid = u;
	*gid = g;
	return 1;
}

int
owner_become(struct settings const *settings)
{
	uid_t uid;
	gid_t gid;
	if (geteuid() != 0)
		return 1;
	if (!owner_ids(settings, &uid, &gid))
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0) {
		log_error("take on the mail's owner",
		    settings->virtual_uid_maps, errno);
		return 0;
	}
	return 1;
}

/* setfsuid(2) tells of no error: whether it did is asked by an id that is none.
 */
int
owner_begin_files(struct settings const *settings)
{
	uid_t uid;
	gid_t gid;
	if (geteuid() != 0)
		return 1;
	if (!owner_ids(settings, &uid, &gid))
		return 0;
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	if (setfsuid((uid_t)-1) == (int)uid && setfsgid((gid_t)-1) == (int)gid)
		return 1;
	log_error("take on the mail's owner", settings->virtual_uid_maps,
	    EPERM);
	owner_end_files();
	return 0;
}

void
owner_end_files(void)
{
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
}
