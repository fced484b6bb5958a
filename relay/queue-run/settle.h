/* SPDX-License-Identifier: ISC */
/* What becomes of a queue file after a try: its sender is told, and it goes, or
 * waits for the next one. */
#ifndef BESACE_SETTLE_H
#define BESACE_SETTLE_H

#include "dead-hops.h"
#include "queue.h"
#include "settings.h"

enum settle {
	SETTLE_ANSWERED, /* somebody answered for its destination; or it is gone,
			  * as what is done is */
	SETTLE_SILENT,   /* nobody did: none of it could be tried there */
	SETTLE_SKIPPED   /* it is somebody else's now, or not to be read */
};

/* Settles the file of this name. It is not to be locked by the caller. DEAD: it
 * was not tried, as its next hop is that; or NULL. */
enum settle settle_file(struct settings const *s, int queue, char const *path,
    struct dead_hop const *dead);

/* The same for a file in which nothing waits; others stay as they are. */
void settle_done(struct settings const *s, int queue, char const *path);

/* Moves a file that cannot be read where it stays for the administrator. */
void settle_corrupt(struct queue_file *f);

/* What queue_has_room, queue_save and queue_record do, as the mail's owner. */
bool settle_has_room(struct settings const *s, struct queue_file const *f);
enum queue_result settle_save(struct settings const *s, struct queue_file *f);
enum queue_result settle_record(struct settings const *s, struct queue_file *f);

#endif
