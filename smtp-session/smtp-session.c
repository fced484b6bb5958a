/* SPDX-License-Identifier: ISC */
/* The SMTP server side of one connection on stdin and stdout. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "back.h"
#include "descriptors.h"
#include "exitcode.h"
#include "front.h"
#include "local.h"
#include "log.h"
#include "peer.h"
#include "proxied.h"
#include "session.h"

static char const *const service_names[] = {
	[SERVICE_SMTP] = "smtp",
	[SERVICE_SUBMISSION] = "submission",
	[SERVICE_SUBMISSIONS] = "submissions",
	[SERVICE_LOCAL] = "local",
};

static void
usage(void)
{
	fprintf(stderr,
	    "usage: smtp-session [-s smtp|submission|submissions|local]\n");
	exit(EXIT_USE);
}

static enum smtp_service
service_by_name(char const *name)
{
	for (int i = SERVICE_SMTP; i <= SERVICE_LOCAL; i++)
		if (strcmp(service_names[i], name) == 0)
			return (enum smtp_service)i;
	usage();
	return SERVICE_SMTP;
}

static enum smtp_service
options(int argc, char **argv)
{
	enum smtp_service service = SERVICE_SMTP;
	int c;
	while ((c = getopt(argc, argv, "s:")) != -1) {
		if (c != 's')
			usage();
		service = service_by_name(optarg);
	}
	if (optind != argc)
		usage();
	return service;
}

static bool
is_socket(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int
run_front(struct front *front, struct settings const *settings,
    struct peer const *peer, enum smtp_service service)
{
	static struct session s;
	s.front = front;
	s.settings = settings;
	s.service = service;
	s.local = !is_socket(0);
	s.incoming.fd = -1;
	s.authenticated = service == SERVICE_LOCAL;
	conn_init(&s.conn, 0, 1, (int)settings->smtpd_timeout);
	if (front_proxy(front, &s.conn, settings, peer))
		session_run(&s);
	return EXIT_OK;
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct peer peer; /* a local user has none */
	static struct local_user local;
	struct front front;
	enum smtp_service service = options(argc, argv);
	if (!descriptors_ready(2))
		return EXIT_USE; /* nobody to talk to */
	umask(077);
	log_open("smtp-session");
	bool configured = settings_load(&settings) == 1;
	if (service != SERVICE_LOCAL) {
		peer_find(&peer, 0);
	} else if (!local_user_find(&local, 0)) {
		log_error("serve as local", "a network connection", 0);
		return EXIT_USE;
	}
	/* nothing is left for exit(3) to flush; what it looks at it would have
	 * to copy first, page by page, in both processes */
	switch (front_fork(&front, false)) {
	case FRONT_FRONT:
		_exit(run_front(&front, &settings, &peer, service));
	case FRONT_BACK:
		_exit(back_run(&front, &settings, configured, &peer, service,
		    service_names[service], &local));
	case FRONT_FAILED:
		break;
	}
	log_error("start the session's two processes", NULL, errno);
	printf("421 4.3.0 Temporary server problem, try again later\r\n");
	return EXIT_OSERR;
}
