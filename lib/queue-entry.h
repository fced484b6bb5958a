/* SPDX-License-Identifier: ISC */
/* The envelope and state of a queued message as text: the lines on top of a
 * queue file. Pure.
 *
 *	Besace-Queue: 1
 *	Message-Uid: 1q4c8hb2zt5m0v7k3xw
 *	Arrival: 2026-11-21T14:04:38Z
 *	Group: example.net
 *	Sender: alice@example.test
 *	Body: 8BITMIME
 *	Recipient: bob@example.net
 *	State: waiting
 *	Notify: FAILURE,DELAY
 *	Attempts: 1
 *	Tried: 2026-11-21T14:04:39Z
 *	Code: 450
 *	Status: 4.2.1
 *	Answer: mailbox busy
 *	Answered-By: mx.example.net [192.0.2.1]:25
 *	<blank line, then the message>
 *
 * Arrival, Group, Sender and a Recipient there have to be. A line that says "no", "none" or nothing is left out. What stands behind
 * "Recipient" is of that recipient. In a value \xHH stands for an octet that
 * may not stand there: controls, the backslash, what is no UTF-8, a blank at
 * the start or end. Lines of other names are kept where they stand. */
#ifndef BESACE_QUEUE_ENTRY_H
#define BESACE_QUEUE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "dsn.h"

/* The group of what deliver is to try again. */
#define QUEUE_LOCAL "local"

/* The group of recipients of several domains, which had one next hop when they
 * came: each goes where its domain leads by now. */
#define QUEUE_SEVERAL "*"

enum { QUEUE_HEAD_MAX = 32 << 20 }; /* octets of the lines and the blank one */

enum queue_state {
	QUEUE_WAITING,   /* to be tried */
	QUEUE_RELAYED,   /* another server has taken it: final */
	QUEUE_DELIVERED, /* it is in the mailbox: final */
	QUEUE_FAILED,    /* refused for good, or for too long: final */
	QUEUE_EXPANDED   /* replaced by others, in another queue file: final */
};

/* Strings belong to the structure; NULL is none. Change them with queue_set. */
struct queue_recipient {
	char *address;  /* never NULL */
	char *original; /* as the client gave it, where that differs */
	bool mailbox;   /* the aliases were followed: its mailbox is meant */
	enum queue_state state;
	unsigned int notify; /* of enum dsn_notify; 0: nothing was said */
	char *orcpt;         /* xtext, as sent */
	uint64_t attempts;
	int64_t tried; /* seconds; 0: not yet */
	uint64_t code; /* the last answer: SMTP reply code, 0 when it was ours */
	char *status;  /* its enhanced status code, RFC 3463 */
	char *answer;  /* its text, without the codes */
	char *mta;     /* who gave it; NULL: we ourselves */
	bool notified;   /* the notice about the final state is on its way */
	stralloc others; /* lines of names we do not know */
};

struct queue_entry {
	char *uid;       /* MESSAGE_UID */
	int64_t arrival; /* seconds */
	char *group;     /* never NULL: destination domain, or QUEUE_LOCAL,
	                  * QUEUE_SEVERAL */
	char *sender;    /* never NULL: reverse-path, "" for <> */
	char *envid;     /* xtext, as sent */
	enum dsn_ret ret;
	char *body; /* "7BIT", "8BITMIME" */
	bool smtputf8;
	bool requiretls;
	char *user;           /* who logged in to send it */
	int64_t delay_notice; /* when its sender was told; 0: not yet */
	bool never_bounce;    /* tell nobody: it is spam, its sender forged */
	genalloc recipients;  /* struct queue_recipient */
	stralloc others;      /* lines of names we do not know */
};

#define QUEUE_ENTRY_ZERO \
	{ \
		.recipients = GENALLOC_ZERO, .others = STRALLOC_ZERO \
	}

enum queue_parse {
	QUEUE_PARSE_ERROR = -1, /* errno: EPROTO no such lines; ENOMEM */
	QUEUE_PARSE_MORE,       /* the blank line is not among these octets */
	QUEUE_PARSE_DONE
};

/* Reads the start of a queue file into *E, which is replaced. Unless it is
 * DONE, *E is empty. When it is, *USED is where the message starts. */
enum queue_parse queue_entry_parse(char const *s, size_t len,
    struct queue_entry *e, size_t *used);

/* Appends the lines and the blank one. 1, or 0 with errno. */
int queue_entry_format(struct queue_entry const *e, stralloc *sa);

/* Frees what it holds and makes it empty. */
void queue_entry_free(struct queue_entry *e);

/* *FIELD, of an entry or recipient, becomes a copy of VALUE. 1, or 0 with errno
 * and the old value. */
int queue_set(char **field, char const *value);

size_t queue_count(struct queue_entry const *e);
struct queue_recipient *queue_recipient(struct queue_entry const *e, size_t i);

/* Adds a waiting recipient. NULL with errno. Others may move. */
struct queue_recipient *queue_add(struct queue_entry *e, char const *address);

/* What was answered to a try at time WHEN, counted as an attempt. Text octets
 * of every kind may come; what is longer than a reply can be is cut. MTA NULL:
 * our own finding, CODE 0 then. 1, or 0 with errno. */
int queue_answer(struct queue_recipient *r, enum queue_state state,
    int64_t when, unsigned int code, char const *status, char const *text,
    char const *mta);

/* Whether a final STATE is told to the sender: a failure unless NOTIFY says not
 * to (also when the sender is <>, which makes it a double bounce), a success
 * when NOTIFY says so and there is a sender to tell. Pure. */
bool queue_notice_due(enum queue_state state, unsigned int notify,
    bool has_sender);

/* Whether that is still to be done for R. A recipient whose server sends the
 * notice itself, as RFC 3461 lets it, is to be marked as notified. */
bool queue_wants_notice(struct queue_entry const *e,
    struct queue_recipient const *r);

/* Whether one of its recipients is to be tried. */
bool queue_is_waiting(struct queue_entry const *e);

/* Whose turn it is: of those to be tried, the first of the least attempts. NULL:
 * nobody's. */
struct queue_recipient *queue_next(struct queue_entry const *e);

/* The destination of R: the group, or the domain of its address. */
char const *queue_domain(struct queue_entry const *e,
    struct queue_recipient const *r);

/* Whether nothing is left to do: the file can go. */
bool queue_is_done(struct queue_entry const *e);

#endif
