/* SPDX-License-Identifier: ISC */
#include "envelope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"

/* NULL when it is missing or empty. */
static char const *
value_of(char const *name)
{
	char const *value = getenv(name);
	return value && *value ? value : NULL;
}

static char const *
one_of(char const *value, char const *a, char const *b)
{
	return value && (strcmp(value, a) == 0 || strcmp(value, b) == 0) ? value
	                                                                 : NULL;
}

/* What may be written to a field: an address, or what stands for one. */
static bool
is_recipient(char const *s)
{
	struct address a;
	return address_parse(s, strlen(s), &a) ||
	    strcasecmp(s, "postmaster") == 0;
}

void
envelope_read(struct envelope *e)
{
	char const *ret = value_of("DSN_RET");
	char const *options = value_of("RECIPIENT_OPTIONS");
	e->uid = value_of("MESSAGE_UID");
	e->user = value_of("AUTH_USER");
	e->envid = value_of("ENVELOPE_ID");
	if (e->envid && !dsn_is_envid(e->envid, strlen(e->envid)))
		e->envid = NULL;
	e->body = one_of(value_of("BODY"), "7BIT", "8BITMIME");
	e->original = value_of("ORIGINAL_RECIPIENT");
	if (e->original && !is_recipient(e->original))
		e->original = NULL;
	e->ret = ret ? dsn_ret(ret, strlen(ret)) : DSN_RET_UNSAID;
	e->smtputf8 = value_of("SMTPUTF8") != NULL;
	e->requiretls = value_of("REQUIRETLS") != NULL;
	e->no_aliases = value_of("NO_ALIASES") != NULL;
	e->recipient_options = bytes_of(options ? options : "");
}

static bool
starts_with(struct bytes *word, char const *name)
{
	size_t n = strlen(name);
	if (word->len < n || memcmp(word->s, name, n) != 0)
		return false;
	word->s += n;
	word->len -= n;
	return true;
}

void
envelope_parse_options(struct bytes line, bool smtputf8,
    struct recipient_options *o)
{
	*o = (struct recipient_options){ .notify = 0 };
	while (line.len) {
		struct bytes word = bytes_take_until(&line, ' ');
		if (starts_with(&word, "NOTIFY="))
			o->notify = dsn_notify(word.s, word.len);
		else if (starts_with(&word, "ORCPT=") &&
		    dsn_is_orcpt(word.s, word.len, smtputf8)) {
			memcpy(o->orcpt, word.s, word.len);
			o->orcpt[word.len] = 0;
		}
	}
}

void
envelope_options(struct envelope const *e, size_t number,
    struct recipient_options *o)
{
	struct bytes rest = e->recipient_options;
	struct bytes line = bytes_take_until(&rest, '\n');
	while (number-- && (line.len || rest.len))
		line = bytes_take_until(&rest, '\n');
	envelope_parse_options(line, e->smtputf8, o);
}
