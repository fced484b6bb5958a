/* SPDX-License-Identifier: ISC */
/* spamscore: a filter that scores a message by rules and writes the result on
 * it. */
#include "spamscore.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include "config.h"
#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "message.h"
#include "output.h"
#include "path.h"
#include "replace.h"
#include "report.h"
#include "sandbox.h"
#include "scan.h"
#include "text.h"

enum {
	INPUT_MAX = 1 << 30,
	SIZE_DEFAULT = 512 << 10,
	WARNINGS_MAX = 20, /* a line each, in a message's way */
	HOSTNAME_MAX = 256
};

static char const usage_text[] =
    "usage: spamscore [-C path] ... [-r score] [-s size]\n"
    "       spamscore -l [-C path] ...";

struct options {
	genalloc paths; /* char const * */
	size_t size_max;
	bool lint;
	bool refuse;
	double refuse_score;
};

/* The last line of stderr is the reply's text (the filter contract). */
static int
leave(int status, char const *reply)
{
	fprintf(stderr, "%s\n", reply);
	return status;
}

static int
no_scan(int status)
{
	return leave(status, "4.3.0 Scanning is not possible now");
}

/* --- options --------------------------------------------------------------- */

/* A number of bytes with an optional unit: 25M. */
static bool
read_size(char const *s, size_t *size)
{
	char *end;
	errno = 0;
	unsigned long long n = strtoull(s, &end, 10);
	unsigned int shift = *end == 'k' || *end == 'K' ? 10
	    : *end == 'M'                               ? 20
	    : *end == 'G'                               ? 30
	                                                : 0;
	if (end == s || *s == '-' || errno || n > (1ULL << 33) ||
	    (shift && end[1]) || (!shift && *end))
		return false;
	*size = (size_t)n << shift;
	return true;
}

static bool
read_score(char const *s, double *score)
{
	char *end;
	*score = strtod(s, &end);
	return end != s && !*end;
}

static bool
read_options(int argc, char *const *argv, struct options *o)
{
	*o = (struct options){ .size_max = SIZE_DEFAULT };
	bool ok = true;
	for (int c; (c = getopt(argc, argv, "C:lr:s:")) != -1;) {
		char const *arg = optarg;
		if (c == 'C')
			ok = ok &&
			    genalloc_append(char const *, &o->paths, &arg);
		else if (c == 'l')
			o->lint = true;
		else if (c == 'r')
			ok = ok && (o->refuse = true) &&
			    read_score(arg, &o->refuse_score);
		else if (c == 's')
			ok = ok && read_size(arg, &o->size_max);
		else
			return false;
	}
	return ok && optind == argc;
}

/* --- rules ----------------------------------------------------------------- */

static void
warn_line(char const *file, unsigned int line, char const *why,
    char const *what)
{
	stralloc at = STRALLOC_ZERO;
	char number[16];
	snprintf(number, sizeof number, ":%u", line);
	if (stralloc_cats(&at, file) && stralloc_cats(&at, number) &&
	    stralloc_0(&at))
		log_event("warning", "at", at.s, "reason", why, "line", what,
		    (char *)NULL);
	stralloc_free(&at);
}

/* In the mail's way: faults only, and not more of them than a log can bear. */
static void
warn_brief(char const *file, unsigned int line, char const *why,
    char const *what, bool fault)
{
	static unsigned int count;
	if (!fault || ++count > WARNINGS_MAX)
		return;
	warn_line(file, line, why, what);
	if (count == WARNINGS_MAX)
		log_event("warning", "reason",
		    "more faults: see all with spamscore -l", (char *)NULL);
}

static void
warn_all(char const *file, unsigned int line, char const *why, char const *what,
    bool fault)
{
	(void)fault;
	warn_line(file, line, why, what);
}

/* A default file need not be there; one that is there must be readable. */
static int
read_default(struct config *c, char const *name)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, path_etc(), name);
	if (ok && (access(path.s, F_OK) == 0 || errno != ENOENT))
		ok = config_path(c, path.s);
	stralloc_free(&path);
	return ok;
}

static int
read_rules(struct options const *o, struct rules *rules)
{
	struct config c = { rules, o->lint ? warn_all : warn_brief };
	char const *const *paths = genalloc_s(char const *, &o->paths);
	size_t n = genalloc_len(char const *, &o->paths);
	static char hostname[HOSTNAME_MAX];
	if (!rules_init(rules) || !config_builtin(&c))
		return 0;
	if (gethostname(hostname, sizeof hostname - 1) == 0)
		rules->hostname = hostname;
	bool ok =
	    n || (read_default(&c, "rules") && read_default(&c, "local.cf"));
	for (size_t i = 0; ok && i < n; i++)
		ok = config_path(&c, paths[i]);
	return ok && replace_all(&c);
}

static int
lint(struct rules const *rules)
{
	char counts[3][16];
	snprintf(counts[0], sizeof counts[0], "%zu", rules_count(rules));
	snprintf(counts[1], sizeof counts[1], "%u", rules->faults);
	snprintf(counts[2], sizeof counts[2], "%u", rules->unsupported);
	log_event("rules", "names", counts[0], "faults", counts[1],
	    "unsupported", counts[2], (char *)NULL);
	return rules->faults ? EXIT_CONFIG : EXIT_OK;
}

