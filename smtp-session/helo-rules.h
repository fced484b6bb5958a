/* SPDX-License-Identifier: ISC */
/* What a stranger calls itself. */
#ifndef SMTP_HELO_RULES_H
#define SMTP_HELO_RULES_H

struct smtp_back;

/* Asks for what a rule will need; at each HELO and EHLO. */
void helo_begin(struct smtp_back *b);

/* reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname,
 * reject_unknown_helo_hostname. NULL for nothing, else the reply. */
char const *helo_rules(struct smtp_back *b);

#endif
