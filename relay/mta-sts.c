/* SPDX-License-Identifier: ISC */
#include "mta-sts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"
#include "mta-sts-cache.h"
#include "mta-sts-record.h"
#include "path.h"

enum {
	WAIT_MAX = 70,       /* seconds: longer than mta-sts-fetch takes */
	WAIT_STEP = 50000000 /* nanoseconds */
};

static char const prefix[] = "_mta-sts.";

void
mta_sts_prepare(struct mta_sts *m)
{
	https_program_open(&m->program, "mta-sts-fetch");
	m->var = path_open_var();
	m->dir = -1;
}

/* --- the TXT record --------------------------------------------------------- */

/* What comes when nobody waits any more is too late. */
static void
on_record(void *arg, struct dns_answer const *answer)
{
	struct mta_sts *m = arg;
	if (m->pending)
		(void)mta_sts_record_find(answer, m->id);
	m->pending = 0;
}

static void
ask_record(struct mta_sts *m, char const *domain)
{
	char name[sizeof prefix + MTA_STS_DOMAIN_MAX];
	snprintf(name, sizeof name, "%s%s", prefix, domain);
	*m->id = 0;
	m->pending = 1;
	dns_ask(m->dns, name, DNS_TXT, on_record, m);
	(void)dns_wait(m->dns, &m->pending, dns_deadline(m->dns));
	m->pending = 0;
}

/* --- the policy ------------------------------------------------------------- */

static void
log_policy(struct mta_sts const *m, char const *domain)
{
	struct mta_sts_entry const *e = &m->entry;
	char age[16];
	snprintf(age, sizeof age, "%u", e->policy.max_age);
	if (e->failure)
		log_event("mta-sts", "domain", domain, "id", e->tried_id,
		    "failure", tls_result_name(e->failure), "kept",
		    m->holds ? e->id : NULL, (char *)NULL);
	else
		log_event("mta-sts", "domain", domain, "id", e->id, "mode",
		    mta_sts_mode_name(e->policy.mode), "max_age", age,
		    (char *)NULL);
}

static void
take_policy(struct mta_sts *m, struct mta_sts_policy const *policy, int64_t now)
{
	struct mta_sts_entry *e = &m->entry;
	if (*m->id)
		memcpy(e->id, m->id, sizeof e->id);
	e->policy = *policy;
	e->fetched = now;
	e->expires = now + policy->max_age;
	e->failure = TLS_RESULT_NONE;
	m->holds = true; /* this time, however short its life */
}

/* What is kept stays, while it holds. */
static void
take_failure(struct mta_sts *m, enum tls_result failure, int64_t now)
{
	struct mta_sts_entry *e = &m->entry;
	mta_sts_entry_fail(e, *m->id ? m->id : e->id, failure, now);
	if (!m->holds)
		*e->id = 0;
}

static enum tls_result
run_program(struct mta_sts *m, char const *domain)
{
	int status = https_program_run(&m->program, domain, -1, &m->fetched,
	    MTA_STS_POLICY_MAX);
	return status == EXIT_OK     ? TLS_RESULT_SUCCESS
	    : status == EXIT_REFUSED ? TLS_RESULT_STS_WEBPKI_INVALID
	                             : TLS_RESULT_STS_POLICY_FETCH_ERROR;
}

static void
fetch(struct mta_sts *m, char const *domain)
{
	struct mta_sts_policy policy;
	char const *why;
	enum tls_result r = run_program(m, domain);
	int64_t now = time(NULL);
	if (r == TLS_RESULT_SUCCESS &&
	    !mta_sts_policy_parse(m->fetched.s ? m->fetched.s : "",
	        m->fetched.len, &policy, &why)) {
		log_event("no-policy", "domain", domain, "reason", why,
		    (char *)NULL);
		r = TLS_RESULT_STS_POLICY_INVALID;
	}
	if (r == TLS_RESULT_SUCCESS)
		take_policy(m, &policy, now);
	else
		take_failure(m, r, now);
	log_policy(m, domain);
	if (m->dir >= 0 && !mta_sts_cache_write(m->dir, domain, &m->entry, now))
		log_error("keep the policy of", domain, errno);
}

/* --- one asks, others wait -------------------------------------------------- */

static void
read_kept(struct mta_sts *m, char const *domain)
{
	m->entry = (struct mta_sts_entry){ .policy.text = { "", 0 } };
	if (m->dir >= 0)
		mta_sts_cache_read(m->dir, domain, &m->kept, &m->entry);
	m->holds = mta_sts_entry_holds(&m->entry, time(NULL));
}

static bool
is_wanted(struct mta_sts const *m)
{
	int64_t now = time(NULL);
	return (m->holds || *m->id) &&
	    mta_sts_entry_due(&m->entry, m->id, now) &&
	    !mta_sts_entry_tried(&m->entry, m->id, now);
}

/* Takes the lock, to ask, or to see what another has learned. False when another
 * asks, and what is kept does meanwhile. Without a lock (-1), by a fault, it is
 * asked, too. */
static bool
take_turn(struct mta_sts const *m, char const *domain, int *lock)
{
	struct timespec const step = { .tv_nsec = WAIT_STEP };
	time_t end = time(NULL) + WAIT_MAX;
	for (;;) {
		*lock = m->dir < 0 ? -1 : mta_sts_cache_lock(m->dir, domain);
		if (*lock >= 0 || m->dir < 0 || errno != EAGAIN)
			return true;
		if (m->holds)
			return false;
		if (time(NULL) >= end)
			return true;
		nanosleep(&step, NULL);
	}
}

static void
find(struct mta_sts *m, char const *domain)
{
	int lock;
	m->dir = mta_sts_cache_open(m->var);
	if (m->dir < 0)
		log_error("open", "mta-sts", errno);
	read_kept(m, domain);
	ask_record(m, domain);
	if (!is_wanted(m) || !take_turn(m, domain, &lock))
		return;
	if (lock >= 0)
		read_kept(m, domain);
	if (is_wanted(m))
		fetch(m, domain);
	if (lock >= 0)
		close(lock);
}

/* --- a host ----------------------------------------------------------------- */

static void
enforce(struct mta_sts const *m, char const *domain, char const *host,
    struct tls_policy *p)
{
	snprintf(p->sts, sizeof p->sts,
	    "the MTA-STS policy of %s (mode enforce, id %s)", domain,
	    m->entry.id);
	p->kind = TLS_POLICY_STS;
	p->authenticated = true;
	p->level = TLS_VERIFY;
	if (mta_sts_policy_lists(&m->entry.policy, host))
		tls_policy_verify(p, host);
	else
		tls_policy_forbid(p, TLS_RESULT_VALIDATION_FAILURE, "4.7.5",
		    "%s does not list its MX host %s", p->sts, host);
}

static void
test(struct mta_sts const *m, char const *host, struct tls_policy *p)
{
	p->kind = TLS_POLICY_STS;
	p->testing = true;
	if (mta_sts_policy_lists(&m->entry.policy, host))
		tls_policy_verify(p, host);
	else
		p->result = TLS_RESULT_VALIDATION_FAILURE;
}

void
mta_sts_apply(void *arg, char const *domain, char const *host,
    struct tls_policy *p)
{
	struct mta_sts *m = arg;
	if (!mta_sts_cache_takes(domain))
		return;
	if (!m->found)
		find(m, domain);
	m->found = true;
	if (!m->holds)
		p->result = m->entry.failure;
	else if (m->entry.policy.mode == MTA_STS_ENFORCE)
		enforce(m, domain, host, p);
	else if (m->entry.policy.mode == MTA_STS_TESTING)
		test(m, host, p);
}
