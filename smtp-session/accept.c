/* SPDX-License-Identifier: ISC */
/* The end of DATA: through the filters, stage by stage, then to the mailboxes.
 * 250 is said only when the last program has said 0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/genalloc.h>

#include "back.h"
#include "client-rules.h"
#include "clean-up.h"
#include "command-list.h"
#include "log.h"
#include "path.h"
#include "spool.h"
#include "stage.h"

/* --- the environment of the programs ---------------------------------------- */

enum { ENVIRONMENT_MAX = 32 };

struct environment {
	char *entry[ENVIRONMENT_MAX + 1];
	size_t count;
	bool failed;
};

static void
put_fact(struct environment *e, char const *name, char const *value)
{
	if (!value || e->failed)
		return;
	if (e->count == ENVIRONMENT_MAX ||
	    asprintf(&e->entry[e->count], "%s=%s", name, value) < 0)
		e->failed = true;
	else
		e->entry[++e->count] = NULL;
}

/* A stralloc as a C string; NULL when it is empty. */
static char const *
text_of(struct environment *e, stralloc *sa)
{
	if (!sa->len)
		return NULL;
	if (!stralloc_0(sa)) {
		e->failed = true;
		return NULL;
	}
	sa->len--;
	return sa->s;
}

static char const *
not_empty(char const *s)
{
	return s && *s ? s : NULL;
}

/* What the extensions said of the envelope: values that were read and written
 * again, so that they hold no line end but ours. */
static void
put_options(struct environment *e, struct mail *mail)
{
	struct mail_options const *o = &mail->options;
	put_fact(e, "BODY", mail_body_name(o->body));
	put_fact(e, "SMTPUTF8", o->smtputf8 ? "1" : NULL);
	put_fact(e, "REQUIRETLS", o->requiretls ? "1" : NULL);
	put_fact(e, "DSN_RET", mail_ret_name(o->ret));
	put_fact(e, "ENVELOPE_ID", not_empty(o->envid));
	if (mail->recipient_options.len > mail->count)
		put_fact(e, "RECIPIENT_OPTIONS",
		    text_of(e, &mail->recipient_options));
}

static void
build_environment(struct smtp_back *b, struct environment *e)
{
	struct peer const *peer = b->common.peer;
	e->count = 0;
	e->failed = false;
	put_fact(e, "PATH", getenv("PATH"));
	put_fact(e, "TZ", getenv("TZ"));
	put_fact(e, "BESACE_ETC", path_etc());
	put_fact(e, "BESACE_VAR", path_var());
	put_fact(e, "ASAN_OPTIONS", getenv("ASAN_OPTIONS"));
	put_fact(e, "SENDER", b->mail.sender.s);
	put_fact(e, "RECIPIENTS", text_of(e, &b->mail.recipients));
	put_options(e, &b->mail);
	put_fact(e, "TCPREMOTEIP", not_empty(peer->ip));
	put_fact(e, "TCPREMOTEHOST", not_empty(peer->name));
	put_fact(e, "TCPLOCALPORT", not_empty(peer->local_port));
	put_fact(e, "HELO", text_of(e, &b->hello));
	put_fact(e, "AUTH_USER", text_of(e, &b->common.user));
	put_fact(e, "TLS_PROTOCOL", text_of(e, &b->tls_protocol));
	put_fact(e, "TLS_CIPHER", text_of(e, &b->tls_cipher));
	put_fact(e, "MESSAGE_UID", b->mail.uid);
}

static void
free_environment(struct environment *e)
{
	while (e->count)
		free(e->entry[--e->count]);
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

/* Runs one filter; on PASS the message is what it wrote. */
static enum verdict
run_filter(struct smtp_back *b, char *const *argv, struct environment *e,
    stralloc *text)
{
	struct mail *mail = &b->mail;
	int64_t size = spool_size(mail->fd);
	int out = size < 0 ? -1 : spool_for((uint64_t)size);
	if (out < 0) {
		log_error("make a file for the output of", argv[0], errno);
		return VERDICT_LATER;
	}
	struct stage stage = { argv, e->entry, mail->fd, out,
		(int)b->common.settings->filter_timeout };
	enum verdict v = stage_run(&stage, text);
	if (v == VERDICT_PASS && !spool_seal(out)) {
		log_error("seal the output of", argv[0], errno);
		v = VERDICT_LATER;
	}
	if (v == VERDICT_PASS && !output_is_whole(argv[0], mail->fd, out)) {
		text->len = 0;
		v = VERDICT_LATER;
	}
	if (v != VERDICT_PASS) {
		close(out);
		return v;
	}
	close(mail->fd);
	mail->fd = out;
	return v;
}

static enum verdict
run_filters(struct smtp_back *b, struct environment *e, stralloc *text)
{
	struct settings const *settings = b->common.settings;
	char const *setting = client_is_ours(b) ? settings->outbound_filters
	                                        : settings->inbound_filters;
	struct command_list list;
	if (command_list_parse(setting, &list) <= 0) {
		log_error("read the list of filters", setting, 0);
		return VERDICT_LATER;
	}
	enum verdict v = VERDICT_PASS;
	for (size_t i = 0; i < list.count && v == VERDICT_PASS; i++)
		v = run_filter(b, list.argv[i], e, text);
	command_list_free(&list);
	return v;
}

/* --- the delivery ----------------------------------------------------------- */

/* virtual_transport -f SENDER -- RECIPIENT... */
static bool
delivery_arguments(struct smtp_back *b, struct command_list *list,
    genalloc *argv)
{
	static char const *const fixed[] = { "-f", NULL, "--" };
	for (char **word = list->argv[0]; *word; word++)
		if (!genalloc_append(char *, argv, word))
			return false;
	for (size_t i = 0; i < 3; i++) {
		char *word =
		    fixed[i] ? (char *)(uintptr_t)fixed[i] : b->mail.sender.s;
		if (!genalloc_append(char *, argv, &word))
			return false;
	}
	char *end = b->mail.recipients.s + b->mail.recipients.len;
	for (char *p = b->mail.recipients.s; p < end;) {
		char *lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf || !genalloc_append(char *, argv, &p))
			return false;
		*lf = 0;
		p = lf + 1;
	}
	char *last = NULL;
	return genalloc_append(char *, argv, &last);
}

