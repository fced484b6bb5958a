/* SPDX-License-Identifier: ISC */
/* tls-report-post URI: gives the report on standard input to a web server (RFC
 * 8460 section 5.4). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "descriptors.h"
#include "exitcode.h"
#include "file.h"
#include "https-process.h"
#include "https-uri.h"
#include "log.h"
#include "settings.h"

enum { REPORT_MAX = 64 * 1024 * 1024 /* octets, packed */ };

/* With 2xx the server has it, whatever is wrong with the rest of its answer: a
 * report that is sent again would be there twice. */
static enum https_result
check_answer(struct https_answer const *a, enum https_result r,
    char reason[HTTPS_REASON_MAX])
{
	if (a->status >= 200 && a->status < 300)
		return HTTPS_OK;
	if (r != HTTPS_OK)
		return r;
	snprintf(reason, HTTPS_REASON_MAX, "HTTP status %ld", a->status);
	return HTTPS_FAILED;
}

static int
post(struct https_uri const *uri, struct bytes report,
    struct settings const *settings)
{
	static struct https_answer answer;
	static struct https_host host;
	struct https_request request = { .path = uri->path,
		.type = "application/tlsrpt+gzip",
		.body = report };
	char reason[HTTPS_REASON_MAX] = "";
	strcpy(host.name, uri->host);
	host.port = uri->port;
	enum https_result r =
	    https_process_ask(&host, &request, settings, &answer, reason);
	r = check_answer(&answer, r, reason);
	if (r != HTTPS_OK && *reason)
		log_event("not-taken", "host", host.name, "reason", reason,
		    (char *)NULL);
	return https_process_status(r);
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct https_uri uri;
	struct bytes report;
	if (!descriptors_ready(1))
		return EXIT_TEMP;
	log_open("tls-report-post");
	signal(SIGPIPE, SIG_IGN);
	if (argc != 2 || !https_uri_parse(argv[1], strlen(argv[1]), &uri)) {
		fputs("usage: tls-report-post https://HOST/... < REPORT\n",
		    stderr);
		return EXIT_USE;
	}
	if (!https_process_begin(&settings))
		return EXIT_TEMP;
	if (!file_input(0, &report.s, &report.len, REPORT_MAX)) {
		log_error("read", "the report", errno);
		return EXIT_TEMP;
	}
	return post(&uri, report, &settings);
}
