/* SPDX-License-Identifier: ISC */
/* Whose turn it is: next hops, the domains behind one, retries; and limits. */
#include "relay/queue-run/plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "../map-of.h"

enum { NOW = 1800000000, MANY = 300, WORKERS = 10 };

static struct settings settings;
static struct routes routes;
static struct plan plan;
static int queue;
static char *made[2 * MANY];
static size_t made_count;

/* --- files ------------------------------------------------------------------ */

static void
make_queue(void)
{
	char dir[] = "plan.XXXXXX";
	if (!mkdtemp(dir) || (queue = open(dir, O_RDONLY | O_DIRECTORY)) < 0 ||
	    mkdirat(queue, "new", 0700) < 0 ||
	    mkdirat(queue, "deferred", 0700) < 0 || rmdir(dir) == 0)
		abort();
	made[made_count++] = strdup(dir);
}

/* One mail to DOMAIN from SENDER, of this name. */
static void
put(char const *path, char const *domain, char const *sender)
{
	int fd = openat(queue, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 ||
	    dprintf(fd,
	        "Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\n"
	        "Group: %s\nSender: %s\nRecipient: bob@%s\n"
	        "State: waiting\n\nSubject: x\n",
	        domain, sender, domain) < 0 ||
	    close(fd) < 0)
		abort();
}

static void
add(char const *path, char const *domain, char const *sender)
{
	struct queue_name name;
	put(path, domain, sender);
	CHECK(queue_name_parse(path, &name));
	CHECK(plan_add(&plan, &name, NOW) == 1);
	made[made_count++] = strdup(path);
}

static void
add_many(char const *box, size_t count, char const *domain)
{
	for (size_t i = 0; i < count; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s%04zu", box, made_count);
		add(path, domain, "a@example.test");
	}
}

static void
remove_files(void)
{
	while (made_count > 1) {
		unlinkat(queue, made[--made_count], 0);
		free(made[made_count]);
	}
}

/* An empty plan; mail for others goes to RELAYHOST, or "". */
static void
begin(char const *relayhost, uint64_t limit)
{
	remove_files();
	settings = (struct settings){ .minimal_backoff_time = 300,
		.default_destination_concurrency_limit = limit };
	routes.relayhost = relayhost;
	plan_init(&plan, &settings, &routes, queue, WORKERS);
}

/* --- batches ---------------------------------------------------------------- */

static struct plan_batch batch[WORKERS];

/* Where the next batch goes; "" when there is none now. */
static char const *
take(size_t i)
{
	return plan_take(&plan, &batch[i], NOW) ? batch[i].batch.destination
	                                        : "";
}

static bool
has(struct plan_batch const *b, char const *path)
{
	for (size_t i = 0; i < b->batch.count; i++)
		if (strcmp(b->path[i], path) == 0)
			return true;
	return false;
}

/* Its files are gone. */
static void
end(size_t i)
{
	for (size_t k = 0; k < batch[i].batch.count; k++)
		unlinkat(queue, batch[i].path[k], 0);
	plan_end(&plan, &batch[i], false, NOW);
}

static void
test_domains_take_turns(void)
{
	begin("", 5);
	add_many("new/a", MANY, "big.example");
	add("new/b", "small.example", "a@example.test");
	CHECK(strcmp(take(0), "big.example") == 0);
	CHECK(strcmp(take(1), "small.example") == 0);
	CHECK(strcmp(take(2), "big.example") == 0);
}

static void
test_domains_of_one_next_hop(void)
{
	begin("[smtp.example.net]:587", 5);
	add_many("new/a", MANY, "big.example");
	add("new/b", "small.example", "a@example.test");
	CHECK(strcmp(take(0), "[smtp.example.net]:587") == 0);
	CHECK(has(&batch[0], "new/b"));
	CHECK(batch[0].batch.count == PLAN_BATCH_MAX);
}

static void
test_new_before_retries(void)
{
	begin("[smtp.example.net]", 5);
	add_many("deferred/1700000000.a", MANY, "big.example");
	add_many("new/b", 20, "big.example");
	take(0);
	size_t new = 0;
	for (size_t i = 0; i < batch[0].batch.count; i++)
		new += strncmp(batch[0].path[i], "new/", 4) == 0;
	CHECK(new == 20);
	CHECK(batch[0].batch.count == PLAN_BATCH_MAX);
}

static void
test_limits(void)
{
	size_t most = WORKERS - WORKERS / 5;
	begin("", 3);
	add_many("new/a", MANY, "big.example");
	/* two, until one has ended */
	for (size_t i = 0; i < 2; i++)
		CHECK(strcmp(take(i), "big.example") == 0);
	CHECK(strcmp(take(2), "") == 0);
	end(0);
	CHECK(strcmp(take(0), "big.example") == 0);
	CHECK(strcmp(take(2), "big.example") == 0);
	CHECK(strcmp(take(3), "") == 0);
	end(1);
	CHECK(strcmp(take(1), "big.example") == 0);
	CHECK(strcmp(take(3), "") == 0);
	/* retries leave some of all workers to what comes */
	begin("", 0);
	add_many("deferred/1700000000.a", MANY, "dead.example");
	for (size_t i = 0; i < most; i++)
		CHECK(strcmp(take(i), "dead.example") == 0);
	CHECK(strcmp(take(most), "") == 0);
	add("new/b", "alive.example", "a@example.test");
	CHECK(strcmp(take(most), "alive.example") == 0);
}

