/* SPDX-License-Identifier: ISC */
/* What a front may ask, and when: it may be in a stranger's hands. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/admit.h"

static int ends[2];
static struct settings settings;
static struct peer peer = { .ip = "192.0.2.1" };
static struct channel_message m;

static struct back
new_back(void)
{
	struct back b = { .channel = ends[0],
		.service = "smtp",
		.listener = "smtp",
		.settings = &settings,
		.peer = &peer };
	admit_start(&b);
	return b;
}

static int
ask(struct back *b, uint8_t type)
{
	CHECK(channel_send(ends[1], type, NULL, 0, NULL, 0));
	return admit_receive(b, &m);
}

static void
test_order(void)
{
	struct refusal why;
	struct back b = new_back();
	CHECK(ask(&b, REQUEST_LOG) == 1);
	CHECK(ask(&b, REQUEST_LOGIN) == -1);
	CHECK(ask(&b, REQUEST_OWN) == -1);
	CHECK(ask(&b, REQUEST_CONNECT) == 1);
	CHECK(ask(&b, REQUEST_LOGIN) == -1); /* not yet, or refused */
	CHECK(ask(&b, REQUEST_CONNECT) == -1);
	CHECK(admit_client(&b, &why));
	CHECK(ask(&b, REQUEST_LOGIN) == 1);
	CHECK(ask(&b, REQUEST_OWN) == 1);
	CHECK(ask(&b, REQUEST_CONNECT) == -1);
	admit_end(&b);
	b = new_back();
	b.proxy_due = true;
	CHECK(ask(&b, REQUEST_CONNECT) == -1);
	b = new_back();
	b.proxy_due = true;
	CHECK(ask(&b, REQUEST_PROXY) == 1);
	b.proxy_due = false;
	CHECK(ask(&b, REQUEST_CONNECT) == 1);
	hash_file_close(&b.abuse.file);
}

/* The same, with a while before it, in which the back waits. */
static int
ask_later(struct back *b, uint8_t type)
{
	pid_t child = fork();
	if (child == 0) {
		usleep(100000);
		_exit(!channel_send(ends[1], type, NULL, 0, NULL, 0));
	}
	int r = admit_receive(b, &m);
	CHECK(waitpid(child, NULL, 0) == child);
	return r;
}

/* Who is asked to leave is told so once; a user is not. */
static void
test_leave(void)
{
	struct refusal why;
	struct back b = new_back();
	CHECK(ask(&b, REQUEST_CONNECT) == 1 && admit_client(&b, &why));
	raise(OPEN_LEAVE);
	CHECK(ask_later(&b, REQUEST_LOG) == 1);
	CHECK(channel_receive(ends[1], &m) == 1 && m.type == REPLY_LEAVE);
	CHECK(stralloc_copys(&b.user, "alice"));
	raise(OPEN_LEAVE);
	CHECK(ask_later(&b, REQUEST_LOG) == 1);
	back_reply(&b, REPLY_YES, NULL, 0);
	CHECK(channel_receive(ends[1], &m) == 1 && m.type == REPLY_YES);
	admit_end(&b);
	hash_file_close(&b.abuse.file);
	stralloc_free(&b.user);
}

int
main(void)
{
	char dir[] = "test-admit.XXXXXX";
	char command[64];
	if (!mkdtemp(dir) || !channel_pair(ends) ||
	    !settings_defaults(&settings))
		return 1;
	setenv("BESACE_VAR", dir, 1);
	test_order();
	test_leave();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	CHECK(system(command) == 0);
	return check_failed;
}
