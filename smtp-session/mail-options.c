/* SPDX-License-Identifier: ISC */
#include "mail-options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "reply.h"

struct value {
	char const *s; /* NULL: a name without "=" */
	size_t len;
};

/* Both kinds of options, of which one is being read. */
struct reading {
	struct mail_options *mail;
	struct rcpt_options *rcpt;
	bool smtputf8;
};

static bool
is_word(struct value v, char const *word)
{
	return v.s && strlen(word) == v.len &&
	    strncasecmp(v.s, word, v.len) == 0;
}

/* --- MAIL ------------------------------------------------------------------- */

static char const *
read_size(struct reading *r, struct value v)
{
	uint64_t n = 0;
	if (!v.s || v.len == 0 || v.len > 20)
		return REPLY_BAD_SIZE;
	for (size_t i = 0; i < v.len; i++) {
		if (v.s[i] < '0' || v.s[i] > '9')
			return REPLY_BAD_SIZE;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(v.s[i] - '0'), &n))
			return REPLY_TOO_LARGE;
	}
	r->mail->has_size = true;
	r->mail->size = n;
	return NULL;
}

/* BINARYMIME (RFC 3030) is not offered: a mailbox holds lines. */
static char const *
read_body(struct reading *r, struct value v)
{
	r->mail->body = is_word(v, "7BIT") ? BODY_7BIT
	    : is_word(v, "8BITMIME")       ? BODY_8BITMIME
	                                   : BODY_UNSAID;
	return r->mail->body ? NULL : REPLY_SYNTAX;
}

static char const *
read_smtputf8(struct reading *r, struct value v)
{
	r->mail->smtputf8 = true;
	return v.s ? REPLY_SYNTAX : NULL;
}

static char const *
read_requiretls(struct reading *r, struct value v)
{
	r->mail->requiretls = true;
	return v.s ? REPLY_SYNTAX : NULL;
}

static char const *
read_ret(struct reading *r, struct value v)
{
	r->mail->ret = v.s ? dsn_ret(v.s, v.len) : DSN_RET_UNSAID;
	return r->mail->ret ? NULL : REPLY_SYNTAX;
}

static char const *
read_envid(struct reading *r, struct value v)
{
	if (!v.s || !dsn_is_envid(v.s, v.len))
		return REPLY_SYNTAX;
	memcpy(r->mail->envid, v.s, v.len);
	return NULL;
}

/* RFC 4954 section 5: who the message was first submitted by. Nobody is
 * trusted to say so, which the RFC lets us answer by doing as if "<>". */
static char const *
read_auth(struct reading *r, struct value v)
{
	(void)r;
	return v.s && dsn_is_xtext(v.s, v.len) ? NULL : REPLY_SYNTAX;
}

/* --- RCPT ------------------------------------------------------------------- */

static char const *
read_notify(struct reading *r, struct value v)
{
	r->rcpt->notify = v.s ? dsn_notify(v.s, v.len) : 0;
	return r->rcpt->notify ? NULL : REPLY_SYNTAX;
}

static char const *
read_orcpt(struct reading *r, struct value v)
{
	if (!v.s || !dsn_is_orcpt(v.s, v.len, r->smtputf8))
		return REPLY_SYNTAX;
	memcpy(r->rcpt->orcpt, v.s, v.len);
	return NULL;
}

/* --- the lists -------------------------------------------------------------- */

struct parameter {
	char const *name;
	char const *(*read)(struct reading *r, struct value v);
};

static struct parameter const mail_parameters[] = {
	{ "SIZE", read_size },
	{ "BODY", read_body },
	{ "SMTPUTF8", read_smtputf8 },
	{ "REQUIRETLS", read_requiretls },
	{ "RET", read_ret },
	{ "ENVID", read_envid },
	{ "AUTH", read_auth },
	{ NULL, NULL },
};

