/* SPDX-License-Identifier: ISC */
#include "sessions.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "file.h"
#include "tls-sessions.h"

/* Writers at the same moment may each still have had room. */
enum { READ_MAX = TLS_SESSIONS_MAX + 1024 * TLS_SESSION_MAX };

/* The last line may still be written to, or have been cut by a full disk. */
static int
split_lines(struct sessions *s)
{
	struct bytes rest = { s->text.s, s->text.len };
	size_t room = 0;
	struct tls_session session;
	while (memchr(rest.s, '\n', rest.len)) {
		struct bytes line = bytes_take_until(&rest, '\n');
		if (!tls_session_parse(line, &session))
			continue;
		void *grown = array_grow(s->line, s->count, sizeof *s->line,
		    TLS_SESSIONS_MAX, &room);
		if (!grown)
			return 0;
		s->line = grown;
		s->line[s->count++] = line;
	}
	return 1;
}

int
sessions_read(struct sessions *s, int dir, char const *day)
{
	*s = (struct sessions){ .text = STRALLOC_ZERO };
	int fd = file_open(dir, day, O_RDONLY);
	if (fd < 0)
		return 0;
	int ok = file_read(fd, &s->text, READ_MAX) &&
	    stralloc_readyplus(&s->text, 1) && split_lines(s);
	close(fd);
	if (!ok) {
		sessions_free(s);
		return 0;
	}
	s->full = s->text.len > TLS_SESSIONS_MAX - TLS_SESSION_MAX;
	if (s->count)
		qsort(s->line, s->count, sizeof *s->line, bytes_compare);
	return 1;
}

/* "domain=example.net", with the tab behind it. */
static struct bytes
domain_of(struct bytes line)
{
	struct bytes domain = line;
	domain.len = bytes_take_until(&line, '\t').len + 1;
	return domain;
}

bool
sessions_next_domain(struct sessions const *s, struct session_range *r)
{
	r->first = r->end;
	if (r->first >= s->count)
		return false;
	struct bytes domain = domain_of(s->line[r->first]);
	while (r->end < s->count && s->line[r->end].len >= domain.len &&
	    memcmp(s->line[r->end].s, domain.s, domain.len) == 0)
		r->end++;
	return true;
}

void
sessions_free(struct sessions *s)
{
	free(s->line);
	stralloc_free(&s->text);
	*s = (struct sessions){ .text = STRALLOC_ZERO };
}
