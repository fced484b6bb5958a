/* SPDX-License-Identifier: ISC */
/* What is taken from whom: the back's decisions on the client, the sender and
 * each recipient. */
#ifndef SMTP_POLICY_H
#define SMTP_POLICY_H

#include "back.h"

/* Each: NULL for yes, else the reply, which lives to the next call. */

/* Whether the client is served at all. Asked once, before the greeting. */
char const *policy_client(struct smtp_back *b);

/* Whether the client may send in the name of SENDER, a reverse-path; empty
 * local part and domain for "<>". */
char const *policy_sender(struct smtp_back *b, struct address const *sender);

/* Whether the client may send to A. */
char const *policy_recipient(struct smtp_back *b, struct address const *a);

/* --- for the rules -------------------------------------------------------- */

/* TEXT, a refusal, by the setting RULE: so the log says. */
char const *policy_refuse(struct smtp_back *b, char const *rule,
    char const *text);

/* The address tables. NULL when one cannot be had (logged). */
struct lookup *policy_lookup(struct smtp_back *b);

#endif
