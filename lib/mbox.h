/* SPDX-License-Identifier: ISC */
/* Mailboxes in one file: mboxrd, mboxo, mboxcl2 (RFC 4155 and what is older).
 *
 *	From SENDER DATE
 *	header, blank line, body; body lines ">*From " are quoted by one ">"
 *	blank line
 *
 * A "From " line with a date begins a message, wherever it stands, unless
 * Content-Length says that it lies in a body and the length is true: then the
 * body is not unquoted either. Lines of a message whose From_ line ends in CR LF
 * lose their CR. Pure. */
#ifndef BESACE_MBOX_H
#define BESACE_MBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	MBOX_LINE = 4096,      /* longer header lines are not understood */
	MBOX_QUOTES_MAX = 999, /* most ">" before "From " */
	MBOX_DATE_MAX = 32,
	MBOX_AGAIN = -1
};

enum mbox_state { MBOX_BEFORE, MBOX_HEADER, MBOX_BODY };

struct mbox;

/* What becomes of the messages. Each returns 1, or 0 with errno. */
struct mbox_sink {
	void *arg;
	int (*start)(void *arg, struct mbox const *m);
	/* Octets of the message, with LF line ends. */
	int (*data)(void *arg, char const *s, size_t len);
	int (*end)(void *arg, struct mbox const *m);
};

struct mbox {
	/* The message. */
	uint64_t offset; /* of its From_ line */
	bool stray;      /* no message: what stands before the first From_ */
	bool dated;
	time_t date;
	uint32_t flags; /* of flags.h; complete at its end, as are these */
	bool old;       /* no longer new: "Status: O" */
	bool forwarded;
	char keywords[MBOX_LINE]; /* with spaces between them */
	size_t keywords_len;

	/* The data given out just now is a field that mail readers add and
	 * change: Content-Length or Lines. */
	bool restless;

	/* The reader's own. */
	struct mbox_sink const *sink;
	uint64_t pos; /* octets of the file that are used */

	enum mbox_state state;

	bool crlf;
	bool inside;  /* amid a line that is too long for LINE */
	bool blank;   /* a blank line is held back */
	bool leaving; /* a header field that is left out goes on */
	bool leaving_keywords;
	unsigned seen; /* which status fields there were */
	bool has_length;
	bool by_length; /* Content-Length is believed so far */
	bool at_length; /* the body has ended by it */
	bool skipped;   /* a From_ or quoted line stood in the body */
	uint64_t length, body;
	uint64_t distrust; /* offset of the message whose length is wrong */
	unsigned wrong;    /* how many were */
	char line[MBOX_LINE];
	size_t line_len;
};

/* SINK is kept by reference. */
void mbox_init(struct mbox *m, struct mbox_sink const *sink);

/* Takes the next octets of the file. 1; 0 with errno, as the sink had it;
 * MBOX_AGAIN: a Content-Length was wrong and has led past the message's end.
 * What was given out since the last start is void, and the octets from
 * M->offset on are to be fed again: the start comes once more. */
int mbox_feed(struct mbox *m, char const *s, size_t len);

/* The file ends. As mbox_feed. */
int mbox_end(struct mbox *m);

/* Whether S, a line with or without its end, is a From_ line with a date, and
 * which: UTC, or the zone that is given in digits. */
bool mbox_from_line(char const *s, size_t len, time_t *date);

/* Octets of ">" before "From " at a line's start; -1: it is no such line. */
int mbox_quotes(char const *s, size_t len);

/* "Sat Jan  3 01:05:34 1996", in UTC. */
void mbox_date(time_t when, char out[MBOX_DATE_MAX]);

#endif
