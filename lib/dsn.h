/* SPDX-License-Identifier: ISC */
/* What a client says about delivery status notifications, RFC 3461: syntax of
 * the values. They are kept as they were sent; what they decode to is looked at
 * here, so that no control octet comes out of them anywhere. Pure. */
#ifndef BESACE_DSN_H
#define BESACE_DSN_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>

enum {
	DSN_ENVID_MAX = 100, /* octets, RFC 3461 4.4 */
	DSN_ORCPT_MAX = 500, /* octets, RFC 3461 4.2 */
	DSN_XTEXT_MAX = 512  /* of any value */
};

enum dsn_ret { DSN_RET_UNSAID, DSN_RET_FULL, DSN_RET_HDRS };

/* What NOTIFY= lists; DSN_NEVER stands alone. 0: nothing was said. */
enum dsn_notify {
	DSN_NEVER = 1,
	DSN_SUCCESS = 2,
	DSN_FAILURE = 4,
	DSN_DELAY = 8
};

/* xtext, RFC 3461 section 4, that decodes to printable ASCII, not empty. */
bool dsn_is_xtext(char const *s, size_t len);

/* Appends what xtext stands for; what is none is appended as it is. 1, or 0 with
 * errno. */
int dsn_decode(char const *s, size_t len, stralloc *sa);

/* The value of RET=. Unsaid when it is none. */
enum dsn_ret dsn_ret(char const *s, size_t len);

/* The value of NOTIFY=, of enum dsn_notify. 0 when it is none. */
unsigned int dsn_notify(char const *s, size_t len);

/* Appends the value of NOTIFY=. 1, or 0 with errno. */
int dsn_notify_format(unsigned int notify, stralloc *sa);

/* The value of ENVID=. */
bool dsn_is_envid(char const *s, size_t len);

/* The value of ORCPT=: type ";" xtext, which may stand for UTF-8, or "utf-8;" and an address as in RFC
 * 6533 section 3, in UTF-8 as it is only for SMTPUTF8. */
bool dsn_is_orcpt(char const *s, size_t len, bool smtputf8);

#endif
