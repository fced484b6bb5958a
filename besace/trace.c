/* SPDX-License-Identifier: ISC */
/* The way of a message through the log. The lines are read until no further
 * message is found that belongs to it: first those with the id or address, then
 * those of the notices about them. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/genalloc.h>

#include "exitcode.h"
#include "trace-line.h"
#include "utf8.h"

/* A line that is printed. */
struct found {
	char *text; /* with its line end */
	char *uid;
	char *time;
	size_t number;
};

struct trace {
	char const *wanted;
	char *const *file;
	FILE **input; /* one for each file; read again and again */
	int inputs;
	genalloc uids;  /* char *: of the messages */
	genalloc lines; /* struct found */
	bool failed;    /* out of memory */
};

static int
complain(char const *what, char const *name)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, name,
	    strerror(errno));
	return 0;
}

/* --- which messages --------------------------------------------------------- */

static bool
is_followed(struct trace const *t, struct bytes uid)
{
	char **uids = genalloc_s(char *, &t->uids);
	for (size_t i = 0; i < genalloc_len(char *, &t->uids); i++)
		if (bytes_are(uid, uids[i]))
			return true;
	return false;
}

static void
follow(struct trace *t, struct bytes uid)
{
	if (bytes_are(uid, "-") || is_followed(t, uid))
		return;
	char *copy = strndup(uid.s, uid.len);
	if (!copy || !genalloc_append(char *, &t->uids, &copy))
		t->failed = true;
}

/* An id of the queue stands there as "queue/ID". */
static bool
is_wanted(struct trace const *t, struct bytes value)
{
	static char const queue[] = "queue/";
	size_t n = sizeof queue - 1;
	if (trace_value_is(value, t->wanted))
		return true;
	return value.len > n && memcmp(value.s, queue, n) == 0 &&
	    bytes_are((struct bytes){ value.s + n, value.len - n }, t->wanted);
}

/* Whether the line itself names what is wanted. */
static bool
names_wanted(struct trace const *t, struct trace_line const *line)
{
	struct bytes rest = line->pairs;
	struct trace_pair pair;
	if (bytes_are(line->uid, t->wanted))
		return true;
	while (trace_pair_next(&rest, &pair))
		if (is_wanted(t, pair.value))
			return true;
	return false;
}

/* "uid=" in the line of a message names another that came of it. */
static void
follow_others(struct trace *t, struct trace_line const *line)
{
	struct bytes rest = line->pairs;
	struct trace_pair pair;
	while (trace_pair_next(&rest, &pair))
		if (bytes_are(pair.key, "uid"))
			follow(t, pair.value);
}

/* --- reading ---------------------------------------------------------------- */

typedef void line_function(struct trace *t, char const *s, size_t len,
    struct trace_line const *line);

static void
each_line(struct trace *t, line_function *call)
{
	char *s = NULL;
	size_t room = 0;
	for (int i = 0; i < t->inputs; i++) {
		ssize_t len;
		rewind(t->input[i]);
		while ((len = getline(&s, &room, t->input[i])) > 0) {
			struct trace_line line;
			size_t n = (size_t)len - (s[len - 1] == '\n');
			if (trace_line_parse(s, n, &line))
				call(t, s, n, &line);
		}
	}
	free(s);
}

static void
look_at(struct trace *t, char const *s, size_t len,
    struct trace_line const *line)
{
	(void)s;
	(void)len;
	if (names_wanted(t, line))
		follow(t, line->uid);
	if (is_followed(t, line->uid))
		follow_others(t, line);
}

static void
keep(struct trace *t, char const *s, size_t len, struct trace_line const *line)
{
	if (!is_followed(t, line->uid) && !names_wanted(t, line))
		return;
	struct found f = {
		.text = strndup(s, len),
		.uid = strndup(line->uid.s, line->uid.len),
		.time = strndup(line->time.s, line->time.len),
		.number = genalloc_len(struct found, &t->lines),
	};
	if (!f.text || !f.uid || !f.time ||
	    !genalloc_append(struct found, &t->lines, &f))
		t->failed = true;
}

/* --- printing --------------------------------------------------------------- */

/* Message by message, the oldest first, for ids sort by time; then by the time
 * of the line, if it has one, else as they came. */
