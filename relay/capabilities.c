/* SPDX-License-Identifier: ISC */
#include "capabilities.h"

#include "bytes.h"
#include "ehlo-keyword.h"
#include "words.h"

static uint64_t
read_number(struct bytes b)
{
	uint64_t n = 0;
	for (size_t i = 0; i < b.len; i++)
		if (b.s[i] < '0' || b.s[i] > '9' ||
		    __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(b.s[i] - '0'), &n))
			return 0;
	return n;
}

static void
add_mechanisms(struct bytes names, sasl_set *set)
{
	while (names.len) {
		struct bytes name = bytes_take_until(&names, ' ');
		int m = sasl_find(name.s, name.len);
		if (m >= 0)
			*set |= (sasl_set)1 << m;
	}
}

/* A keyword's parameters are in REST. */
static void
add_keyword(enum ehlo_keyword keyword, struct bytes rest,
    struct capabilities *c)
{
	switch (keyword) {
	case EHLO_8BITMIME:
		c->eightbitmime = true;
		break;
	case EHLO_AUTH:
		add_mechanisms(rest, &c->auth);
		break;
	case EHLO_CHUNKING:
		c->chunking = true;
		break;
	case EHLO_DSN:
		c->dsn = true;
		break;
	case EHLO_PIPELINING:
		c->pipelining = true;
		break;
	case EHLO_REQUIRETLS:
		c->requiretls = true;
		break;
	case EHLO_SIZE:
		c->size = true;
		c->size_limit = read_number(bytes_take_until(&rest, ' '));
		break;
	case EHLO_SMTPUTF8:
		c->smtputf8 = true;
		break;
	case EHLO_STARTTLS:
		c->starttls = true;
		break;
	case EHLO_KEYWORDS:
		break;
	}
}

static void
read_line(struct bytes line, char const *discard, struct capabilities *c)
{
	struct bytes rest = line;
	struct bytes word = bytes_take_until(&rest, ' ');
	struct bytes old = word; /* "AUTH=LOGIN", before RFC 2554 */
	struct bytes name = bytes_take_until(&old, '=');
	int keyword = ehlo_keyword_find(word);
	if (keyword < 0 && ehlo_keyword_find(name) == EHLO_AUTH)
		keyword = EHLO_AUTH;
	if (keyword < 0 || words_have(discard, ehlo_keyword_name(keyword)))
		return;
	if (keyword == EHLO_AUTH)
		add_mechanisms(old, &c->auth);
	add_keyword((enum ehlo_keyword)keyword, rest, c);
}

void
capabilities_read(char const *text, size_t len, char const *discard,
    struct capabilities *c)
{
	struct bytes rest = { text, len };
	*c = (struct capabilities){ .size = false };
	bytes_take_until(&rest, '\n'); /* who it is */
	while (rest.len)
		read_line(bytes_take_until(&rest, '\n'), discard, c);
}
