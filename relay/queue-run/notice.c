/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "advice.h"
#include "date.h"
#include "dsn.h"
#include "message.h"
#include "quoted-printable.h"
#include "utf8.h"

enum {
	FIELD_WIDTH = 76,
	HEADER_MAX = 102400 /* octets of a header that come back */
};

/* What the parts are like. */
struct layout {
	bool utf8;
	bool full;      /* the whole message comes back */
	bool eight_bit; /* what comes back has octets over 0x7f */
	bool quoted;    /* it is quoted-printable, for these */
	char const *returned;
	size_t returned_len;
};

static bool
is_ascii(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] & 0x80)
			return false;
	return true;
}

bool
notice_is_utf8(struct notice const *n)
{
	struct queue_entry const *e = n->entry;
	bool ascii = !e->smtputf8 && is_ascii(n->to, strlen(n->to));
	for (size_t i = 0; ascii && i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		ascii = !n->chosen[i] ||
		    (is_ascii(r->address, strlen(r->address)) &&
		        (!r->original ||
		            is_ascii(r->original, strlen(r->original))));
	}
	return !ascii;
}

/* The lines of a header that come back: a message may be nothing else. */
static size_t
cut_header(char const *header, size_t len)
{
	if (len <= HEADER_MAX)
		return len;
	char const *lf = memrchr(header, '\n', HEADER_MAX);
	return lf ? (size_t)(lf + 1 - header) : HEADER_MAX;
}

/* A server would not take it as it is, and the sender's own may not either: then
 * he would not hear of it. */
static bool
is_about_form(struct notice const *n)
{
	struct queue_entry const *e = n->entry;
	for (size_t i = 0; i < queue_count(e); i++) {
		char const *status = queue_recipient(e, i)->status;
		if (n->chosen[i] && status && strcmp(status, "5.6.3") == 0)
			return true;
	}
	return false;
}

/* RFC 3461 section 4.3: RET is about failures; of others the header does. */
static void
plan(struct notice const *n, struct layout *l)
{
	bool failed = n->kind == NOTICE_FAILED || n->kind == NOTICE_DOUBLE;
	size_t header = message_body(n->message, n->message_len);
	l->utf8 = notice_is_utf8(n);
	l->full = failed && n->entry->ret != DSN_RET_HDRS &&
	    n->message_len <= n->full_max && !is_about_form(n);
	if (!l->full && message_has_blank_line(n->message, n->message_len))
		header -= strlen(message_eol(n->message, n->message_len));
	l->returned = n->message;
	l->returned_len =
	    l->full ? n->message_len : cut_header(n->message, header);
	l->eight_bit = !is_ascii(l->returned, l->returned_len);
	l->quoted = l->eight_bit && !l->full && !l->utf8;
}

/* --- fields ------------------------------------------------------------------- */

static int
put(stralloc *out, char const *s)
{
	return stralloc_cats(out, s);
}

/* The next character of a value that somebody else may have written, LEN octets
 * from *S on: controls are blanks, and what may not stand here is "?". How many
 * octets of *S they are. */
static size_t
next_character(char const **s, size_t len, bool utf8)
{
	uint32_t point;
	size_t n = utf8_read(*s, len, &point);
	bool good = n && (n == 1 || (utf8 && point >= 0xa0));
	if (n == 1 && (point <= 0x20 || point == 0x7f))
		*s = " ";
	else if (!good)
		*s = "?";
	return n ? n : 1;
}

/* "NAME: PREFIX VALUE", folded at blanks, and where there is none for long; no
 * line of somebody else's can begin in it. */
static int
put_field(stralloc *out, bool utf8, char const *name, char const *prefix,
    char const *value)
{
	size_t line = out->len, len = strlen(value), used;
	if (!put(out, name) || !put(out, ": ") || !put(out, prefix))
		return 0;
	for (; len; value += used, len -= used) {
		char const *shown = value;
		used = next_character(&shown, len, utf8);
		bool blank = *shown == ' ';
		if ((blank && out->len - line > FIELD_WIDTH) ||
		    out->len - line > 10 * FIELD_WIDTH) {
			if (!put(out, "\n"))
				return 0;
			line = out->len;
			if (!put(out, " "))
				return 0;
			if (blank)
				continue;
		}
		if (!stralloc_catb(out, shown, shown == value ? used : 1))
			return 0;
	}
	return put(out, "\n");
}

static int
put_date(stralloc *out, char const *name, int64_t when)
{
	char date[DATE_MAX];
	date_format((time_t)when, date);
	return put_field(out, false, name, "", date);
}