static int
compare(void const *a, void const *b)
{
	struct found const *x = a, *y = b;
	int by_uid = strcmp(x->uid, y->uid);
	int by_time = strcmp(x->time, y->time);
	return by_uid ? by_uid
	    : by_time ? by_time
	              : (x->number > y->number) - (x->number < y->number);
}

/* Our lines hold nothing that a terminal would obey; those of others may. */
static void
print_line(char const *s)
{
	uint32_t point;
	for (size_t len = strlen(s), n; len; s += n, len -= n) {
		n = utf8_read(s, len, &point);
		bool good = n && point != 0x7f &&
		    (point == '\t' || (point >= 0x20 && point < 0x7f) ||
		        point >= 0xa0);
		if (good)
			fwrite(s, 1, n, stdout);
		else
			putchar('?');
		n += !n;
	}
	putchar('\n');
}

static void
print_lines(struct trace *t)
{
	struct found *all = genalloc_s(struct found, &t->lines);
	size_t count = genalloc_len(struct found, &t->lines);
	if (count)
		qsort(all, count, sizeof *all, compare);
	for (size_t i = 0; i < count; i++) {
		if (i && strcmp(all[i].uid, all[i - 1].uid) != 0)
			putchar('\n');
		print_line(all[i].text);
	}
}

/* --- input ------------------------------------------------------------------ */

/* What cannot be read twice, in a file that can. NULL and said. */
static FILE *
copy_stream(FILE *from, char const *name)
{
	char buf[65536];
	size_t n;
	FILE *copy = tmpfile();
	if (!copy) {
		complain("make a temporary file for", name);
		return NULL;
	}
	while ((n = fread(buf, 1, sizeof buf, from)) > 0)
		if (fwrite(buf, 1, n, copy) != n)
			break;
	if (ferror(from) || fflush(copy) != 0 || ferror(copy)) {
		complain("copy", name);
		fclose(copy);
		return NULL;
	}
	return copy;
}

/* The journal of all our units. */
static FILE *
open_journal(void)
{
	static char const command[] =
	    "journalctl --no-pager -q -o short-iso-precise -u 'besace*'";
	FILE *from = popen(command, "re");
	if (!from) {
		complain("run", "journalctl");
		return NULL;
	}
	FILE *copy = copy_stream(from, "the journal");
	int status = pclose(from);
	if (copy && status != 0) {
		fprintf(stderr,
		    "besace: journalctl failed; name the files of the log, or "
		    "\"-\" for standard input\n");
		fclose(copy);
		return NULL;
	}
	return copy;
}

static FILE *
open_input(char const *name)
{
	if (strcmp(name, "-") == 0)
		return copy_stream(stdin, "standard input");
	FILE *f = fopen(name, "re");
	if (!f) {
		complain("open", name);
		return NULL;
	}
	if (fseek(f, 0, SEEK_CUR) == 0)
		return f;
	FILE *copy = copy_stream(f, name);
	fclose(f);
	return copy;
}

static int
open_all(struct trace *t, int count)
{
	t->inputs = count ? count : 1;
	t->input = calloc((size_t)t->inputs, sizeof *t->input);
	if (!t->input)
		return complain("read", "the log");
	for (int i = 0; i < t->inputs; i++) {
		t->input[i] = count ? open_input(t->file[i]) : open_journal();
		if (!t->input[i])
			return 0;
	}
	return 1;
}

int
verb_trace(int argc, char *const *argv)
{
	struct trace t = { .uids = GENALLOC_ZERO, .lines = GENALLOC_ZERO };
	size_t before;
	if (argc < 1 || !*argv[0]) {
		fputs("usage: besace trace ID|ADDRESS [FILE...]\n", stderr);
		return EXIT_USE;
	}
	t.wanted = strncmp(argv[0], "queue/", 6) == 0 ? argv[0] + 6 : argv[0];
	t.file = argv + 1;
	if (!open_all(&t, argc - 1))
		return EXIT_IO;
	do {
		before = genalloc_len(char *, &t.uids);
		each_line(&t, look_at);
	} while (!t.failed && genalloc_len(char *, &t.uids) > before);
	each_line(&t, keep);
	if (t.failed) {
		complain("keep", "the lines");
		return EXIT_OSERR;
	}
	print_lines(&t);
	if (genalloc_len(struct found, &t.lines))
		return EXIT_OK;
	fprintf(stderr, "besace: nothing in the log about %s\n", t.wanted);
	return EXIT_NOUSER;
}
