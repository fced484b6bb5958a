/* SPDX-License-Identifier: ISC */
/* The listeners of an instance, in the foreground: one tcpserver (or
 * systemd-socket-activate) a port, and queue-run when it is due. Nothing of ours
 * stays resident. */
#include "besace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/types.h>

#include "exitcode.h"
#include "path.h"
#include "serve.h"
#include "serve-queue.h"

enum {
	BASE_PORT = 10000,
	BASE_PORT_MAX = 65535 - 993,
	START_SECONDS = 10,
	END_SECONDS = 5,
	NAME_MAX_LEN = 64
};

static struct {
	unsigned int offset; /* the well-known port */
	char const *program;
	char const *option;
	char const *value;
} const services[SERVICES] = {
	[SERVICE_SMTP] = { 25, "smtp-session", "-s", "smtp" },
	[SERVICE_SUBMISSION] = { 587, "smtp-session", "-s", "submission" },
	[SERVICE_SUBMISSIONS] = { 465, "smtp-session", "-s", "submissions" },
	[SERVICE_IMAP] = { 143, "imap-session", NULL, NULL },
	[SERVICE_IMAPS] = { 993, "imap-session", "-t", NULL },
};

struct server {
	struct serve_facts facts;
	stralloc dir;
	char listener[4096]; /* tcpserver or systemd-socket-activate */
	bool is_tcpserver;
	int log;
	pid_t child[SERVICES];
	struct serve_queue queue;
	sigset_t before; /* the signal mask we were started with */
};

static int
complain(char const *what, char const *about)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, about,
	    strerror(errno));
	return 0;
}

/* --- before the start ---------------------------------------------------------------- */

