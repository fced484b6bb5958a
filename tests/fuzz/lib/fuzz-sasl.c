/* SPDX-License-Identifier: ISC */
/* Whole exchanges: the first octet chooses the mechanism and the channel, 0xff
 * stands between responses. A login succeeds only when the back said so, once,
 * and what the back is asked has the form it relies on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/front.h"
#include "lib/sasl.h"

struct fake {
	unsigned int challenges, logins, refusals;
	bool yes;
};

static int
ask(void *arg, uint8_t type, struct channel_field const *fields,
    unsigned int count, stralloc *text)
{
	struct fake *f = arg;
	text->len = 0;
	if (count != 4 || (fields[1].len && !fields[1].s))
		abort();
	if (type == REQUEST_CHALLENGE) {
		f->challenges++;
		return stralloc_copys(text, "r=xyz,s=AAAA,i=1") ? REPLY_YES
		                                                : REPLY_LATER;
	}
	if (type == REQUEST_REFUSE) {
		f->refusals++;
		return REPLY_NO;
	}
	if (type != REQUEST_LOGIN)
		abort();
	f->logins++;
	return f->yes ? REPLY_YES : REPLY_NO;
}

static void
run(struct sasl *x, struct fake *f, struct bytes rest)
{
	stralloc challenge = STRALLOC_ZERO;
	enum sasl_result r = SASL_CONTINUE;
	bool initial = rest.len && *rest.s == '!';
	if (!initial)
		r = sasl_step(x, NULL, &challenge);
	while (r == SASL_CONTINUE && rest.len) {
		struct bytes response = bytes_take_until(&rest, (char)0xff);
		r = sasl_step(x, &response, &challenge);
	}
	if (r == SASL_OK && (!f->yes || f->logins != 1 || f->refusals))
		abort();
	if (f->logins + f->refusals > 2 || f->challenges > 1)
		abort();
	stralloc_free(&challenge);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (!size)
		return 0;
	struct fake f = { .yes = data[0] & 0x80 };
	struct sasl x = {
		.mechanism =
		    (enum sasl_mechanism)((data[0] & 0x3f) % SASL_MECHANISMS),
		.plus_offered = data[0] & 0x40,
		.channel = bytes_of("0123"),
		.ask = ask,
		.arg = &f,
	};
	run(&x, &f, (struct bytes){ (char const *)data + 1, size - 1 });
	sasl_free(&x);
	return 0;
}
