/* SPDX-License-Identifier: ISC */
/* The formats that come over a wire: channel packets, base64, header
 * fields, log values. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/channel.h"
#include "lib/log.h"
#include "lib/message.h"

static void
check_channel(char const *s, size_t len)
{
	static struct channel_message m;
	char text[64];
	if (len > sizeof m.bytes)
		return;
	memcpy(m.bytes, s, len);
	if (!channel_parse(&m, len))
		return;
	for (unsigned int i = 0; i < m.count; i++)
		channel_string(&m, i, text, sizeof text);
}

static void
check_base64(char const *s, size_t len)
{
	stralloc raw = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	if (base64_decode(s, len, &raw) == 1 &&
	    (!base64_encode(raw.s, raw.len, &text) || text.len != len ||
	        memcmp(text.s, s, len) != 0))
		abort();
	stralloc_free(&raw);
	stralloc_free(&text);
}

static void
check_message(char const *s, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	while (message_next_field(s, len, &pos, &f))
		if (f.start + f.len > s + len || f.value < f.start ||
		    f.value + f.value_len > f.start + f.len)
			abort();
	if (message_body(s, len) > len || message_mbox_line(s, len) > len)
		abort();
	message_starts_clean(s, len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char const *s = (char const *)data;
	stralloc quoted = STRALLOC_ZERO;
	check_channel(s, size);
	check_base64(s, size);
	check_message(s, size);
	if (!log_quote(&quoted, s, size))
		return 0;
	for (size_t i = 0; i < quoted.len; i++)
		if ((unsigned char)quoted.s[i] < 0x20)
			abort();
	stralloc_free(&quoted);
	return 0;
}
