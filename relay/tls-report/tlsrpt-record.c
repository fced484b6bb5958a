/* SPDX-License-Identifier: ISC */
#include "tlsrpt-record.h"

#include <string.h>
#include <strings.h>

#include "address.h"
#include "ascii.h"
#include "bytes.h"
#include "hex.h"
#include "https-uri.h"

#define VERSION "v=TLSRPTv1"

enum { EXTENSION_NAME_MAX = 32 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct bytes
trim(struct bytes b)
{
	while (b.len && is_blank(*b.s)) {
		b.s++;
		b.len--;
	}
	while (b.len && is_blank(b.s[b.len - 1]))
		b.len--;
	return b;
}

static bool
starts_with(struct bytes *b, char const *text)
{
	size_t n = strlen(text);
	if (b->len < n || memcmp(b->s, text, n) != 0)
		return false;
	b->s += n;
	b->len -= n;
	return true;
}

/* --- URIs ------------------------------------------------------------------- */

/* A scheme in any letter case (RFC 3986 section 3.1). */
static bool
has_scheme(struct bytes *uri, char const *scheme)
{
	size_t n = strlen(scheme);
	if (uri->len <= n || uri->s[n] != ':' ||
	    strncasecmp(uri->s, scheme, n) != 0)
		return false;
	uri->s += n + 1;
	uri->len -= n + 1;
	return true;
}

/* RFC 3986 section 2: a "%" begins an octet in hexadecimal digits. */
static int
decode(struct bytes uri, stralloc *out)
{
	for (size_t i = 0; i < uri.len; i++) {
		unsigned char octet = (unsigned char)uri.s[i];
		if (octet == '%') {
			if (uri.len - i < 3 ||
			    !hex_decode(uri.s + i + 1, 1, &octet))
				return 0;
			i += 2;
		}
		if (!stralloc_append(out, (char)octet))
			return -1;
	}
	return 1;
}

/* RFC 6068: one address; header fields behind "?" are not ours to write. What
 * is no address in a domain, or beyond ASCII, is left out, as the others may be
 * good. */
static int
take_mailto(struct bytes uri, struct tlsrpt_record *r)
{
	struct address a;
	struct bytes address = bytes_take_until(&uri, '?');
	stralloc text = STRALLOC_ZERO, *to = &r->mailto[r->mailtos];
	int ok = decode(address, &text);
	if (ok > 0 && text.len && address_parse(text.s, text.len, &a) &&
	    !a.literal && !a.utf8) {
		ok = address_format(&a, to) && stralloc_0(to) ? 1 : -1;
		r->mailtos += ok > 0;
	}
	stralloc_free(&text);
	return ok < 0 ? -1 : 1;
}

/* What we do not take is left out here, too. */
static int
take_web(struct bytes text, struct tlsrpt_record *r)
{
	struct https_uri uri;
	stralloc *web = &r->web[r->webs];
	if (!https_uri_parse(text.s, text.len, &uri))
		return 1;
	for (unsigned int i = 0; i < r->webs; i++)
		if (r->web[i].len == text.len + 1 &&
		    memcmp(r->web[i].s, text.s, text.len) == 0)
			return 1;
	if (!stralloc_catb(web, text.s, text.len) || !stralloc_0(web))
		return -1;
	r->webs++;
	return 1;
}

static int
take_uri(struct bytes uri, struct tlsrpt_record *r)
{
	struct bytes rest = uri;
	if (has_scheme(&rest, "mailto"))
		return r->mailtos < TLSRPT_MAILTO_MAX ? take_mailto(rest, r)
		                                      : 1;
	if (has_scheme(&rest, "https"))
		return r->webs < TLSRPT_HTTPS_MAX ? take_web(uri, r) : 1;
	return 1;
}

/* tlsrpt-rua: URIs with commas between. A URI has no octet that is none of
 * RFC 3986, and "!" is to be written as %21. */
static int
take_uris(struct bytes list, struct tlsrpt_record *r)
{
	bool more = true;
	while (more) {
		more = memchr(list.s, ',', list.len) != NULL;
		struct bytes uri = trim(bytes_take_until(&list, ','));
		if (!uri.len)
			return 0;
		for (size_t i = 0; i < uri.len; i++)
			if (uri.s[i] <= 0x20 || uri.s[i] == 0x7f ||
			    strchr("!\"<>\\^`{|}", uri.s[i]))
				return 0;
		if (take_uri(uri, r) < 0)
			return -1;
	}
	return 1;
}

/* --- fields ----------------------------------------------------------------- */

/* tlsrpt-extension. */
static bool
is_extension(struct bytes field)
{
	struct bytes name = bytes_take_until(&field, '=');
	if (!name.len || !field.len || name.len > EXTENSION_NAME_MAX ||
	    !ascii_is_alnum(*name.s))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.s[i]) && !strchr("_-.", name.s[i]))
			return false;
	for (size_t i = 0; i < field.len; i++)
		if (field.s[i] <= 0x20 || field.s[i] >= 0x7f)
			return false;
	return true;
}

/* tlsrpt-version, and what ends it. */
static bool
take_version(struct bytes *rest)
{
	struct bytes after = *rest;
	if (!starts_with(&after, VERSION))
		return false;
	*rest = trim(after);
	return rest->len && *rest->s == ';';
}

bool
tlsrpt_record_is(char const *s, size_t len)
{
	struct bytes b = { s, len };
	return take_version(&b);
}

/* At least one field, and at the end a ";" or none. */
int
tlsrpt_record_parse(char const *s, size_t len, struct tlsrpt_record *r)
{
	struct bytes rest = { s, len };
	bool has_rua = false;
	*r = (struct tlsrpt_record){ .mailtos = 0 };
	if (!take_version(&rest))
		return 0;
	bytes_take_until(&rest, ';');
	for (rest = trim(rest); rest.len; rest = trim(rest)) {
		struct bytes field = trim(bytes_take_until(&rest, ';'));
		bool is_rua = starts_with(&field, "rua=");
		int ok = is_rua ? take_uris(field, r) : is_extension(field);
		if (ok <= 0)
			return ok;
		has_rua |= is_rua;
	}
	return has_rua;
}

void
tlsrpt_record_free(struct tlsrpt_record *r)
{
	for (unsigned int i = 0; i < TLSRPT_MAILTO_MAX; i++)
		stralloc_free(&r->mailto[i]);
	for (unsigned int i = 0; i < TLSRPT_HTTPS_MAX; i++)
		stralloc_free(&r->web[i]);
	r->mailtos = r->webs = 0;
}
