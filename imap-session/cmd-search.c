/* SPDX-License-Identifier: ISC */
/* SEARCH (RFC 3501) and its ESEARCH answer (RFC 4731). */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "content.h"
#include "dates.h"
#include "header.h"
#include "search.h"
#include "structure.h"
#include "text.h"
#include "transfer-encoding.h"

enum {
	BLOCK = 32 << 10,
	TEXT_CUT = 64 << 10, /* search what there is at the next line end */
	TEXT_MOST = 1 << 20  /* ... or wherever it is */
};

/* The message at hand. What costs more is made when it is first asked for. */
struct looker {
	struct session *s;
	struct search const *search;
	struct message *m;
	uint32_t number;
	int fd; /* -1: not open */
	bool gone;
	bool parsed; /* s->mime is this message's, all parts */
	bool have_header;
	stralloc header;
	stralloc text, plain; /* work space */
	struct structured *type;
};

/* --- the message's bytes -------------------------------------------------- */

static bool
open_file(struct looker *l)
{
	uint32_t uid = l->m->uid;
	if (l->fd >= 0 || l->gone)
		return !l->gone;
	l->fd = mailbox_open_message(&l->s->box, l->m);
	l->m = mailbox_find(&l->s->box, uid);
	l->gone = l->fd < 0 || !l->m;
	return !l->gone;
}

static bool
parse(struct looker *l, bool whole)
{
	struct session *s = l->s;
	if (s->mime_uid == l->m->uid && (!whole || !s->mime.header_only))
		return true;
	if (!open_file(l))
		return false;
	s->mime_uid = 0;
	if (!content_parse(l->fd, &s->mime, !whole))
		return false;
	s->mime_uid = l->m->uid;
	return true;
}

static bool
read_header(struct looker *l, struct mime_part const *p, stralloc *out)
{
	return open_file(l) &&
	    content_read(l->fd, p->header.raw, p->body.raw, HEADER_MEMORY, out);
}

static bool
have_header(struct looker *l)
{
	if (!l->have_header)
		l->have_header = parse(l, false) &&
		    read_header(l, &l->s->mime.parts[0], &l->header);
	return l->have_header;
}

/* --- comparing ------------------------------------------------------------ */

static bool
contains(stralloc const *text, stralloc const *needle)
{
	return !needle->len ||
	    (text->len && memmem(text->s, text->len, needle->s, needle->len));
}

static bool
value_contains(struct looker *l, struct header_field const *f,
    stralloc const *needle)
{
	l->text.len = 0;
	return text_of_header(f->value, f->value_len, &l->text) &&
	    text_fold(&l->text) && contains(&l->text, needle);
}

/* An empty string is found wherever the field is. */
static bool
header_contains(struct looker *l, struct search_node const *n)
{
	struct header_field f;
	size_t pos = 0;
	if (!have_header(l))
		return false;
	while (header_next(l->header.s, l->header.len, &pos, &f))
		if (header_is(&f, n->field.s) &&
		    value_contains(l, &f, &n->needle))
			return true;
	return false;
}

/* Any field, its name included. */
static bool
any_field_contains(struct looker *l, stralloc const *header,
    stralloc const *needle)
{
	struct header_field f;
	size_t pos = 0;
	while (header_next(header->s, header->len, &pos, &f)) {
		l->text.len = 0;
		if (stralloc_catb(&l->text, f.name, f.name_len) &&
		    stralloc_cats(&l->text, ": ") &&
		    text_of_header(f.value, f.value_len, &l->text) &&
		    text_fold(&l->text) && contains(&l->text, needle))
			return true;
	}
	return false;
}

static bool
sent(struct looker *l, int64_t *day)
{
	struct header_field f;
	size_t pos = 0;
	if (!have_header(l))
		return false;
	while (header_next(l->header.s, l->header.len, &pos, &f))
		if (header_is(&f, "Date"))
			return date_of_header(f.value, f.value_len, day);
	return false;
}

/* --- bodies --------------------------------------------------------------- */

struct body {
	struct transfer_decoder decoder;
	char charset[64];
	size_t charset_len;
};

