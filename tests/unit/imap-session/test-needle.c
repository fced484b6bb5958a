/* SPDX-License-Identifier: ISC */
/* Raw needles are found where the slow way finds them; and parts of messages
 * are the same when only their places in the file are asked for. */
#include "imap-session/needle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "imap-session/mime.h"
#include "imap-session/text.h"

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

/* --- needles -------------------------------------------------------------- */

/* Texts and needles of few letters, so that much nearly fits. */
static void
compare(unsigned seed)
{
	static char const letters[] = "abABe -Z\n";
	char text[64];
	char needle[6];
	stralloc mapped = STRALLOC_ZERO;
	stralloc wanted = STRALLOC_ZERO;
	size_t text_len = seed % 64;
	size_t needle_len = 1 + seed % 5;
	for (size_t i = 0; i < text_len; i++) {
		seed = seed * 1103515245 + 12345;
		text[i] = letters[(seed >> 16) % (sizeof letters - 1)];
	}
	for (size_t i = 0; i < needle_len; i++) {
		seed = seed * 1103515245 + 12345;
		needle[i] = letters[(seed >> 16) % (sizeof letters - 1)];
	}
	if (!text_casemap(text, text_len, &mapped) ||
	    !text_casemap(needle, needle_len, &wanted))
		abort();
	bool slow = text_len &&
	    memmem(mapped.s, mapped.len, wanted.s, wanted.len) != NULL;
	check(needle_in_raw(&wanted, text, text_len) == slow, "needle",
	    wanted.s);
	stralloc_free(&mapped);
	stralloc_free(&wanted);
}

/* --- parts ---------------------------------------------------------------- */

static char const *const messages[] = {
	"",
	"A: b\n",
	"A: b\n\nbody\n--\n-- x\n\nmore",
	"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n"
	"--b\nContent-Type: text/html\n\n-\n--\n--x\ntwo\n\n--b--\n--b\nend",
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	"Content-Type: multipart/mixed; boundary=\"b-\"\r\n\r\n--b-\r\n\r\n"
	"one\r\n-\r\n--b-\r\n\r\ntwo\r\n--b---\r\n--b\r\n"
	"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n\r\n"
	"--b--\r\nafter\r\n-",
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n-\n-\n-\n--",
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx--b\n-b\n--b",
};

static void
parse(struct mime *m, char const *s, size_t piece, bool raw_only)
{
	size_t len = strlen(s);
	mime_start(m, false);
	m->raw_only = raw_only;
	for (size_t at = 0; at < len; at += piece)
		mime_feed(m, s + at, len - at < piece ? len - at : piece);
	if (!mime_finish(m))
		abort();
}

static bool
same_parts(struct mime const *a, struct mime const *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++) {
		struct mime_part const *p = &a->parts[i];
		struct mime_part const *q = &b->parts[i];
		if (p->kind != q->kind || p->parent != q->parent ||
		    p->header.raw != q->header.raw ||
		    p->body.raw != q->body.raw || p->end.raw != q->end.raw)
			return false;
	}
	return true;
}

static void
check_parts(char const *s)
{
	struct mime whole;
	struct mime raw;
	memset(&whole, 0, sizeof whole);
	memset(&raw, 0, sizeof raw);
	parse(&whole, s, SIZE_MAX / 2, false);
	bool good = true;
	for (size_t piece = 1; piece <= strlen(s) + 1; piece++) {
		parse(&raw, s, piece, true);
		good = good && same_parts(&whole, &raw);
	}
	check(good, "parts", s);
	mime_free(&whole);
	mime_free(&raw);
}

int
main(void)
{
	for (unsigned seed = 1; seed < 200000; seed++)
		compare(seed);
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		check_parts(messages[i]);
	return failures != 0;
}
