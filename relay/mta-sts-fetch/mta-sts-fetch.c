/* SPDX-License-Identifier: ISC */
/* mta-sts-fetch DOMAIN: writes the MTA-STS policy file of a domain, as its web
 * server gives it out, to standard output. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"
#include "dns.h"
#include "exitcode.h"
#include "file.h"
#include "hostname.h"
#include "https.h"
#include "log.h"
#include "owner.h"
#include "policy-host.h"
#include "settings.h"

enum {
	TIME_MAX = 60, /* seconds; RFC 8461 section 3.3 */
	GRACE = 5,
	CPU_MAX = 20,
	AUTHORITIES_MAX = 8 * 1024 * 1024 /* octets of their file */
};

static int const exit_of[] = {
	[HTTPS_OK] = EXIT_OK,
	[HTTPS_FAILED] = EXIT_UNAVAILABLE,
	[HTTPS_UNVERIFIED] = EXIT_REFUSED,
	[HTTPS_OUT_OF_ORDER] = EXIT_TEMP,
};

static int
no_policy(char const *host, char const *reason, enum https_result result)
{
	log_event("no-policy", "host", host, "reason", reason, (char *)NULL);
	return exit_of[result];
}

/* --- what it may do --------------------------------------------------------- */

/* However it hangs, this ends it. */
static bool
limit_time(void)
{
	struct rlimit cpu = { CPU_MAX, CPU_MAX };
	alarm(TIME_MAX + GRACE);
	return setrlimit(RLIMIT_CPU, &cpu) == 0;
}

/* What libcurl and OpenSSL would take from the environment is not for them, and
 * gmtime(3), of a certificate's dates, reads the zone first. */
static bool
forget_environment(void)
{
	bool ok = clearenv() == 0;
	tzset();
	return ok;
}

/* --- all of it -------------------------------------------------------------- */

static bool
is_domain(char const *s)
{
	size_t len = strlen(s);
	return hostname_valid(s, len) && hostname_complete(s, len) &&
	    s[len - 1] != '.';
}

static int
fetch(struct policy_host *host, struct settings const *settings)
{
	static stralloc authorities, body;
	char reason[HTTPS_REASON_MAX] = "";
	char const *cafile = settings->smtp_tls_CAfile;
	time_t start = time(NULL);
	char const *why = policy_host_find(host, settings);
	if (why)
		return no_policy(host->name, why, HTTPS_FAILED);
	if (!file_slurp(cafile, &authorities, AUTHORITIES_MAX) ||
	    !forget_environment()) {
		log_error("read the authorities", cafile, errno);
		return EXIT_TEMP;
	}
	long left = TIME_MAX - (time(NULL) - start);
	enum https_result r = https_get(host, &authorities,
	    (left > 1 ? left : 1) * 1000, &body, reason);
	if (r != HTTPS_OK)
		return no_policy(host->name, reason, r);
	return file_write(1, body.s, body.len) ? EXIT_OK : EXIT_TEMP;
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct policy_host host;
	if (!descriptors_ready(2))
		return EXIT_TEMP;
	log_open("mta-sts-fetch");
	signal(SIGPIPE, SIG_IGN);
	if (argc != 2 || !is_domain(argv[1]) ||
	    !policy_host_name(&host, argv[1])) {
		fputs("usage: mta-sts-fetch DOMAIN\n", stderr);
		return EXIT_USE;
	}
	if (!limit_time() || !settings_load(&settings) ||
	    !owner_become(&settings))
		return EXIT_TEMP;
	return fetch(&host, &settings);
}