static void
body_of(struct looker *l, stralloc const *header, struct body *b)
{
	struct header_field f;
	size_t pos = 0;
	memset(b, 0, sizeof *b);
	while (header_next(header->s, header->len, &pos, &f)) {
		if (!header_is(&f, "Content-Transfer-Encoding") ||
		    !structured_parse(l->type, f.value, f.value_len))
			continue;
		char const *name = l->type->pool.s + l->type->first.at;
		size_t n = l->type->first.len;
		if (imap_equal(name, n, "base64"))
			b->decoder.kind = TRANSFER_BASE64;
		else if (imap_equal(name, n, "quoted-printable"))
			b->decoder.kind = TRANSFER_QP;
	}
}

/* Whether it is a part whose text is looked at, and in which charset. */
static bool
is_text(struct looker *l, struct mime_part const *p, stralloc const *header,
    struct body *b)
{
	char const *first;
	char const *second;
	size_t first_len;
	size_t second_len;
	if (p->kind != MIME_LEAF)
		return false;
	structure_type(p, header->s, header->len, l->type, &first, &first_len,
	    &second, &second_len);
	if (!imap_equal(first, first_len, "text"))
		return false;
	struct param const *charset = structured_param(l->type, "charset");
	char const *name = "";
	size_t n = 0;
	if (charset && charset->value.len < sizeof b->charset) {
		name = l->type->pool.s + charset->value.at;
		n = charset->value.len;
	}
	char copy[sizeof b->charset];
	memcpy(copy, name, n);
	body_of(l, header, b);
	memcpy(b->charset, copy, n);
	b->charset_len = n;
	return true;
}

/* Looks into the decoded text at hand, up to its last line end unless ALL, and
 * keeps the rest. */
static bool
look_into(struct looker *l, struct body const *b, stralloc const *needle,
    bool all)
{
	char const *lf =
	    l->plain.len ? memrchr(l->plain.s, '\n', l->plain.len) : NULL;
	size_t n = all || (!lf && l->plain.len > TEXT_MOST) ? l->plain.len
	    : lf ? (size_t)(lf - l->plain.s) + 1
	         : 0;
	if (!n)
		return false;
	l->text.len = 0;
	bool found =
	    text_to_utf8(b->charset, b->charset_len, l->plain.s, n, &l->text) &&
	    text_fold(&l->text) && contains(&l->text, needle);
	memmove(l->plain.s, l->plain.s + n, l->plain.len - n);
	l->plain.len -= n;
	return found;
}

static bool
part_contains(struct looker *l, struct mime_part const *p, struct body *b,
    stralloc const *needle)
{
	char buf[BLOCK];
	uint64_t at = p->body.raw;
	l->plain.len = 0;
	while (at < p->end.raw) {
		size_t want =
		    p->end.raw - at < BLOCK ? (size_t)(p->end.raw - at) : BLOCK;
		ssize_t n = pread(l->fd, buf, want, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 ||
		    !transfer_decode(&b->decoder, buf, (size_t)n, &l->plain))
			break;
		at += (uint64_t)n;
		if (l->plain.len > TEXT_CUT && look_into(l, b, needle, false))
			return true;
	}
	return transfer_end(&b->decoder, &l->plain) &&
	    look_into(l, b, needle, true);
}

/* Text parts, and the headers of messages within the message. */
static bool
body_contains(struct looker *l, stralloc const *needle)
{
	stralloc header = STRALLOC_ZERO;
	bool found = !needle->len;
	if (found || !parse(l, true) || !open_file(l))
		return found;
	for (int i = 0; i < l->s->mime.count && !found; i++) {
		struct mime_part const *p = &l->s->mime.parts[i];
		struct body b;
		if (!read_header(l, p, &header))
			break;
		if (is_text(l, p, &header, &b))
			found = part_contains(l, p, &b, needle);
		bool message = p->parent >= 0 &&
		    l->s->mime.parts[p->parent].kind == MIME_MESSAGE;
		if (!found && message)
			found = any_field_contains(l, &header, needle);
	}
	stralloc_free(&header);
	return found;
}

/* --- keys ----------------------------------------------------------------- */

static int
compare_day(int64_t day, int64_t with)
{
	return (day > with) - (day < with);
}

