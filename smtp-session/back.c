/* SPDX-License-Identifier: ISC */
#include "back.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "admit.h"
#include "client-rules.h"
#include "envelope.h"
#include "exitcode.h"
#include "file.h"
#include "helo-rules.h"
#include "log.h"
#include "path.h"
#include "policy.h"
#include "proxied.h"
#include "rate.h"
#include "received.h"
#include "reply.h"
#include "request.h"
#include "spool.h"

#define REPLY_SENDER_OK    "250 2.1.0 Ok"
#define REPLY_RECIPIENT_OK "250 2.1.5 Ok"
#define REPLY_EARLY        "503 5.5.0 Improper use of SMTP command pipelining"
#define REPLY_TOO_MANY_RCPT \
	"452 4.5.3 Too many recipients, send the rest in another message"

enum {
	RECIPIENTS_MAX = 120000, /* octets: they travel in the environment */
	TRACE_FIELD_MAX = 8192,
	REFUSALS_A_MESSAGE = 5 /* are made up for by one that is accepted */
};

static void
reply(struct smtp_back *b, char const *text)
{
	struct channel_field field = channel_text(text);
	back_reply(&b->common, *text < '4' ? REPLY_YES : REPLY_NO, &field, 1);
}

/* What a client should have known. That a mailbox is full is not. */
static bool
is_fault(char const *text)
{
	return *text == '5' && strcmp(text, REPLY_FULL) != 0;
}

static void
log_refused(struct smtp_back *b, char const *to, char const *text)
{
	log_event("refused", "ip", peer_text(b->common.peer), "user",
	    b->common.user.len ? b->common.user.s : NULL, "from",
	    b->mail.sender.s, "to", to, "rule", b->rule, "answer", text,
	    (char *)NULL);
	b->rule = NULL;
	if (is_fault(text) && !b->common.user.len)
		abuse_count(&b->common.abuse, ABUSE_REFUSAL, 1);
}

static void
forget_mail(struct smtp_back *b)
{
	struct mail *mail = &b->mail;
	if (mail->fd >= 0)
		close(mail->fd);
	mail->fd = -1;
	mail->open = mail->on_disk = false;
	stralloc_free(&mail->sender);
	mail->recipients.len = mail->recipient_options.len = 0;
	mail->options = (struct mail_options){ 0 };
	mail->count = 0;
	log_uid(NULL);
}

static void
on_connect(struct smtp_back *b, struct channel_message const *m)
{
	char text[300];
	(void)m;
	char const *no = policy_client(b);
	if (no)
		log_refused(b, NULL, no);
	else if (b->configured)
		client_begin(b);
	snprintf(text, sizeof text, "220 %.255s ESMTP besace",
	    b->common.settings->myhostname);
	struct channel_field fields[2] = { channel_text(no ? no : text),
		channel_text("stranger") };
	back_reply(&b->common, no ? REPLY_NO : REPLY_YES, fields,
	    client_is_stranger(b) ? 2 : 1);
}

static void
on_early(struct smtp_back *b, struct channel_message const *m)
{
	(void)m;
	b->rule = "reject_unauth_pipelining";
	log_refused(b, NULL, REPLY_EARLY);
	reply(b, REPLY_EARLY);
}

static void
on_hello(struct smtp_back *b, struct channel_message const *m)
{
	char protocol[8];
	if (m->count != 2 || !channel_string(m, 1, protocol, sizeof protocol) ||
	    !envelope_word(m->field[0].s, m->field[0].len) ||
	    !stralloc_copyb(&b->hello, m->field[0].s, m->field[0].len)) {
		reply(b, REPLY_LATER_TEXT);
		return;
	}
	b->esmtp = strcmp(protocol, "ESMTP") == 0;
	helo_begin(b);
	forget_mail(b);
	reply(b, REPLY_OK);
}

static void
on_tls(struct smtp_back *b, struct channel_message const *m)
{
	forget_mail(b);
	b->hello.len = b->common.user.len = 0;
	if (m->count != 2 || !envelope_word(m->field[0].s, m->field[0].len) ||
	    !envelope_word(m->field[1].s, m->field[1].len) ||
	    !stralloc_copyb(&b->tls_protocol, m->field[0].s, m->field[0].len) ||
	    !stralloc_copyb(&b->tls_cipher, m->field[1].s, m->field[1].len))
		reply(b, REPLY_LATER_TEXT);
	else
		reply(b, REPLY_OK);
}

/* The address in field 0, parsed anew: the front's word is not trusted. A
 * REVERSE path may be empty, or without a domain. */
static bool
take_address(struct channel_message const *m, bool reverse, struct address *a)
{
	if (m->count != 2)
		return false;
	*a = (struct address){ 0 };
	if (!m->field[0].len)
		return reverse;
	if (address_parse(m->field[0].s, m->field[0].len, a))
		return true;
	char path[ADDRESS_MAX + 2];
	int n = snprintf(path, sizeof path, "<%.*s>",
	    m->field[0].len < ADDRESS_MAX ? (int)m->field[0].len : 0,
	    m->field[0].s);
	return address_path(path, (size_t)n, a) == (size_t)n ||
	    (reverse && address_path_bare(path, (size_t)n, a) == (size_t)n);
}