/* One that did not answer gets one message when its time has come. */
static void
test_dead(void)
{
	begin("", 5);
	add_many("new/a", MANY, "dead.example");
	CHECK(strcmp(take(0), "dead.example") == 0);
	plan_end(&plan, &batch[0], true, NOW);
	CHECK(strcmp(take(0), "dead.example") == 0);
	CHECK(batch[0].batch.way == BATCH_SETTLE);
	CHECK(strcmp(take(1), "") == 0);
	end(0);
	CHECK(plan_take(&plan, &batch[0], NOW + 301));
	CHECK(batch[0].batch.way == BATCH_TRY && batch[0].batch.count == 1);
	CHECK(!plan_take(&plan, &batch[1], NOW + 301));
	end(0);
	CHECK(plan_take(&plan, &batch[0], NOW + 302));
	CHECK(batch[0].batch.way == BATCH_TRY && batch[0].batch.count > 1);
	CHECK(plan_take(&plan, &batch[1], NOW + 302));
}

static void
test_senders(void)
{
	static char const *const pairs[] = { "from:b@example.test",
		"[other.example]\t\t\t\tb\tsecret", "here.example",
		"[inner.example]\t\t\t\t\t", NULL };
	struct map *none = routes.map;
	routes.map = map_of("plan-routes", pairs);
	begin("[smtp.example.net]", 5);
	add("new/a", "x.example", "a@example.test");
	add("new/b", "x.example", "b@example.test");
	add("new/c", "y.example", "b+ext@example.test");
	add("new/d", "here.example", "b@example.test");
	add("new/e", "local", "b@example.test");
	CHECK(strcmp(take(0), "[smtp.example.net]") == 0 &&
	    has(&batch[0], "new/a") && batch[0].batch.count == 1);
	CHECK(strcmp(take(1), "[other.example]") == 0 &&
	    has(&batch[1], "new/b") && has(&batch[1], "new/c"));
	CHECK(strcmp(take(2), "[inner.example]") == 0);
	CHECK(strcmp(take(3), "local") == 0);
	CHECK(strcmp(take(4), "") == 0);
	map_close(routes.map);
	routes.map = none;
}

static void
test_changed_routes(void)
{
	begin("", 4);
	add_many("new/a", 20, "one.example");
	add("new/b", "two.example", "a@example.test");
	CHECK(strcmp(take(0), "one.example") == 0);
	CHECK(batch[0].batch.count == 10);
	routes.relayhost = "[smtp.example.net]";
	plan_renew(&plan, NOW);
	CHECK(strcmp(take(1), "[smtp.example.net]") == 0);
	CHECK(batch[1].batch.count == 10 && has(&batch[1], "new/b"));
	CHECK(strcmp(take(2), "[smtp.example.net]") == 0);
	CHECK(batch[2].batch.count == 1);
	CHECK(strcmp(take(3), "") == 0);
	for (size_t i = 0; i < 3; i++)
		end(i);
	CHECK(!plan.files);
}

/* A file of two domains, of which one's host is dead. */
static void
test_several(void)
{
	struct queue_name name;
	begin("", 5);
	add("new/x", "dead.example", "a@example.test");
	take(0);
	plan_end(&plan, &batch[0], true, NOW);
	int fd = openat(queue, "new/y", O_WRONLY | O_CREAT | O_EXCL, 0600);
	CHECK(dprintf(fd,
	          "Besace-Queue: 1\nArrival: 2026-11-21T14:04:38Z\n"
	          "Group: *\nSender: a@example.test\n"
	          "Recipient: a@dead.example\nState: waiting\n"
	          "Recipient: a@gone.example\nState: relayed\n"
	          "Recipient: a@alive.example\nState: waiting\n"
	          "Attempts: 1\n\nSubject: x\n") > 0 &&
	    close(fd) == 0);
	made[made_count++] = strdup("new/y");
	CHECK(queue_name_parse("new/y", &name) && plan_add(&plan, &name, NOW));
	CHECK(strcmp(take(0), "alive.example") == 0);
	CHECK(batch[0].batch.way == BATCH_TRY);
}

static void
test_silence(void)
{
	begin("[smtp.example.net]", 4);
	add_many("new/a", 20, "one.example");
	take(0);
	CHECK(batch[0].batch.way == BATCH_TRY);
	plan_end(&plan, &batch[0], true, NOW);
	CHECK(plan.left == 10);
	take(1);
	CHECK(batch[1].batch.way == BATCH_SETTLE);
}

int
main(void)
{
	static char const *const none[] = { NULL };
	routes = (struct routes){ .map = map_of("plan", none),
		.relayhost = "",
		.delimiters = "+" };
	make_queue();
	test_domains_take_turns();
	test_domains_of_one_next_hop();
	test_new_before_retries();
	test_limits();
	test_dead();
	test_senders();
	test_changed_routes();
	test_silence();
	test_several();
	remove_files();
	unlinkat(queue, "new", AT_REMOVEDIR);
	unlinkat(queue, "deferred", AT_REMOVEDIR);
	rmdir(made[0]);
	return check_failed;
}
