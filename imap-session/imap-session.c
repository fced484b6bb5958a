/* SPDX-License-Identifier: ISC */
/* The IMAP server side of one connection on stdin and stdout. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "back.h"
#include "descriptors.h"
#include "exitcode.h"
#include "front.h"
#include "log.h"
#include "login.h"
#include "peer.h"
#include "session.h"
#include "title.h"

struct options {
	bool tls;
	char const *user; /* served at once; NULL: after a login */
};

static void
usage(void)
{
	fprintf(stderr,
	    "usage: imap-session [-t]\n"
	    "       imap-session -u user\n");
	exit(EXIT_USE);
}

static struct options
options(int argc, char **argv)
{
	struct options o = { false, NULL };
	int c;
	while ((c = getopt(argc, argv, "tu:")) != -1) {
		if (c == 't')
			o.tls = true;
		else if (c == 'u')
			o.user = optarg;
		else
			usage();
	}
	if (optind != argc || (o.tls && o.user))
		usage();
	return o;
}

/* By hand, or as the tunnel of a client that reached us some other way. */
static int
serve_at_once(struct settings const *settings, char *user)
{
	struct serving v = {
		.settings = settings,
		.user = user,
		.in = 0,
		.out = 1,
		.greeting = "* PREAUTH",
		.input = "",
	};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	for (char *p = user; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	if (!serve_user(&v)) {
		printf("* BYE The mailbox cannot be opened\r\n");
		fflush(stdout);
		return EXIT_TEMP;
	}
	return EXIT_OK;
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct peer peer;
	struct front front;
	struct options o = options(argc, argv);
	if (!descriptors_ready(2))
		return EXIT_USE; /* nobody to talk to */
	umask(077);
	log_open("imap-session");
	bool configured = settings_load(&settings) == 1;
	if (configured && settings.verbose_proctitle)
		title_open(argv);
	if (o.user)
		return configured ? serve_at_once(&settings, strdup(o.user))
		                  : EXIT_TEMP;
	peer_find(&peer, 0);
	switch (front_fork(&front, !settings.imap_unauthenticate)) {
	case FRONT_FRONT:
		login_run(&front, &settings, &peer, o.tls);
		_exit(EXIT_OK);
	case FRONT_BACK:
		_exit(back_run(&front, &settings, configured, &peer,
		    o.tls ? "imaps" : "imap"));
	case FRONT_FAILED:
		break;
	}
	log_error("start the session's two processes", NULL, errno);
	printf("* BYE Temporary server problem, try again later\r\n");
	return EXIT_OSERR;
}
