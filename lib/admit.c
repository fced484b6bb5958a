/* SPDX-License-Identifier: ISC */
#include "admit.h"

#include <stdio.h>

void
admit_start(struct back *b)
{
	b->abuse.file.fd = -1;
}

char const *
admit_refusal(struct back *b)
{
	static char text[PEER_IP_MAX + ABUSE_TIME_MAX + 80];
	char time[ABUSE_TIME_MAX];
	abuse_open(&b->abuse, b->settings, b->peer->ip);
	int64_t until = abuse_banned_until(&b->abuse);
	if (!until)
		return NULL;
	if (until == ABUSE_FOREVER) {
		snprintf(text, sizeof text, "Clients at %s are not served",
		    b->peer->ip);
		return text;
	}
	abuse_time(until, time);
	snprintf(text, sizeof text,
	    "Too many failures from %s, not served until %s", b->peer->ip,
	    time);
	return text;
}
