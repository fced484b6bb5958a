/* SPDX-License-Identifier: ISC */
/* Queue files: names, locks, states, and what another process sees of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "lib/queue.h"

static char dir[] = "/tmp/test-queue.XXXXXX";
static int queue;

static void
make_queue(void)
{
	char path[64];
	static char const *const names[] = { "queue", "queue/tmp", "queue/new",
		"queue/deferred", "queue/hold", "queue/corrupt" };
	CHECK(mkdtemp(dir) != NULL && setenv("BESACE_VAR", dir, 1) == 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		CHECK(mkdir(path, 0700) == 0);
	}
	CHECK((queue = queue_open()) >= 0);
}

static void
remove_queue(void)
{
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", dir);
	CHECK(system(command) == 0);
}

static size_t
count(enum queue_box box, struct queue_name *last)
{
	struct queue_list l;
	size_t n = 0;
	CHECK(queue_list_open(&l, queue, box));
	while (queue_list_next(&l, last) > 0)
		n++;
	queue_list_close(&l);
	return n;
}

/* Octets of files in tmp/. */
static bool
nothing_in_tmp(void)
{
	return unlinkat(queue, "tmp", AT_REMOVEDIR) == 0 &&
	    mkdirat(queue, "tmp", 0700) == 0;
}

static char message[200000];

/* A message to r@example.net in new/; its name in PATH. */
static void
enqueue(struct queue_name *name)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	struct queue_new n;
	struct iovec iov[] = { { message, 10 },
		{ message + 10, sizeof message - 10 } };
	memset(message, 'm', sizeof message);
	e.arrival = 1;
	CHECK(queue_set(&e.group, "example.net") && queue_set(&e.sender, ""));
	CHECK(queue_add(&e, "r@example.net") != NULL);
	CHECK(queue_write(&n, queue, &e, iov, 2));
	CHECK(count(QUEUE_NEW, name) == 0);
	CHECK(queue_commit(&n) && queue_sync(queue, QUEUE_NEW));
	CHECK(count(QUEUE_NEW, name) == 1 && nothing_in_tmp());
	CHECK(strcmp(queue_name_id(name), n.id) == 0);
	queue_entry_free(&e);
}

static void
check_message(struct queue_file const *f)
{
	static char again[sizeof message + 1];
	CHECK(f->size == sizeof message);
	CHECK(read(f->fd, again, sizeof again) == sizeof message);
	CHECK(memcmp(again, message, sizeof message) == 0);
}

static void
test_names(void)
{
	struct queue_name n;
	CHECK(queue_name_parse("new/0a9z", &n) && n.box == QUEUE_NEW);
	CHECK(strcmp(queue_name_id(&n), "0a9z") == 0 && n.due == 0);
	CHECK(queue_name_parse("deferred/0000000012.ab", &n));
	CHECK(n.box == QUEUE_DEFERRED && n.due == 12);
	CHECK(strcmp(queue_name_id(&n), "ab") == 0);
	CHECK(strcmp(n.path, "deferred/0000000012.ab") == 0);
	CHECK(queue_name_parse("hold/ab", &n) && n.box == QUEUE_HOLD);
	static char const *const none[] = { "", "new", "new/", "ab", "tmp/ab",
		"new/../ab", "new/.", "new/A", "new/a.b", "deferred/ab",
		"deferred/12.ab", "deferred/0000000012", "/new/ab",
		"deferred/0000000012.", "deferred/00000000012.ab", "news/ab",
		"new/0123456789012345678901234" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (queue_name_parse(none[i], &n)) {
			fprintf(stderr, "%s was taken\n", none[i]);
			check_failed = 1;
		}
}

/* What another process is told when it wants the lock. */
static enum queue_result
tried_elsewhere(char const *path)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		struct queue_file f;
		_exit(queue_file_open(queue, path, QUEUE_TRY, &f) & 0x7f);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	return (enum queue_result)WEXITSTATUS(status);
}