/* Searches PATH, and where Debian has system programs. */
static bool
find_program(char const *name, char *path, size_t size)
{
	char const *dirs = getenv("PATH");
	char places[4096];
	snprintf(places, sizeof places, "%s:/usr/local/bin:/usr/bin:/usr/sbin",
	    dirs ? dirs : "");
	char *rest = places;
	for (char *dir; (dir = strsep(&rest, ":"));) {
		int n = snprintf(path, size, "%s/%s", dir, name);
		if (*dir == '/' && n > 0 && (size_t)n < size &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static int
find_listener(struct server *s)
{
	s->is_tcpserver =
	    find_program("tcpserver", s->listener, sizeof s->listener);
	if (s->is_tcpserver ||
	    find_program("systemd-socket-activate", s->listener,
	        sizeof s->listener))
		return 1;
	fputs("besace: neither tcpserver (package ucspi-tcp) nor "
	      "systemd-socket-activate (package systemd) is installed\n",
	    stderr);
	return 0;
}

static int
open_address(struct server const *s, unsigned int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || inet_pton(AF_INET, s->facts.listen, &a.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 1) < 0) {
		int saved = errno;
		if (fd >= 0)
			close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* The listeners would only say so in the log. */
static int
check_port(struct server const *s, unsigned int port)
{
	int fd = open_address(s, port);
	if (fd >= 0) {
		close(fd);
		return 1;
	}
	if (errno == EADDRINUSE)
		fprintf(stderr,
		    "besace: port %u of %s is in use. Choose other ports with "
		    "--base-port N (make run BASE_PORT=N); port 25 becomes "
		    "N + 25, and so on.\n",
		    port, s->facts.listen);
	else
		fprintf(stderr, "besace: unable to listen on %s port %u: %s\n",
		    s->facts.listen, port, strerror(errno));
	return 0;
}

static int
open_instance(struct server *s, char const *name)
{
	stralloc path = STRALLOC_ZERO;
	char *dir = realpath(name, NULL);
	int ok = dir && stralloc_copys(&s->dir, dir) && stralloc_0(&s->dir) &&
	    path_join(&path, dir, "etc") && access(path.s, X_OK) == 0 &&
	    setenv("BESACE_ETC", path.s, 1) == 0 &&
	    path_join(&path, dir, "var") &&
	    setenv("BESACE_VAR", path.s, 1) == 0;
	if (!ok) {
		complain("find an instance in", name);
		fputs("besace: \"besace init DIR\" makes one\n", stderr);
	} else if (!path_join(&path, dir, "log/mail.log") ||
	    (s->log = open(path.s, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	         0640)) < 0)
		ok = complain("open the log", path.s ? path.s : name);
	s->facts.dir = s->dir.s;
	free(dir);
	stralloc_free(&path);
	return ok;
}

/* --- the listeners ------------------------------------------------------------------- */

struct command {
	char const *word[32];
	unsigned int count;
};

static void
add(struct command *c, char const *word)
{
	if (word && c->count + 1 < sizeof c->word / sizeof *c->word)
		c->word[c->count++] = word;
}

static void
add_all(struct command *c, char const *const *words)
{
	while (*words)
		add(c, *words++);
}

/* tcpserver: no lookups (-H -R -l0), many connections, a long queue. */
static void
fill_command(struct server const *s, unsigned int i, char const *program,
    struct command *c)
{
	static char const *const tcpserver[] = { "-q", "-H", "-R", "-l", "0",
		"-c", "1000", "-b", "400", NULL };
	static char const *const activate[] = { "--accept", "--inetd", "-E",
		"BESACE_ETC", "-E", "BESACE_VAR", "-E", "PATH", "-l", NULL };
	static char port[16], both[NAME_MAX_LEN + 16];
	snprintf(port, sizeof port, "%u", s->facts.port[i]);
	snprintf(both, sizeof both, "%s:%s", s->facts.listen, port);
	add(c, s->listener);
	if (s->is_tcpserver) {
		add_all(c, tcpserver);
		add(c, s->facts.listen);
		add(c, port);
	} else {
		add_all(c, activate);
		add(c, both);
	}
	add(c, program);
	add(c, services[i].option);
	add(c, services[i].value);
	c->word[c->count] = NULL;
}

/* Nobody writes to the words: execv's type is older than const. */
union words {
	char const *const *in;
	char *const *out;
};

/* In the child. It leads a group of its own, so that its sessions end with it,
 * and gets SIGTERM when we are gone, however we went. */
static void
become_listener(struct server const *s, struct command *c, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ||
	    getppid() != parent || null < 0 || dup2(null, 0) < 0 ||
	    dup2(s->log, 1) < 0 || dup2(s->log, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &s->before, NULL) < 0)
		_exit(EXIT_OSERR);
	union words words = { .in = c->word };
	execv(s->listener, words.out);
	_exit(EXIT_UNAVAILABLE);
}

static int
start_listener(struct server *s, unsigned int i)
{
	stralloc program = STRALLOC_ZERO;
	struct command c = { .count = 0 };
	pid_t parent = getpid();
	if (!path_program(&program, services[i].program))
		return complain("find", services[i].program);
	fill_command(s, i, program.s, &c);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		become_listener(s, &c, parent);
	stralloc_free(&program);
	if (child < 0)
		return complain("start", s->listener);
	setpgid(child, child);
	s->child[i] = child;
	return 1;
}

/* Somebody listens: then nobody else can. */
static bool
is_listening(struct server const *s, unsigned int i)
{
	char wanted[40], line[512];
	struct in_addr a;
	if (inet_pton(AF_INET, s->facts.listen, &a) != 1)
		return false;
	/* "sl local_address rem_address st": state 0A is LISTEN */
	snprintf(wanted, sizeof wanted, ": %08X:%04X 00000000:0000 0A",
	    a.s_addr, s->facts.port[i]);
	FILE *f = fopen("/proc/net/tcp", "re");
	bool found = false;
	while (f && !found && fgets(line, sizeof line, f))
		found = strstr(line, wanted) != NULL;
	if (f)
		fclose(f);
	return found;
}

static bool
all_listen(struct server const *s)
{
	for (unsigned int i = 0; i < SERVICES; i++)
		if (!is_listening(s, i))
			return false;
	return true;
}

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A listener that has ended, or none (SERVICES). */
static unsigned int
reap(struct server *s)
{
	pid_t pid;
	int status;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->queue.child)
			serve_queue_ended(&s->queue);
		for (unsigned int i = 0; i < SERVICES; i++)
			if (s->child[i] == pid) {
				s->child[i] = 0;
				return i;
			}
	}
	return SERVICES;
}

static int
report_ended(struct server const *s, unsigned int i)
{
	fprintf(stderr,
	    "besace: the listener of port %u has ended; %s/log/mail.log may "
	    "say why\n",
	    s->facts.port[i], s->dir.s);
	return 0;
}

static int
wait_for_ports(struct server *s)
{
	double limit = now() + START_SECONDS;
	while (!all_listen(s)) {
		unsigned int ended = reap(s);
		if (ended < SERVICES)
			return report_ended(s, ended);
		if (now() > limit) {
			fputs("besace: the listeners do not start\n", stderr);
			return 0;
		}
		poll(NULL, 0, 20);
	}
	return 1;
}

static void
signal_all(struct server const *s, int signal)
{
	for (unsigned int i = 0; i < SERVICES; i++)
		if (s->child[i] > 0)
			kill(-s->child[i], signal);
	/* TERM is for queue-run, which lets its own children finish */
	if (s->queue.child)
		kill(signal == SIGKILL ? -s->queue.child : s->queue.child,
		    signal);
}

static bool
some_left(struct server const *s)
{
	for (unsigned int i = 0; i < SERVICES; i++)
		if (s->child[i] > 0)
			return true;
	return s->queue.child > 0;
}

static void
end_listeners(struct server *s)
{
	double limit = now() + END_SECONDS;
	signal_all(s, SIGTERM);
	while (some_left(s) && now() < limit)
		if (reap(s) == SERVICES)
			poll(NULL, 0, 10);
	signal_all(s, SIGKILL);
}

/* --- the story ----------------------------------------------------------------------- */

/* What a signal asks for: to go on (-1), or to end with this code. */
static int
take_signal(struct server *s, int fd)
{
	struct signalfd_siginfo info;
	if (read(fd, &info, sizeof info) != sizeof info)
		return -1;
	unsigned int ended = reap(s);
	if (ended < SERVICES) {
		report_ended(s, ended);
		return EXIT_UNAVAILABLE;
	}
	return info.ssi_signo == SIGCHLD ? -1 : EXIT_OK;
}

/* Until a signal asks for the end, or a listener ends. */
static int
stay(struct server *s, int fd)
{
	int code = -1;
	while (code < 0) {
		serve_queue_step(&s->queue, now());
		struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
			{ .fd = s->queue.news, .events = POLLIN } };
		int n = poll(p, 2, serve_queue_timeout(&s->queue, now()));
		if (n > 0 && p[0].revents)
			code = take_signal(s, fd);
	}
	return code;
}

