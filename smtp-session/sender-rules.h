/* SPDX-License-Identifier: ISC */
/* Who may send in whose name. */
#ifndef SMTP_SENDER_RULES_H
#define SMTP_SENDER_RULES_H

#include "back.h"

/* What the settings have against SENDER, from a client that is a user or a
 * stranger. NULL for nothing, else the reply. "<>" is everybody's. */
char const *sender_rules(struct smtp_back *b, struct address const *sender);

#endif