static struct parameter const rcpt_parameters[] = {
	{ "NOTIFY", read_notify },
	{ "ORCPT", read_orcpt },
	{ NULL, NULL },
};

/* NAME[=VALUE]. SEEN has a bit for each parameter met. */
static char const *
read_one(struct parameter const *table, struct reading *r, char const *s,
    size_t len, unsigned int *seen)
{
	char const *equals = memchr(s, '=', len);
	size_t name = equals ? (size_t)(equals - s) : len;
	struct value v = { equals ? equals + 1 : NULL,
		equals ? len - name - 1 : 0 };
	for (unsigned int i = 0; table[i].name; i++) {
		if (strlen(table[i].name) != name ||
		    strncasecmp(table[i].name, s, name) != 0)
			continue;
		if (*seen & 1U << i)
			return REPLY_TWICE;
		*seen |= 1U << i;
		return table[i].read(r, v);
	}
	return REPLY_PARAMETER;
}

static char const *
read_all(struct parameter const *table, struct reading *r, char const *s,
    size_t len)
{
	unsigned int seen = 0;
	char const *end = s + len;
	while (s < end) {
		if (*s != ' ')
			return REPLY_SYNTAX;
		while (s < end && *s == ' ')
			s++;
		char const *stop = memchr(s, ' ', (size_t)(end - s));
		if (!stop)
			stop = end;
		char const *no = s == stop
		    ? NULL
		    : read_one(table, r, s, (size_t)(stop - s), &seen);
		if (no)
			return no;
		s = stop;
	}
	return NULL;
}

char const *
mail_options_read(char const *s, size_t len, struct mail_options *o)
{
	struct reading r = { .mail = o };
	*o = (struct mail_options){ 0 };
	return read_all(mail_parameters, &r, s, len);
}

char const *
rcpt_options_read(char const *s, size_t len, bool smtputf8,
    struct rcpt_options *o)
{
	struct reading r = { .rcpt = o, .smtputf8 = smtputf8 };
	*o = (struct rcpt_options){ 0 };
	return read_all(rcpt_parameters, &r, s, len);
}

/* --- written again ---------------------------------------------------------- */

char const *
mail_body_name(enum mail_body body)
{
	return body == BODY_7BIT    ? "7BIT"
	    : body == BODY_8BITMIME ? "8BITMIME"
	                            : NULL;
}

char const *
mail_ret_name(enum dsn_ret ret)
{
	return ret == DSN_RET_FULL ? "FULL"
	    : ret == DSN_RET_HDRS  ? "HDRS"
	                           : NULL;
}

/* NAME and VALUE, with a blank before them unless they are the first. */
static int
put(stralloc *sa, size_t start, char const *name, char const *value)
{
	return (sa->len == start || stralloc_append(sa, ' ')) &&
	    stralloc_cats(sa, name) && stralloc_cats(sa, value);
}

int
mail_options_format(struct mail_options const *o, stralloc *sa)
{
	size_t start = sa->len;
	char const *body = mail_body_name(o->body);
	char const *ret = mail_ret_name(o->ret);
	char size[24];
	snprintf(size, sizeof size, "%llu", (unsigned long long)o->size);
	return (!o->has_size || put(sa, start, "SIZE=", size)) &&
	    (!body || put(sa, start, "BODY=", body)) &&
	    (!o->smtputf8 || put(sa, start, "SMTPUTF8", "")) &&
	    (!o->requiretls || put(sa, start, "REQUIRETLS", "")) &&
	    (!ret || put(sa, start, "RET=", ret)) &&
	    (!*o->envid || put(sa, start, "ENVID=", o->envid));
}

int
rcpt_options_format(struct rcpt_options const *o, stralloc *sa)
{
	size_t start = sa->len;
	return (!o->notify ||
	           (put(sa, start, "NOTIFY=", "") &&
	               dsn_notify_format(o->notify, sa))) &&
	    (!*o->orcpt || put(sa, start, "ORCPT=", o->orcpt));
}
