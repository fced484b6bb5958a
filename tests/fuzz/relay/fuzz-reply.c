/* SPDX-License-Identifier: ISC */
/* Replies of a server, whole and octet by octet: the same comes of it, nothing
 * that may not stand in a log, and never more than there is room for. What is
 * read of EHLO and of an answer is read from it. */
#include "relay/reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "relay/capabilities.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
check_answer(struct reply const *r)
{
	struct answer a;
	must(r->code >= 200 && r->code <= 599 && r->len <= sizeof r->text);
	reply_answer(r, VERDICT_RELAYED, &a);
	must(a.code == r->code && strlen(a.status) >= 5 &&
	    a.status[0] == (char)('0' + a.code / 100));
	size_t n = strnlen(a.text, sizeof a.text);
	must(n < sizeof a.text);
	for (size_t i = 0; i < n; i++)
		must((unsigned char)a.text[i] >= 0x20 && a.text[i] != 0x7f);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct reply whole, piece;
	struct capabilities can;
	char const *s = (char const *)data;
	for (size_t at = 0; at < size;) {
		size_t used = 0, one;
		enum reply_result pieces = REPLY_MORE;
		reply_begin(&whole);
		reply_begin(&piece);
		enum reply_result result =
		    reply_feed(&whole, s + at, size - at, &used);
		size_t n = result == REPLY_DONE ? used : size - at;
		for (size_t i = 0; i < n && pieces == REPLY_MORE; i++)
			pieces = reply_feed(&piece, s + at + i, 1, &one);
		must(pieces == result);
		if (result != REPLY_DONE)
			break;
		must(whole.code == piece.code && whole.len == piece.len &&
		    memcmp(whole.text, piece.text, whole.len) == 0);
		check_answer(&whole);
		capabilities_read(whole.text, whole.len, "chunking", &can);
		at += used;
	}
	return 0;
}