/* --- result ---------------------------------------------------------------- */

static int
write_message(struct span message, struct span fields, char const *subject)
{
	stralloc head = STRALLOC_ZERO;
	size_t body;
	if (!output_head(message, fields, subject, &head, &body)) {
		log_error("unable to write", "header", errno);
		return no_scan(EXIT_OSERR);
	}
	if (!file_write(1, head.s, head.len) ||
	    !file_write(1, message.s + body, message.len - body)) {
		log_error("unable to write", "message", errno);
		return no_scan(EXIT_IO);
	}
	return EXIT_OK;
}

static int
skip(struct span message, struct options const *o)
{
	char size[24];
	char limit[24];
	snprintf(size, sizeof size, "%zu", message.len);
	snprintf(limit, sizeof limit, "%zu", o->size_max);
	log_event("skipped: size", "size", size, "limit", limit, (char *)NULL);
	return write_message(message, (struct span){ NULL, 0 }, NULL);
}

static struct span
find_subject(struct text const *t)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(t->header.s, t->header.len, &pos, &f))
		if (message_field_is(&f, "Subject"))
			return span_trim((struct span){ f.value, f.value_len });
	return (struct span){ "", 0 };
}

/* The Subject with the tag before it, once; *OUT stays empty for a message that
 * is not to be marked. 1, or 0 with errno. */
static int
mark_subject(struct scan const *s, struct text const *t, stralloc *out)
{
	struct span old = find_subject(t);
	if (!s->rules->subject_tag || !scan_is_spam(s))
		return 1;
	if (!report_expand(s, s->rules->subject_tag, out))
		return 0;
	/* a report has lines */
	for (size_t i = 0; i < out->len; i++)
		if (out->s[i] == '\n')
			out->s[i] = ' ';
	struct span tag = span_of(out);
	if (!tag.len ||
	    (old.len >= tag.len && memcmp(old.s, tag.s, tag.len) == 0)) {
		out->len = 0;
		return 1;
	}
	return (!old.len || stralloc_append(out, ' ')) &&
	    stralloc_catb(out, old.s, old.len) && stralloc_0(out);
}

static void
log_scan(struct scan const *s, size_t size, double ms)
{
	stralloc score = STRALLOC_ZERO;
	stralloc required = STRALLOC_ZERO;
	stralloc tests = STRALLOC_ZERO;
	char numbers[2][32];
	snprintf(numbers[0], sizeof numbers[0], "%zu", size);
	snprintf(numbers[1], sizeof numbers[1], "%.1f", ms);
	if (report_expand(s, "_SCORE_", &score) && stralloc_0(&score) &&
	    report_expand(s, "_REQD_", &required) && stralloc_0(&required) &&
	    report_expand(s, "_TESTS_", &tests) && stralloc_0(&tests))
		log_event("scanned", "spam", scan_is_spam(s) ? "yes" : "no",
		    "score", score.s, "required", required.s, "tests", tests.s,
		    "size", numbers[0], "ms", numbers[1],
		    s->out_of_time ? "incomplete" : NULL,
		    s->out_of_time ? "time" : NULL, (char *)NULL);
	stralloc_free(&score);
	stralloc_free(&required);
	stralloc_free(&tests);
}

static double
milliseconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
refuse(struct scan const *s, struct options const *o)
{
	char reply[96];
	snprintf(reply, sizeof reply, "5.7.1 Score %.1f is over %.1f", s->score,
	    o->refuse_score);
	return leave(EXIT_REFUSED, reply);
}

static int
scan(struct span message, struct rules const *rules, struct options const *o,
    char const *sender)
{
	double start = milliseconds();
	size_t mbox = message_mbox_line(message.s, message.len);
	struct text t;
	struct scan s;
	stralloc fields = STRALLOC_ZERO;
	stralloc subject = STRALLOC_ZERO;
	if (!text_read(&t, rules, span_from(message, mbox)) ||
	    !scan_run(&s, rules, &t, sender) || !report_fields(&s, &fields) ||
	    !mark_subject(&s, &t, &subject)) {
		log_error("unable to scan", "message", errno);
		return no_scan(EXIT_OSERR);
	}
	log_scan(&s, message.len, milliseconds() - start);
	if (o->refuse && s.score >= o->refuse_score)
		return refuse(&s, o);
	return write_message(message, span_of(&fields),
	    subject.len ? subject.s : NULL);
}

int
spamscore_main(int argc, char *const *argv)
{
	struct options o;
	struct rules rules;
	struct span message;
	log_open("spamscore");
	if (!read_options(argc, argv, &o))
		return leave(EXIT_USE, usage_text);
	char const *sender = getenv("SENDER");
	if (!read_rules(&o, &rules))
		return leave(EXIT_CONFIG, "4.3.5 Spam rules are not available");
	if (o.lint)
		return lint(&rules);
	if (!file_input(0, &message.s, &message.len, INPUT_MAX)) {
		log_error("unable to read", "message", errno);
		return no_scan(EXIT_IO);
	}
	if (!sandbox_filter()) {
		log_error("unable to enter", "sandbox", errno);
		return no_scan(EXIT_OSERR);
	}
	return message.len > o.size_max ? skip(message, &o)
	                                : scan(message, &rules, &o, sender);
}
