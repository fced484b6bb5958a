/* SPDX-License-Identifier: ISC */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exitcode.h"
#include "log.h"
#include "monotonic.h"
#include "open-sessions.h"
#include "path.h"
#include "program.h"

enum {
	STDERR_LINE_MAX = 1000,
	STDERR_LINES_MAX = 200, /* logged of one program; the rest is dropped */
	REPLY_TEXT_MAX = 400,
	PIPE_PIECES = 16, /* reads that empty a pipe */
	SOON = 100        /* ms */
};

enum verdict
stage_verdict(int status)
{
	if (!WIFEXITED(status))
		return VERDICT_LATER;
	switch (WEXITSTATUS(status)) {
	case EXIT_OK:
		return VERDICT_PASS;
	case EXIT_MALFORMED:
	case EXIT_NOUSER:
	case EXIT_REFUSED:
		return VERDICT_REFUSED;
	case EXIT_DISCARD:
		return VERDICT_DISCARD;
	default: /* refused for good only when somebody decided so */
		return VERDICT_LATER;
	}
}

static size_t
digits(char const *s, size_t len, size_t at)
{
	size_t n = 0;
	while (at + n < len && s[at + n] >= '0' && s[at + n] <= '9')
		n++;
	return n;
}

/* RFC 3463 section 2: class "." subject "." detail */
int
stage_reply_fits(enum verdict v, char const *line, size_t len)
{
	char class = v == VERDICT_REFUSED ? '5' : '4';
	if (len < 7 || len > REPLY_TEXT_MAX || line[0] != class ||
	    line[1] != '.')
		return 0;
	size_t at = 2;
	size_t n = digits(line, len, at);
	if (n < 1 || n > 3 || at + n >= len || line[at + n] != '.')
		return 0;
	at += n + 1;
	n = digits(line, len, at);
	if (n < 1 || n > 3 || at + n + 1 >= len || line[at + n] != ' ')
		return 0;
	for (at += n; at < len; at++)
		if (line[at] < 0x20 || line[at] > 0x7e)
			return 0;
	return 1;
}

/* --- what the program says on stderr -------------------------------------- */

struct speech {
	char const *program;
	char line[STDERR_LINE_MAX];
	size_t len;
	unsigned int lines;
	stralloc last;
};

/* A line of our own log format is passed on as it is. */
static bool
is_log_line(struct speech const *sp)
{
	size_t n = strlen(sp->program);
	if (sp->len < n + 4 || memcmp(sp->line, sp->program, n) != 0 ||
	    sp->line[n] != '[')
		return false;
	for (size_t i = 0; i < sp->len; i++)
		if ((unsigned char)sp->line[i] < 0x20)
			return false;
	n += 1 + digits(sp->line, sp->len, n + 1);
	return n + 2 < sp->len && memcmp(sp->line + n, "]: ", 3) == 0;
}

/* The last line so far turns out not to be the reply. */
static void
log_last(struct speech *sp)
{
	if (sp->last.len && stralloc_0(&sp->last))
		log_event("filter", "program", sp->program, "says", sp->last.s,
		    (char *)NULL);
	sp->last.len = 0;
}

static void
end_of_line(struct speech *sp)
{
	size_t n = sp->len;
	if (!n)
		return;
	bool dropped = ++sp->lines > STDERR_LINES_MAX;
	if (!dropped && is_log_line(sp)) {
		sp->line[n] = '\n'; /* speech_add leaves room */
		log_pass(sp->line, n + 1);
	} else {
		if (!dropped)
			log_last(sp);
		if (!stralloc_copyb(&sp->last, sp->line, n))
			sp->last.len = 0;
	}
	sp->len = 0;
}

static void
speech_add(struct speech *sp, char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n')
			end_of_line(sp);
		else if (sp->len < sizeof sp->line - 1)
			sp->line[sp->len++] = s[i];
	}
}

/* --- the process ------------------------------------------------------------ */

