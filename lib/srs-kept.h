/* SPDX-License-Identifier: ISC */
/* srs.h for reverse-paths of any length. One that is too long, as those of
 * senders that write the recipient into them are, is kept in
 * BESACE_VAR/reverse-paths under a name that is sent out for it:
 *
 *   SRS0=HASH=TT==NAME@us
 *
 * What has no room there any more is forgotten, the oldest first; a bounce to
 * it is then one to an unknown address. */
#ifndef BESACE_SRS_KEPT_H
#define BESACE_SRS_KEPT_H

#include "srs.h"

/* As srs_forward; SRS_TOO_LONG when it cannot be kept (logged). */
enum srs_result srs_send_on(struct srs const *s, struct address const *sender,
    struct address *out);

/* As srs_return; SRS_EXPIRED for one that was forgotten, SRS_FAILED
 * (logged) when that cannot be told. */
enum srs_result srs_bring_back(struct srs const *s, struct address const *a,
    struct address *out);

#endif
