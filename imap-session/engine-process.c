/* SPDX-License-Identifier: ISC */
/* The report is one octet when the mailbox is entered, and behind that what the
 * engine has read and not run. */
#include "engine-process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>

#include "exitcode.h"
#include "log.h"
#include "wire.h"

enum {
	ENGINE_UNAUTHENTICATED = 1, /* exit status; EXIT_OK: over */
	UNREAD_MAX = WIRE_BUFFER
};

static char const broken[] = "* BYE Temporary server problem\r\n";

/* --- in the engine -------------------------------------------------------- */

struct engine {
	int report;
	bool unauthenticated;
};

static void
say_ready(void *arg)
{
	struct engine *e = arg;
	if (write(e->report, "", 1) != 1)
		_exit(EXIT_OSERR);
}

static void
report_unread(void *arg, char const *unread, size_t len)
{
	struct engine *e = arg;
	e->unauthenticated = allwrite(e->report, unread, len) == len;
}

static _Noreturn void
engine_main(struct serving const *v, int stream, int report)
{
	struct engine e = { .report = report };
	struct serving mine = *v;
	mine.in = mine.out = stream;
	mine.ready = say_ready;
	mine.unauthenticated = report_unread;
	mine.arg = &e;
	if (!serve_user(&mine))
		_exit(EXIT_TEMP);
	_exit(e.unauthenticated ? (int)ENGINE_UNAUTHENTICATED : EXIT_OK);
}

/* --- in the back ---------------------------------------------------------- */

static int
wait_for(struct engine_process const *e)
{
	int status;
	while (waitpid(e->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static void
close_all(struct engine_process *e)
{
	close(e->stream);
	close(e->report);
	stralloc_free(&e->unread);
	e->stream = -1;
}

static bool
entered(struct engine_process *e)
{
	char ready;
	if (allread(e->report, &ready, 1) == 1)
		return true;
	int status = wait_for(e);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_TEMP)
		back_log_end("run the IMAP engine", status);
	close_all(e);
	return false;
}

int
engine_process_start(struct engine_process *e, struct serving const *v,
    void (*release)(void *arg), void *arg)
{
	int stream[2], report[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream) < 0) {
		log_error("start the IMAP engine", NULL, errno);
		return -1;
	}
	bool ok = pipe2(report, O_CLOEXEC) == 0;
	e->pid = ok ? fork() : -1;
	if (e->pid < 0) {
		log_error("start the IMAP engine", NULL, errno);
		close(stream[0]);
		close(stream[1]);
		if (ok) {
			close(report[0]);
			close(report[1]);
		}
		return -1;
	}
	if (e->pid == 0) {
		close(stream[1]);
		close(report[0]);
		release(arg);
		engine_main(v, stream[0], report[1]);
	}
	close(report[1]);
	e->stream = stream[0];
	e->report = report[0];
	e->unread = (stralloc)STRALLOC_ZERO;
	e->told = 0;
	if (entered(e))
		return stream[1];
	close(stream[1]);
	return -1;
}

/* To its end. It may be in the client's hands: no more than it can have. */
static bool
read_report(struct engine_process *e)
{
	if (!stralloc_ready(&e->unread, UNREAD_MAX + 1))
		return false;
	e->unread.len = allread(e->report, e->unread.s, UNREAD_MAX + 1);
	return e->unread.len <= UNREAD_MAX;
}

bool
engine_process_wait(struct engine_process *e)
{
	bool sound = read_report(e);
	int status = sound ? wait_for(e) : -1;
	bool exited = sound && WIFEXITED(status);
	bool gone = exited && WEXITSTATUS(status) == ENGINE_UNAUTHENTICATED;
	bool over = exited && WEXITSTATUS(status) == EXIT_OK;
	if (sound && !gone && !over)
		back_log_end("run the IMAP engine", status);
	if (!gone && !over)
		/* the client may not take it: then it is lost with the rest */
		(void)send(e->stream, broken, strlen(broken),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(e->stream, SHUT_WR);
	if (!gone)
		close_all(e);
	return gone;
}

/* The front has sent all it will on this stream: it has seen its end. */
size_t
engine_process_unread(struct engine_process *e, char *buf, size_t size)
{
	size_t len = e->unread.len - e->told;
	if (len > size)
		len = size;
	if (len) {
		memcpy(buf, e->unread.s + e->told, len);
		e->told += len;
		return len;
	}
	ssize_t n = recv(e->stream, buf, size, MSG_DONTWAIT);
	if (n > 0)
		return (size_t)n;
	close_all(e);
	return 0;
}