/* What we, or who started us, have others do on these signals. */
static void
reset_signals(void)
{
	static int const signals[] = { SIGPIPE, SIGXFSZ, SIGCHLD, SIGHUP,
		SIGINT, SIGTERM, OPEN_LEAVE };
	sigset_t none;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child, which may share our memory: system calls only. It leads a group,
 * so that its own children can be ended with it, and ends with us. false with
 * errno. */
static bool
become_child(struct stage const *s, int in, int err, pid_t parent)
{
	int out = s->out >= 0 ? s->out : open("/dev/null", O_WRONLY);
	reset_signals();
	if (out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(err, 2) < 0 || setpgid(0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return false;
	errno = ESRCH; /* too late for the signal */
	return getppid() == parent;
}

/* pid, or -1 with errno. */
static pid_t
start_builtin(struct stage const *s, struct builtin const *b, int in, int err)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	if (!become_child(s, in, err, parent))
		_exit(EXIT_OSERR);
	builtin_run(b, s->argv, s->envp);
}

/* pid, or -1 with errno. Not posix_spawn, which cannot set the death signal;
 * not fork, which copies our page tables for nothing. */
static pid_t
start_file(struct stage const *s, int in, int err)
{
	stralloc path = STRALLOC_ZERO;
	pid_t parent = getpid();
	volatile int failed = 0;
	if (!path_program(&path, s->argv[0]))
		return -1;
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork) */
	pid_t pid = vfork();
	if (pid == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
		if (become_child(s, in, err, parent))
			program_exec(path.s, s->argv, s->envp);
		failed = errno;
		_exit(EXIT_UNAVAILABLE);
	}
	int saved = errno;
	if (pid > 0 && failed) {
		saved = failed;
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	stralloc_free(&path);
	errno = saved;
	return failed ? -1 : pid;
}

/* What is there to read now. false at the end. */
static bool
listen_once(int fd, struct speech *sp)
{
	char piece[4096];
	ssize_t r = read(fd, piece, sizeof piece);
	if (r > 0)
		speech_add(sp, piece, (size_t)r);
	return r > 0 || (r < 0 && (errno == EINTR || errno == EAGAIN));
}

/* What an ended process left in the pipe; a grandchild that goes on writing is
 * not waited for. */
static void
listen_to_rest(int fd, struct speech *sp)
{
	for (int i = 0; i < PIPE_PIECES; i++) {
		errno = 0;
		if (!listen_once(fd, sp) || errno == EAGAIN)
			return;
	}
}

/* Listens until the process has ended, or the time is over. */
static bool
listen_until_end(int pidfd, int err, int timeout, struct speech *sp)
{
	long long deadline = monotonic_ms() + timeout * 1000LL;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	bool open = true;
	/* Most say little and end at once: we wake up once for both. */
	if (poll(&end, 1, SOON) > 0) {
		listen_to_rest(err, sp);
		return true;
	}
	for (;;) {
		struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
			{ .fd = open ? err : -1, .events = POLLIN } };
		long long left = deadline - monotonic_ms();
		int r = poll(p, 2, left > 0 ? (int)left : 0);
		if (r == 0 || left <= 0 || (r < 0 && errno != EINTR))
			return false;
		if (r > 0 && p[1].revents)
			open = listen_once(err, sp);
		if (r > 0 && p[0].revents) {
			listen_to_rest(err, sp);
			return true;
		}
	}
}

/* Its wait status; -1 when it had to be ended. */
static int
wait_for_end(pid_t pid, int err, int timeout, struct speech *sp)
{
	int status = -1;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool ended = pidfd >= 0 && listen_until_end(pidfd, err, timeout, sp);
	if (!ended) {
		log_error("wait for a program that took too long", sp->program,
		    ETIMEDOUT);
		if (kill(-pid, SIGKILL) < 0) /* it leads no group yet */
			kill(pid, SIGKILL);
	}
	if (pidfd >= 0)
		close(pidfd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	end_of_line(sp);
	return ended ? status : -1;
}

static char const *
default_text(enum verdict v)
{
	return v == VERDICT_REFUSED
	    ? "5.7.1 Message refused"
	    : "4.3.0 Temporary failure, try again later";
}

/* Nobody decided so: a signal, or a status of faults. */
static bool
is_fault(int status)
{
	return stage_verdict(status) == VERDICT_LATER &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TEMP);
}

static void
log_end(struct stage const *s, struct speech const *sp, int status)
{
	char text[40] = "timeout";
	if (status >= 0 && WIFSIGNALED(status))
		snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
	else if (status >= 0)
		snprintf(text, sizeof text, "status %d", WEXITSTATUS(status));
	log_event("filter", "program", sp->program, "ended", text,
	    (char *)NULL);
	if (status >= 0 && is_fault(status)) /* else there is such a line */
		log_event("error", "what", "run a program", "object",
		    s->argv[0], "ended", text, (char *)NULL);
}

static enum verdict
run_with(struct stage const *s, int in, int err[2], struct speech *sp)
{
	struct builtin const *b = builtin_find(s->builtins, s->argv[0]);
	pid_t pid =
	    b ? start_builtin(s, b, in, err[1]) : start_file(s, in, err[1]);
	int saved = errno;
	close(err[1]);
	if (pid < 0) {
		program_log_failure(s->argv[0], saved);
		return VERDICT_LATER;
	}
	int status = wait_for_end(pid, err[0], s->timeout, sp);
	if (status != 0)
		log_end(s, sp, status);
	return status < 0 ? VERDICT_LATER : stage_verdict(status);
}

/* A reply is ASCII (RFC 6531 3.7.4: but for what was asked for otherwise); an
 * address in it may not be. */
static void
to_ascii(stralloc *line)
{
	for (size_t i = 0; i < line->len; i++)
		if ((unsigned char)line->s[i] >= 0x80)
			line->s[i] = '?';
}

/* A description of its own, at the start: nobody who holds FD moves it. */
static int
open_again(int fd)
{
	char name[40];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return open(name, O_RDONLY | O_CLOEXEC);
}

enum verdict
stage_run(struct stage const *s, stralloc *reply)
{
	char const *slash = strrchr(s->argv[0], '/');
	struct speech sp = { .program = slash ? slash + 1 : s->argv[0] };
	enum verdict v = VERDICT_LATER;
	int err[2];
	int in = open_again(s->in);
	if (in < 0 || pipe2(err, O_CLOEXEC) < 0) {
		log_error("prepare program", s->argv[0], errno);
	} else {
		/* a grandchild may hold the pipe open: never wait for it */
		fcntl(err[0], F_SETFL, O_NONBLOCK);
		v = run_with(s, in, err, &sp);
		close(err[0]);
	}
	if (in >= 0)
		close(in);
	to_ascii(&sp.last);
	bool own = (v == VERDICT_REFUSED || v == VERDICT_LATER) &&
	    stage_reply_fits(v, sp.last.s, sp.last.len);
	if (!own)
		log_last(&sp);
	if (!(own ? stralloc_copy(reply, &sp.last)
	          : stralloc_copys(reply, default_text(v))))
		v = VERDICT_LATER;
	stralloc_free(&sp.last);
	return v;
}
