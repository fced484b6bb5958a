/* SPDX-License-Identifier: ISC */
#include "destination.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "ending.h"
#include "log.h"
#include "tls-record.h"

/* --- trouble ---------------------------------------------------------------- */

/* Only when no host says anything but no for good it is for good. */
static void
remember(struct destination *d, struct answer const *why)
{
	if (d->trouble.verdict != VERDICT_DEFERRED ||
	    why->verdict == VERDICT_DEFERRED)
		d->trouble = *why;
}

static void
log_trouble(struct destination const *d, struct answer const *why)
{
	char code[16] = "";
	if (why->code)
		snprintf(code, sizeof code, "%u", why->code);
	log_event("no-session", "via", d->via, "code", *code ? code : NULL,
	    "status", why->status, "answer", why->text, (char *)NULL);
}

static void
give_up_host(struct destination *d, struct answer const *why)
{
	remember(d, why);
	log_trouble(d, why);
	d->hosts.host[d->at].bad = true;
}

/* --- one host --------------------------------------------------------------- */

static void
name_host(struct destination *d)
{
	struct host const *h = &d->hosts.host[d->at];
	snprintf(d->via, sizeof d->via, "%s[%s]:%u", h->name, h->ip, d->port);
	snprintf(d->mta, sizeof d->mta, "%s%s[%s]:%u", h->name,
	    *h->name ? " " : "", h->ip, d->port);
}

/* Addresses that this machine has no way to cost nothing and are not counted. */
static int
open_socket(struct destination *d)
{
	struct answer why;
	int fd = connect_to(d->hosts.host[d->at].ip, d->port,
	    d->settings->smtp_connect_timeout);
	if (fd < 0 && errno != ENETUNREACH && errno != EAFNOSUPPORT &&
	    errno != EADDRNOTAVAIL)
		d->tried++;
	if (fd < 0) {
		answer_set(&why, VERDICT_DEFERRED, "4.4.1",
		    "connection to %s: %s", d->via, strerror(errno));
		give_up_host(d, &why);
	}
	return fd;
}

static bool
client_is_gone(struct destination *d)
{
	struct answer why;
	answer_set(&why, VERDICT_DEFERRED, "4.3.0",
	    "an error of this server while it talked to %s", d->via);
	give_up_host(d, &why);
	return false;
}

/* What came of TLS on the connection, for its domain to be told. */
static void
record(struct tls_record const *t, struct client_session const *result)
{
	bool ready = result->outcome == SESSION_READY;
	tls_record_result(t, result->tls_result,
	    ready ? NULL : result->failure.text);
}

/* One connection, by the policy; of it or of what forbids it comes *RESULT.
 * False: the host cannot be used. */
static bool
open_session(struct destination *d, struct client_session *result)
{
	struct route const *route = &d->route;
	struct session_request r = { .where = d->via,
		.policy = &d->policy,
		.login = route->login,
		.password = route->password,
		.auth_in_clear = route->auth_in_clear,
		.find_loop = !route->named || !route->hop.exact,
		.smtps = route->hop.smtps };
	struct tls_record t = { .settings = d->settings,
		.route = route,
		.policy = &d->policy,
		.sts_text = d->mta_sts.entry.policy.text,
		.host = &d->hosts.host[d->at] };
	if (d->policy.forbidden) {
		d->tried++;
		tls_record_result(&t, d->policy.result, d->policy.failure.text);
		give_up_host(d, &d->policy.failure);
		return false;
	}
	int fd = open_socket(d);
	if (fd < 0)
		return false;
	tls_record_socket(&t, fd);
	if (!client_open(&d->client, fd, &r, result))
		return client_is_gone(d);
	record(&t, result);
	return true;
}

static void
find_policy(struct destination *d)
{
	struct tls_policy_source source = { .settings = d->settings,
		.route = &d->route,
		.dns = d->dns,
		.hosts = &d->hosts,
		.port = d->port,
		.waived = d->tls_waived,
		.sts = d->settings->smtp_tls_mta_sts ? mta_sts_apply : NULL,
		.sts_arg = &d->mta_sts };
	tls_policy_find(&d->policy, &source, &d->hosts.host[d->at]);
}

/* With and then, where that is allowed, without TLS. */
static bool
open_any_session(struct destination *d, struct client_session *result)
{
	if (!open_session(d, result))
		return false;
	if (result->outcome != SESSION_TLS_FAILED || d->policy.level != TLS_MAY)
		return true;
	log_trouble(d, &result->failure);
	d->policy.level = TLS_NONE;
	return open_session(d, result);
}

static bool
try_host(struct destination *d)
{
	struct client_session result = { .outcome = SESSION_REFUSED };
	find_policy(d);
	if (!open_any_session(d, &result))
		return false;
	d->tried++;
	if (result.outcome != SESSION_READY) {
		give_up_host(d, &result.failure);
		return false;
	}
	if (result.tls_result == TLS_RESULT_TLSA_INVALID)
		d->policy.level = TLS_ENCRYPT; /* what it came down to */
	memcpy(d->tls, result.tls, sizeof d->tls);
	d->messages = 0;
	d->since = time(NULL);
	return true;
}

/* --- all of them ------------------------------------------------------------ */

bool
destination_connect(struct destination *d)
{
	uint64_t limit = d->settings->smtp_mx_address_limit;
	if (d->connected)
		return true;
	if (d->client.gone) {
		answer_set(&d->trouble, VERDICT_DEFERRED, "4.3.0",
		    "an error of this server");
		return false;
	}
	for (; d->at < d->hosts.count && !ending_is_asked(); d->at++) {
		if (d->hosts.host[d->at].bad)
			continue;
		if (limit && d->tried >= limit)
			return false;
		name_host(d);
		d->connected = try_host(d);
		if (d->connected)
			return true;
	}
	return false;
}

/* What was wrong with a host by its domain's policy is not, any more. */
static void
forget_failures(struct destination *d)
{
	for (unsigned int i = 0; i < d->hosts.count; i++)
		d->hosts.host[i].bad = false;
}

/* A connection that was made against the domain's policy is for none that keeps
 * to it. */
static bool
is_of_use(struct destination const *d)
{
	uint64_t limit = d->settings->smtp_connection_reuse_time_limit;
	bool young = !limit || (uint64_t)llabs(time(NULL) - d->since) < limit;
	return young && (d->tls_waived || !d->policy.waived);
}

void
destination_next_message(struct destination *d, bool tls_waived)
{
	if (tls_waived && !d->tls_waived)
		forget_failures(d);
	d->tls_waived = tls_waived;
	if (d->connected && !is_of_use(d)) {
		client_quit(&d->client);
		d->connected = false;
	}
	d->again = false;
	if (!d->connected)
		d->at = d->tried = 0;
}

void
destination_lost(struct destination *d, struct answer const *why)
{
	bool used = d->messages > 0;
	d->connected = false;
	remember(d, why);
	log_trouble(d, why);
	if (!used)
		d->at++;
}

void
destination_ask_again(struct destination *d, struct answer const *why)
{
	unsigned int at = d->at;
	destination_lost(d, why);
	if (!d->again)
		d->at = at;
	d->again = true;
}
