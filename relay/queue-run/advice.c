/* SPDX-License-Identifier: ISC */
#include "advice.h"

#include <stdio.h>
#include <string.h>

#include "date.h"
#include "utf8.h"

enum { WIDTH = 72 };

/* The first that the code begins with counts; '?' is any class. */
static struct {
	char const *status;
	char const *text;
} const advices[] = {
	{ "5.1.10", "This domain takes no mail at all: check its spelling." },
	{ "5.1.1",
	    "There is no such address: check its spelling, or ask the "
	    "person for the one in use now." },
	{ "5.1.2",
	    "There is no such domain: check the spelling of what stands "
	    "behind the @." },
	{ "5.1.3",
	    "This is no address that the server understands: check its "
	    "spelling." },
	{ "5.1.6", "This person has moved: ask for the new address." },
	{ "5.4.4",
	    "There is no server for this domain: check the spelling of "
	    "what stands behind the @." },
	{ "5.2.1",
	    "This mailbox is closed: try to reach the person in another "
	    "way." },
	{ "?.2.2",
	    "The mailbox is full: tell the person in another way, and "
	    "send the message again later." },
	{ "5.2.3",
	    "The message is too large: send a smaller one, or a link to "
	    "what was attached." },
	{ "5.3.4",
	    "The message is too large: send a smaller one, or a link to "
	    "what was attached." },
	{ "?.4.6",
	    "The servers send this message to each other in a circle: "
	    "tell the postmaster of the recipient's domain." },
	{ "5.6.",
	    "The server cannot take a message of this form: send it "
	    "without letters beyond ASCII in addresses and without "
	    "attachments of unusual kinds." },
	{ "5.7.",
	    "The server refused the message by its rules: its words may "
	    "say how to get through; else ask the postmaster of the "
	    "recipient's domain, and quote them." },
	{ "4.",
	    "The server could not be reached, or did not take the message, "
	    "for as long as it was tried: send it again later, or try to "
	    "reach the person in another way." },
	{ "",
	    "Ask the postmaster of the recipient's domain, and quote the words "
	    "above." },
};

static bool
begins_with(char const *status, char const *wanted)
{
	for (; *wanted; wanted++, status++)
		if (!*status || (*wanted != '?' && *wanted != *status))
			return false;
	return true;
}

char const *
advice_for(char const *status)
{
	size_t i = 0;
	while (!begins_with(status, advices[i].status))
		i++;
	return advices[i].text;
}

bool
advice_is_expired(struct queue_recipient const *r)
{
	return r->state == QUEUE_FAILED && (!r->status || *r->status != '5');
}

/* --- lines ------------------------------------------------------------------- */

static int
put(stralloc *out, char const *s)
{
	return stralloc_cats(out, s);
}

/* Octets of the text up to where a line may end: the last blank before WIDTH, or
 * a character's end. */
static size_t
line_length(char const *s, size_t len, size_t room)
{
	if (len <= room)
		return len;
	for (size_t n = room; n > room / 2; n--)
		if (s[n] == ' ')
			return n;
	while (room > 1 && ((unsigned char)s[room] & 0xc0) == 0x80)
		room--;
	return room;
}

/* One line of TEXT, folded, each of its lines behind INDENT. Somebody else may
 * have written it: what is no printable character becomes '?'. */
static int
put_line(stralloc *out, char const *indent, char const *text, size_t len)
{
	stralloc clean = STRALLOC_ZERO;
	int ok = stralloc_ready(&clean, len + 1);
	for (size_t i = 0, n; ok && i < len; i += n) {
		uint32_t point;
		n = utf8_read(text + i, len - i, &point);
		bool good =
		    n && point >= 0x20 && (point < 0x7f || point >= 0xa0);
		n += !n;
		ok = good ? stralloc_catb(&clean, text + i, n)
		          : stralloc_append(&clean, '?');
	}
	for (size_t at = 0, n; ok && at < clean.len; at += n) {
		n = line_length(clean.s + at, clean.len - at,
		    WIDTH - strlen(indent));
		ok = put(out, indent) && stralloc_catb(out, clean.s + at, n) &&
		    put(out, "\n");
		if (at + n < clean.len && clean.s[at + n] == ' ')
			n++;
	}
	stralloc_free(&clean);
	return ok;
}

static int
put_lines(stralloc *out, char const *indent, char const *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		if (!put_line(out, indent, text, n))
			return 0;
		text += n + (text[n] != 0);
	}
	return 1;
}

/* --- one recipient ------------------------------------------------------------ */

