/* SPDX-License-Identifier: ISC */
#include "queue-print.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "queue-value.h"
#include "queue-words.h"
#include "under-way.h"

enum { HEADER_MAX = 65536 }; /* octets of a message's header that are shown */

bool
queue_print(stralloc const *text, int made)
{
	return made && fwrite(text->s, 1, text->len, stdout) == text->len;
}

bool
queue_print_recipients(struct queue_file const *f, stralloc *text, int64_t now)
{
	bool ok = true, under_way = is_under_way(f);
	for (size_t i = 0; ok && i < queue_count(&f->entry); i++) {
		text->len = 0;
		ok = queue_print(text,
		    queue_words_recipient(text, f,
		        queue_recipient(&f->entry, i), under_way, now));
	}
	return ok;
}

bool
queue_print_file(struct queue_file const *f, stralloc *text, int64_t now)
{
	text->len = 0;
	return queue_print(text, queue_words_message(text, f, now)) &&
	    queue_print_recipients(f, text, now);
}

/* Tabs as blanks, with which header lines are folded: they would be escaped. */
static void
blank_tabs(char *line)
{
	for (; *line; line++)
		if (*line == '\t')
			*line = ' ';
}

bool
queue_print_header(struct queue_file const *f, stralloc *text)
{
	static char header[HEADER_MAX];
	ssize_t len = pread(f->fd, header, sizeof header - 1, (off_t)f->start);
	char *save = NULL;
	if (len < 0)
		return false;
	header[len] = 0;
	char *end = strstr(header, "\n\n");
	if (end)
		end[1] = 0;
	putchar('\n');
	for (char *line = strtok_r(header, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, "\r")] = 0;
		blank_tabs(line);
		size_t blanks = strspn(line, " ");
		text->len = 0;
		if (!queue_print(text,
		        stralloc_cats(text, "    ") &&
		            stralloc_catb(text, line, blanks) &&
		            queue_escape(text, line + blanks) &&
		            stralloc_append(text, '\n')))
			return false;
	}
	return true;
}
