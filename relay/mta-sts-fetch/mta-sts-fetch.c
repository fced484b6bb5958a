/* SPDX-License-Identifier: ISC */
/* mta-sts-fetch DOMAIN: writes the MTA-STS policy file of a domain, as its web
 * server gives it out (RFC 8461 section 3.3), to standard output. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "descriptors.h"
#include "exitcode.h"
#include "file.h"
#include "hostname.h"
#include "https-process.h"
#include "log.h"
#include "settings.h"

static bool
is_domain(char const *s)
{
	size_t len = strlen(s);
	return hostname_valid(s, len) && hostname_complete(s, len) &&
	    s[len - 1] != '.';
}

static bool
name_host(struct https_host *h, char const *domain)
{
	return snprintf(h->name, sizeof h->name, "mta-sts.%s", domain) <=
	    HOSTNAME_MAX;
}

/* text/plain, with parameters or not */
static bool
is_plain_text(char const *type)
{
	static char const plain[] = "text/plain";
	size_t n = strlen(plain);
	if (!type || strncasecmp(type, plain, n) != 0)
		return false;
	n += strspn(type + n, " \t");
	return !type[n] || type[n] == ';';
}

static enum https_result
check_answer(struct https_answer const *a, char reason[HTTPS_REASON_MAX])
{
	if (a->status == 200 && is_plain_text(a->type))
		return HTTPS_OK;
	if (a->status == 200)
		snprintf(reason, HTTPS_REASON_MAX,
		    "its file is %s, not text/plain",
		    a->type ? a->type : "untyped");
	else
		snprintf(reason, HTTPS_REASON_MAX, "HTTP status %ld",
		    a->status);
	return HTTPS_FAILED;
}

static int
fetch(struct https_host *host, struct settings const *settings)
{
	static struct https_answer answer;
	struct https_request request = { .path = "/.well-known/mta-sts.txt" };
	char reason[HTTPS_REASON_MAX] = "";
	enum https_result r =
	    https_process_ask(host, &request, settings, &answer, reason);
	if (r == HTTPS_OK)
		r = check_answer(&answer, reason);
	if (*reason)
		log_event("no-policy", "host", host->name, "reason", reason,
		    (char *)NULL);
	if (r == HTTPS_OK && !file_write(1, answer.body.s, answer.body.len))
		r = HTTPS_OUT_OF_ORDER;
	return https_process_status(r);
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct https_host host;
	if (!descriptors_ready(2))
		return EXIT_TEMP;
	log_open("mta-sts-fetch");
	signal(SIGPIPE, SIG_IGN);
	if (argc != 2 || !is_domain(argv[1]) || !name_host(&host, argv[1])) {
		fputs("usage: mta-sts-fetch DOMAIN\n", stderr);
		return EXIT_USE;
	}
	return https_process_begin(&settings) ? fetch(&host, &settings)
	                                      : EXIT_TEMP;
}
