/* SPDX-License-Identifier: ISC */
#include "tls-policy.h"

#include <stdarg.h>
#include <stdio.h>

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

/* What the administrator said of a route holds as it is; "may" is the word for
 * what is to be had. */
static bool
can_be_raised(struct route const *route)
{
	return route->level == TLS_MAY || route->level == TLS_DANE_ONLY ||
	    (route->level == TLS_ENCRYPT && !route->level_named);
}

void
tls_policy_find(struct tls_policy *p, struct tls_policy_source const *source,
    char const *host)
{
	struct route const *route = source->route;
	*p = (struct tls_policy){ .level = route->level };
	snprintf(p->sni, sizeof p->sni, "%s", host);
	if (route->level == TLS_VERIFY) {
		tls_policy_verify(p,
		    *route->certificate_name ? route->certificate_name : host);
		p->authenticated = true;
	}
	if (!can_be_raised(route))
		return;
	if (route->level == TLS_DANE_ONLY)
		tls_policy_forbid(p, TLS_RESULT_DANE_REQUIRED, "4.7.5",
		    "no TLSA records for %s, as DANE needs", host);
	else if (!route->hop.exact && source->sts)
		source->sts(source->sts_arg, route->hop.name, host, p);
}

char const *
tls_policy_name(struct tls_policy const *p)
{
	return p->kind == TLS_POLICY_TLSA ? "dane"
	    : p->kind == TLS_POLICY_STS   ? "mta-sts"
	                                  : tls_level_name(p->level);
}
