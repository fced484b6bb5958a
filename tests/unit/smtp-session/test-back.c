/* SPDX-License-Identifier: ISC */
/* A front that is in a stranger's hands and says to the back what it likes, in
 * any order: it gets nothing by it that its client could not have. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/map.h"
#include "smtp-session/back.h"
#include "smtp-session/request.h"

static struct settings settings;
static struct channel_message reply;
static int channel;
static pid_t back;

/* --- the instance ----------------------------------------------------------- */

static int
write_map(char const *name, char const *const entries[][2])
{
	struct map_writer *w = map_write_begin(name);
	for (size_t i = 0; w && entries[i][0]; i++)
		if (!map_write_add(w, entries[i][0], strlen(entries[i][0]),
		        entries[i][1], strlen(entries[i][1])))
			return 0;
	return w && map_write_commit(w, 0640);
}

static int
write_maps(void)
{
	static char const *const domains[][2] = { { "here.test", "" },
		{ NULL, NULL } };
	static char const *const mailboxes[][2] = { { "alice@here.test",
		                                        "here.test/alice" },
		{ "bob@here.test", "here.test/bob" }, { NULL, NULL } };
	static char const *const passwords[][2] = {
		{ "alice@here.test", "{PLAIN}word\t\t" }, { NULL, NULL }
	};
	static char const *const none[][2] = { { NULL, NULL } };
	return write_map("domains.cdb", domains) &&
	    write_map("mailboxes.cdb", mailboxes) &&
	    write_map("aliases.cdb", none) && write_map("senders.cdb", none) &&
	    write_map("passwords.cdb", passwords);
}