enum { DAY_UNKNOWN = -2 };

/* -1 before, 0 on, 1 after the day. */
static int
internal_day(struct looker *l, int64_t day)
{
	char path[FOLDER_NAME_MAX + 8];
	struct stat st;
	mailbox_path(&l->s->box, l->m, path);
	if (l->fd >= 0
	        ? fstat(l->fd, &st) < 0
	        : fstatat(l->s->box.dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	            (!open_file(l) || fstat(l->fd, &st) < 0))
		return DAY_UNKNOWN;
	return compare_day(date_day(st.st_mtime), day);
}

static int
sent_day(struct looker *l, int64_t day)
{
	int64_t date;
	return sent(l, &date) ? compare_day(date, day) : DAY_UNKNOWN;
}

static bool
size_is(struct looker *l, struct search_node const *n)
{
	uint64_t size;
	uint32_t uid = l->m->uid;
	bool ok = content_size(&l->s->box, l->m, &size);
	l->m = mailbox_find(&l->s->box, uid);
	l->gone = !ok || !l->m;
	if (l->gone)
		return false;
	return n->kind == SEARCH_LARGER ? size > n->number : size < n->number;
}

static bool
leaf_matches(struct looker *l, struct search_node const *n)
{
	struct message const *m = l->m;
	switch (n->kind) {
	case SEARCH_NUMBERS:
		return sequence_has(&n->set, l->number);
	case SEARCH_UIDS:
		return sequence_has(&n->set, m->uid);
	case SEARCH_FLAG:
		return m->flags & n->number;
	case SEARCH_KEYWORD:
		return m->flags &
		    keywords_find(&l->s->box.keywords, n->field.s,
		        n->field.len);
	case SEARCH_RECENT:
		return m->recent;
	case SEARCH_NEW:
		return m->recent && !(m->flags & FLAG_SEEN);
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
		return size_is(l, n);
	case SEARCH_BEFORE:
		return internal_day(l, n->day) == -1;
	case SEARCH_ON:
		return internal_day(l, n->day) == 0;
	case SEARCH_SINCE:
		return internal_day(l, n->day) >= 0;
	case SEARCH_SENTBEFORE:
		return sent_day(l, n->day) == -1;
	case SEARCH_SENTON:
		return sent_day(l, n->day) == 0;
	case SEARCH_SENTSINCE:
		return sent_day(l, n->day) >= 0;
	case SEARCH_HEADER:
		return header_contains(l, n);
	case SEARCH_BODY:
		return body_contains(l, &n->needle);
	case SEARCH_TEXT:
		return (have_header(l) &&
		           any_field_contains(l, &l->header, &n->needle)) ||
		    body_contains(l, &n->needle);
	default:
		return true;
	}
}

/* 0 in memory, 1 a look at the file's entry, 2 its header, 3 all of it. */
static int
cost(struct search const *s, int node)
{
	struct search_node const *n = &s->nodes[node];
	switch (n->kind) {
	case SEARCH_AND:
	case SEARCH_OR:
	case SEARCH_NOT:
		return 2;
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
	case SEARCH_BEFORE:
	case SEARCH_ON:
	case SEARCH_SINCE:
		return 1;
	case SEARCH_SENTBEFORE:
	case SEARCH_SENTON:
	case SEARCH_SENTSINCE:
	case SEARCH_HEADER:
		return 2;
	case SEARCH_BODY:
	case SEARCH_TEXT:
		return 3;
	default:
		return 0;
	}
}

/* NOLINTBEGIN(misc-no-recursion): COMMAND_LIST_DEPTH bounds it */

/* The tree is as deep as the parser lets it be. The cheap keys of a list are
 * asked first. */
static bool
matches(struct looker *l, int node)
{
	struct search_node const *n = &l->search->nodes[node];
	if (l->gone)
		return false;
	if (n->kind == SEARCH_NOT)
		return !matches(l, n->child);
	if (n->kind != SEARCH_AND && n->kind != SEARCH_OR)
		return leaf_matches(l, n);
	bool stop_at = n->kind == SEARCH_OR;
	for (int price = 0; price <= 3; price++)
		for (int i = n->child; i >= 0; i = l->search->nodes[i].next)
			if (cost(l->search, i) == price &&
			    matches(l, i) == stop_at)
				return stop_at;
	return !stop_at;
}

/* NOLINTEND(misc-no-recursion) */

/* --- answers -------------------------------------------------------------- */

struct found {
	uint32_t min, max, count;
	struct sequence set;
};

static bool
add_found(struct found *f, uint32_t n)
{
	f->min = f->min ? f->min : n;
	f->max = n;
	f->count++;
	return sequence_add(&f->set, n);
}

static void
put_found(struct session *s, struct found const *f)
{
	struct range const *r = sequence_ranges(&f->set);
	wire_puts(&s->wire, "* SEARCH");
	for (uint32_t i = 0; i < sequence_count(&f->set); i++)
		for (uint32_t n = r[i].first; n <= r[i].last; n++) {
			wire_puts(&s->wire, " ");
			wire_number(&s->wire, n);
		}
	wire_puts(&s->wire, "\r\n");
}

static void
put_result(struct session *s, char const *name, uint32_t n)
{
	wire_puts(&s->wire, name);
	wire_number(&s->wire, n);
}

static void
put_extended(struct session *s, struct found const *f, unsigned results)
{
	wire_puts(&s->wire, "* ESEARCH (TAG ");
	wire_string(&s->wire, s->tag.s, s->tag.len);
	wire_puts(&s->wire, s->uid ? ") UID" : ")");
	if (f->count && results & RESULT_MIN)
		put_result(s, " MIN ", f->min);
	if (f->count && results & RESULT_MAX)
		put_result(s, " MAX ", f->max);
	if (f->count && results & RESULT_ALL) {
		answer_start(s, "");
		answer_set(s, &f->set);
		wire_puts(&s->wire, " ALL ");
		wire_put(&s->wire, s->answer.s, s->answer.len);
	}
	if (results & RESULT_COUNT)
		put_result(s, " COUNT ", f->count);
	wire_puts(&s->wire, "\r\n");
}

static void
resolve(struct session *s, struct search *search)
{
	uint32_t told = s->box.told;
	uint32_t last = told ? s->box.messages[told - 1].uid : 0;
	for (int i = 0; i < search->count; i++) {
		struct search_node *n = &search->nodes[i];
		if (n->kind == SEARCH_NUMBERS)
			sequence_resolve(&n->set, told);
		else if (n->kind == SEARCH_UIDS)
			sequence_resolve(&n->set, last);
	}
}

static bool
find(struct looker *l, struct found *f)
{
	struct session *s = l->s;
	for (uint32_t i = 0; i < s->box.told; i++) {
		l->m = &s->box.messages[i];
		l->number = i + 1;
		l->gone = l->m->gone;
		l->have_header = false;
		uint32_t shown = s->uid ? l->m->uid : l->number;
		bool yes = matches(l, 0) && !l->gone;
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
		if (yes && !add_found(f, shown))
			return false;
	}
	return true;
}

static answer
run(struct session *s, struct search *search)
{
	struct looker l = { .s = s,
		.search = search,
		.fd = -1,
		.type = calloc(1, sizeof *l.type) };
	struct found f = { 0, 0, 0, SEQUENCE_ZERO };
	resolve(s, search);
	bool ok = l.type && find(&l, &f);
	if (ok && search->extended)
		put_extended(s, &f, search->results);
	else if (ok)
		put_found(s, &f);
	if (l.type)
		structured_free(l.type);
	free(l.type);
	stralloc_free(&l.header);
	stralloc_free(&l.text);
	stralloc_free(&l.plain);
	stralloc_free(&f.set.ranges);
	return ok ? "OK SEARCH completed" : ANSWER_NO_MEMORY;
}

answer
cmd_search(struct session *s, struct cursor *c)
{
	struct search search;
	answer text;
	if (search_parse(c, &search))
		text = run(s, &search);
	else if (search.bad_charset)
		text = "NO [BADCHARSET (UTF-8 US-ASCII)] Charset not known";
	else
		text = ANSWER_BAD_ARGUMENTS;
	search_free(&search);
	return text;
}
