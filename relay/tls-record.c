/* SPDX-License-Identifier: ISC */
#include "tls-record.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "tls-sessions.h"

enum { RECORD_MAX = 320 };

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
	return r->settings->smtp_tlsrpt_enable && !r->policy->waived &&
	    !r->route->named && !r->route->hop.address &&
	    result != TLS_RESULT_NONE &&
	    (r->policy->kind != TLS_POLICY_NONE || !certificate);
}

/* --- the line --------------------------------------------------------------- */

/* The policy whose failure RESULT is, also when that is why there is none. */
static enum tls_policy_kind
policy_kind(struct tls_policy const *p, enum tls_result result)
{
	switch (result) {
	case TLS_RESULT_TLSA_INVALID:
	case TLS_RESULT_DNSSEC_INVALID:
	case TLS_RESULT_DANE_REQUIRED:
		return TLS_POLICY_TLSA;
	case TLS_RESULT_STS_POLICY_FETCH_ERROR:
	case TLS_RESULT_STS_POLICY_INVALID:
	case TLS_RESULT_STS_WEBPKI_INVALID:
		return TLS_POLICY_STS;
	default:
		return p->kind;
	}
}

static char const *
kind_name(enum tls_policy_kind kind)
{
	return kind == TLS_POLICY_TLSA ? "tlsa"
	    : kind == TLS_POLICY_STS   ? "sts"
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

static int
compare(void const *a, void const *b)
{
	return strcmp(a, b);
}

static void
name_record(struct tlsa const *t, char text[RECORD_MAX])
{
	int at = snprintf(text, RECORD_MAX, "%u %u %u ", t->usage, t->selector,
	    t->matching);
	for (size_t i = 0; i < t->len && at + 2 < RECORD_MAX; i++)
		at += snprintf(text + at, (size_t)(RECORD_MAX - at), "%02x",
		    t->data[i]);
}

/* In an order of ours: that of an answer of the DNS is none. */
static int
put_records(stralloc *line, struct tlsa_set const *set)
{
	char text[DNS_RECORDS_MAX][RECORD_MAX];
	size_t at = 0, count = 0;
	struct tlsa t;
	int ok = 1;
	while (count < DNS_RECORDS_MAX && tlsa_set_next(set, &at, &t))
		name_record(&t, text[count++]);
	qsort(text, count, sizeof *text, compare);
	for (size_t i = 0; ok && i < count; i++)
		ok = tls_session_put(line, TLS_FIELD_POLICY_STRING, text[i]);
	return ok;
}

/* The lines of the policy's file that begin with START, without it. */
static int
put_lines(stralloc *line, enum tls_field field, struct bytes file,
    char const *start)
{
	char text[RECORD_MAX];
	size_t skip = strlen(start);
	int ok = 1;
	while (ok && file.len) {
		struct bytes b = bytes_take_until(&file, '\n');
		while (b.len && strchr(" \t\r", b.s[b.len - 1]))
			b.len--;
		if (b.len <= skip || memcmp(b.s, start, skip) != 0)
			continue;
		b = (struct bytes){ b.s + skip, b.len - skip };
		while (b.len && strchr(" \t", *b.s))
			b = (struct bytes){ b.s + 1, b.len - 1 };
		snprintf(text, sizeof text, "%.*s",
		    b.len < sizeof text ? (int)b.len : RECORD_MAX, b.s);
		ok = tls_session_put(line, field, text);
	}
	return ok;
}

/* RFC 8460 section 4.4: a DANE policy is that of the host. */
static int
put_policy(stralloc *line, struct tls_record const *r, enum tls_result result)
{
	struct tls_policy const *p = r->policy;
	enum tls_policy_kind kind = policy_kind(p, result);
	char const *domain = kind != TLS_POLICY_TLSA ? r->route->hop.name
	    : p->kind == kind && *p->sni             ? p->sni
	                                             : r->host->name;
	bool sts = kind == TLS_POLICY_STS && p->kind == kind;
	struct bytes file = sts ? r->sts_text : bytes_of("");
	return put_name(line, TLS_FIELD_DOMAIN, r->route->hop.name) &&
	    tls_session_put(line, TLS_FIELD_POLICY_TYPE, kind_name(kind)) &&
	    put_name(line, TLS_FIELD_POLICY_DOMAIN, domain) &&
	    put_records(line, &p->tlsa) &&
	    put_lines(line, TLS_FIELD_POLICY_STRING, file, "") &&
	    put_lines(line, TLS_FIELD_MX_HOST, file, "mx:");
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

/* What is wrong with the policy, though the host may be used, is what a session
 * tells about; one is counted once. A day that is full is told of by its report.
 */
void
tls_record_result(struct tls_record const *r, enum tls_result result,
    char const *reason)
{
	static bool told;
	stralloc line = STRALLOC_ZERO;
	if (!concerns_domain(r, result))
		return;
	if (r->policy->result != TLS_RESULT_NONE)
		result = r->policy->result;
	int ok = put_policy(&line, r, result) &&
	    tls_session_put(&line, TLS_FIELD_RESULT, tls_result_name(result)) &&
	    (result == TLS_RESULT_SUCCESS || put_failure(&line, r, reason)) &&
	    append(&line);
	if (!ok && errno != EDQUOT && !told)
		log_error("note the TLS of a session", "tls-reports", errno);
	told |= !ok;
	stralloc_free(&line);
}
