/* SPDX-License-Identifier: ISC */
/* A message on the wire: no CR or LF alone, one end, and read back by RFC 5321
 * 4.5.2, or as a chunk of RFC 3030, the message that it was, but for its line
 * ends. The first octet is where it is cut in pieces. */
#include "relay/mail-data.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

/* The next octet of the message as it should be read back. */
static char
next_octet(char const *s, size_t size, size_t *at)
{
	if (*at == size)
		return '\n';
	char c = s[(*at)++];
	if (c == '\r' && *at < size && s[*at] == '\n')
		return s[(*at)++];
	return c == '\r' ? ' ' : c;
}

static void
check_wire(char const *wire, size_t len, char const *s, size_t size)
{
	size_t at = 0;
	bool start = true;
	for (size_t i = 0; i < len; i++) {
		if (start && wire[i] == '.') {
			i++;
			must(i < len);
			if (wire[i] == '\r') {
				must(i + 2 == len && wire[i + 1] == '\n');
				must(at == size);
				return;
			}
			must(wire[i] == '.');
		}
		if (wire[i] == '\r')
			must(++i < len && wire[i] == '\n');
		else
			must(wire[i] != '\n');
		must(wire[i] == next_octet(s, size, &at));
		start = wire[i] == '\n';
	}
	must(false);
}

/* Behind BDAT: the message, with whole lines, and nothing else. */
static void
check_chunk(char const *wire, size_t len, char const *s, size_t size)
{
	size_t at = 0;
	for (size_t i = 0; i < len; i++) {
		if (wire[i] == '\r')
			must(++i < len && wire[i] == '\n');
		else
			must(wire[i] != '\n');
		must(wire[i] == next_octet(s, size, &at));
	}
	must(at == size && (!len || wire[len - 1] == '\n'));
}

/* What goes out, the message cut in two at CUT. */
static size_t
encode(bool chunked, char const *s, size_t size, size_t cut, char *out)
{
	struct mail_data d = { .place = MAIL_LINE_START, .chunked = chunked };
	size_t n = mail_data_add(&d, s, cut, out);
	must(n <= MAIL_DATA_ROOM(cut));
	size_t more = mail_data_add(&d, s + cut, size - cut, out + n);
	must(more <= MAIL_DATA_ROOM(size - cut));
	n += more;
	return n + mail_data_end(&d, out + n);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (!size)
		return 0;
	char const *s = (char const *)data + 1;
	size_t cut = data[0];
	size--;
	cut = cut < size ? cut : size;
	struct mail_facts whole = MAIL_FACTS_ZERO, parts = MAIL_FACTS_ZERO;
	char *out = malloc(2 * MAIL_DATA_ROOM(size) + MAIL_DATA_END);
	must(out != NULL);
	check_wire(out, encode(false, s, size, cut, out), s, size);
	check_chunk(out, encode(true, s, size, cut, out), s, size);
	mail_facts_add(&whole, s, size);
	mail_facts_add(&parts, s, cut);
	mail_facts_add(&parts, s + cut, size - cut);
	must(whole.size == parts.size &&
	    whole.header_8bit == parts.header_8bit &&
	    whole.body_8bit == parts.body_8bit);
	free(out);
	return 0;
}
