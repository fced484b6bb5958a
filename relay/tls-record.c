/* SPDX-License-Identifier: ISC */
#include "tls-record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "tls-sessions.h"

void
tls_record_socket(struct tls_record *r, int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof name;
	void const *ip = &((struct sockaddr_in *)&name)->sin_addr;
	*r->local_ip = 0;
	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return;
	if (name.ss_family == AF_INET6)
		ip = &((struct sockaddr_in6 *)&name)->sin6_addr;
	inet_ntop(name.ss_family, ip, r->local_ip, sizeof r->local_ip);
}

/* A certificate that nobody promised is none that failed: the level that asks
 * for it is ours. */
static bool
concerns_domain(struct tls_record const *r, enum tls_result result)
{
	bool certificate = result == TLS_RESULT_CERTIFICATE_HOST_MISMATCH ||
	    result == TLS_RESULT_CERTIFICATE_EXPIRED ||
	    result == TLS_RESULT_CERTIFICATE_NOT_TRUSTED;
	return r->settings->smtp_tlsrpt_enable && !r->route->named &&
	    !r->route->hop.address && result != TLS_RESULT_NONE &&
	    (r->policy->kind != TLS_POLICY_NONE || !certificate);
}

/* --- the line --------------------------------------------------------------- */

static char const *
policy_type(struct tls_policy const *p)
{
	return p->kind == TLS_POLICY_TLSA ? "tlsa"
	    : p->kind == TLS_POLICY_STS   ? "sts"
	                                  : "no-policy-found";
}

/* A name as the report has it, without a dot at the end. */
static int
put_name(stralloc *line, enum tls_field field, char const *name)
{
	char text[DNS_NAME_MAX + 1];
	size_t n = strlen(name);
	n -= n && name[n - 1] == '.';
	snprintf(text, sizeof text, "%.*s", (int)n, name);
	return tls_session_put(line, field, text);
}

/* RFC 8460 section 4.4: a DANE policy is that of the host. */
static int
put_policy(stralloc *line, struct tls_record const *r)
{
	struct tls_policy const *p = r->policy;
	bool dane = p->kind == TLS_POLICY_TLSA;
	return put_name(line, TLS_FIELD_DOMAIN, r->route->hop.name) &&
	    tls_session_put(line, TLS_FIELD_POLICY_TYPE, policy_type(p)) &&
	    put_name(line, TLS_FIELD_POLICY_DOMAIN,
	        dane ? r->host->name : r->route->hop.name);
}

static int
put_failure(stralloc *line, struct tls_record const *r, char const *reason)
{
	char const *local = *r->local_ip ? r->local_ip : NULL;
	return tls_session_put(line, TLS_FIELD_SENDING_IP, local) &&
	    put_name(line, TLS_FIELD_RECEIVING_MX, r->host->name) &&
	    tls_session_put(line, TLS_FIELD_RECEIVING_IP, r->host->ip) &&
	    tls_session_put(line, TLS_FIELD_REASON, reason);
}

static int
append(stralloc *line)
{
	int dir = tls_sessions_open();
	if (dir < 0)
		return 0;
	int ok = tls_session_append(dir, line, time(NULL)), saved = errno;
	close(dir);
	errno = saved;
	return ok;
}

/* A day that is full is told of by its report. */
void
tls_record_result(struct tls_record const *r, enum tls_result result,
    char const *reason)
{
	static bool told;
	stralloc line = STRALLOC_ZERO;
	if (!concerns_domain(r, result))
		return;
	int ok = put_policy(&line, r) &&
	    tls_session_put(&line, TLS_FIELD_RESULT, tls_result_name(result)) &&
	    (result == TLS_RESULT_SUCCESS || put_failure(&line, r, reason)) &&
	    append(&line);
	if (!ok && errno != EDQUOT && !told)
		log_error("note the TLS of a session", "tls-reports", errno);
	told |= !ok;
	stralloc_free(&line);
}
