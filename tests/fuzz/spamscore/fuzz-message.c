/* SPDX-License-Identifier: ISC */
/* A message of any bytes is taken apart and scored; what goes out has our
 * fields, none of a stranger's, and the same body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "spamscore/config.h"
#include "spamscore/output.h"
#include "spamscore/report.h"
#include "spamscore/scan.h"
#include "spamscore/text.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
warn(char const *file, unsigned int line, char const *why, char const *what,
    bool fault)
{
	(void)file;
	(void)line;
	(void)why;
	(void)what;
	(void)fault;
	abort();
}

static char const rule_text[] =
    "header A Subject =~ /x/\nheader B From:addr =~ /@/\n"
    "header C From:name =~ /./\nheader D ALL =~ /./\nheader E ToCc:raw =~ /x/\n"
    "header F EnvelopeFrom =~ /x/\nheader G To:first =~ /x/\n"
    "header H To:last =~ /x/\nheader I exists:Cc\nheader J ALL:raw =~ /./\n"
    "mimeheader K Content-Type =~ /./\nbody L /\\w/\ntflags L multiple\n"
    "rawbody M /\\w/\nuri N /./\nfull O /x/\nrewrite_header Subject [S]\n";

static struct rules *
rules_once(void)
{
	static struct rules rules;
	static bool ready;
	struct config c = { &rules, warn };
	if (!ready &&
	    (!rules_init(&rules) || !config_builtin(&c) ||
	        !config_text(&c, "x", rule_text, sizeof rule_text - 1, 0)))
		abort();
	ready = true;
	return &rules;
}

/* Exactly one X-Spam-Status, at the top; the text below the header is that of
 * the message. */
static void
check_output(struct span m, struct span head, size_t body)
{
	struct message_field f;
	size_t pos = message_mbox_line(head.s, head.len);
	size_t statuses = 0;
	if (body > m.len)
		abort();
	while (message_next_field(head.s, head.len, &pos, &f))
		statuses += message_field_is(&f, "X-Spam-Status");
	if (statuses != 1)
		abort();
	/* behind the fields there is at most the blank line that keeps a
	 * headerless message apart */
	if (head.len - pos > 2)
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct span m = { (char const *)data, size };
	struct text t;
	struct scan s;
	stralloc fields = STRALLOC_ZERO;
	stralloc head = STRALLOC_ZERO;
	size_t body;
	size_t mbox = message_mbox_line(m.s, m.len);
	if (!text_read(&t, rules_once(), span_from(m, mbox)) ||
	    !scan_run(&s, rules_once(), &t, NULL) ||
	    !report_fields(&s, &fields) ||
	    !output_head(m, (struct span){ fields.s, fields.len },
	        size % 2 ? "subject" : NULL, &head, &body))
		abort();
	check_output(m, (struct span){ head.s, head.len }, body);
	stralloc_free(&fields);
	stralloc_free(&head);
	scan_free(&s);
	text_free(&t);
	return 0;
}
