/* SPDX-License-Identifier: ISC */
/* Any tables and recipients. Each line is "KEY VALUE..." of the aliases, the
 * blanks in VALUE standing for LF; "=KEY PATH" is a mailbox, ">ADDRESS" a
 * recipient. The expansion must end, and end in a target. */
#include "expand.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "map.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(int true_here)
{
	if (!true_here)
		abort();
}

static struct map_writer *
begin(char const *path)
{
	struct map_writer *w = map_write_begin(path);
	must(w != NULL);
	return w;
}

static struct map *
end(struct map_writer *w, char const *path)
{
	must(map_write_commit(w, 0600));
	struct map *map = map_open_file(path);
	must(map && unlink(path) == 0);
	return map;
}

static void
add_entry(struct map_writer *mailboxes, struct map_writer *aliases, char *line)
{
	char *value = strchr(line, ' ');
	bool is_mailbox = *line == '=';
	if (!value || *line == '>')
		return;
	*value++ = 0;
	line += is_mailbox;
	for (char *p = value; !is_mailbox && *p; p++)
		if (*p == ' ')
			*p = '\n';
	if (*line)
		must(map_write_add(is_mailbox ? mailboxes : aliases, line,
		    strlen(line), value, strlen(value)));
}

static void
check_step(struct expansion const *e, struct expand_step const *step)
{
	must(step->to && !strchr(step->to, '\n') && !strchr(step->to, '\r'));
	must(step->kind < EXPAND_PENDING);
	must(step->parent < expand_count(e) && step->depth <= EXPAND_DEPTH_MAX);
	if (step->kind == EXPAND_MAILBOX)
		must(step->found.path.len && step->found.key.len);
	else if (step->kind != EXPAND_REMOTE)
		must(step->code && step->reason);
}

static void
expand(struct lookup *l, char const *recipient)
{
	struct expansion e;
	struct expand_step const *step;
	struct address a;
	size_t addresses = 0, targets = 0;
	int more;
	if (!expand_parse(l, recipient, &a))
		return;
	must(expand_begin(&e, l, &a, &addresses));
	while ((more = expand_next(&e, &step)) > 0) {
		check_step(&e, step);
		targets++;
	}
	must(more == 0 && targets && addresses == expand_count(&e));
	expand_end(&e);
}

static void
each_line(char *text, void (*call)(void *, char *), void *with)
{
	char *copy = strdup(text), *save = NULL;
	must(copy != NULL);
	for (char *p = strtok_r(copy, "\n", &save); p;
	     p = strtok_r(NULL, "\n", &save))
		call(with, p);
	free(copy);
}

struct fuzz {
	struct map_writer *mailboxes;
	struct map_writer *aliases;
	struct lookup lookup;
};

static void
fill(void *with, char *line)
{
	struct fuzz *f = with;
	add_entry(f->mailboxes, f->aliases, line);
}

static void
send(void *with, char *line)
{
	struct fuzz *f = with;
	if (*line == '>')
		expand(&f->lookup, line + 1);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char paths[3][64];
	struct fuzz f = { 0 };
	char *text = strndup((char const *)data, size);
	must(text != NULL);
	for (int i = 0; i < 3; i++)
		snprintf(paths[i], sizeof paths[i],
		    "/dev/shm/besace-fuzz-expand.%ld.%d", (long)getpid(), i);
	struct map_writer *domains = begin(paths[0]);
	must(map_write_add(domains, "x", 1, "", 0));
	f.mailboxes = begin(paths[1]);
	f.aliases = begin(paths[2]);
	each_line(text, fill, &f);
	f.lookup = (struct lookup){ end(domains, paths[0]),
		end(f.mailboxes, paths[1]), end(f.aliases, paths[2]), "+-", "x",
		NULL, { .count = 1, .domain = "x", .days = 1 }, true };
	each_line(text, send, &f);
	lookup_close(&f.lookup);
	free(text);
	return 0;
}
