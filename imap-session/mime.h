/* SPDX-License-Identifier: ISC */
/* Where the parts of a message lie (RFC 2045, RFC 2046). The message is fed in
 * pieces; what comes out is positions, so that no message is ever held in
 * memory. Pure. */
#ifndef IMAP_MIME_H
#define IMAP_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

enum {
	MIME_DEPTH_MAX = 100,   /* deeper ones are left as one opaque part */
	MIME_PARTS_MAX = 10000, /* more stay part of the last one */
	MIME_LINE_KEPT = 1024,  /* of a line: boundaries and field names */
	MIME_TYPE_MAX = 16384,  /* of a Content-Type field */
	MIME_BOUNDARY_MAX = 256
};

/* A place in the message: octet in the file, octet with every bare LF counted
 * as CR LF, LFs before it. */
struct mime_pos {
	uint64_t raw, wire, lines;
};

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART,
	MIME_MESSAGE, /* message/rfc822; its one child is the message in it */
	MIME_OPAQUE   /* one of those, but too deep */
};

struct mime_part {
	int parent, child, next; /* -1: none */
	enum mime_kind kind;
	bool in_digest; /* its default type is message/rfc822 */
	struct mime_pos header, body, end;
};

struct mime_level {
	int part;
	int last_child;
	bool digest;
	bool closed;         /* its last boundary was seen */
	size_t boundary_len; /* 0: not a multipart */
	char boundary[MIME_BOUNDARY_MAX];
};

struct mime {
	struct mime_part *parts; /* [0] is the message */
	int count;
	size_t room;
	bool header_only; /* stop at the end of the message's header */
	bool raw_only;    /* after mime_start: positions in the file will do,
			   * those as sent and the lines are not right */
	bool finished;
	/* while it is being read */
	struct mime_level *levels;
	int depth;
	bool in_header;
	bool cr;       /* the octet before was CR */
	bool in_type;  /* in the lines of a Content-Type field */
	bool typed;    /* there was one: it counts, whatever it says */
	bool too_long; /* the line is longer than what is kept */
	struct mime_pos here, line_start, content_end;
	size_t line_len;
	char line[MIME_LINE_KEPT];
	stralloc type;
	bool failed; /* out of memory */
};

void mime_start(struct mime *m, bool header_only);
/* False when no more is needed. */
bool mime_feed(struct mime *m, char const *s, size_t len);
/* 1; 0 out of memory. */
int mime_finish(struct mime *m);
void mime_free(struct mime *m);

static inline uint64_t
mime_body_size(struct mime_part const *p)
{
	return p->end.wire - p->body.wire;
}

static inline uint64_t
mime_body_lines(struct mime_part const *p)
{
	return p->end.lines - p->body.lines;
}

#endif
