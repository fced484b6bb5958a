/* SPDX-License-Identifier: ISC */
/* What became of TLS with other servers, for the reports of RFC 8460: a file
 * for each day of UTC, BESACE_VAR/tls-reports/2026-11-21, and in it a line for
 * each session:
 *
 *	domain=example.net<TAB>policy-type=sts<TAB>...
 *
 * Fields come in the order of enum tls_field, so that lines sorted as octets are
 * grouped by domain, and there by policy. Control octets and "%" of a value are
 * written as %HH. */
#ifndef BESACE_TLS_SESSIONS_H
#define BESACE_TLS_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <skalibs/stralloc.h>

#include "bytes.h"
#include "utc.h"

enum {
	TLS_SESSION_MAX = 4096,                /* octets of a line */
	TLS_SESSIONS_MAX = 32 * 1024 * 1024,   /* of a day */
	TLS_SESSIONS_DAY = sizeof "2026-11-21" /* of a day's name */
};

/* Named as in the report (RFC 8460 section 4.4), but for the first: the domain
 * of the recipients, which the report is for. */
enum tls_field {
	TLS_FIELD_DOMAIN,
	TLS_FIELD_POLICY_TYPE,
	TLS_FIELD_POLICY_DOMAIN,
	TLS_FIELD_POLICY_STRING, /* any number */
	TLS_FIELD_MX_HOST,       /* any number */
	TLS_FIELD_RESULT,        /* "success", or a result-type */
	TLS_FIELD_SENDING_IP,    /* this and what follows: of a failure */
	TLS_FIELD_RECEIVING_MX,
	TLS_FIELD_RECEIVING_IP,
	TLS_FIELD_REASON,
	TLS_FIELDS /* how many */
};

extern char const *const tls_field_names[TLS_FIELDS];

/* The directory; it is made where it is missing. -1 with errno. */
int tls_sessions_open(void);

/* The name of the day that WHEN is in. */
void tls_sessions_day(int64_t when, char day[TLS_SESSIONS_DAY]);

/* The first second of a day. False when the name is none. */
bool tls_sessions_start(char const *day, int64_t *start);

/* --- a line is written ------------------------------------------------------ */

/* Appends a field; VALUE is cut at what a field may be long, and a policy string
 * or pattern that has no room any more is left out. NULL adds nothing. 1, or 0
 * with errno. */
int tls_session_put(stralloc *line, enum tls_field field, char const *value);

/* Ends the line and appends it to the file of the day that NOW is in, with one
 * write(2). 1; 0 with errno (EDQUOT: the file is as large as it may be). */
int tls_session_append(int dir, stralloc *line, int64_t now);

/* --- and read --------------------------------------------------------------- */

struct tls_session {
	struct bytes domain;  /* a value, which needs no escapes */
	struct bytes policy;  /* fields, as tls_session_next takes them */
	struct bytes result;  /* a value */
	struct bytes details; /* fields */
};

/* Reads a line, without its line end. False when it is none of ours. Pure. */
bool tls_session_parse(struct bytes line, struct tls_session *s);

/* Takes the next field off *REST; *VALUE is replaced. 1; 0 at the end; -1 out
 * of memory. */
int tls_session_next(struct bytes *rest, enum tls_field *field,
    stralloc *value);

#endif
