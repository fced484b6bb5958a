/* SPDX-License-Identifier: ISC */
/* Command arguments, lists of commands, replies of filters: no crash, and an
 * address that was taken reads again as the same one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "lib/command-list.h"
#include "lib/stage.h"
#include "smtp-session/envelope.h"

static void
check_again(struct address const *a)
{
	stralloc sa = STRALLOC_ZERO;
	struct address b;
	if (!a->domain_len || !address_format(a, &sa))
		return;
	if (memchr(sa.s, '\r', sa.len) || memchr(sa.s, '\n', sa.len) ||
	    memchr(sa.s, 0, sa.len))
		abort();
	if (!address_parse(sa.s, sa.len, &b) || b.local_len != a->local_len ||
	    b.domain_len != a->domain_len ||
	    memcmp(a->local, b.local, a->local_len) != 0 ||
	    memcmp(a->domain, b.domain, a->domain_len) != 0)
		abort();
	stralloc_free(&sa);
}

/* No line end, no NUL and nothing else that a line of text may not hold. */
static void
check_clean(stralloc const *sa)
{
	for (size_t i = 0; i < sa->len; i++)
		if ((unsigned char)sa->s[i] < 0x20 || sa->s[i] == 0x7f)
			abort();
}

/* Options that were taken are the same once written and read again. */
static void
check_mail_options(struct mail_options const *o)
{
	stralloc sa = STRALLOC_ZERO;
	struct mail_options again;
	if (!stralloc_append(&sa, ' ') || !mail_options_format(o, &sa))
		return;
	check_clean(&sa);
	if (mail_options_read(sa.s, sa.len, &again) ||
	    memcmp(o->envid, again.envid, sizeof again.envid) != 0 ||
	    o->has_size != again.has_size || o->size != again.size ||
	    o->body != again.body || o->smtputf8 != again.smtputf8 ||
	    o->requiretls != again.requiretls || o->ret != again.ret)
		abort();
	stralloc_free(&sa);
}

static void
check_rcpt_options(struct rcpt_options const *o, int utf8)
{
	stralloc sa = STRALLOC_ZERO;
	struct rcpt_options again;
	if (!stralloc_append(&sa, ' ') || !rcpt_options_format(o, &sa))
		return;
	check_clean(&sa);
	if (rcpt_options_read(sa.s, sa.len, utf8, &again) ||
	    o->notify != again.notify ||
	    memcmp(o->orcpt, again.orcpt, sizeof again.orcpt) != 0)
		abort();
	stralloc_free(&sa);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct mail_arguments m;
	struct rcpt_arguments r;
	struct command_list list;
	if (!envelope_mail(s, size, &m)) {
		check_again(&m.sender);
		check_mail_options(&m.options);
	}
	for (int utf8 = 0; utf8 <= 1; utf8++)
		if (!envelope_rcpt(s, size, utf8, &r)) {
			check_again(&r.recipient);
			check_rcpt_options(&r.options, utf8);
		}
	stage_reply_fits(VERDICT_REFUSED, s, size);
	char *text = strndup(s, size);
	if (text && command_list_parse(text, &list) == 1)
		command_list_free(&list);
	free(text);
	return 0;
}
