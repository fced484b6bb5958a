/* SPDX-License-Identifier: ISC */
#include "tls-policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dane.h"

void
tls_policy_verify(struct tls_policy *p, char const *host)
{
	if (p->name_count < TLS_POLICY_NAMES)
		snprintf(p->name[p->name_count++], sizeof *p->name, "%s", host);
}

void
tls_policy_forbid(struct tls_policy *p, enum tls_result result,
    char const *status, char const *format, ...)
{
	char text[ANSWER_TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	p->forbidden = true;
	p->result = result;
	answer_set(&p->failure, VERDICT_DEFERRED, status, "%s", text);
}

/* --- DANE ------------------------------------------------------------------- */

static bool
is_dnssec(struct settings const *settings)
{
	return strcmp(settings->smtp_dns_support_level, "dnssec") == 0;
}

/* Why there can be no DANE at all with the destination, where there must be;
 * NULL when there can. */
static char const *
what_lacks(struct tls_policy_source const *source)
{
	if (!is_dnssec(source->settings))
		return "smtp_dns_support_level is not dnssec";
	if (!dns_trusted(source->dns))
		return "the DNS server is not trusted with signatures, see "
		       "resolver_trust_ad";
	if (!source->hosts->secure)
		return "its MX records are not signed";
	return NULL;
}

static void
insist_on_dane(struct tls_policy *p, struct tls_policy_source const *source,
    struct host const *host)
{
	char const *lacks = what_lacks(source);
	p->dane_required = true;
	if (lacks)
		tls_policy_forbid(p, TLS_RESULT_DANE_REQUIRED, "4.7.5",
		    "no DANE with %s: %s", source->route->hop.name, lacks);
	else if (p->kind == TLS_POLICY_NONE)
		tls_policy_forbid(p, TLS_RESULT_DANE_REQUIRED, "4.7.5",
		    "no DANE with %s: it has no signed TLSA records",
		    *host->name ? host->name : host->ip);
	else if (!p->tlsa.count)
		tls_policy_forbid(p, TLS_RESULT_TLSA_INVALID, "4.7.5",
		    "no DANE with %s: none of its TLSA records is of use",
		    host->name);
}

/* The names a certificate may have by an authority of the records: RFC 7672
 * section 3.2.2. */
static void
take_records(struct tls_policy *p, struct tls_policy_source const *source,
    struct dane const *dane)
{
	p->kind = TLS_POLICY_TLSA;
	p->tlsa = dane->set;
	if (!p->tlsa.count) { /* RFC 7672 section 2.2: TLS, unauthenticated */
		p->level = TLS_ENCRYPT;
		return;
	}
	p->level = TLS_DANE_ONLY;
	p->authenticated = source->hosts->secure;
	snprintf(p->sni, sizeof p->sni, "%s", dane->base);
	tls_policy_verify(p, dane->base);
	tls_policy_verify(p, source->route->hop.name);
}

static void
ask_dane(struct tls_policy *p, struct tls_policy_source const *source,
    struct host const *host)
{
	static struct dane dane;
	dane.set.count = 0;
	dane.set.len = 0;
	if (!*host->name || !is_dnssec(source->settings))
		return;
	switch (dane_find(&dane, source->dns, host, source->port)) {
	case DANE_FAILED:
		p->kind = TLS_POLICY_TLSA;
		tls_policy_forbid(p, TLS_RESULT_DNSSEC_INVALID, "4.4.3",
		    "no answer from the DNS about the TLSA records of %s",
		    dane.base);
		break;
	case DANE_NONE:
		break;
	case DANE_FOUND:
		take_records(p, source, &dane);
		break;
	}
}

/* --- all of it -------------------------------------------------------------- */

/* What the administrator said of a route holds as it is; "may" is the word for
 * what is to be had. */
static bool
can_be_raised(struct route const *route)
{
	return route->level == TLS_MAY || route->level == TLS_DANE_ONLY ||
	    (route->level == TLS_ENCRYPT && !route->level_named);
}

/* Who is to be logged in to is whom the administrator named, and not a name of
 * MX records that anybody may have forged. */
static char const *
name_to_show(struct tls_policy_source const *source, struct host const *host)
{
	struct route const *route = source->route;
	bool doubtful = *route->login && !source->hosts->secure;
	return *route->certificate_name ? route->certificate_name
	    : !*host->name              ? host->ip
	    : doubtful                  ? route->hop.name
	                                : host->name;
}

static void
start(struct tls_policy *p, struct tls_policy_source const *source,
    struct host const *host)
{
	*p = (struct tls_policy){ .level = source->route->level };
	snprintf(p->sni, sizeof p->sni, "%s", host->name);
	if (p->level == TLS_VERIFY) {
		tls_policy_verify(p, name_to_show(source, host));
		p->authenticated = true;
	}
}

void
tls_policy_find(struct tls_policy *p, struct tls_policy_source const *source,
    struct host const *host)
{
	struct route const *route = source->route;
	start(p, source, host);
	p->waived = source->waived && route->level != TLS_DANE_ONLY;
	if (!can_be_raised(route) || p->waived)
		return;
	ask_dane(p, source, host);
	if (p->forbidden)
		return;
	if (route->level == TLS_DANE_ONLY)
		insist_on_dane(p, source, host);
	else if (!p->tlsa.count && !route->hop.exact && source->sts)
		source->sts(source->sts_arg, route->hop.name, host->name, p);
}

char const *
tls_policy_name(struct tls_policy const *p)
{
	return p->level == TLS_VERIFY && p->kind == TLS_POLICY_STS ? "mta-sts"
	    : p->level == TLS_DANE_ONLY                            ? "dane"
	                                : tls_level_name(p->level);
}
