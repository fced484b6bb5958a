/* SPDX-License-Identifier: ISC */
#include "queue-name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "uid.h"

enum { DUE_DIGITS = 10 };

static int64_t const due_max = 9999999999;

static char const *const box_names[] = {
	[QUEUE_NEW] = "new",
	[QUEUE_DEFERRED] = "deferred",
	[QUEUE_HOLD] = "hold",
	[QUEUE_CORRUPT] = "corrupt",
};

char const *
queue_box_name(enum queue_box box)
{
	return box_names[box];
}

/* As uid_new makes them. */
static bool
is_id(char const *s)
{
	size_t n = 0;
	for (; s[n]; n++)
		if (!((s[n] >= '0' && s[n] <= '9') ||
		        (s[n] >= 'a' && s[n] <= 'z')))
			return false;
	return n > 0 && n < UID_MAX;
}

void
queue_name_make(struct queue_name *name, enum queue_box box, int64_t due,
    char const *id)
{
	due = due < 0 ? 0 : due > due_max ? due_max : due;
	name->box = box;
	name->due = box == QUEUE_DEFERRED ? due : 0;
	int n = snprintf(name->path, sizeof name->path, "%s/", box_names[box]);
	if (box == QUEUE_DEFERRED)
		n += snprintf(name->path + n, sizeof name->path - (size_t)n,
		    "%0*lld.", DUE_DIGITS, (long long)due);
	snprintf(name->path + n, sizeof name->path - (size_t)n, "%s", id);
}

/* Behind the last "/" or ".": an id has neither. */
char const *
queue_name_id(struct queue_name const *name)
{
	char const *dot = strrchr(name->path, '.');
	return dot ? dot + 1 : strchr(name->path, '/') + 1;
}

/* "DUE." before an id; NULL when it is none. */
static char const *
skip_due(char const *s, int64_t *due)
{
	*due = 0;
	for (int i = 0; i < DUE_DIGITS; i++, s++) {
		if (*s < '0' || *s > '9')
			return NULL;
		*due = *due * 10 + *s - '0';
	}
	return *s == '.' ? s + 1 : NULL;
}

int
queue_name_parse_in(enum queue_box box, char const *file,
    struct queue_name *name)
{
	int64_t due = 0;
	if (box == QUEUE_DEFERRED)
		file = skip_due(file, &due);
	if (!file || !is_id(file))
		return 0;
	queue_name_make(name, box, due, file);
	return 1;
}

int
queue_name_parse(char const *path, struct queue_name *name)
{
	size_t n = strcspn(path, "/");
	for (unsigned int i = 0; path[n] && i < QUEUE_BOXES; i++)
		if (strlen(box_names[i]) == n &&
		    memcmp(box_names[i], path, n) == 0)
			return queue_name_parse_in((enum queue_box)i,
			    path + n + 1, name);
	return 0;
}
