/* SPDX-License-Identifier: ISC */
#include "received.h"

#include <stdio.h>
#include <string.h>

#include "date.h"

/* A stranger's word: only what cannot end a comment, an address or a line. */
static int
put_word(stralloc *out, char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		int safe = c > 0x20 && c < 0x7f && !strchr("()<>;\\\"", c);
		if (!stralloc_append(out, safe ? (char)c : '?'))
			return 0;
	}
	return len || stralloc_cats(out, "unknown");
}

static int
put_from(struct smtp_back const *b, stralloc *out)
{
	struct peer const *peer = b->common.peer;
	if (!stralloc_cats(out, "from ") ||
	    !put_word(out, b->hello.s, b->hello.len))
		return 0;
	if (!*peer->ip)
		return stralloc_cats(out, " (local)\n\t");
	return stralloc_cats(out, " (") &&
	    stralloc_cats(out, *peer->name ? peer->name : "unknown") &&
	    stralloc_cats(out, strchr(peer->ip, ':') ? " [IPv6:" : " [") &&
	    stralloc_cats(out, peer->ip) && stralloc_cats(out, "])\n\t");
}

static int
put_tls(struct smtp_back const *b, stralloc *out)
{
	if (!b->tls_protocol.len)
		return 1;
	return stralloc_cats(out, "(using ") &&
	    put_word(out, b->tls_protocol.s, b->tls_protocol.len) &&
	    stralloc_cats(out, " with cipher ") &&
	    put_word(out, b->tls_cipher.s, b->tls_cipher.len) &&
	    stralloc_cats(out, ")\n\t");
}

static int
put_login(struct smtp_back const *b, stralloc *out)
{
	if (!b->common.user.len ||
	    !b->common.settings->smtpd_sasl_authenticated_header)
		return 1;
	return stralloc_cats(out, "(Authenticated sender: ") &&
	    put_word(out, b->common.user.s, b->common.user.len) &&
	    stralloc_cats(out, ")\n\t");
}

/* Where the client is, and what it calls itself, is a user's own affair. */
static int
put_client(struct smtp_back const *b, stralloc *out)
{
	if (b->local ||
	    (b->common.user.len &&
	        b->common.settings->smtpd_hide_client_session))
		return 1;
	return put_from(b, out) && put_tls(b, out);
}

/* A local user is known by his number. */
static int
put_local(struct smtp_back const *b, stralloc *out)
{
	char number[24];
	snprintf(number, sizeof number, "%lu", (unsigned long)b->local->uid);
	return stralloc_cats(out, " (besace, from userid ") &&
	    stralloc_cats(out, number) && stralloc_append(out, ')');
}

/* RFC 3848, RFC 6531 4.3: ESMTP or UTF8SMTP, with S inside TLS and A after a
 * login. */
static int
put_protocol(struct smtp_back const *b, stralloc *out)
{
	if (b->local)
		return put_local(b, out);
	return stralloc_cats(out, " (besace) with ") &&
	    stralloc_cats(out,
	        !b->esmtp                      ? "SMTP"
	            : b->mail.options.smtputf8 ? "UTF8SMTP"
	                                       : "ESMTP") &&
	    (!b->esmtp ||
	        ((!b->tls_protocol.len || stralloc_append(out, 'S')) &&
	            (!b->common.user.len || stralloc_append(out, 'A'))));
}

/* With several recipients none is named: blind copies stay blind. */
static int
put_recipient(struct smtp_back const *b, stralloc *out)
{
	stralloc const *r = &b->mail.recipients;
	if (b->mail.count != 1)
		return 1;
	return stralloc_cats(out, "\n\tfor <") &&
	    stralloc_catb(out, r->s, r->len - 1) && stralloc_append(out, '>');
}

int
received_format(struct smtp_back const *b, time_t now, stralloc *out)
{
	char date[DATE_MAX];
	date_format(now, date);
	return stralloc_cats(out, "Received: ") && put_client(b, out) &&
	    put_login(b, out) && stralloc_cats(out, "by ") &&
	    stralloc_cats(out, b->common.settings->myhostname) &&
	    put_protocol(b, out) && stralloc_cats(out, " id ") &&
	    stralloc_cats(out, b->mail.uid) && put_recipient(b, out) &&
	    stralloc_cats(out, ";\n\t") && stralloc_cats(out, date) &&
	    stralloc_append(out, '\n');
}