static void
test_states(void)
{
	struct queue_name name;
	struct queue_file f, look;
	enqueue(&name);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	check_message(&f);
	struct queue_recipient *r = queue_recipient(&f.entry, 0);
	CHECK(strcmp(r->address, "r@example.net") == 0);
	CHECK(queue_answer(r, QUEUE_WAITING, 7, 450, "4.2.1", "busy", "mx"));
	CHECK(queue_record(&f) == QUEUE_OK && nothing_in_tmp());
	check_message(&f);
	/* the new file is locked as the old one was */
	CHECK(tried_elsewhere(name.path) == QUEUE_BUSY);
	CHECK(queue_file_open(queue, name.path, QUEUE_LOOK, &look) == QUEUE_OK);
	CHECK(queue_recipient(&look.entry, 0)->code == 450);
	check_message(&look);
	queue_file_close(&look);
	CHECK(queue_move(&f, QUEUE_DEFERRED, 1795269878) == QUEUE_OK);
	CHECK(count(QUEUE_NEW, &name) == 0);
	CHECK(count(QUEUE_DEFERRED, &name) == 1 && name.due == 1795269878);
	CHECK(strcmp(name.path, f.name.path) == 0);
	CHECK(queue_move(&f, QUEUE_DEFERRED, 1795269878) == QUEUE_OK);
	CHECK(queue_move(&f, QUEUE_HOLD, 0) == QUEUE_OK);
	CHECK(count(QUEUE_HOLD, &name) == 1);
	CHECK(queue_move(&f, QUEUE_DEFERRED, 5) == QUEUE_OK);
	CHECK(tried_elsewhere(f.name.path) == QUEUE_BUSY);
	queue_file_close(&f);
	CHECK(tried_elsewhere(name.path) == QUEUE_GONE);
	CHECK(count(QUEUE_DEFERRED, &name) == 1);
	CHECK(tried_elsewhere(name.path) == QUEUE_OK);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	queue_recipient(&f.entry, 0)->state = QUEUE_RELAYED;
	CHECK(queue_record(&f) == QUEUE_OK && f.fd == -1);
	CHECK(count(QUEUE_DEFERRED, &name) == 0 && nothing_in_tmp());
}

/* Who waits for the lock gets the state that was written meanwhile. */
static void
test_waiting(void)
{
	struct queue_name name;
	struct queue_file f;
	int status;
	enqueue(&name);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	pid_t pid = fork();
	if (pid == 0) {
		close(f.fd);
		_exit(queue_file_open(queue, name.path, QUEUE_WAIT, &f) !=
		        QUEUE_OK ||
		    queue_recipient(&f.entry, 0)->attempts != 2);
	}
	struct queue_recipient *r = queue_recipient(&f.entry, 0);
	CHECK(queue_answer(r, QUEUE_WAITING, 7, 0, "4.4.1", "no", NULL));
	CHECK(queue_save(&f) == QUEUE_OK);
	CHECK(queue_answer(r, QUEUE_WAITING, 8, 0, "4.4.1", "no", NULL));
	CHECK(queue_save(&f) == QUEUE_OK);
	queue_file_close(&f);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	CHECK(queue_remove(&f) == QUEUE_OK && f.fd == -1);
}

/* A file that lost its end is not saved as a whole one. */
static void
test_cut(void)
{
	struct queue_name name;
	struct queue_file f;
	enqueue(&name);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	int fd = openat(queue, name.path, O_WRONLY);
	CHECK(fd >= 0 && ftruncate(fd, (off_t)(f.start + f.size - 1)) == 0 &&
	    close(fd) == 0);
	CHECK(queue_save(&f) == QUEUE_ERROR && errno == EIO);
	CHECK(nothing_in_tmp());
	CHECK(queue_remove(&f) == QUEUE_OK);
}

/* What was taken away does not come back. */
static void
test_gone(void)
{
	struct queue_name name;
	struct queue_file f;
	enqueue(&name);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	CHECK(unlinkat(queue, name.path, 0) == 0);
	CHECK(queue_save(&f) == QUEUE_GONE && nothing_in_tmp());
	CHECK(queue_move(&f, QUEUE_HOLD, 0) == QUEUE_GONE);
	CHECK(queue_remove(&f) == QUEUE_GONE && f.fd == -1);
	CHECK(count(QUEUE_NEW, &name) == 0 && count(QUEUE_HOLD, &name) == 0);
	CHECK(queue_file_open(queue, "new/ab", QUEUE_TRY, &f) == QUEUE_GONE);
	CHECK(
	    queue_file_open(queue, "new/../ab", QUEUE_TRY, &f) == QUEUE_ERROR &&
	    errno == EINVAL);
}

