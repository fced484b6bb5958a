/* SPDX-License-Identifier: ISC */
#include "der.h"

enum { LENGTH_OCTETS_MAX = 3 }; /* 16 MB */

/* The length, after the tag: one octet, or how many follow. In DER it is as
 * short as it can be. */
static bool
take_length(struct bytes *rest, size_t *len)
{
	if (!rest->len)
		return false;
	size_t first = (unsigned char)*rest->s;
	size_t more = first < 0x80 ? 0 : first - 0x80;
	if ((first >= 0x80 && !more) || more > LENGTH_OCTETS_MAX ||
	    rest->len - 1 < more)
		return false;
	*len = more ? 0 : first;
	for (size_t i = 1; i <= more; i++)
		*len = *len << 8 | (unsigned char)rest->s[i];
	if (more && (*len < 0x80 || !rest->s[1]))
		return false;
	rest->s += 1 + more;
	rest->len -= 1 + more;
	return *len <= rest->len;
}

bool
der_take(struct bytes *rest, enum der_tag tag, struct bytes *value)
{
	struct bytes at = *rest;
	if (!at.len || (unsigned char)*at.s != (unsigned int)tag)
		return false;
	at.s++;
	at.len--;
	if (!take_length(&at, &value->len))
		return false;
	value->s = at.s;
	rest->s = at.s + value->len;
	rest->len = at.len - value->len;
	return true;
}

bool
der_take_number(struct bytes *rest, struct bytes *number)
{
	struct bytes at = *rest;
	if (!der_take(&at, DER_INTEGER, number) || !number->len ||
	    (unsigned char)*number->s >= 0x80)
		return false;
	while (number->len && !*number->s) {
		number->s++;
		number->len--;
	}
	*rest = at;
	return true;
}
