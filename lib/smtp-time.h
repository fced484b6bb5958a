/* SPDX-License-Identifier: ISC */
/* How long the parts of a delivery to another server may take, by the settings'
 * time limits: what takes longer does not do what it should. Pure; seconds. */
#ifndef BESACE_SMTP_TIME_H
#define BESACE_SMTP_TIME_H

#include "settings.h"

/* All commands of a transaction up to DATA, with so many recipients, and their
 * replies. */
uint64_t smtp_time_commands(struct settings const *s, unsigned int recipients);

/* The octets of a message, all of them. */
uint64_t smtp_time_message(struct settings const *s, uint64_t size);

/* From a connection to the first command of a transaction. */
uint64_t smtp_time_session(struct settings const *s);

/* A transaction and its end. */
uint64_t smtp_time_transaction(struct settings const *s,
    unsigned int recipients, uint64_t size);

/* From one result of relay to the next, whatever it has to try in between, with
 * messages of this size at most. */
uint64_t smtp_time_result(struct settings const *s, uint64_t size);

#endif
