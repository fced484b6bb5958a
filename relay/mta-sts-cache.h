/* SPDX-License-Identifier: ISC */
/* MTA-STS policies on disk: BESACE_VAR/mta-sts/DOMAIN, a file each
 * (mta-sts-entry.h), replaced whole. A file's modification time says when nobody
 * needs it any more; what has been over for a day is removed. */
#ifndef BESACE_RELAY_MTA_STS_CACHE_H
#define BESACE_RELAY_MTA_STS_CACHE_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "mta-sts-entry.h"

enum { MTA_STS_DOMAIN_MAX = 230 /* octets: a file's name, with room behind */ };

/* Whether there may be a file for it: a host name in lower case, of more than
 * one label. */
bool mta_sts_cache_takes(char const *domain);

/* The directory below VAR, made where it is missing. A descriptor; -1 with
 * errno. */
int mta_sts_cache_open(int var);

/* What is kept of DOMAIN; empty when that is nothing, or damaged. TEXT holds the
 * policy. */
void mta_sts_cache_read(int dir, char const *domain, stralloc *text,
    struct mta_sts_entry *e);

/* Keeps E. 1, or 0 with errno. Removes the files of others whose time is over,
 * once a day. */
int mta_sts_cache_write(int dir, char const *domain,
    struct mta_sts_entry const *e, int64_t now);

/* Who asks for a policy holds the domain's lock, so that others can wait for
 * what comes of it. The lock ends with its descriptor; -1: somebody has it
 * (EAGAIN), or another error. */
int mta_sts_cache_lock(int dir, char const *domain);

#endif