/* Options as the front wrote them, with the blank that the reader wants. */
static bool
take_options(struct channel_message const *m, stralloc *text)
{
	text->len = 0;
	return m->count == 2 && stralloc_append(text, ' ') &&
	    stralloc_catb(text, m->field[1].s, m->field[1].len);
}

static bool
take_mail_options(struct smtp_back *b, struct channel_message const *m)
{
	stralloc text = STRALLOC_ZERO;
	bool ok = take_options(m, &text) &&
	    !mail_options_read(text.s, text.len, &b->mail.options);
	stralloc_free(&text);
	return ok;
}

static void
on_mail(struct smtp_back *b, struct channel_message const *m)
{
	struct address sender;
	forget_mail(b);
	if (!b->configured || !take_address(m, true, &sender) ||
	    !take_mail_options(b, m) ||
	    !address_format(&sender, &b->mail.sender) ||
	    !stralloc_0(&b->mail.sender) || !uid_new(b->mail.uid)) {
		log_refused(b, NULL, REPLY_LATER_TEXT);
		reply(b, REPLY_LATER_TEXT);
		return;
	}
	char const *no = policy_sender(b, &sender);
	if (!no)
		no = rate_refusal(b, RATE_MESSAGES);
	if (no) {
		log_refused(b, NULL, no);
		reply(b, no);
		return;
	}
	b->mail.open = true;
	log_uid(b->mail.uid);
	reply(b, REPLY_SENDER_OK);
}

/* A user of this machine cannot be told to send the rest in another message:
 * sendmail(8) knows no other. */
static bool
has_room(struct smtp_back const *b)
{
	uint64_t most = b->service == SERVICE_LOCAL
	    ? UINT64_MAX
	    : b->common.settings->smtpd_recipient_limit;
	return b->mail.count < most &&
	    b->mail.recipients.len < RECIPIENTS_MAX &&
	    b->mail.recipient_options.len < RECIPIENTS_MAX;
}

/* Adds a line to each of the two lists, or to none. */
static bool
add_recipient(struct mail *mail, char const *text,
    struct channel_message const *m)
{
	struct rcpt_options options;
	stralloc given = STRALLOC_ZERO;
	size_t before = mail->recipients.len;
	size_t options_before = mail->recipient_options.len;
	bool ok = take_options(m, &given) &&
	    !rcpt_options_read(given.s, given.len, mail->options.smtputf8,
	        &options) &&
	    rcpt_options_format(&options, &mail->recipient_options) &&
	    stralloc_append(&mail->recipient_options, '\n') &&
	    stralloc_cats(&mail->recipients, text) &&
	    stralloc_append(&mail->recipients, '\n');
	if (!ok) {
		mail->recipients.len = before;
		mail->recipient_options.len = options_before;
	}
	stralloc_free(&given);
	return ok;
}

static void
on_rcpt(struct smtp_back *b, struct channel_message const *m)
{
	struct address to;
	stralloc text = STRALLOC_ZERO;
	char const *no = REPLY_LATER_TEXT;
	if (b->mail.open && take_address(m, false, &to) &&
	    address_format(&to, &text) && stralloc_0(&text))
		no = has_room(b) ? policy_recipient(b, &to)
		                 : REPLY_TOO_MANY_RCPT;
	if (!no)
		no = rate_refusal(b, RATE_RECIPIENTS);
	if (!no && !add_recipient(&b->mail, text.s, m))
		no = REPLY_LATER_TEXT;
	if (no)
		log_refused(b, text.s, no);
	else
		b->mail.count++;
	reply(b, no ? no : REPLY_RECIPIENT_OK);
	stralloc_free(&text);
}

/* Hands the front a descriptor to write the message to. */
static void
send_file(struct smtp_back *b)
{
	struct channel_field field = channel_text(REPLY_OK);
	back_reply_with(&b->common, REPLY_YES, &field, 1, b->mail.fd);
}

static void
on_data(struct smtp_back *b, struct channel_message const *m)
{
	(void)m;
	stralloc trace = STRALLOC_ZERO;
	client_name_wait(b);
	if (b->mail.open && b->mail.count && b->mail.fd < 0)
		b->mail.fd = spool_memory();
	if (b->mail.fd >= 0 && received_format(b, time(NULL), &trace) &&
	    file_write(b->mail.fd, trace.s, trace.len)) {
		send_file(b);
	} else {
		log_error("make a file for the message", NULL, errno);
		reply(b, REPLY_LATER_TEXT);
	}
	stralloc_free(&trace);
}

