/* SPDX-License-Identifier: ISC */
#include "day.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "bytes.h"
#include "gzip.h"
#include "log.h"
#include "marks.h"
#include "report-mail.h"
#include "report.h"
#include "sessions.h"
#include "submit.h"
#include "tls-sessions.h"
#include "uid.h"

enum {
	ASK_AT_ONCE = 32,  /* domains */
	SILENCE_MAX = 300, /* seconds without any answer, on one day */
	REPORT_ID_MAX = 2 * DNS_NAME_MAX + TLS_SESSIONS_DAY + 3
};

static char const mailto[] = "mailto:"; /* all addresses, in marks */

/* A day under way. */
struct day {
	struct reporter *r;
	char const *name;
	struct sessions sessions;
	struct marks marks;
};

/* --- a report ---------------------------------------------------------------- */

/* The same for the same day, however often it is sent: who gets it twice can
 * see that. */
static void
name_report(struct day const *d, char const *domain, char id[REPORT_ID_MAX])
{
	snprintf(id, REPORT_ID_MAX, "%.10s.%.253s@%.253s", d->name, domain,
	    d->r->sender.domain);
}

static int
build_report(struct day const *d, char const *domain,
    struct session_range range, stralloc *json)
{
	char id[REPORT_ID_MAX];
	name_report(d, domain, id);
	struct report report = { .day = d->name,
		.organization = d->r->sender.organization,
		.contact = d->r->sender.address,
		.id = id,
		.sessions = &d->sessions,
		.range = range };
	return report_build(&report, json);
}

static int
build_mail(struct day const *d, char const *domain, char const *to,
    char const *uid, stralloc const *gzip, stralloc *out)
{
	char id[REPORT_ID_MAX];
	struct report_mail m = { .now = time(NULL),
		.day = d->name,
		.domain = domain,
		.submitter = d->r->sender.domain,
		.from = d->r->sender.address,
		.to = to,
		.id = id,
		.uid = uid,
		.host = d->r->settings.myhostname,
		.gzip = { gzip->s, gzip->len } };
	name_report(d, domain, id);
	tls_sessions_start(d->name, &m.start);
	return report_mail_build(&m, out);
}

static int
build_packed(struct day const *d, char const *domain,
    struct session_range range, stralloc *gzip)
{
	stralloc json = STRALLOC_ZERO;
	int ok = build_report(d, domain, range, &json) &&
	    gzip_pack(json.s, json.len, gzip);
	stralloc_free(&json);
	return ok;
}

/* --- its way ----------------------------------------------------------------- */

/* A report that cannot be delivered is told to nobody. */
static int
list_recipients(struct tlsrpt_record const *record, stralloc *to,
    stralloc *options)
{
	for (unsigned int i = 0; i < record->mailtos; i++)
		if (!stralloc_cats(to, record->mailto[i].s) ||
		    !stralloc_append(to, '\n') ||
		    !stralloc_cats(options, "NOTIFY=NEVER\n"))
			return 0;
	return stralloc_0(to) && stralloc_0(options);
}

static char const *
result_name(enum verdict v)
{
	return v == VERDICT_REFUSED ? "refused"
	    : v == VERDICT_LATER    ? "deferred"
	                            : "sent";
}

static void
log_report(struct day const *d, char const *domain, char const *to,
    char const *uid, enum verdict v, char const *answer)
{
	log_event("tls-report", "day", d->name, "domain", domain, "to", to,
	    "uid", uid, "result", result_name(v), "answer", answer,
	    (char *)NULL);
}

static enum verdict
mail_report(struct day const *d, struct ask const *a, stralloc const *gzip)
{
	stralloc to = STRALLOC_ZERO, options = STRALLOC_ZERO;
	stralloc message = STRALLOC_ZERO, text = STRALLOC_ZERO;
	char uid[UID_MAX] = "";
	enum verdict v = VERDICT_LATER;
	if (uid_new(uid) && list_recipients(&a->record, &to, &options) &&
	    build_mail(d, a->domain, to.s, uid, gzip, &message)) {
		struct submit m = { .settings = &d->r->settings,
			.sender = d->r->sender.address,
			.recipients = to.s,
			.options = options.s,
			.uid = uid };
		v = submit(&m, &message, &text);
	} else {
		log_error("make a report for", a->domain, errno);
	}
	bool done = v == VERDICT_PASS || v == VERDICT_DISCARD;
	log_report(d, a->domain, a->record.mailto[0].s, uid, v,
	    !done && stralloc_0(&text) ? text.s : NULL);
	stralloc_free(&to);
	stralloc_free(&options);
	stralloc_free(&message);
	stralloc_free(&text);
	return v;
}

static enum verdict
post_report(struct day const *d, struct ask const *a, char const *uri,
    stralloc const *gzip)
{
	char const *why;
	enum verdict v = report_post(&d->r->poster, uri, gzip, &why);
	log_report(d, a->domain, uri, NULL, v, why);
	return v;
}

static void
mark(struct day *d, char const *name, char const *result, bool sync)
{
	if (marks_add(&d->marks, name, result, sync))
		return;
	log_error("mark a report of", d->name, errno);
	d->r->failed = true;
}

/* To the web server at URI, or by mail ("mailto:"), unless it has it. Sent, then
 * marked as sent: killed between the two, it is sent again. False: later. */
