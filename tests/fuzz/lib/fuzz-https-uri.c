/* SPDX-License-Identifier: ISC */
/* A URI that anybody may publish: what comes out goes into a request line and to
 * the DNS, and is the URI again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hostname.h"
#include "https-uri.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char again[HTTPS_URI_MAX + 64];
	struct https_uri uri, twice;
	char const *s = (char const *)data;
	if (!https_uri_parse(s, size, &uri))
		return 0;
	must(size <= HTTPS_URI_MAX && strncasecmp(s, "https://", 8) == 0);
	must(hostname_valid(uri.host, strlen(uri.host)) && uri.port <= 65535);
	must(*uri.path == '/' && !strchr(uri.path, '#'));
	for (char const *p = uri.path; *p; p++)
		must(*p > 0x20 && *p < 0x7f);
	if (uri.port)
		snprintf(again, sizeof again, "https://%s:%u%s", uri.host,
		    uri.port, uri.path);
	else
		snprintf(again, sizeof again, "https://%s%s", uri.host,
		    uri.path);
	if (strlen(again) > HTTPS_URI_MAX)
		return 0;
	must(https_uri_parse(again, strlen(again), &twice));
	must(memcmp(&uri, &twice, sizeof uri) == 0);
	return 0;
}
