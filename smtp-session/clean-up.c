/* SPDX-License-Identifier: ISC */
#include "clean-up.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "date.h"
#include "file.h"
#include "header-edit.h"
#include "idn.h"
#include "log.h"
#include "map.h"
#include "spool.h"

enum { GATHERED = 65536 }; /* octets written at once */

/* A result of authentication that names this server, or a domain it has, can
 * only be forged: ours are added later (RFC 8601 section 5). */
static int
is_our_name(void *arg, char const *id, size_t len)
{
	static stralloc value = STRALLOC_ZERO;
	struct smtp_back *b = arg;
	char const *host = b->common.settings->myhostname;
	char name[AUTHSERV_ID_MAX];
	if (idn_is_special(id, len)) { /* RFC 8616 section 5: in U-labels */
		size_t n = idn_to_ascii(id, len, name, sizeof name);
		if (!n)
			return 0;
		id = name;
		len = n;
	}
	if (strlen(host) == len && strncasecmp(host, id, len) == 0)
		return 1;
	int r = b->lookup.domains ? map_get(b->lookup.domains, id, len, &value)
	                          : -1;
	if (r < 0)
		log_error("look up", "domains.cdb", errno);
	return r;
}

struct output {
	int fd;
	stralloc gathered;
};

static int
flush(struct output *o)
{
	int ok = file_write(o->fd, o->gathered.s, o->gathered.len);
	o->gathered.len = 0;
	return ok;
}

static int
put(struct output *o, char const *s, size_t len)
{
	if (len >= GATHERED)
		return flush(o) && file_write(o->fd, s, len);
	return (o->gathered.len + len <= GATHERED || flush(o)) &&
	    stralloc_catb(&o->gathered, s, len);
}

static int
put_missing(struct output *o, struct smtp_back const *b,
    struct header_edit const *e)
{
	char date[DATE_MAX];
	stralloc *to = &o->gathered;
	date_format(time(NULL), date);
	return (!e->lacks_date ||
	           (stralloc_cats(to, "Date: ") && stralloc_cats(to, date) &&
	               stralloc_append(to, '\n'))) &&
	    (!e->lacks_id ||
	        (stralloc_cats(to, "Message-ID: <") &&
	            stralloc_cats(to, b->mail.uid) &&
	            stralloc_append(to, '@') &&
	            stralloc_cats(to, b->common.settings->myhostname) &&
	            stralloc_cats(to, ">\n"))) &&
	    (!e->lacks_blank || stralloc_append(to, '\n'));
}

/* The header that stays, what it lacks, the body. */
static int
rewrite(struct smtp_back *b, struct header_edit const *e,
    struct spool_view const *v, int fd)
{
	struct output o = { fd, STRALLOC_ZERO };
	size_t pos = 0;
	size_t from;
	int r;
	while ((r = header_edit_next(e, v->s, &pos, &from)) > 0 &&
	    put(&o, v->s + from, pos - from))
		continue;
	int ok = r == 0 && put_missing(&o, b, e) && flush(&o) &&
	    spool_copy(b->mail.fd, e->end, fd);
	stralloc_free(&o.gathered);
	return ok;
}

static int
replace(struct smtp_back *b, struct header_edit const *e,
    struct spool_view const *v)
{
	int fd = spool_for(v->len);
	if (fd < 0)
		return 0;
	if (!rewrite(b, e, v, fd)) {
		close(fd);
		return 0;
	}
	close(b->mail.fd);
	b->mail.fd = fd;
	return 1;
}

int
clean_up(struct smtp_back *b)
{
	struct spool_view v;
	struct header_edit e = { .submission = b->common.user.len > 0,
		.ours = is_our_name,
		.arg = b };
	errno = 0;
	if (!spool_view_open(&v, b->mail.fd)) {
		log_error("read the message", NULL, errno);
		return 0;
	}
	int ok = header_edit_scan(&e, v.s, v.len) &&
	    (!header_edit_changes(&e) || replace(b, &e, &v));
	if (!ok)
		log_error("clean up the header", NULL, errno);
	spool_view_close(&v);
	return ok;
}
