/* SPDX-License-Identifier: ISC */
/* A rule file of any bytes is read to its end, and what it left can be run and
 * written. */
#include <stdint.h>
#include <stdlib.h>

#include "spamscore/config.h"
#include "spamscore/replace.h"
#include "spamscore/report.h"
#include "spamscore/scan.h"
#include "spamscore/text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
warn(char const *file, unsigned int line, char const *why, char const *what,
    bool fault)
{
	(void)file;
	(void)fault;
	if (!line || !*why || !what)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const message[] =
	    "From: A <a@b.test>\nTo: b@c.test\nSubject: words\n\nbody words\n"
	    "http://a.test/\n";
	struct span m = { message, sizeof message - 1 };
	struct rules rules;
	struct config c = { &rules, warn };
	struct text t;
	struct scan s;
	stralloc fields = STRALLOC_ZERO;
	/* an include would read this machine's files */
	if (memmem(data, size, "include", 7))
		return 0;
	if (!rules_init(&rules) || !config_builtin(&c) ||
	    config_text(&c, "fuzz", (char const *)data, size, 0) != 1 ||
	    !replace_all(&c))
		abort();
	rules.time_limit = 1;
	if (!text_read(&t, &rules, m) || !scan_run(&s, &rules, &t, NULL) ||
	    !report_fields(&s, &fields))
		abort();
	stralloc_free(&fields);
	scan_free(&s);
	text_free(&t);
	rules_free(&rules);
	return 0;
}
