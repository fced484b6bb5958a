/* SPDX-License-Identifier: ISC */
/* The bytes of IMAP commands (RFC 3501 section 9, RFC 7888): first a command is
 * put together from what arrives, then its arguments are read by a cursor.
 * Pure. */
#ifndef IMAP_PARSE_H
#define IMAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "imap-word.h"

enum {
	COMMAND_MAX_LOGIN = 8 << 10,  /* octets of one command before login */
	COMMAND_MAX_USER = 512 << 10, /* after it: long UID lists */
	COMMAND_TAG_MAX = 128,
	COMMAND_LIST_DEPTH = 50, /* parentheses and NOTs of SEARCH */
};

enum command_status {
	COMMAND_MORE,    /* every byte is used, the command goes on */
	COMMAND_LITERAL, /* a literal is announced: take, pass or refuse it */
	COMMAND_DONE,    /* text holds the command */
	COMMAND_TOO_LONG /* text holds its start, the rest was skipped */
};

struct command {
	stralloc text; /* without the last line end; literals stand inline
			   * behind their "{n}" CR LF */
	size_t limit;
	uint64_t literal; /* octets of the literal still to come */
	bool sync;        /* the client waits for "+" */
	bool skipping;    /* too long: only its end is looked for */
	bool taking;      /* inside a literal */
	bool quoted, escaped;
	unsigned char brace; /* how much of "{n+}" stands at the line's end */
};

/* Starts a command. */
void command_reset(struct command *c, size_t limit);

/* Takes bytes from S; *USED says how many. */
enum command_status command_feed(struct command *c, char const *s, size_t len,
    size_t *used);

/* Whether COMMAND_LITERAL is still to be answered. */
bool command_at_literal(struct command const *c);

/* The three answers to COMMAND_LITERAL. take: its bytes become part of the text
 * (false: they would go over the limit). pass: the caller reads c->literal
 * octets himself before he feeds again. skip: they are thrown away, and the
 * command ends as COMMAND_TOO_LONG. A literal the client waits for is refused by
 * a tagged answer and command_reset instead. */
bool command_take(struct command *c);
void command_pass(struct command *c);
void command_skip(struct command *c);

/* Where in a command's text the reader stands. Each cursor function takes one
 * element of the grammar: true and the position moved, or false: syntax error
 * (the position is then undefined). */
struct cursor {
	char const *s;
	size_t len, pos;
};

bool cursor_is(struct cursor const *c, char wanted);
bool cursor_char(struct cursor *c, char wanted);
bool cursor_space(struct cursor *c);
bool cursor_end(struct cursor const *c);
/* A word in any letter case, as a whole atom. */
bool cursor_word(struct cursor *c, char const *word);

/* *AT and *LEN name the bytes inside the command. */
bool cursor_tag(struct cursor *c, char const **at, size_t *len);
bool cursor_atom(struct cursor *c, char const **at, size_t *len);
/* Letters, digits, dots: the names of verbs, items and search keys. */
bool cursor_name(struct cursor *c, char const **at, size_t *len);

bool cursor_number(struct cursor *c, uint32_t *n);
bool cursor_nz_number(struct cursor *c, uint32_t *n);
/* number64 of RFC 9051, for sizes and offsets of messages: what is larger than
 * any of them counts as UINT32_MAX. */
bool cursor_size(struct cursor *c, uint32_t *n);
/* RFC 7162: mod-sequence-valzer = "0" / mod-sequence-value, of 63 bits. */
bool cursor_modseq(struct cursor *c, uint64_t *n);

/* *OUT is replaced. No NUL octet gets through. */
bool cursor_astring(struct cursor *c, stralloc *out);
bool cursor_string(struct cursor *c, stralloc *out);
bool cursor_list_mailbox(struct cursor *c, stralloc *out);
/* "~{n}" (RFC 3516): any octets. */
bool cursor_literal8(struct cursor *c, stralloc *out);
/* NIL gives *NIL true and an empty *OUT. */
bool cursor_nstring(struct cursor *c, stralloc *out, bool *nil);

/* A literal header "{n}" or "{n+}" that ends the text. */
bool cursor_literal_header(struct cursor *c);

#endif
