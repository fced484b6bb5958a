/* SPDX-License-Identifier: ISC */
#include "limits.h"

#include <unistd.h>

#include "monotonic.h"

void
limits_start(struct session *s)
{
	s->started = monotonic_seconds();
}

/* Neither logged in nor begun a message; or others wait for the place. */
static bool
is_idler(struct session const *s)
{
	return s->service != SERVICE_LOCAL && !s->authenticated &&
	    (s->front->leave || (!s->tx.mail && !s->messages));
}

void
limits_leave_soon(struct session *s)
{
	s->leave_by = monotonic_seconds() +
	    (long long)s->settings->smtpd_stranger_timeout;
}

bool
limits_may_go_on(struct session const *s)
{
	return s->tx.chunks && monotonic_seconds() < s->leave_by;
}

long long
limits_wait(struct session const *s)
{
	struct settings const *settings = s->settings;
	uint64_t wait = settings->smtpd_timeout;
	if (is_idler(s) && settings->smtpd_stranger_timeout < wait)
		wait = settings->smtpd_stranger_timeout;
	uint64_t whole = settings->smtpd_session_time_limit;
	uint64_t gone = (uint64_t)(monotonic_seconds() - s->started);
	if (!whole)
		return (long long)wait;
	if (gone >= whole)
		return 0;
	return (long long)(whole - gone < wait ? whole - gone : wait);
}

/* There is nobody to slow down behind a file. */
void
limits_error(struct session *s)
{
	if (++s->errors > s->settings->smtpd_soft_error_limit && !s->local)
		sleep((unsigned int)s->settings->smtpd_error_sleep_time);
}

void
limits_junk(struct session *s)
{
	if (++s->junk > s->settings->smtpd_junk_command_limit)
		s->errors++;
}

void
limits_accepted(struct session *s)
{
	s->junk = 0;
	s->messages++;
}

bool
limits_message(struct session const *s)
{
	uint64_t limit = s->settings->smtpd_session_message_limit;
	return !limit || s->messages < limit;
}