/* The message outgrows memory: what there is moves to disk. */
static void
on_spool(struct smtp_back *b, struct channel_message const *m)
{
	(void)m;
	int disk = b->mail.fd >= 0 && !b->mail.on_disk ? spool_disk() : -1;
	if (disk < 0 || !spool_copy(b->mail.fd, 0, disk)) {
		log_error("move the message to disk", NULL, errno);
		if (disk >= 0)
			close(disk);
		reply(b, REPLY_NO_SPACE);
		return;
	}
	close(b->mail.fd);
	b->mail.fd = disk;
	b->mail.on_disk = true;
	send_file(b);
}

/* The front looks at it first; this is for one that does not. Line ends have
 * become shorter, our trace field has been added. */
static bool
is_too_large(struct smtp_back const *b)
{
	int64_t size = spool_size(b->mail.fd);
	return size < 0 ||
	    (uint64_t)size >
	    b->common.settings->message_size_limit + TRACE_FIELD_MAX;
}

static void
on_message(struct smtp_back *b, struct channel_message const *m)
{
	(void)m;
	stralloc text = STRALLOC_ZERO;
	if (b->mail.fd < 0) {
		reply(b, REPLY_LATER_TEXT);
	} else if (is_too_large(b)) {
		log_refused(b, NULL, REPLY_TOO_LARGE);
		reply(b, REPLY_TOO_LARGE);
	} else {
		if (back_accept(b, &text))
			abuse_forgive(&b->common.abuse, ABUSE_REFUSAL,
			    REFUSALS_A_MESSAGE);
		reply(b, stralloc_0(&text) ? text.s : REPLY_LATER_TEXT);
	}
	stralloc_free(&text);
	forget_mail(b);
}

static void
on_reset(struct smtp_back *b, struct channel_message const *m)
{
	char why[128];
	if (m->count == 1 && channel_string(m, 0, why, sizeof why))
		log_event("error", "what", "write the message", "object",
		    b->mail.on_disk ? path_var() : "memory", "reason", why,
		    (char *)NULL);
	forget_mail(b);
	reply(b, REPLY_OK);
}

static struct {
	uint8_t type;
	void (*answer)(struct smtp_back *b, struct channel_message const *m);
} const requests[] = {
	{ REQUEST_CONNECT, on_connect },
	{ REQUEST_EARLY, on_early },
	{ REQUEST_HELLO, on_hello },
	{ REQUEST_TLS, on_tls },
	{ REQUEST_MAIL, on_mail },
	{ REQUEST_RCPT, on_rcpt },
	{ REQUEST_DATA, on_data },
	{ REQUEST_SPOOL, on_spool },
	{ REQUEST_MESSAGE, on_message },
	{ REQUEST_RESET, on_reset },
};

/* false for a request that no front of ours makes. */
static bool
answer(struct smtp_back *b, struct channel_message const *m)
{
	if (back_answer(&b->common, m)) {
		/* a login changes who speaks: what was said before it is not
		 * this user's, nor what he said another's */
		if (m->type != REQUEST_LOG)
			forget_mail(b);
		return true;
	}
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (requests[i].type == m->type) {
			requests[i].answer(b, m);
			return true;
		}
	return false;
}

static enum open_state
state_of(struct smtp_back const *b)
{
	if (b->common.user.len)
		return OPEN_USER;
	return b->mail.fd >= 0 ? OPEN_DATA
	    : b->mail.open     ? OPEN_MAIL
	                       : OPEN_STRANGER;
}

static int
serve(struct smtp_back *b)
{
	static struct channel_message m;
	for (;;) {
		if (b->dns)
			dns_serve(b->dns, b->common.channel);
		int r = admit_receive(&b->common, &m);
		if (r == 0)
			return EXIT_OK;
		if (r > 0)
			for (unsigned int i = 0; i < m.fd_count; i++)
				close(m.fd[i]);
		if (r < 0 || !answer(b, &m)) {
			log_error("understand the front process", NULL, errno);
			return EXIT_BUG;
		}
		open_update(&b->common.place, state_of(b));
		if (m.type == REQUEST_LOGIN)
			channel_wipe(&m);
	}
}

/* Nobody needs to log in who is known by the kernel. */
static bool
take_local_user(struct smtp_back *b, struct local_user const *local)
{
	stralloc *user = &b->common.user;
	b->local = local;
	b->common.local = true;
	b->common.uid = local->uid;
	if (!stralloc_copys(user, local->name) || !stralloc_0(user))
		return false;
	user->len--;
	return true;
}

int
back_run(struct front *front, struct settings const *settings, bool configured,
    struct peer *peer, enum smtp_service service, char const *listener,
    struct local_user const *local)
{
	static struct smtp_back b;
	b.common.channel = front->channel;
	b.common.service = "smtp";
	b.common.settings = settings;
	b.common.peer = peer;
	b.common.listener = listener;
	b.service = service;
	if (service == SERVICE_LOCAL && !take_local_user(&b, local))
		return EXIT_TEMP;
	b.configured = configured;
	b.mail.fd = -1;
	admit_start(&b.common);
	back_connect(&b.common);
	int status = serve(&b);
	admit_end(&b.common);
	close(front->channel);
	back_wait(front);
	return status;
}