/* Who said what: in the words that were said. */
static int
put_answer(struct queue_recipient const *r, stralloc *out)
{
	char code[24] = "";
	stralloc words = STRALLOC_ZERO, who = STRALLOC_ZERO;
	if (r->code >= 200 && r->code <= 599)
		snprintf(code, sizeof code, "%u ", (unsigned int)r->code);
	int ok = put(&words, code) &&
	    (!r->status || (put(&words, r->status) && put(&words, " "))) &&
	    put(&words, r->answer ? r->answer : "") && stralloc_0(&words);
	if (ok && r->mta)
		ok = put(&who, r->mta) && put(&who, " said:") &&
		    put_line(out, "    ", who.s, who.len);
	ok = ok && put_lines(out, r->mta ? "        " : "    ", words.s);
	stralloc_free(&words);
	stralloc_free(&who);
	return ok;
}

static char const *
success_text(struct queue_recipient const *r)
{
	switch (r->state) {
	case QUEUE_RELAYED:
		return "Taken by a server that sends no notice of what comes "
		       "then. It said:";
	case QUEUE_EXPANDED:
		return "Sent on to the addresses that this one stands for.";
	default:
		return "Delivered to the mailbox.";
	}
}

static char const *
waiting_text(struct queue_recipient const *r)
{
	return r->attempts ? "It could not be delivered yet:"
	                   : "It was not tried yet: its server does not answer "
	                     "other messages.";
}

static char const *
expired_text(struct queue_recipient const *r)
{
	return r->attempts ? "It was tried for too long. At last:"
	                   : "Its server did not answer other messages for so "
	                     "long that it was never tried.";
}

/* What happened, and what to do. */
static int
put_story(struct notice const *n, struct queue_recipient const *r,
    stralloc *out)
{
	char const *advice = advice_for(r->status ? r->status : "4.4.7");
	bool failed = n->kind == NOTICE_FAILED || n->kind == NOTICE_DOUBLE;
	if (n->kind == NOTICE_SUCCESS)
		return put_lines(out, "  ", success_text(r)) &&
		    (r->state != QUEUE_RELAYED || put_answer(r, out));
	if (n->kind == NOTICE_DELAYED)
		return put_lines(out, "  ", waiting_text(r)) &&
		    (!r->attempts || put_answer(r, out));
	if (advice_is_expired(r) && !put_lines(out, "  ", expired_text(r)))
		return 0;
	return ((!r->answer && !r->status) || put_answer(r, out)) &&
	    (!failed || put_lines(out, "  ", advice));
}

static int
put_recipient(struct notice const *n, struct queue_recipient const *r,
    stralloc *out)
{
	stralloc name = STRALLOC_ZERO;
	int ok = put(&name, "<") && put(&name, r->address) && put(&name, ">") &&
	    (!r->original ||
	        (put(&name, " (sent to <") && put(&name, r->original) &&
	            put(&name, ">)")));
	ok = ok && put_line(out, "", name.s, name.len) &&
	    put_story(n, r, out) && put(out, "\n");
	stralloc_free(&name);
	return ok;
}

/* --- the whole ---------------------------------------------------------------- */

static char const *
opening(enum notice_kind kind)
{
	switch (kind) {
	case NOTICE_FAILED:
		return "Your message could not be delivered to the recipients "
		       "below. It will not be tried again.";
	case NOTICE_DELAYED:
		return "Your message could not be delivered to the recipients "
		       "below yet. You need not do anything: it is tried "
		       "again until";
	case NOTICE_SUCCESS:
		return "You asked to be told what becomes of your message.";
	case NOTICE_DOUBLE:
		return "A message without a sender, probably a notice like "
		       "this one, could not be delivered. There is nobody to "
		       "tell it but you, the postmaster.";
	}
	return "";
}

int
advice_put(struct notice const *n, char const *returned, stralloc *out)
{
	char until[DATE_MAX];
	date_format((time_t)n->until, until);
	if (!put(out, "This is the mail server ") || !put(out, n->host) ||
	    !put(out, ".\n\n") || !put_lines(out, "", opening(n->kind)))
		return 0;
	if (n->kind == NOTICE_DELAYED && (!put(out, until) || !put(out, ".\n")))
		return 0;
	if (!put(out, "\n"))
		return 0;
	for (size_t i = 0; i < queue_count(n->entry); i++)
		if (n->chosen[i] &&
		    !put_recipient(n, queue_recipient(n->entry, i), out))
			return 0;
	return put(out, "The ") && put(out, returned) &&
	    put(out, " is below.\n");
}
