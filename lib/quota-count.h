/* SPDX-License-Identifier: ISC */
/* What a Maildir holds, by its file names. */
#ifndef BESACE_QUOTA_COUNT_H
#define BESACE_QUOTA_COUNT_H

#include "quota.h"

/* Adds what lies in new/ and cur/ of the folder DIR: S= of the name, or the
 * file's size. 1, or 0 with errno. */
int quota_count_folder(int dir, struct quota_usage *sum);

/* All folders of the Maildir ROOT. *STABLE: nothing can have come or gone
 * meanwhile. *USED is replaced. 1, or 0 with errno. */
int quota_count(int root, struct quota_usage *used, bool *stable);

#endif
