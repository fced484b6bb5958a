/* SPDX-License-Identifier: ISC */
/* relay DESTINATION: sends the files of the queue whose names come on stdin, a
 * name a line, to the servers of a destination, over one connection. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attempt.h"
#include "descriptors.h"
#include "destination.h"
#include "dns.h"
#include "exitcode.h"
#include "log.h"
#include "owner.h"
#include "queue.h"
#include "settings.h"

enum { SMTP_PORT = 25 };

struct relay {
	char const *name; /* of the destination */
	struct settings settings;
	struct destination destination;
	int queue;
	bool has_route;
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

/* Where there is no way to the destination, that is its messages' answer. */
static int
find_route(struct relay *r)
{
	struct destination *d = &r->destination;
	d->settings = &r->settings;
	enum route_result found = route_find(r->name, &r->settings, &d->route);
	if (found == ROUTE_NONE)
		answer_set(&d->trouble, VERDICT_FAILED, "5.1.2",
		    "%s is no domain that mail can be sent to", r->name);
	r->has_route = found == ROUTE_FOUND;
	d->port = d->route.hop.port ? d->route.hop.port : smtp_port();
	return found == ROUTE_ERROR ? EXIT_TEMP : EXIT_OK;
}

/* The process that talks to others is made while we are root, if we are, so
 * that it can become nobody; then we become the mail's owner. */
static int
open_all(struct relay *r)
{
	if (!settings_load(&r->settings))
		return EXIT_TEMP;
	if (!client_start(&r->destination.client, &r->settings))
		return fail("start a process", "client");
	r->queue = queue_open();
	if (r->queue < 0)
		return fail("open the queue", "queue");
	int status = find_route(r);
	return status || owner_become(&r->settings) ? status : EXIT_TEMP;
}

/* What did not come in time is not waited for. */
static int
find_hosts(struct relay *r)
{
	struct destination *d = &r->destination;
	struct dns *dns = r->has_route ? dns_open(&r->settings) : NULL;
	if (r->has_route && !dns)
		return EXIT_TEMP;
	d->dns = dns;
	if (dns)
		hosts_find(&d->hosts, &d->route, d->port, dns, &r->settings,
		    &d->trouble);
	return EXIT_OK;
}

/* --- the files -------------------------------------------------------------- */

/* A file that cannot be written to is the end: what is sent and not written
 * down is sent again. */
static int
send_all(struct relay *r)
{
	struct attempt a = { .queue = r->queue,
		.group = r->name,
		.settings = &r->settings,
		.destination = &r->destination };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool all = true, going = true;
	while (going && (len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		enum attempt_result done = attempt_file(&a, line);
		all = all && done == ATTEMPT_DONE;
		going = done != ATTEMPT_UNRECORDED;
	}
	all = all && !ferror(stdin) && fflush(stdout) == 0;
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
	if ((status = open_all(&r)) || (status = find_hosts(&r)))
		return status;
	status = send_all(&r);
	client_end(&r.destination.client);
	return status;
}