/* A state that cannot be written leaves the old one, and the lock. */
static void
test_no_room(void)
{
	struct queue_name name;
	struct queue_file f;
	enqueue(&name);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	struct queue_recipient *r = queue_recipient(&f.entry, 0);
	CHECK(queue_answer(r, QUEUE_RELAYED, 7, 250, "2.0.0", "ok", "mx"));
	r->notify = DSN_SUCCESS;
	CHECK(queue_set(&f.entry.sender, "s"));
	CHECK(renameat(queue, "tmp", queue, "away") == 0);
	CHECK(queue_record(&f) == QUEUE_ERROR && errno == ENOENT);
	CHECK(tried_elsewhere(name.path) == QUEUE_BUSY);
	CHECK(renameat(queue, "away", queue, "tmp") == 0);
	check_message(&f);
	CHECK(queue_record(&f) == QUEUE_OK && nothing_in_tmp());
	queue_file_close(&f);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	CHECK(queue_recipient(&f.entry, 0)->state == QUEUE_RELAYED);
	check_message(&f);
	CHECK(queue_remove(&f) == QUEUE_OK);
}

static void
test_abandon(void)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	struct queue_new n;
	struct queue_name name;
	struct iovec iov = { message, sizeof message };
	CHECK(queue_set(&e.group, QUEUE_LOCAL) && queue_set(&e.sender, "s"));
	CHECK(queue_write(&n, queue, &e, &iov, 1));
	queue_abandon(&n);
	queue_abandon(&n);
	CHECK(nothing_in_tmp());
	CHECK(queue_write(&n, queue, &e, &iov, 1) && queue_commit(&n));
	queue_abandon(&n);
	CHECK(count(QUEUE_NEW, &name) == 0 && nothing_in_tmp());
	queue_entry_free(&e);
}

static void
put(char const *path, char const *text)
{
	int fd = openat(queue, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(
	    fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
test_damaged(void)
{
	static char const *const texts[] = { "", "x", "Besace-Queue: 1\nGroup",
		"Besace-Queue: 1\n\nA: b\n\n" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct queue_file f;
		struct queue_name name;
		put("new/ab", texts[i]);
		CHECK(queue_file_open(queue, "new/ab", QUEUE_TRY, &f) ==
		    QUEUE_DAMAGED);
		CHECK(queue_move(&f, QUEUE_CORRUPT, 0) == QUEUE_OK);
		queue_file_close(&f);
		CHECK(count(QUEUE_CORRUPT, &name) == 1);
		CHECK(unlinkat(queue, name.path, 0) == 0);
	}
}

/* An envelope that is longer than one read. */
static void
test_many_recipients(void)
{
	struct queue_entry e = QUEUE_ENTRY_ZERO;
	struct queue_new n;
	struct queue_file f;
	struct queue_name name;
	struct iovec iov = { message, sizeof message };
	e.arrival = 1;
	CHECK(queue_set(&e.group, "g") && queue_set(&e.sender, "s"));
	for (unsigned int i = 0; i < 20000; i++) {
		char address[32];
		snprintf(address, sizeof address, "r%u@example.net", i);
		CHECK(queue_add(&e, address) != NULL);
	}
	CHECK(queue_write(&n, queue, &e, &iov, 1) && queue_commit(&n));
	queue_entry_free(&e);
	CHECK(count(QUEUE_NEW, &name) == 1);
	CHECK(queue_file_open(queue, name.path, QUEUE_TRY, &f) == QUEUE_OK);
	CHECK(queue_count(&f.entry) == 20000);
	CHECK(strcmp(queue_recipient(&f.entry, 19999)->address,
	          "r19999@example.net") == 0);
	check_message(&f);
	CHECK(queue_remove(&f) == QUEUE_OK);
}

int
main(void)
{
	make_queue();
	test_names();
	test_states();
	test_waiting();
	test_cut();
	test_gone();
	test_no_room();
	test_abandon();
	test_damaged();
	test_many_recipients();
	remove_queue();
	return check_failed;
}