/* What is delivered becomes the file "delivered". */
static int
prepare(void)
{
	static char const script[] = "#!/bin/sh\nexec cat >delivered\n";
	int fd = open("store", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	int ok = fd >= 0 && write(fd, script, sizeof script - 1) > 0;
	close(fd);
	setenv("BESACE_ETC", ".", 1);
	setenv("BESACE_VAR", ".", 1);
	ok = ok && write_maps() && settings_defaults(&settings);
	settings.myhostname = "here.test";
	settings.virtual_transport = "./store";
	settings.inbound_filters = settings.outbound_filters = "";
	settings.auth_failure_delay = 0;
	settings.message_size_limit = 1000;
	settings.stranger_limit = 3;
	settings.reject_unknown_sender_domain = false;
	settings.smtpd_sender_login_maps = "senders";
	return ok;
}

static void
start(enum smtp_service service)
{
	int ends[2];
	struct front front = { .stream = -1 };
	static struct peer peer = { .ip = "192.0.2.1" };
	CHECK(channel_pair(ends));
	back = fork();
	if (back == 0) {
		close(ends[0]);
		front.channel = ends[1];
		_exit(back_run(&front, &settings, true, &peer, service,
		    service == SERVICE_SMTP ? "smtp" : "submission", NULL));
	}
	close(ends[1]);
	channel = ends[0];
}

static void
stop(void)
{
	close(channel);
	while (waitpid(back, NULL, 0) < 0)
		continue;
}

/* --- the front -------------------------------------------------------------- */

/* What the back says: the reply's type, -1 when it is gone. */
static int
say(uint8_t type, char const *a, char const *b, char const *c)
{
	char const *const text[3] = { a, b, c };
	struct channel_field fields[3];
	unsigned int count = 0;
	for (; count < 3 && text[count]; count++)
		fields[count] = channel_text(text[count]);
	if (!channel_send(channel, type, fields, count, NULL, 0) ||
	    channel_receive(channel, &reply) != 1)
		return -1;
	return reply.type;
}

static bool
login(char const *password)
{
	return say(REQUEST_LOGIN, "PLAIN", "alice@here.test", password) ==
	    REPLY_YES;
}

static bool
envelope(char const *from, char const *to)
{
	return say(REQUEST_HELLO, "client", "ESMTP", NULL) == REPLY_YES &&
	    say(REQUEST_MAIL, from, "", NULL) == REPLY_YES &&
	    say(REQUEST_RCPT, to, "", NULL) == REPLY_YES;
}

/* Its text after DATA. Whether it was accepted. */
static bool
message(char const *text, size_t len)
{
	if (say(REQUEST_DATA, NULL, NULL, NULL) != REPLY_YES ||
	    reply.fd_count != 1)
		return false;
	int fd = reply.fd[0];
	bool written = write(fd, text, len) == (ssize_t)len;
	bool taken = say(REQUEST_MESSAGE, NULL, NULL, NULL) == REPLY_YES;
	close(fd);
	return written && taken;
}

static bool
delivered(void)
{
	return unlink("delivered") == 0;
}

#define TEXT(s) (s), sizeof(s) - 1

/* --- who may do what --------------------------------------------------------- */

static void
test_order(void)
{
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(envelope("carol@away.test", "bob@here.test"));
	CHECK(message(TEXT("Subject: x\n\ntext\n")) && delivered());
	/* one end of data, one message */
	CHECK(say(REQUEST_MESSAGE, NULL, NULL, NULL) == REPLY_NO);
	CHECK(!delivered());
	CHECK(say(REQUEST_DATA, NULL, NULL, NULL) == REPLY_NO);
	CHECK(say(REQUEST_SPOOL, NULL, NULL, NULL) == REPLY_NO);
	CHECK(say(REQUEST_RCPT, "bob@here.test", "", NULL) == REPLY_NO);
	CHECK(say(REQUEST_MAIL, "carol@away.test", "", NULL) == REPLY_YES);
	CHECK(say(REQUEST_DATA, NULL, NULL, NULL) == REPLY_NO);
	CHECK(say(REQUEST_RCPT, "dave@away.test", "", NULL) == REPLY_NO);
	CHECK(say(REQUEST_RCPT, "bob@here.test\nx@y.z", "", NULL) == REPLY_NO);
	CHECK(say(REQUEST_RCPT, "bob@here.test", "ORCPT=rfc822;a\nb", NULL) ==
	    REPLY_NO);
	CHECK(say(REQUEST_DATA, NULL, NULL, NULL) == REPLY_NO);
	stop();
}

/* Nothing is served before the client was let in, and it is let in once: or a
 * ban, the DNS rules and the places would be passed by. */
static void
test_admission(void)
{
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_HELLO, "client", "ESMTP", NULL) == -1);
	stop();
	start(SERVICE_SMTP);
	CHECK(!login("word"));
	stop();
	for (int i = 0; i < 2; i++) {
		start(SERVICE_SMTP);
		CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
		for (int more = 0; more < 4; more++)
			CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) !=
			    REPLY_YES);
		stop();
	}
	settings.smtpd_client_connection_count_limit = 1;
	start(SERVICE_SMTP);
	int first = channel;
	pid_t first_back = back;
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_NO);
	CHECK(say(REQUEST_HELLO, "client", "ESMTP", NULL) == -1);
	stop();
	channel = first;
	back = first_back;
	stop();
	settings.smtpd_client_connection_count_limit = 50;
}

static void
test_proxy(void)
{
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_PROXY, "127.0.0.1", "25", NULL) == REPLY_NO);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(say(REQUEST_PROXY, "127.0.0.1", "25", NULL) == REPLY_NO);
	CHECK(!envelope("carol@away.test", "dave@away.test"));
	stop();
}

/* --- logins ------------------------------------------------------------------ */