static int
run(struct server *s)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &s->before);
	int code = EXIT_UNAVAILABLE;
	int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	int ok = fd >= 0 || complain("wait for", "signals");
	for (unsigned int i = 0; ok && i < SERVICES; i++)
		ok = start_listener(s, i);
	if (ok && wait_for_ports(s)) {
		serve_print(&s->facts);
		serve_queue_open(&s->queue, s->log, &s->before);
		code = stay(s, fd);
	}
	end_listeners(s);
	return code;
}

static int
usage(void)
{
	fprintf(stderr,
	    "usage: besace serve DIR [--base-port N] [--listen ADDRESS]\n"
	    "N is at most %d; ADDRESS is an IPv4 address\n",
	    BASE_PORT_MAX);
	return EXIT_USE;
}

static bool
is_address(char const *s)
{
	struct in_addr a;
	return inet_pton(AF_INET, s, &a) == 1;
}

int
verb_serve(int argc, char *const *argv)
{
	static struct server s;
	unsigned int base = BASE_PORT;
	char const *dir = NULL;
	s.facts.listen = "127.0.0.1";
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--base-port") == 0 && i + 1 < argc) {
			if (!uint0_scan(argv[++i], &base) ||
			    base > BASE_PORT_MAX)
				return usage();
		} else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc) {
			s.facts.listen = argv[++i];
			if (!is_address(s.facts.listen))
				return usage();
		} else if (dir || *argv[i] == '-')
			return usage();
		else
			dir = argv[i];
	}
	if (!dir)
		return usage();
	if (!open_instance(&s, dir))
		return EXIT_CONFIG;
	if (!find_listener(&s))
		return EXIT_UNAVAILABLE;
	for (unsigned int i = 0; i < SERVICES; i++) {
		s.facts.port[i] = base + services[i].offset;
		if (!check_port(&s, s.facts.port[i]))
			return EXIT_UNAVAILABLE;
	}
	return run(&s);
}
