/* SPDX-License-Identifier: ISC */
/* deliver [-f SENDER] [--] RECIPIENT...: the message on stdin into every
 * recipient's mailbox, or into the queue, or nowhere. */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "descriptors.h"
#include "enqueue.h"
#include "envelope.h"
#include "exitcode.h"
#include "file.h"
#include "forward.h"
#include "headers.h"
#include "log.h"
#include "lookup.h"
#include "mailbox-command.h"
#include "owner.h"
#include "path.h"
#include "queue.h"
#include "route.h"
#include "settings.h"
#include "store.h"

enum {
	HEADER_ROOM = 1 << 20, /* what filters may have put on top */
	ATTEMPTS = 3           /* without the mailboxes that failed */
};

struct deliver {
	char const *sender; /* NULL: unknown */
	char *const *recipients;
	struct settings settings;
	struct lookup lookup;
	int basefd;
	int queue; /* -1: not to be had */
	struct envelope envelope;
	struct headers message;
	struct route route;
};

/* The last line of stderr is the caller's answer to its client. */
static int
answer(int status, char const *text)
{
	dprintf(2, "%s\n", text);
	return status;
}

/* The same for all recipients, before any of them was looked up. */
static int
give_up(struct deliver *d, int status, char const *text)
{
	for (char *const *p = d->recipients; *p; p++)
		log_event("deliver", "from", d->sender, "orig", *p, "result",
		    status == EXIT_TEMP ? "deferred" : "refused", "answer",
		    text, (char *)NULL);
	return answer(status, text);
}

/* --- set-up ------------------------------------------------------------- */

/* A reverse-path, with or without brackets; nothing that could end the field
 * it is written to. */
static bool
take_sender(struct deliver *d, char *sender)
{
	size_t len = strlen(sender);
	if (len >= 2 && sender[0] == '<' && sender[len - 1] == '>') {
		sender[len - 1] = 0;
		sender++;
	}
	char path[ADDRESS_MAX + 3];
	struct address a;
	int n = snprintf(path, sizeof path, "<%s>", sender);
	d->sender = sender;
	return n > 0 && (size_t)n < sizeof path &&
	    address_path(path, (size_t)n, &a) == (size_t)n;
}

static bool
parse_arguments(struct deliver *d, int argc, char *const *argv)
{
	char *sender = getenv("SENDER");
	int c;
	while ((c = getopt(argc, argv, "+f:")) != -1) {
		if (c != 'f')
			return false;
		sender = optarg;
	}
	d->recipients = argv + optind;
	return *d->recipients && (!sender || take_sender(d, sender));
}

/* Each mailbox keeps a directory open until the message is in all of them.
 * What a limit makes fail is an error we clean up after, not a signal. */
static void
prepare_process(void)
{
	struct rlimit files;
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Opens what may need root, then becomes the mail's owner. */
static int
open_all(struct deliver *d)
{
	int ok = settings_load(&d->settings);
	if (!ok || !lookup_open(&d->lookup, &d->settings))
		return give_up(d, EXIT_TEMP, "4.3.0 tables cannot be read");
	char const *base = d->settings.virtual_mailbox_base;
	d->basefd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->basefd < 0) {
		log_error("open virtual_mailbox_base", base, errno);
		return give_up(d, EXIT_TEMP,
		    "4.3.0 mail store cannot be opened");
	}
	d->queue = queue_open();
	path_hold();
	if (!owner_become(&d->settings))
		return give_up(d, EXIT_TEMP, "4.3.5 mail has no right owner");
	return EXIT_OK;
}

/* --- the message -------------------------------------------------------- */

static int
read_message(struct deliver *d)
{
	char const *message;
	size_t len, max = (size_t)d->settings.message_size_limit;
	max =
	    max && max < SIZE_MAX - HEADER_ROOM ? max + HEADER_ROOM : SIZE_MAX;
	if (!file_input(0, &message, &len, max)) {
		if (errno == EFBIG)
			return give_up(d, EXIT_REFUSED,
			    "5.3.4 message is larger "
			    "than message_size_limit");
		log_error("read message", "stdin", errno);
		return give_up(d, EXIT_TEMP, "4.3.0 message cannot be read");
	}
	if (!len) /* a program before us that failed and said nothing */
		return give_up(d, EXIT_TEMP, "4.3.0 message is empty");
	if (!headers_scan(&d->message, message, len))
		return give_up(d, EXIT_TEMP, "4.3.0 no memory");
	return EXIT_OK;
}