static void
test_login(void)
{
	start(SERVICE_SUBMISSION);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(!login("wrong") && !login(""));
	CHECK(say(REQUEST_MAIL, "alice@here.test", "", NULL) == REPLY_NO);
	CHECK(say(REQUEST_LOGIN, "SCRAM-SHA-256", "alice@here.test", "") !=
	    REPLY_YES);
	CHECK(say(REQUEST_LOGIN, "CRAM-MD5", "alice@here.test",
	          "0123456789abcdef") != REPLY_YES);
	CHECK(say(REQUEST_LOGIN, "", "alice@here.test", "word") != REPLY_YES);
	CHECK(say(REQUEST_MAIL, "alice@here.test", "", NULL) == REPLY_NO);
	CHECK(login("word"));
	CHECK(!envelope("bob@here.test", "dave@away.test"));
	CHECK(envelope("alice@here.test", "dave@away.test"));
	CHECK(say(REQUEST_LOGOUT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(!envelope("alice@here.test", "dave@away.test"));
	stop();
}

/* What was said before a login was said by another, and what was said by a user
 * is not sent by nobody. */
static void
test_change_of_user(void)
{
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(envelope("carol@away.test", "bob@here.test"));
	CHECK(login("word")); /* carol is nobody alice may be */
	CHECK(say(REQUEST_RCPT, "dave@away.test", "", NULL) == REPLY_NO);
	CHECK(!message(TEXT("Subject: x\n\n")) && !delivered());
	CHECK(envelope("alice@here.test", "dave@away.test"));
	CHECK(say(REQUEST_LOGOUT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(!message(TEXT("Subject: x\n\n")) && !delivered());
	CHECK(login("word"));
	CHECK(envelope("alice@here.test", "dave@away.test"));
	CHECK(!login("wrong"));
	CHECK(!message(TEXT("Subject: x\n\n")) && !delivered());
	CHECK(login("word"));
	CHECK(envelope("alice@here.test", "dave@away.test"));
	CHECK(say(REQUEST_TLS, "TLSv1.3", "x", NULL) == REPLY_YES);
	CHECK(!message(TEXT("Subject: x\n\n")) && !delivered());
	CHECK(!envelope("alice@here.test", "dave@away.test"));
	stop();
}

/* --- the message -------------------------------------------------------------- */

static void
test_size(void)
{
	static char text[100000];
	memset(text, 'x', sizeof text);
	memcpy(text, "Subject: x\n\n", 12);
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(envelope("carol@away.test", "bob@here.test"));
	CHECK(!message(text, sizeof text) && !delivered());
	CHECK(envelope("carol@away.test", "bob@here.test"));
	CHECK(message(text, 900) && delivered());
	stop();
}

/* Words that end up in the trace field and the environment. */
static void
test_words(void)
{
	char text[4096];
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(say(REQUEST_TLS, "TLS\nX: y", "c", NULL) == REPLY_NO);
	CHECK(say(REQUEST_TLS, "TLSv1.3", "c)\n\nx", NULL) == REPLY_NO);
	CHECK(say(REQUEST_HELLO, "client", "ESMTP", NULL) == REPLY_YES);
	CHECK(say(REQUEST_HELLO, "a\nX: y\n\nz", "ESMTP", NULL) == REPLY_NO);
	CHECK(say(REQUEST_MAIL, "carol@away.test", "", NULL) == REPLY_YES);
	CHECK(say(REQUEST_RCPT, "bob@here.test", "", NULL) == REPLY_YES);
	CHECK(message(TEXT("Subject: x\n\ntext\n")));
	int fd = open("delivered", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = 0;
	CHECK(strstr(text, "text\n") && !strstr(text, "X: y"));
	CHECK(strstr(text, "\n\n") == strstr(text, "\n\ntext\n"));
	close(fd);
	CHECK(delivered());
	stop();
}

static void
ends_the_session(char const *packet, size_t len)
{
	start(SERVICE_SMTP);
	CHECK(say(REQUEST_CONNECT, NULL, NULL, NULL) == REPLY_YES);
	CHECK(send(channel, packet, len, 0) > 0);
	CHECK(channel_receive(channel, &reply) != 1);
	stop();
}

/* What no front of ours sends. */
static void
test_garbage(void)
{
	ends_the_session(TEXT("\x20"));
	ends_the_session(TEXT("\xff\0"));
	ends_the_session(TEXT("\x22\x09"));
	ends_the_session(TEXT("\x23\2\xff\xff\xff\xff"));
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	CHECK(prepare());
	test_order();
	test_admission();
	test_proxy();
	test_login();
	test_change_of_user();
	test_size();
	test_words();
	test_garbage();
	return check_failed;
}
