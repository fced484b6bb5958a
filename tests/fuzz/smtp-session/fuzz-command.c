/* SPDX-License-Identifier: ISC */
/* Command arguments, lists of commands, replies of filters: no crash, and an
 * address that was taken reads again as the same one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "smtp-session/command-list.h"
#include "smtp-session/envelope.h"
#include "smtp-session/stage.h"

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

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	struct mail_arguments m;
	struct address a;
	struct command_list list;
	if (!envelope_mail(s, size, &m))
		check_again(&m.sender);
	if (!envelope_rcpt(s, size, &a))
		check_again(&a);
	stage_reply_fits(VERDICT_REFUSED, s, size);
	char *text = strndup(s, size);
	if (text && command_list_parse(text, &list) == 1)
		command_list_free(&list);
	free(text);
	return 0;
}