/* --- recipients --------------------------------------------------------- */

static int
resolve(struct deliver *d)
{
	if (!d->recipients[1])
		d->route.original = d->envelope.original;
	d->route.no_aliases = d->envelope.no_aliases;
	for (char *const *p = d->recipients; *p; p++)
		if (!route_add(&d->route, &d->lookup, *p))
			return give_up(d, EXIT_TEMP, "4.3.0 no memory");
	return EXIT_OK;
}

/* RFC 5321 6.3: too many hops, or we had this message for this address. */
static void
check_loops(struct deliver *d)
{
	bool hops = d->message.received > d->settings.hopcount_limit;
	for (size_t i = 0; i < route_count(&d->route); i++) {
		struct target *t = route_target(&d->route, i);
		if (t->status || t->first != i)
			continue;
		if (hops)
			target_fail(t, EXIT_REFUSED, "5.4.6",
			    "mail loop: too many Received fields");
		else if (t->path && headers_delivered_to(&d->message, t->to))
			target_fail(t, EXIT_REFUSED, "5.4.6",
			    "mail loop: it is in Delivered-To already");
	}
}

/* What became of target I: the one with the same mailbox was tried. */
static struct target *
fate_of(struct deliver *d, size_t i)
{
	return route_target(&d->route, route_target(&d->route, i)->first);
}

/* Whether all failed for now, or all for good: then nothing is written. */
static bool
is_uniform_failure(struct deliver *d)
{
	bool for_now = fate_of(d, 0)->status == EXIT_TEMP;
	for (size_t i = 0; i < route_count(&d->route); i++) {
		struct target const *t = fate_of(d, i);
		if (!t->status || (t->status == EXIT_TEMP) != for_now)
			return false;
	}
	return true;
}

/* What stands for all: the first that failed for now, for then the message
 * comes again; else the first that failed; NULL when none did. */
static struct target *
find_failure(struct deliver *d)
{
	struct target *found = NULL;
	for (size_t i = 0; i < route_count(&d->route); i++) {
		struct target *t = route_target(&d->route, i);
		if (t->status == EXIT_TEMP)
			return t;
		if (t->status && !found)
			found = t;
	}
	return found;
}

/* --- results ------------------------------------------------------------ */

static char const *
failure_text(struct target const *t)
{
	return t->answer ? t->answer : "4.3.0 no memory";
}

static char const *
result_of(struct target const *fate)
{
	if (!fate->status)
		return fate->domain ? "queued" : "delivered";
	return fate->status == EXIT_TEMP ? "queued" : "refused";
}

/* "via" says where the message is now, the answer why it is not delivered. */
static void
log_result(struct deliver *d, size_t i)
{
	struct target const *t = route_target(&d->route, i);
	struct target const *fate = fate_of(d, i);
	bool delivered = !fate->status && !fate->domain;
	char const *way =
	    *d->settings.mailbox_command ? "mailbox_command" : "maildir";
	char size[24];
	snprintf(size, sizeof size, "%llu", (unsigned long long)fate->size);
	log_event("deliver", "from", d->sender, "to", t->to, "orig",
	    t->original, "result", result_of(fate), "via",
	    delivered ? way : fate->queued, "path",
	    delivered ? fate->file : NULL, "size", fate->file ? size : NULL,
	    "answer", fate->status ? failure_text(fate) : NULL, (char *)NULL);
}

/* Nothing was written, for TEXT with STATUS: the log tells the recipients that
 * it came from from those that nothing is wrong with. */
