/* SPDX-License-Identifier: ISC */
#include "capabilities.h"

#include <strings.h>

#include "bytes.h"

static bool
is(struct bytes word, char const *name)
{
	size_t n = 0;
	while (name[n])
		n++;
	return word.len == n && strncasecmp(word.s, name, n) == 0;
}

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

static void
read_line(struct bytes line, struct capabilities *c)
{
	struct bytes rest = line;
	struct bytes word = bytes_take_until(&rest, ' ');
	struct bytes old = word; /* "AUTH=LOGIN", before RFC 2554 */
	if (is(word, "PIPELINING"))
		c->pipelining = true;
	else if (is(word, "8BITMIME"))
		c->eightbitmime = true;
	else if (is(word, "SMTPUTF8"))
		c->smtputf8 = true;
	else if (is(word, "DSN"))
		c->dsn = true;
	else if (is(word, "STARTTLS"))
		c->starttls = true;
	else if (is(word, "REQUIRETLS"))
		c->requiretls = true;
	else if (is(word, "AUTH"))
		add_mechanisms(rest, &c->auth);
	else if (is(bytes_take_until(&old, '='), "AUTH")) {
		add_mechanisms(old, &c->auth);
		add_mechanisms(rest, &c->auth);
	} else if (is(word, "SIZE")) {
		c->size = true;
		c->size_limit = read_number(bytes_take_until(&rest, ' '));
	}
}

void
capabilities_read(char const *text, size_t len, struct capabilities *c)
{
	struct bytes rest = { text, len };
	*c = (struct capabilities){ .size = false };
	bytes_take_until(&rest, '\n'); /* who it is */
	while (rest.len)
		read_line(bytes_take_until(&rest, '\n'), c);
}