static bool
send_one_way(struct day *d, struct ask const *a, char const *uri,
    stralloc const *gzip)
{
	char name[MARK_NAME_MAX + 1];
	snprintf(name, sizeof name, "%s,%s", a->domain, uri);
	if (marks_have(&d->marks, bytes_of(name)))
		return true;
	if (!marks_reserve(&d->marks)) {
		log_error("mark a report of", d->name, errno);
		return false;
	}
	enum verdict v = strcmp(uri, mailto) == 0
	    ? mail_report(d, a, gzip)
	    : post_report(d, a, uri, gzip);
	if (v == VERDICT_LATER)
		return false;
	mark(d, name, result_name(v), true);
	return true;
}

static void
send_report(struct day *d, struct ask const *a, struct session_range range)
{
	stralloc gzip = STRALLOC_ZERO;
	bool done = build_packed(d, a->domain, range, &gzip);
	if (!done)
		log_error("make a report for", a->domain, errno);
	else if (a->record.mailtos)
		done = send_one_way(d, a, mailto, &gzip);
	for (unsigned int i = 0; gzip.len && i < a->record.webs; i++)
		done &= send_one_way(d, a, a->record.web[i].s, &gzip);
	stralloc_free(&gzip);
	if (done)
		mark(d, a->domain, "done", false);
	else
		d->r->failed = true;
}

/* --- the domains of a day ---------------------------------------------------- */

static struct bytes
domain_of(struct day const *d, struct session_range range)
{
	struct tls_session s;
	tls_session_parse(d->sessions.line[range.first], &s);
	return s.domain;
}

/* The next domains that nothing is marked of, as many as are asked for at once.
 */
static unsigned int
choose_domains(struct day *d, struct session_range *at,
    struct ask asks[ASK_AT_ONCE], struct session_range ranges[ASK_AT_ONCE])
{
	unsigned int n = 0;
	while (n < ASK_AT_ONCE && sessions_next_domain(&d->sessions, at)) {
		struct bytes domain = domain_of(d, *at);
		if (marks_have(&d->marks, domain))
			continue;
		snprintf(asks[n].domain, sizeof asks[n].domain, "%.*s",
		    (int)domain.len, domain.s);
		ranges[n++] = *at;
	}
	return n;
}

static bool
report_domain(struct day *d, struct ask const *a, struct session_range range)
{
	if (a->result == ASK_WANTED) {
		send_report(d, a, range);
	} else if (a->result == ASK_NO_ANSWER) {
		d->r->failed = true;
		log_event("tls-report", "day", d->name, "domain", a->domain,
		    "result", "deferred", "answer", "no answer of the DNS",
		    (char *)NULL);
	} else {
		mark(d, a->domain, "unwanted", false);
	}
	return a->result != ASK_NO_ANSWER;
}

/* One round; whether anybody answered. */
static bool
report_some(struct day *d, struct ask asks[ASK_AT_ONCE],
    struct session_range const ranges[ASK_AT_ONCE], unsigned int n)
{
	bool answered = false;
	ask_all(asks, n, &d->r->settings);
	for (unsigned int i = 0; i < n; i++) {
		answered |= report_domain(d, &asks[i], ranges[i]);
		tlsrpt_record_free(&asks[i].record);
	}
	return answered;
}

/* Where nobody answers for long it is of no use to go on asking; but it takes
 * more to keep others from their reports than some domains that do not. */
static void
send_reports(struct day *d)
{
	static struct ask asks[ASK_AT_ONCE];
	struct session_range ranges[ASK_AT_ONCE], at = { 0, 0 };
	time_t silence = 0;
	unsigned int n;
	while (silence < SILENCE_MAX &&
	    (n = choose_domains(d, &at, asks, ranges)) > 0) {
		time_t start = time(NULL);
		if (!report_some(d, asks, ranges, n))
			silence += time(NULL) - start;
	}
}

static void
print_reports(struct day *d)
{
	char domain[DNS_NAME_MAX + 1];
	struct session_range at = { 0, 0 };
	stralloc json = STRALLOC_ZERO;
	while (sessions_next_domain(&d->sessions, &at)) {
		struct bytes name = domain_of(d, at);
		snprintf(domain, sizeof domain, "%.*s", (int)name.len, name.s);
		json.len = 0;
		if (build_report(d, domain, at, &json))
			fwrite(json.s, 1, json.len, stdout);
		else
			d->r->failed = true;
	}
	stralloc_free(&json);
}

void
day_report(struct reporter *r, char const *name)
{
	struct day d = { .r = r, .name = name };
	if (!sessions_read(&d.sessions, r->dir, name)) {
		if (errno == ENOENT) {
			log_event("tls-report", "day", name, "result", "none",
			    "reason", "nothing was noted on that day",
			    (char *)NULL);
			return;
		}
		log_error_in("read", "tls-reports", name, errno);
		r->failed = true;
		return;
	}
	if (d.sessions.full)
		log_event("tls-report", "day", name, "warning",
		    "there were more sessions than are kept", (char *)NULL);
	if (r->print) {
		print_reports(&d);
	} else if (marks_open(&d.marks, r->dir, name)) {
		send_reports(&d);
		marks_close(&d.marks);
	} else {
		log_error_in("open the marks of", "tls-reports", name, errno);
		r->failed = true;
	}
	sessions_free(&d.sessions);
}