/* xtext as what it stands for. */
static int
put_xtext(stralloc *out, bool utf8, char const *name, char const *prefix,
    char const *xtext)
{
	stralloc text = STRALLOC_ZERO;
	int ok = dsn_decode(xtext, strlen(xtext), &text) && stralloc_0(&text) &&
	    put_field(out, utf8, name, prefix, text.s);
	stralloc_free(&text);
	return ok;
}

static bool
is_word(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] == 0x7f)
			return false;
	return len > 0;
}

/* "rfc822;bob+2Bx@example.org", as ORCPT= has it; a type that is none is left out,
 * as it could begin a line. RFC 6533 section 3 has its own way of escapes for
 * "utf-8", which stays. */
static int
put_original(stralloc *out, bool utf8, char const *orcpt)
{
	char type[64];
	static char const name[] = "Original-Recipient";
	size_t n = strcspn(orcpt, ";");
	if (!orcpt[n] || n > sizeof type - 4 || !is_word(orcpt, n))
		return 1;
	snprintf(type, sizeof type, "%.*s; ", (int)n, orcpt);
	if (n == 5 && strncasecmp(orcpt, "utf-8", 5) == 0)
		return put_field(out, utf8, name, type, orcpt + n + 1);
	return put_xtext(out, utf8, name, type, orcpt + n + 1);
}

static char const *
action_of(struct queue_recipient const *r)
{
	switch (r->state) {
	case QUEUE_RELAYED:
		return "relayed";
	case QUEUE_DELIVERED:
		return "delivered";
	case QUEUE_EXPANDED:
		return "expanded";
	case QUEUE_FAILED:
		return "failed";
	case QUEUE_WAITING:
		break;
	}
	return "delayed";
}

static char const *
status_of(struct queue_recipient const *r)
{
	if (advice_is_expired(r))
		return "4.4.7"; /* RFC 3463: delivery time expired */
	if (r->status)
		return r->status;
	return r->state == QUEUE_WAITING ? "4.0.0" : "2.0.0";
}

/* "mx.example.net[192.0.2.1]:25", or without the name. */
static int
put_remote(stralloc *out, char const *mta)
{
	char name[256];
	size_t n = strcspn(mta, " [");
	if (!n)
		n = strcspn(mta, "]") + (strchr(mta, ']') != NULL);
	snprintf(name, sizeof name, "%.*s", (int)n, mta);
	return put_field(out, false, "Remote-MTA", "dns; ", name);
}

/* RFC 3464 section 2.3.6. What we found out ourselves is no reply. */
static int
put_diagnostic(stralloc *out, bool utf8, struct queue_recipient const *r)
{
	char codes[64] = "";
	if (!r->answer)
		return 1;
	if (r->code && r->status && is_word(r->status, strlen(r->status)))
		snprintf(codes, sizeof codes, "smtp; %u %.16s ",
		    (unsigned int)r->code, r->status);
	else if (r->code)
		snprintf(codes, sizeof codes, "smtp; %u ",
		    (unsigned int)r->code);
	else
		snprintf(codes, sizeof codes, "x-besace; ");
	return put_field(out, utf8, "Diagnostic-Code", codes, r->answer);
}

static int
put_recipient(struct notice const *n, struct queue_recipient const *r,
    bool utf8, stralloc *out)
{
	bool ascii = is_ascii(r->address, strlen(r->address));
	return put(out, "\n") &&
	    (!r->orcpt || put_original(out, utf8, r->orcpt)) &&
	    put_field(out, utf8, "Final-Recipient",
	        ascii ? "rfc822; " : "utf-8; ", r->address) &&
	    put_field(out, false, "Action", "", action_of(r)) &&
	    put_field(out, false, "Status", "", status_of(r)) &&
	    (!r->mta || put_remote(out, r->mta)) &&
	    put_diagnostic(out, utf8, r) &&
	    (!r->tried || put_date(out, "Last-Attempt-Date", r->tried)) &&
	    (n->kind != NOTICE_DELAYED ||
	        put_date(out, "Will-Retry-Until", n->until));
}

/* --- parts -------------------------------------------------------------------- */

static int
put_boundary(struct notice const *n, char const *end, stralloc *out)
{
	return put(out, "--=_besace_") && put(out, n->uid) && put(out, end);
}

static int
put_encoding(stralloc *out, bool eight_bit)
{
	return put(out, "Content-Transfer-Encoding: ") &&
	    put(out, eight_bit ? "8bit\n" : "7bit\n");
}

