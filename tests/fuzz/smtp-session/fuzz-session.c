/* SPDX-License-Identifier: ISC */
/* Any bytes as a client's side of a session, against a back that says yes: what
 * reaches the back is clean and in order, each reply is a line of its own, and
 * only a message between MAIL and its end is passed on. */
#include <pthread.h>
#include <sanitizer/lsan_interface.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel.h"
#include "settings.h"
#include "smtp-session/request.h"
#include "smtp-session/session.h"

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

/* --- the back --------------------------------------------------------------- */

static struct {
	bool mail;
	unsigned int rcpts;
	int fd;
} back = { .fd = -1 };

static void
forget(void)
{
	if (back.fd >= 0)
		close(back.fd);
	back.fd = -1;
	back.mail = false;
	back.rcpts = 0;
}

static void
check_fields(struct channel_message const *m)
{
	must(m->count == 2);
	for (unsigned int f = 0; f < m->count; f++)
		for (size_t i = 0; i < m->field[f].len; i++) {
			unsigned char c = (unsigned char)m->field[f].s[i];
			must(c >= 0x20 && c != 0x7f);
		}
}

/* What was written has LF line ends, the last one too, and no CR. */
static void
check_message(void)
{
	static char text[1 << 16];
	must(back.fd >= 0 && back.mail && back.rcpts);
	ssize_t n = pread(back.fd, text, sizeof text, 0);
	must(n >= 0 && !memchr(text, '\r', (size_t)n));
	must(n == 0 || text[n - 1] == '\n');
}

static void
track(struct channel_message const *m)
{
	switch (m->type) {
	case REQUEST_HELLO:
	case REQUEST_RESET:
		forget();
		break;
	case REQUEST_MAIL:
		check_fields(m);
		forget();
		back.mail = true;
		break;
	case REQUEST_RCPT:
		check_fields(m);
		must(back.mail && back.fd < 0);
		back.rcpts++;
		break;
	case REQUEST_DATA:
		must(back.mail && back.rcpts && back.fd < 0);
		back.fd = memfd_create("message", 0);
		must(back.fd >= 0);
		break;
	case REQUEST_MESSAGE:
		check_message();
		forget();
		break;
	}
}

static void *
serve(void *arg)
{
	static struct channel_message m;
	int channel = *(int *)arg;
	struct channel_field yes = channel_text("250 2.0.0 Ok");
	while (channel_receive(channel, &m) == 1) {
		if (m.type == REQUEST_LOG)
			continue;
		track(&m);
		bool no = m.type < REQUEST_OWN && m.type != REQUEST_CONNECT;
		if (m.type == REQUEST_DATA)
			must(channel_send(channel, REPLY_YES, &yes, 1, &back.fd,
			    1));
		else
			must(channel_send(channel, no ? REPLY_NO : REPLY_YES,
			    &yes, !no, NULL, 0));
	}
	return NULL;
}

/* --- the client ------------------------------------------------------------- */

/* CODE "-" or " " text CR LF, of printable octets. */
static void
check_reply(char const *s, size_t len)
{
	must(len >= 5 && s[len - 1] == '\r' && s[0] >= '2' && s[0] <= '5' &&
	    (s[3] == ' ' || s[3] == '-'));
	for (size_t i = 0; i < len - 1; i++)
		must((unsigned char)s[i] >= 0x20 && s[i] != 0x7f);
}

static void
check_output(int fd)
{
	static char text[1 << 20];
	ssize_t n = pread(fd, text, sizeof text, 0);
	must(n >= 0);
	for (char *p = text, *end = text + n; p < end;) {
		char *lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf)
			break; /* the buffer's end, or ours */
		check_reply(p, (size_t)(lf - p));
		p = lf + 1;
	}
}

static int
input(uint8_t const *data, size_t size)
{
	int fd = memfd_create("client", 0);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	must(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static struct settings settings;
static struct front front;

static void
start(void)
{
	static int ends[2];
	static pthread_t thread;
	if (front.channel)
		return;
	__lsan_disable(); /* an empty host name is replaced and left */
	must(settings_defaults(&settings) && channel_pair(ends));
	__lsan_enable();
	settings.message_size_limit = 3000;
	settings.smtpd_hard_error_limit = 1000;
	settings.smtpd_error_sleep_time = 0;
	settings.smtpd_error_sleep_time = 0;
	settings.disable_plaintext_auth = false;
	front.channel = ends[0];
	must(!pthread_create(&thread, NULL, serve, &ends[1]));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct session s;
	if (!size)
		return 0;
	start();
	int in = input(data + 1, size - 1);
	int out = memfd_create("server", 0);
	must(out >= 0);
	memset(&s, 0, sizeof s);
	s.front = &front;
	s.settings = &settings;
	s.service = data[0] & 1 ? SERVICE_SUBMISSION : SERVICE_SMTP;
	s.local = data[0] & 2;
	s.incoming.fd = -1;
	conn_init(&s.conn, in, out, 5);
	session_run(&s);
	check_output(out);
	session_forget_mail(&s);
	stralloc_free(&s.conn.pending);
	stralloc_free(&s.line);
	close(in);
	close(out);
	return 0;
}