static enum verdict
deliver(struct smtp_back *b, struct environment *e, stralloc *text)
{
	struct command_list list;
	genalloc argv = GENALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	char const *transport = b->common.settings->virtual_transport;
	if (command_list_parse(transport, &list) <= 0 || list.count != 1) {
		log_error("read virtual_transport", transport, 0);
		return VERDICT_LATER;
	}
	if (delivery_arguments(b, &list, &argv)) {
		struct stage stage = { genalloc_s(char *, &argv), e->entry,
			b->mail.fd, -1,
			(int)b->common.settings->filter_timeout };
		v = stage_run(&stage, text);
	}
	genalloc_free(char *, &argv);
	command_list_free(&list);
	return v;
}

/* --- the verdict ------------------------------------------------------------ */

struct code {
	char const *enhanced;
	char const *basic;
};

static struct code const codes[] = {
	{ "4.2.2 ", "452 " },
	{ "5.2.2 ", "552 " },
	{ "5.3.4 ", "552 " },
	{ "5.4.6 ", "554 " },
};

/* The basic code that goes with an enhanced one. */
static char const *
basic_code(enum verdict v, stralloc const *text)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (text->len > 6 && !memcmp(text->s, codes[i].enhanced, 6))
			return codes[i].basic;
	return v == VERDICT_REFUSED ? "550 " : "451 ";
}

static void
log_verdict(struct smtp_back *b, char const *event, stralloc *reply)
{
	char count[16];
	char size[24];
	snprintf(count, sizeof count, "%u", b->mail.count);
	snprintf(size, sizeof size, "%lld", (long long)spool_size(b->mail.fd));
	bool ended = stralloc_0(reply);
	log_event(event, "ip", peer_text(b->common.peer), "name",
	    not_empty(b->common.peer->name), "user",
	    b->common.user.len ? b->common.user.s : NULL, "from",
	    b->mail.sender.s, "recipients", count, "size", size, "answer",
	    ended ? reply->s : NULL, (char *)NULL);
	if (ended)
		reply->len--;
}

static int
compose(struct smtp_back *b, enum verdict v, stralloc *text, stralloc *reply)
{
	reply->len = 0;
	if (v == VERDICT_PASS || v == VERDICT_DISCARD)
		return stralloc_cats(reply, "250 2.0.0 Ok: ") &&
		    stralloc_cats(reply, b->mail.uid);
	if (!text->len &&
	    !stralloc_cats(text, "4.3.0 Temporary failure, try again later"))
		return 0;
	return stralloc_cats(reply, basic_code(v, text)) &&
	    stralloc_cat(reply, text);
}

bool
back_accept(struct smtp_back *b, stralloc *reply)
{
	struct environment e;
	stralloc text = STRALLOC_ZERO;
	enum verdict v = VERDICT_LATER;
	build_environment(b, &e);
	/* from now on the front, which has it open, can change it no more */
	if (!e.failed && spool_seal(b->mail.fd) && clean_up(b) &&
	    spool_seal(b->mail.fd))
		v = run_filters(b, &e, &text);
	if (v == VERDICT_PASS)
		v = deliver(b, &e, &text);
	free_environment(&e);
	if (!compose(b, v, &text, reply))
		reply->len = 0;
	stralloc_free(&text);
	log_verdict(b,
	    v == VERDICT_PASS          ? "accepted"
	        : v == VERDICT_DISCARD ? "discarded"
	                               : "refused",
	    reply);
	return v == VERDICT_PASS || v == VERDICT_DISCARD;
}
