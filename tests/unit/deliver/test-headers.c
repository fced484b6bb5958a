/* SPDX-License-Identifier: ISC */
/* deliver/headers: what is read, what is left out, what is put on top. Every
 * case is looked at in an allocation of exactly its length, whole and cut at
 * every position. */
#include "deliver/headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void
check(bool good, char const *what, char const *on)
{
	if (good)
		return;
	printf("failed: %s: %s\n", what, on);
	failures++;
}

struct sample {
	char const *message;
	char const *stored; /* what comes after our fields */
	bool spam;
	size_t received;
};

static struct sample const samples[] = {
	{ "", "", false, 0 },
	{ "\n", "\n", false, 0 },
	{ "body", "\nbody", false, 0 },
	{ " fold", "\n fold", false, 0 },
	{ "A: 1\n\nb", "A: 1\n\nb", false, 0 },
	{ "From x\n\ta\n", "\n\ta\n", false, 0 },
	{ "From x\nFrom: y\n", "From: y\n", false, 0 },
	{ "Return-Path: <x>\n", "", false, 0 },
	{ "Return-Path: <x>\n\nb", "\nb", false, 0 },
	{ "Return-Path: <x>\nb", "\nb", false, 0 },
	{ "Return-Path:\n <x>\nA: 1\nreturn-path : y\nb", "A: 1\nb", false, 0 },
	{ "A: 1\nReturn-Path: <x>", "A: 1\n", false, 0 },
	{ "Return-Path-X: 1\n", "Return-Path-X: 1\n", false, 0 },
	{ "X-Spam-Flag: YES\n\n", "X-Spam-Flag: YES\n\n", true, 0 },
	{ "x-spam-flag:yes", "x-spam-flag:yes", true, 0 },
	{ "X-Spam-Flag:\n\tYES \r\n", "X-Spam-Flag:\n\tYES \r\n", true, 0 },
	{ "X-Spam-Flag: NO\nX-Spam-Flag: YES\n",
	    "X-Spam-Flag: NO\nX-Spam-Flag: YES\n", false, 0 },
	{ "X-Spam-Flag: YES\nX-Spam-Flag: NO\n",
	    "X-Spam-Flag: YES\nX-Spam-Flag: NO\n", true, 0 },
	{ "A: 1\n\nX-Spam-Flag: YES\n", "A: 1\n\nX-Spam-Flag: YES\n", false,
	    0 },
	{ "X-Spam-Flag:\n", "X-Spam-Flag:\n", false, 0 },
	{ "Received: a\n b\nreceived:c\n\nReceived: d\n",
	    "Received: a\n b\nreceived:c\n\nReceived: d\n", false, 2 },
};

static void
put(stralloc *sa, char const *s, size_t n)
{
	if (!stralloc_catb(sa, s, n))
		abort();
}

/* Our fields and the message as store.c puts them together. */
static void
store(struct headers const *h, char const *sender, stralloc *all)
{
	if (!headers_prepend(h, sender, "Orig@x", "to@x", all))
		abort();
	put(all, h->kept.s ? h->kept.s : "", h->kept.len);
	size_t from = h->has_kept ? h->end : 0;
	put(all, h->message + from, h->len - from);
}

static void
test_sample(struct sample const *s)
{
	static char const top[] =
	    "Return-Path: <me@x>\nX-Original-To: Orig@x\nDelivered-To: to@x\n";
	size_t len = strlen(s->message);
	char *copy = malloc(len + !len);
	struct headers h;
	stralloc all = STRALLOC_ZERO;
	memcpy(copy, s->message, len);
	check(headers_scan(&h, copy, len), "scan", s->message);
	check(h.spam == s->spam, "spam", s->message);
	check(h.received == s->received, "received", s->message);
	store(&h, "me@x", &all);
	size_t n = strlen(h.eol) == 1 ? sizeof top - 1 : 0;
	check(!n ||
	        (all.len == n + strlen(s->stored) &&
	            memcmp(all.s, top, n) == 0 &&
	            memcmp(all.s + n, s->stored, all.len - n) == 0),
	    "stored", s->message);
	stralloc_free(&all);
	headers_free(&h);
	for (size_t cut = 0; cut < len; cut++) {
		char *part = malloc(cut + !cut);
		memcpy(part, s->message, cut);
		check(headers_scan(&h, part, cut), "scan cut", s->message);
		headers_delivered_to(&h, "to@x");
		headers_free(&h);
		free(part);
	}
	free(copy);
}

static void
test_delivered_to(void)
{
	static char const message[] = "Delivered-To: a@x\nDELIVERED-to:\n"
	                              "\tB@X \r\nDelivered-To:\n\n"
	                              "Delivered-To: c@x\n";
	struct headers h;
	check(headers_scan(&h, message, sizeof message - 1), "scan", message);
	check(headers_delivered_to(&h, "a@x"), "delivered to", "a@x");
	check(headers_delivered_to(&h, "A@X"), "delivered to", "A@X");
	check(headers_delivered_to(&h, "b@x"), "delivered to", "b@x");
	check(!headers_delivered_to(&h, "c@x"), "in the body", "c@x");
	check(!headers_delivered_to(&h, "a@"), "a beginning", "a@");
	check(!headers_delivered_to(&h, "aa@x"), "an end", "aa@x");
	headers_free(&h);
}

static void
test_nul(void)
{
	static char const message[] = "A: \0\nX-Spam-Flag: YES\0\n\0";
	struct headers h;
	check(headers_scan(&h, message, sizeof message - 1), "scan", "NUL");
	check(!h.spam, "NUL is a byte of the value", "");
	check(h.len == sizeof message - 1, "length", "NUL");
	headers_free(&h);
}

static void
test_line_ends(void)
{
	static char const message[] = "A: 1\r\n\r\n";
	struct headers h;
	stralloc top = STRALLOC_ZERO;
	check(headers_scan(&h, message, sizeof message - 1) &&
	        headers_prepend(&h, NULL, "o", "t", &top) && stralloc_0(&top),
	    "CRLF", "");
	check(strcmp(top.s, "X-Original-To: o\r\nDelivered-To: t\r\n") == 0,
	    "CRLF, no sender", top.s);
	stralloc_free(&top);
	headers_free(&h);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		test_sample(&samples[i]);
	test_delivered_to();
	test_nul();
	test_line_ends();
	return failures != 0;
}
