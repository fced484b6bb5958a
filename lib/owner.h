/* SPDX-License-Identifier: ISC */
/* The one user and group that all mail belongs to. */
#ifndef BESACE_OWNER_H
#define BESACE_OWNER_H

#include <sys/types.h>
#include "settings.h"

/* The ids of virtual_uid_maps and virtual_gid_maps ("static:5000"). 1; 0, and
 * logged, when one is not of that form, is 0, or below virtual_minimum_uid. */
int owner_ids(struct settings const *settings, uid_t *uid, gid_t *gid);

/* Started as root: takes them on for good. Else nothing. 1; 0, and logged: the
 * caller must not touch mail. */
int owner_become(struct settings const *settings);

/* Started as root and still root, to start programs: between these two, files
 * are opened and made as the owner. 1; 0, and logged: no file may be made. */
int owner_begin_files(struct settings const *settings);
void owner_end_files(void);

#endif
