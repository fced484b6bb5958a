/* SPDX-License-Identifier: ISC */
#include "smtp-time.h"

enum {
	LIMIT_MAX = 86400, /* no time limit is taken for longer */
	RCPT_SHARE = 30,   /* so many recipients may take, together, as long as
	                    * one */
	LINES_GROW = 2,    /* times, a message of short lines, on the wire */
	AUTH_STEPS = 4,
	HOSTS_MAX = 20,       /* where as many are tried as there are */
	RECIPIENTS_MAX = 100, /* of one transaction */
	MARGIN = 300          /* for what is ours: the disk, the DNS */
};

static uint64_t
limit(uint64_t setting)
{
	return setting < 1 ? 1 : setting > LIMIT_MAX ? LIMIT_MAX : setting;
}

uint64_t
smtp_time_commands(struct settings const *s, unsigned int recipients)
{
	return limit(s->smtp_mail_timeout) + limit(s->smtp_rcpt_timeout) +
	    limit(s->smtp_data_init_timeout) +
	    recipients * (limit(s->smtp_rcpt_timeout) / RCPT_SHARE);
}

uint64_t
smtp_time_message(struct settings const *s, uint64_t size)
{
	uint64_t rate = s->smtp_min_data_rate;
	uint64_t wire =
	    size < UINT64_MAX / LINES_GROW ? size * LINES_GROW : UINT64_MAX;
	return limit(s->smtp_data_xfer_timeout) + wire / (rate ? rate : 1);
}

uint64_t
smtp_time_session(struct settings const *s)
{
	/* greeting, EHLO, HELO, and the two again inside TLS; STARTTLS and the
	 * handshake */
	return 5 * limit(s->smtp_helo_timeout) +
	    2 * limit(s->smtp_starttls_timeout) +
	    AUTH_STEPS * limit(s->smtp_mail_timeout);
}

uint64_t
smtp_time_transaction(struct settings const *s, unsigned int recipients,
    uint64_t size)
{
	return smtp_time_commands(s, recipients) + smtp_time_message(s, size) +
	    limit(s->smtp_data_done_timeout);
}

uint64_t
smtp_time_result(struct settings const *s, uint64_t size)
{
	uint64_t hosts = s->smtp_mx_address_limit;
	uint64_t one = limit(s->smtp_connect_timeout) + smtp_time_session(s) +
	    smtp_time_transaction(s, RECIPIENTS_MAX, size);
	/* each in TLS and in clear */
	return 2 * (hosts && hosts < HOSTS_MAX ? hosts : HOSTS_MAX) * one +
	    MARGIN;
}
