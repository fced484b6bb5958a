/* SPDX-License-Identifier: ISC */
/* The arguments of MAIL and RCPT as bytes. Pure. */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "address.h"

struct mail_arguments {
	struct address sender;
	bool has_size;
	uint64_t size; /* octets, RFC 1870 */
};

/* "FROM:<path> [SIZE=n] [BODY=7BIT|8BITMIME] [AUTH=x]" (RFC 5321 4.1.2, 1870,
 * 6152, 4954), the keyword in any letter case, a blank after the colon
 * forgiven. NULL when it is right, else the reply. */
char const *envelope_mail(char const *s, size_t len, struct mail_arguments *m);

/* "TO:<path>", without parameters. NULL when it is right, else the reply. */
char const *envelope_rcpt(char const *s, size_t len, struct address *recipient);

#endif