static char const *
subject(enum notice_kind kind)
{
	switch (kind) {
	case NOTICE_FAILED:
		return "Undelivered Mail Returned to Sender";
	case NOTICE_DELAYED:
		return "Delayed Mail (still being retried)";
	case NOTICE_SUCCESS:
		return "Mail Delivery Report";
	case NOTICE_DOUBLE:
		return "Undelivered Notice";
	}
	return "";
}

/* RFC 3464 section 2, RFC 3834 section 5. */
static int
put_header(struct notice const *n, bool eight_bit, stralloc *out)
{
	return put_date(out, "Date", n->now) &&
	    put(out, "From: Mail Delivery System <MAILER-DAEMON@") &&
	    put(out, n->host) && put(out, ">\nTo: <") && put(out, n->to) &&
	    put(out, ">\n") &&
	    put_field(out, false, "Subject", "", subject(n->kind)) &&
	    put(out, "Message-ID: <") && put(out, n->uid) && put(out, "@") &&
	    put(out, n->host) && put(out, ">\n") &&
	    put(out,
	        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/report; "
	        "report-type=delivery-status;\n boundary=\"=_besace_") &&
	    put(out, n->uid) && put(out, "\"\n") &&
	    put_encoding(out, eight_bit) && put(out, "\n");
}

static int
put_status(struct notice const *n, struct layout const *l, stralloc *out)
{
	struct queue_entry const *e = n->entry;
	int ok = put_boundary(n, "\n", out) &&
	    put(out, "Content-Description: Delivery report\nContent-Type: ") &&
	    put(out,
	        l->utf8 ? "message/global-delivery-status\n"
	                : "message/delivery-status\n") &&
	    put_encoding(out, l->utf8) && put(out, "\n") &&
	    (!e->envid ||
	        put_xtext(out, l->utf8, "Original-Envelope-Id", "",
	            e->envid)) &&
	    put_field(out, false, "Reporting-MTA", "dns; ", n->host) &&
	    put_date(out, "Arrival-Date", e->arrival);
	for (size_t i = 0; ok && i < queue_count(e); i++)
		if (n->chosen[i])
			ok = put_recipient(n, queue_recipient(e, i), l->utf8,
			    out);
	return ok && put(out, "\n");
}

static char const *
returned_type(struct layout const *l)
{
	if (l->utf8)
		return l->full ? "message/global\n"
		               : "message/global-headers\n";
	return l->full ? "message/rfc822\n" : "text/rfc822-headers\n";
}

static int
put_octets(void *out, char const *s, size_t len)
{
	return stralloc_catb(out, s, len);
}

static int
put_returned_octets(struct layout const *l, stralloc *out)
{
	if (!l->quoted)
		return put_encoding(out, l->eight_bit || l->utf8) &&
		    put(out, "\n") &&
		    put_octets(out, l->returned, l->returned_len);
	return put(out, "Content-Transfer-Encoding: quoted-printable\n\n") &&
	    quoted_printable(l->returned, l->returned_len, put_octets, out);
}

static int
put_returned(struct notice const *n, struct layout const *l, stralloc *out)
{
	return put_boundary(n, "\n", out) &&
	    put(out, "Content-Description: ") &&
	    put(out,
	        l->full ? "Undelivered message\n"
	                : "Header of the message\n") &&
	    put(out, "Content-Type: ") && put(out, returned_type(l)) &&
	    put_returned_octets(l, out) && put(out, "\n") &&
	    put_boundary(n, "--\n", out);
}

int
notice_build(struct notice const *n, stralloc *out)
{
	struct layout l;
	stralloc text = STRALLOC_ZERO;
	plan(n, &l);
	int ok =
	    advice_put(n, l.full ? "message" : "header of the message", &text);
	bool eight_bit_text = !is_ascii(text.s, text.len);
	ok = ok &&
	    put_header(n,
	        l.utf8 || (l.eight_bit && !l.quoted) || eight_bit_text, out) &&
	    put_boundary(n, "\n", out) &&
	    put(out, "Content-Type: text/plain; charset=") &&
	    put(out, eight_bit_text ? "utf-8\n" : "us-ascii\n") &&
	    put_encoding(out, eight_bit_text) && put(out, "\n") &&
	    stralloc_cat(out, &text) && put(out, "\n") &&
	    put_status(n, &l, out) && put_returned(n, &l, out);
	stralloc_free(&text);
	return ok;
}
