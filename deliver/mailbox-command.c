/* SPDX-License-Identifier: ISC */
#include "mailbox-command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "command-list.h"
#include "environment.h"
#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "path.h"
#include "room.h"
#include "spool.h"
#include "stage.h"

/* --- the environment ---------------------------------------------------- */

/* What we were told of the message, and hand on. */
static char const *const facts[] = { "MESSAGE_UID", "TCPREMOTEIP",
	"TCPREMOTEHOST", "TCPLOCALPORT", "HELO", "AUTH_USER", "TLS_PROTOCOL",
	"TLS_CIPHER", "BODY", "SMTPUTF8" };

static void
put_octets(struct environment *e, char const *name, char const *s, size_t len)
{
	char *value = strndup(s, len);
	environment_put(e, name, value);
	e->failed |= !value;
	free(value);
}

/* The local part without its extension, which is as it was before it was put in
 * lower case. One that an alias did not hand on is not in the address. */
static size_t
user_length(struct address const *a, char const *extension)
{
	size_t n = strlen(extension);
	if (!n || n + 1 >= a->local_len ||
	    strncasecmp(a->local + a->local_len - n, extension, n) != 0)
		return a->local_len;
	return a->local_len - n - 1;
}

static void
put_home(struct environment *e, struct mailbox_command const *c,
    struct target const *t)
{
	stralloc home = STRALLOC_ZERO;
	if (path_join(&home, c->settings->virtual_mailbox_base, t->path))
		environment_put(e, "HOME", home.s);
	else
		e->failed = true;
	stralloc_free(&home);
}

/* pipe(8)'s five values, and what local(8) exports for a mailbox_command. */
static bool
fill(struct environment *e, struct mailbox_command const *c,
    struct target const *t, struct address const *a)
{
	size_t user = user_length(a, t->extension);
	size_t start = user < a->local_len ? user + 1 : user;
	environment_begin(e);
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		environment_put(e, facts[i], getenv(facts[i]));
	environment_put(e, "SENDER", c->sender ? c->sender : "");
	environment_put(e, "RECIPIENT", t->to);
	environment_put(e, "ORIGINAL_RECIPIENT", t->original);
	put_octets(e, "LOCAL", a->local, a->local_len);
	put_octets(e, "USER", a->local, user);
	put_octets(e, "EXTENSION", a->local + start, a->local_len - start);
	put_octets(e, "DOMAIN", a->domain, a->domain_len);
	put_octets(e, "NEXTHOP", a->domain, a->domain_len);
	put_home(e, c, t);
	return !e->failed;
}

/* --- one mailbox -------------------------------------------------------- */

/* The message with the fields of this delivery on top. -1 with errno. */
static int
write_message(struct mailbox_command const *c, struct target const *t)
{
	struct headers const *h = c->message;
	struct iovec iov[1 + HEADERS_PIECES];
	stralloc top = STRALLOC_ZERO;
	int fd = spool_for(h->len);
	int ok =
	    fd >= 0 && headers_prepend(h, c->sender, t->original, t->to, &top);
	iov[0] = (struct iovec){ top.s, top.len };
	headers_pieces(h, iov + 1);
	for (int i = 0; ok && i < 1 + HEADERS_PIECES; i++)
		ok = file_write(fd, iov[i].iov_base, iov[i].iov_len);
	ok = ok && spool_seal(fd);
	int saved = errno;
	stralloc_free(&top);
	if (!ok && fd >= 0)
		close(fd);
	errno = saved;
	return ok ? fd : -1;
}

/* Its own words, or the stage's, as the target's answer. */
static void
take_answer(struct target *t, enum verdict v, stralloc *reply)
{
	char code[16];
	bool whole = stralloc_0(reply);
	char const *text = whole ? reply->s : "4.3.0 no memory";
	size_t n = strcspn(text, " ");
	snprintf(code, sizeof code, "%.*s", (int)n, text);
	target_fail(t, v == VERDICT_REFUSED ? EXIT_REFUSED : EXIT_TEMP, code,
	    text + n + (text[n] != 0));
}

static void
run_program(struct command_list const *list, struct environment const *e,
    int fd, int timeout, struct target *t)
{
	stralloc reply = STRALLOC_ZERO;
	struct stage stage = {
		.argv = list->argv[0],
		.envp = e->entry,
		.in = fd,
		.out = -1,
		.timeout = timeout,
	};
	enum verdict v = stage_run(&stage, &reply);
	if (v == VERDICT_LATER || v == VERDICT_REFUSED)
		take_answer(t, v, &reply);
	stralloc_free(&reply);
}

static void
failed(struct target *t, char const *what, int errnum)
{
	log_error(what, t->path, errnum);
	target_fail(t, EXIT_TEMP, "4.3.0", "mailbox cannot be written");
}

static void
deliver_to(struct mailbox_command const *c, struct command_list const *list,
    struct target *t)
{
	struct environment e = { .count = 0 };
	struct address a;
	time_t now = time(NULL);
	int fd = -1;
	if (now >= c->end)
		target_fail(t, EXIT_TEMP, "4.3.2",
		    "no time left for this delivery");
	else if (!address_parse(t->to, strlen(t->to), &a) ||
	    !fill(&e, c, t, &a))
		failed(t, "prepare mailbox_command", errno);
	else if ((fd = write_message(c, t)) < 0)
		failed(t, "write message for mailbox_command", errno);
	else
		run_program(list, &e, fd, (int)(c->end - now), t);
	if (fd >= 0)
		close(fd);
	environment_free(&e);
}

void
mailbox_command_run(struct mailbox_command const *c, struct route *r)
{
	struct command_list list;
	char const *setting = c->settings->mailbox_command;
	int ok = command_list_parse(setting, &list);
	if (ok <= 0 || list.count != 1)
		log_error("read mailbox_command", setting, 0);
	for (size_t i = 0; i < route_count(r); i++) {
		struct target *t = route_target(r, i);
		if (t->first != i || !t->path || t->status)
			continue;
		if (ok <= 0 || list.count != 1)
			target_fail(t, EXIT_TEMP, "4.3.5",
			    "mailbox_command is not one command");
		else if (room_look(t, c->basefd, c->settings, c->message->len))
			deliver_to(c, &list, t);
	}
	if (ok > 0)
		command_list_free(&list);
}