static int
report_failure(struct deliver *d, int status, char const *text)
{
	for (size_t i = 0; i < route_count(&d->route); i++) {
		struct target const *t = route_target(&d->route, i);
		struct target const *fate = fate_of(d, i);
		char const *result = !fate->status ? "withheld"
		    : fate->status == EXIT_TEMP    ? "deferred"
		                                   : "refused";
		log_event("deliver", "from", d->sender, "to", t->to, "orig",
		    t->original, "result", result, "answer",
		    fate->status ? failure_text(fate) : text, (char *)NULL);
	}
	return answer(status, text);
}

/* --- both phases, of mailboxes and queue -------------------------------- */

/* What the client is told when nothing was written. */
static int
report_cause(struct deliver *d, struct enqueue const *q)
{
	struct target const *t = find_failure(d);
	if (t && (t->status == EXIT_TEMP || !q->answer))
		return report_failure(d, t->status, failure_text(t));
	return report_failure(d, EXIT_TEMP, q->answer);
}

enum outcome {
	DONE,
	GIVEN_UP,
	TAKEN_BACK /* for a mailbox that was thought to be had */
};

/* Everything is written and synced before the first of it is visible, and all
 * mailboxes have it before the first is synced: the moment in which a kill would
 * leave it with some is that of the renames alone. The queue comes last, when
 * nothing else can fail: what a runner takes from it cannot be taken back. */
static enum outcome
carry_out(struct deliver *d, struct store *s, struct enqueue *q)
{
	bool ours = !*d->settings.mailbox_command;
	if ((ours && !store_prepare(s, &d->route)) || is_uniform_failure(d) ||
	    !enqueue_prepare(q, &d->route))
		return GIVEN_UP;
	if (!store_show(s) || !store_sync(s))
		return TAKEN_BACK;
	return enqueue_show(q) && enqueue_sync(q) ? DONE : GIVEN_UP;
}

static enum outcome
attempt(struct deliver *d, struct enqueue *q)
{
	struct store store = {
		.basefd = d->basefd,
		.sender = d->sender,
		.settings = &d->settings,
		.message = &d->message,
	};
	enum outcome outcome = carry_out(d, &store, q);
	store_finish(&store, outcome == DONE);
	enqueue_finish(q, outcome == DONE);
	return outcome;
}

/* Programs first: what they did cannot be taken back. */
static void
run_commands(struct deliver *d)
{
	struct mailbox_command command = {
		.basefd = d->basefd,
		.settings = &d->settings,
		.sender = d->sender,
		.message = &d->message,
		.end = time(NULL) + (time_t)d->settings.filter_timeout,
	};
	if (*d->settings.mailbox_command)
		mailbox_command_run(&command, &d->route);
}

static int
deliver(struct deliver *d)
{
	struct forward forward = {
		.sender = d->sender,
		.user = d->envelope.user,
		.message = &d->message,
		.lookup = &d->lookup,
	};
	struct enqueue enqueue = {
		.sender = d->sender,
		.forward = &forward,
		.envelope = &d->envelope,
		.message = &d->message,
		.queue = d->queue,
	};
	enum outcome outcome = TAKEN_BACK;
	check_loops(d);
	if (!forward_check(&forward, &d->route))
		return report_failure(d, EXIT_TEMP,
		    "4.3.0 no reverse-path can be made");
	run_commands(d);
	for (int i = 0; i < ATTEMPTS && outcome == TAKEN_BACK; i++)
		outcome = attempt(d, &enqueue);
	forward_free(&forward);
	if (outcome != DONE)
		return report_cause(d, &enqueue);
	for (size_t i = 0; i < route_count(&d->route); i++)
		log_result(d, i);
	return EXIT_OK;
}

int
deliver_main(int argc, char *const *argv)
{
	struct deliver d = { .basefd = -1 };
	int status;
	if (!descriptors_ready(1))
		return answer(EXIT_TEMP, "4.3.0 no standard input");
	log_open("deliver");
	prepare_process();
	if (!parse_arguments(&d, argc, argv))
		return answer(EXIT_USE,
		    "usage: deliver [-f SENDER] [--] RECIPIENT...");
	envelope_read(&d.envelope);
	if ((status = open_all(&d)) || (status = read_message(&d)) ||
	    (status = resolve(&d)))
		return status;
	return deliver(&d);
}
