/* SPDX-License-Identifier: ISC */
/* relay DESTINATION: sends the files of the queue whose names come on stdin, a
 * name a line, by the way that the first of them takes, over one connection. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "descriptors.h"
#include "destination.h"
#include "dns.h"
#include "ending.h"
#include "exitcode.h"
#include "log.h"
#include "owner.h"
#include "path.h"
#include "queue.h"
#include "routes.h"
#include "settings.h"

enum { SMTP_PORT = 25 };

struct relay {
	char const *name; /* a domain, or a next hop */
	struct settings settings;
	struct routes routes;
	struct destination destination;
	stralloc way; /* of the first file: its identity; empty: none yet */
	int queue;
};

static int
fail(char const *what, char const *object)
{
	log_error(what, object, errno);
	return EXIT_TEMP;
}

/* --- set-up ----------------------------------------------------------------- */

/* In tests and closed networks another port is that of all mail servers. */
static unsigned int
smtp_port(void)
{
	char const *text = getenv("BESACE_SMTP_PORT");
	unsigned long port = text ? strtoul(text, NULL, 10) : 0;
	return port > 0 && port < 65536 ? (unsigned int)port : SMTP_PORT;
}

/* The process that talks to others is made while we are root, if we are, so
 * that it can become nobody; then we become the mail's owner. */
static int
open_all(struct relay *r)
{
	path_hold();
	if (!settings_load(&r->settings))
		return EXIT_TEMP;
	if (!client_start(&r->destination.client, &r->settings))
		return fail("start a process", "client");
	ending_watch();
	r->queue = queue_open();
	if (r->queue < 0)
		return fail("open the queue", "queue");
	mta_sts_prepare(&r->destination.mta_sts);
	if (!routes_open(&r->routes, &r->settings) ||
	    !owner_become(&r->settings))
		return EXIT_TEMP;
	r->destination.settings = &r->settings;
	r->destination.dns = dns_open(&r->settings);
	r->destination.mta_sts.dns = r->destination.dns;
	return r->destination.dns ? EXIT_OK : EXIT_TEMP;
}

/* --- the way ---------------------------------------------------------------- */

/* The first file's way. Where it leads nowhere, or to no host, that is its
 * answer. 1, or 0, logged. */
static int
begin(struct relay *r, struct way const *w)
{
	struct destination *d = &r->destination;
	if (!route_make(&d->route, w, &r->settings))
		return 0;
	d->port = w->hop.port ? w->hop.port : smtp_port();
	if (w->nowhere)
		answer_set(&d->trouble, VERDICT_FAILED, "5.1.2",
		    "%s is no domain that mail can be sent to", r->name);
	else /* what does not come in time is not waited for */
		hosts_find(&d->hosts, &d->route, d->port, d->dns, &r->settings,
		    &d->trouble);
	return 1;
}

static bool
is_meant(struct relay const *r, char const *domain, struct way const *w)
{
	char name[NEXT_HOP_TEXT_MAX];
	way_name(w, domain, name);
	return strcasecmp(domain, r->name) == 0 ||
	    strcasecmp(name, r->name) == 0;
}

/* NULL when W is the way we go, which the first decides. */
static char const *
join(struct relay *r, char const *domain, struct way const *w)
{
	stralloc own = STRALLOC_ZERO;
	char const *why = NULL;
	if (!is_meant(r, domain, w))
		return "it is for another destination";
	if (!way_identity(w, domain, &own))
		why = "no memory";
	else if (r->way.len)
		why = own.len == r->way.len &&
		        memcmp(own.s, r->way.s, own.len) == 0
		    ? NULL
		    : "it goes another way than the first";
	else if (!begin(r, w) || !stralloc_copy(&r->way, &own))
		why = "its way is not known";
	stralloc_free(&own);
	return why;
}

/* Each file's own: the map may have changed since somebody put them together,
 * and no mail or login may come to a server that it is not for. */
static char const *
refuse(void *arg, struct queue_entry const *e, char const *domain)
{
	static struct way w;
	struct relay *r = arg;
	char const *why = strcmp(e->group, QUEUE_LOCAL) == 0
	    ? "it is for this server"
	    : routes_find(&r->routes, e->sender, domain, &w)
	    ? join(r, domain, &w)
	    : "its way is not known";
	explicit_bzero(&w, sizeof w);
	return why;
}

/* --- the files -------------------------------------------------------------- */

/* Whether the next name may be a while in coming. */
static bool
may_wait(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	return poll(&p, 1, 0) == 0;
}

/* A file that cannot be written to is the end: what is sent and not written
 * down is sent again. */
static int
send_all(struct relay *r)
{
	struct attempt a = { .queue = r->queue,
		.refuse = refuse,
		.arg = r,
		.settings = &r->settings,
		.destination = &r->destination };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool all = true, going = true;
	while (going && !ending_is_asked() &&
	    (len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		enum attempt_result done = attempt_file(&a, line);
		all = all && done == ATTEMPT_DONE;
		going = done != ATTEMPT_UNRECORDED &&
		    (!may_wait() || attempt_sync(&a) == ATTEMPT_DONE);
	}
	all = attempt_sync(&a) == ATTEMPT_DONE && all && !ferror(stdin) &&
	    fflush(stdout) == 0;
	free(line);
	return all ? EXIT_OK : EXIT_TEMP;
}

int
main(int argc, char **argv)
{
	static struct relay r = { .queue = -1 };
	int status;
	if (!descriptors_ready(2))
		return EXIT_TEMP;
	log_open("relay");
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (argc != 2 || !*argv[1] || strcmp(argv[1], QUEUE_LOCAL) == 0) {
		fputs("usage: relay DESTINATION < names of queue files\n",
		    stderr);
		return EXIT_USE;
	}
	r.name = argv[1];
	if ((status = open_all(&r)))
		return status;
	status = send_all(&r);
	client_end(&r.destination.client);
	return status;
}
