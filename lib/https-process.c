/* SPDX-License-Identifier: ISC */
#include "https-process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "owner.h"

enum {
	TIME_MAX = 60, /* seconds; RFC 8461 section 3.3 */
	GRACE = 5,
	CPU_MAX = 20,
	AUTHORITIES_MAX = 8 * 1024 * 1024 /* octets of their file */
};

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

int
https_process_begin(struct settings *settings)
{
	if (!limit_time()) {
		log_error("limit", "time", errno);
		return 0;
	}
	return settings_load(settings) && owner_become(settings);
}

enum https_result
https_process_ask(struct https_host *host, struct https_request *r,
    struct settings const *settings, struct https_answer *a,
    char reason[HTTPS_REASON_MAX])
{
	char const *cafile = settings->smtp_tls_CAfile;
	time_t start = time(NULL);
	char const *why = https_host_find(host, settings);
	if (why) {
		snprintf(reason, HTTPS_REASON_MAX, "%s", why);
		return HTTPS_FAILED;
	}
	if (!file_slurp(cafile, &r->authorities, AUTHORITIES_MAX) ||
	    !forget_environment()) {
		log_error("read the authorities", cafile, errno);
		return HTTPS_OUT_OF_ORDER;
	}
	long left = TIME_MAX - (time(NULL) - start);
	r->host = host;
	r->milliseconds = (left > 1 ? left : 1) * 1000;
	return https_ask(r, a, reason);
}

int
https_process_status(enum https_result result)
{
	static int const status[] = {
		[HTTPS_OK] = EXIT_OK,
		[HTTPS_FAILED] = EXIT_UNAVAILABLE,
		[HTTPS_UNVERIFIED] = EXIT_REFUSED,
		[HTTPS_OUT_OF_ORDER] = EXIT_TEMP,
	};
	return status[result];
}
