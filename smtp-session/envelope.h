/* SPDX-License-Identifier: ISC */
/* The arguments of HELO, MAIL and RCPT as bytes. Pure. */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include "address.h"
#include "mail-options.h"

struct mail_arguments {
	struct address sender;
	struct mail_options options;
};

struct rcpt_arguments {
	struct address recipient;
	struct rcpt_options options;
};

/* A name that goes to the trace field, the log and the environment of filters:
 * no blanks, no controls. */
bool envelope_word(char const *s, size_t len);

/* "FROM:<path> [NAME[=VALUE]]..." (RFC 5321 4.1.2), the keyword in any letter
 * case, a blank after the colon forgiven. NULL when it is right, else the
 * reply. */
char const *envelope_mail(char const *s, size_t len, struct mail_arguments *m);

/* "TO:<path> [NAME=VALUE]...". SMTPUTF8: MAIL said so, addresses beyond ASCII
 * may come. NULL when it is right, else the reply. */
char const *envelope_rcpt(char const *s, size_t len, bool smtputf8,
    struct rcpt_arguments *r);

#endif
