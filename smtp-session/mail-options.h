/* SPDX-License-Identifier: ISC */
/* The parameters of MAIL and RCPT that extensions define, as bytes. Both
 * processes read them: the front what the client sent, the back what the front
 * wrote of it. Pure. */
#ifndef SMTP_MAIL_OPTIONS_H
#define SMTP_MAIL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "dsn.h"

enum mail_body { BODY_UNSAID, BODY_7BIT, BODY_8BITMIME };

struct mail_options {
	bool has_size;
	uint64_t size;                 /* octets, RFC 1870 */
	enum mail_body body;           /* RFC 6152 */
	bool smtputf8;                 /* RFC 6531 */
	bool requiretls;               /* RFC 8689 */
	enum dsn_ret ret;              /* RFC 3461 */
	char envid[DSN_ENVID_MAX + 1]; /* xtext; empty: none */
};

struct rcpt_options {
	unsigned int notify;           /* of enum dsn_notify */
	char orcpt[DSN_ORCPT_MAX + 1]; /* as sent; empty: none */
};

/* " NAME[=VALUE]" any number of times, names in any letter case, none twice.
 * NULL when all are right, else the reply. */
char const *mail_options_read(char const *s, size_t len,
    struct mail_options *o);
char const *rcpt_options_read(char const *s, size_t len, bool smtputf8,
    struct rcpt_options *o);

/* Appends them as they are read, without the first blank. 1, or 0 with errno. */
int mail_options_format(struct mail_options const *o, stralloc *sa);
int rcpt_options_format(struct rcpt_options const *o, stralloc *sa);

/* "7BIT", "8BITMIME"; "FULL", "HDRS"; NULL for what was not said. */
char const *mail_body_name(enum mail_body body);
char const *mail_ret_name(enum dsn_ret ret);

#endif
