/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <stdint.h>
#include <string.h>

#include "json.h"
#include "tls-sessions.h"

static int
put(stralloc *out, char const *s)
{
	return stralloc_cats(out, s);
}

static int
put_comma(stralloc *out, bool first)
{
	return first || stralloc_append(out, ',');
}

/* Lines that have been counted are good, so that this one is. */
static struct tls_session
session_at(struct report const *r, size_t i)
{
	struct tls_session s;
	tls_session_parse(r->sessions->line[i], &s);
	return s;
}

static bool
is_success(struct tls_session const *s)
{
	return bytes_are(s->result, "success");
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* --- a policy --------------------------------------------------------------- */

/* The values of FIELD among FIELDS as a member, if there are any: "LIST":[...]
 */
static int
put_list(stralloc *out, struct bytes fields, enum tls_field wanted)
{
	char const *name = tls_field_names[wanted];
	stralloc value = STRALLOC_ZERO;
	enum tls_field field;
	bool first = true;
	int more, ok = 1;
	while (ok && (more = tls_session_next(&fields, &field, &value)) > 0) {
		if (field != wanted)
			continue;
		ok = (first ? put(out, ",") &&
		                 json_string(out, name, strlen(name)) &&
		                 put(out, ":[")
		            : put(out, ",")) &&
		    json_string(out, value.s, value.len);
		first = false;
	}
	stralloc_free(&value);
	return ok && more == 0 && (first || put(out, "]"));
}

/* The values of the fields FROM to TO among FIELDS. */
static int
put_members(stralloc *out, struct bytes fields, enum tls_field from,
    enum tls_field to, bool first)
{
	stralloc value = STRALLOC_ZERO;
	enum tls_field field;
	int more, ok = 1;
	while (ok && (more = tls_session_next(&fields, &field, &value)) > 0) {
		if (field < from || field > to)
			continue;
		ok = put_comma(out, first) &&
		    json_member(out, tls_field_names[field], value.s,
		        value.len);
		first = false;
	}
	stralloc_free(&value);
	return ok && more == 0;
}

static int
put_policy(stralloc *out, struct bytes policy)
{
	return put(out, "\"policy\":{") &&
	    put_members(out, policy, TLS_FIELD_POLICY_TYPE,
	        TLS_FIELD_POLICY_DOMAIN, true) &&
	    put_list(out, policy, TLS_FIELD_POLICY_STRING) &&
	    put_list(out, policy, TLS_FIELD_MX_HOST) && put(out, "}");
}

/* --- its sessions ----------------------------------------------------------- */

static int
put_failure(stralloc *out, struct tls_session const *s, size_t count)
{
	return put(out, "{") &&
	    json_member(out, "result-type", s->result.s, s->result.len) &&
	    put_members(out, s->details, TLS_FIELD_SENDING_IP, TLS_FIELD_REASON,
	        false) &&
	    put(out, ",") && json_number(out, "failed-session-count", count) &&
	    put(out, "}");
}

/* Lines that are the same are one kind of failure. */
static int
put_failures(struct report const *r, struct session_range range, stralloc *out)
{
	size_t kinds = 0, end;
	int ok = put(out, ",\"failure-details\":[");
	for (size_t i = range.first; ok && i < range.end; i = end) {
		struct tls_session s = session_at(r, i);
		for (end = i + 1; end < range.end &&
		     is_same(r->sessions->line[i], r->sessions->line[end]);)
			end++;
		if (is_success(&s) || kinds == REPORT_FAILURES)
			continue;
		ok = put_comma(out, kinds++ == 0) &&
		    put_failure(out, &s, end - i);
	}
	return ok && put(out, "]");
}

static int
put_summary(size_t good, size_t bad, stralloc *out)
{
	return put(out, ",\"summary\":{") &&
	    json_number(out, "total-successful-session-count", good) &&
	    put(out, ",") &&
	    json_number(out, "total-failure-session-count", bad) &&
	    put(out, "}");
}

/* The lines from *AT on that have the same policy; *AT is moved behind them. */
static int
put_sessions(struct report const *r, size_t *at, stralloc *out)
{
	struct session_range range = { *at, *at };
	struct tls_session first = session_at(r, *at), s = first;
	size_t good = 0;
	do {
		good += is_success(&s);
		range.end++;
		if (range.end < r->range.end)
			s = session_at(r, range.end);
	} while (range.end < r->range.end && is_same(s.policy, first.policy));
	*at = range.end;
	size_t bad = range.end - range.first - good;
	return put(out, "{") && put_policy(out, first.policy) &&
	    put_summary(good, bad, out) &&
	    (!bad || put_failures(r, range, out)) && put(out, "}");
}

/* --- all of it -------------------------------------------------------------- */

static int
put_head(struct report const *r, stralloc *out)
{
	return put(out, "{") &&
	    json_member(out, "organization-name", r->organization,
	        strlen(r->organization)) &&
	    put(out, ",\"date-range\":{\"start-datetime\":\"") &&
	    put(out, r->day) && put(out, "T00:00:00Z\",\"end-datetime\":\"") &&
	    put(out, r->day) && put(out, "T23:59:59Z\"},") &&
	    json_member(out, "contact-info", r->contact, strlen(r->contact)) &&
	    put(out, ",") &&
	    json_member(out, "report-id", r->id, strlen(r->id)) &&
	    put(out, ",\"policies\":[");
}

int
report_build(struct report const *r, stralloc *out)
{
	size_t at = r->range.first, policies = 0;
	int ok = put_head(r, out);
	while (ok && at < r->range.end && policies < REPORT_POLICIES)
		ok = put_comma(out, policies++ == 0) &&
		    put_sessions(r, &at, out);
	return ok && put(out, "]}\n");
}
