/* SPDX-License-Identifier: ISC */
/* Mail to the owner of a mailbox that fills up. */
#ifndef BESACE_DELIVER_WARNING_H
#define BESACE_DELIVER_WARNING_H

#include "room.h"

/* After a delivery: writes the warning to the mailbox's inbox if the message
 * took it over a step of quota_warning that it was not warned of before. Nothing
 * depends on it: what fails is logged. */
void warning_send(struct room *r, struct target const *t,
    struct settings const *settings);

#endif
