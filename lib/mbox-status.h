/* SPDX-License-Identifier: ISC */
/* The header fields in which an mbox keeps what IMAP calls flags. Pure. */
#ifndef BESACE_MBOX_STATUS_H
#define BESACE_MBOX_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include "mbox.h"

/* A whole line of the header of M's message. True when it is about its state,
 * which is noted in M, and no part of the message. Of Status, X-Status,
 * X-Keywords, X-UID and X-IMAPbase on the one hand and Mozilla's fields on the other, those count
 * that come first, and of each its first occurrence: what else has such a name
 * was sent so. */
bool mbox_status_line(struct mbox *m, char const *s, size_t len);

#endif
