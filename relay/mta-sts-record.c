/* SPDX-License-Identifier: ISC */
#include "mta-sts-record.h"

#include <string.h>

#include "ascii.h"
#include "bytes.h"

static char const version[] = "v=STSv1";

enum { NAME_LEN_MAX = 32 };

static void
skip(struct bytes *b, size_t n)
{
	b->s += n;
	b->len -= n;
}

static void
skip_wsp(struct bytes *b)
{
	while (b->len && (*b->s == ' ' || *b->s == '\t'))
		skip(b, 1);
}

/* sts-field-delim: *WSP ";" *WSP */
static bool
take_delimiter(struct bytes *b)
{
	skip_wsp(b);
	if (!b->len || *b->s != ';')
		return false;
	skip(b, 1);
	skip_wsp(b);
	return true;
}

static bool
is_name_char(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* visible, less "=" and ";" */
static bool
is_value_char(char c)
{
	return c > ' ' && c < 0x7f && c != '=' && c != ';';
}

static struct bytes
take_while(struct bytes *b, bool (*fits)(char))
{
	struct bytes taken = { b->s, 0 };
	while (b->len && fits(*b->s)) {
		skip(b, 1);
		taken.len++;
	}
	return taken;
}

static bool
is_id(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (!ascii_is_alnum(b.s[i]))
			return false;
	return b.len <= MTA_STS_ID_MAX;
}

/* One sts-field; the first id counts. */
static bool
take_field(struct bytes *b, struct bytes *id)
{
	struct bytes name = take_while(b, is_name_char);
	if (!name.len || name.len > NAME_LEN_MAX || !ascii_is_alnum(*name.s) ||
	    !b->len || *b->s != '=')
		return false;
	skip(b, 1);
	struct bytes value = take_while(b, is_value_char);
	if (bytes_are(name, "id") && !id->len) {
		if (!is_id(value))
			return false;
		*id = value;
	}
	return value.len > 0;
}

/* What stands behind its version; false when it is a record of something else. */
static bool
begins(struct dns_record const *r, struct bytes *rest)
{
	size_t n = strlen(version);
	if (r->len < n || memcmp(r->text, version, n) != 0)
		return false;
	*rest = (struct bytes){ r->text + n, r->len - n };
	return take_delimiter(rest);
}

static bool
read_record(struct bytes rest, struct bytes *id)
{
	do
		if (!take_field(&rest, id))
			return false;
	while (take_delimiter(&rest) && rest.len);
	return !rest.len && id->len;
}

bool
mta_sts_record_find(struct dns_answer const *answer,
    char out[MTA_STS_ID_MAX + 1])
{
	struct bytes rest = { "", 0 }, other, id = { "", 0 };
	unsigned int count = 0;
	for (unsigned int i = 0;
	     answer->status == DNS_FOUND && i < answer->count; i++)
		if (begins(&answer->record[i], count ? &other : &rest))
			count++;
	if (count != 1 || !read_record(rest, &id))
		return false;
	memcpy(out, id.s, id.len);
	out[id.len] = 0;
	return true;
}
