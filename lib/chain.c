/* SPDX-License-Identifier: ISC */
#include "chain.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/genalloc.h>

#include "command-list.h"
#include "log.h"
#include "spool.h"

static enum verdict
run_program(struct chain *c, char *const *argv, int out, stralloc *text)
{
	struct stage stage = {
		.builtins = c->builtins,
		.argv = argv,
		.envp = c->environment->entry,
		.in = c->fd,
		.out = out,
		.timeout = (int)c->settings->filter_timeout,
	};
	return stage_run(&stage, text);
}

/* --- the filters ------------------------------------------------------------ */

/* Exit 0 with nothing written, or with another body, is a broken filter: the
 * contract lets it touch header fields only. */
static bool
output_is_whole(char const *program, int in, int out)
{
	if (spool_size(out) > 0 && spool_same_body(in, out))
		return true;
	log_error(spool_size(out) > 0
	        ? "use output: the filter changed the body"
	        : "use output: the filter wrote nothing",
	    program, 0);
	return false;
}

/* Runs one filter into OUT; on PASS the message is what it wrote. */
static enum verdict
run_into(struct chain *c, char *const *argv, int out, stralloc *text)
{
	enum verdict v = run_program(c, argv, out, text);
	if (v == VERDICT_PASS && !spool_seal(out)) {
		log_error("seal the output of", argv[0], errno);
		v = VERDICT_LATER;
	}
	if (v == VERDICT_PASS && !output_is_whole(argv[0], c->fd, out)) {
		text->len = 0;
		v = VERDICT_LATER;
	}
	if (v != VERDICT_PASS)
		return v;
	int old = c->fd;
	c->fd = out;
	close(old);
	return v;
}

/* It was not the filter that decided: RFC 3463 section 3.4, X.3.Y is the state
 * of the mail system; and what it wrote was of no use. */
static bool
is_broken(enum verdict v, stralloc const *text)
{
	return v == VERDICT_LATER &&
	    (text->len < 4 || memcmp(text->s, "4.3.", 4) == 0);
}

static void
log_left_out(char const *program, stralloc *text)
{
	log_event("filter", "program", program, "result", "left-out", "reason",
	    text->len && stralloc_0(text) ? text->s : NULL, (char *)NULL);
	text->len = 0;
}

static enum verdict
run_filter(struct chain *c, char *const *argv, bool accept, stralloc *text)
{
	int64_t size = spool_size(c->fd);
	int out = size < 0 ? -1 : spool_for((uint64_t)size);
	if (out < 0) {
		log_error("make a file for the output of", argv[0], errno);
		return VERDICT_LATER;
	}
	enum verdict v = run_into(c, argv, out, text);
	if (v == VERDICT_PASS)
		return v;
	close(out);
	if (!accept || !is_broken(v, text))
		return v;
	log_left_out(argv[0], text);
	return VERDICT_PASS;
}

enum verdict
chain_filter(struct chain *c, enum chain_side side, stralloc *text)
{
	struct command_list list;
	struct settings const *s = c->settings;
	bool out = side == CHAIN_OUTBOUND;
	char const *filters = out ? s->outbound_filters : s->inbound_filters;
	char const *action = out ? s->outbound_filters_default_action
	                         : s->inbound_filters_default_action;
	if (command_list_parse(filters, &list) <= 0) {
		log_error("read the list of filters", filters, 0);
		return VERDICT_LATER;
	}
	enum verdict v = VERDICT_PASS;
	for (size_t i = 0; i < list.count && v == VERDICT_PASS; i++)
		v = run_filter(c, list.argv[i], strcmp(action, "accept") == 0,
		    text);
	command_list_free(&list);
	return v;
}

/* --- the delivery ----------------------------------------------------------- */

/* execve's type is older than const. */
union word {
	char const *in;
	char *out;
};

static bool
append_word(genalloc *argv, char const *text)
{
	union word word = { .in = text };
	return genalloc_append(char *, argv, &word.out);
}

/* virtual_transport -f SENDER -- RECIPIENT... */
static bool
delivery_arguments(struct command_list const *list, char const *sender,
    stralloc *recipients, genalloc *argv)
{
	for (char *const *word = list->argv[0]; *word; word++)
		if (!append_word(argv, *word))
			return false;
	if (!append_word(argv, "-f") || !append_word(argv, sender) ||
	    !append_word(argv, "--"))
		return false;
	char *end = recipients->s + recipients->len;
	for (char *p = recipients->s; p < end;) {
		char *lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf || !append_word(argv, p))
			return false;
		*lf = 0;
		p = lf + 1;
	}
	return append_word(argv, NULL);
}

enum verdict
chain_deliver(struct chain *c, char const *sender, stralloc *recipients,
    stralloc *text)
{
	struct command_list list;
	genalloc argv = GENALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	char const *transport = c->settings->virtual_transport;
	if (command_list_parse(transport, &list) <= 0 || list.count != 1) {
		log_error("read virtual_transport", transport, 0);
		return VERDICT_LATER;
	}
	if (delivery_arguments(&list, sender, recipients, &argv))
		v = run_program(c, genalloc_s(char *, &argv), -1, text);
	genalloc_free(char *, &argv);
	command_list_free(&list);
	return v;
}
