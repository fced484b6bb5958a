/* SPDX-License-Identifier: ISC */
/* A day's lines, whatever they are, make a report that ends, and in whose text
 * no control octet is left. */
#include "relay/tls-report/report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tls-sessions.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
check_report(struct sessions const *s)
{
	stralloc json = STRALLOC_ZERO;
	struct report r = { .day = "2026-11-21",
		.organization = "o",
		.contact = "c",
		.id = "i",
		.sessions = s,
		.range = { 0, s->count } };
	must(report_build(&r, &json));
	must(utf8_valid(json.s, json.len));
	for (size_t i = 0; i + 1 < json.len; i++)
		must((unsigned char)json.s[i] >= 0x20);
	stralloc_free(&json);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes rest = { (char const *)data, size }, line[64];
	struct sessions s = { .line = line };
	struct tls_session session;
	while (rest.len && s.count < 64) {
		struct bytes text = bytes_take_until(&rest, '\n');
		if (tls_session_parse(text, &session))
			line[s.count++] = text;
	}
	if (s.count) {
		qsort(line, s.count, sizeof *line, bytes_compare);
		check_report(&s);
	}
	return 0;
}
