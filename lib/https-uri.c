/* SPDX-License-Identifier: ISC */
#include "https-uri.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "hex.h"

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

static char const scheme[] = "https://";

/* unreserved, sub-delims and what else a path and a query may have as it is (RFC
 * 3986 sections 3.3 and 3.4). */
static bool
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c && strchr("-._~!$&'()*+,;=:@/?", c));
}

static bool
is_path(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (is_plain(b.s[i]))
			continue;
		if (b.s[i] != '%' || b.len - i < 3 ||
		    hex_value(b.s[i + 1]) < 0 || hex_value(b.s[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

static bool
parse_port(struct bytes digits, unsigned int *port)
{
	if (!digits.len || digits.len > PORT_DIGITS_MAX)
		return false;
	*port = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.s[i] < '0' || digits.s[i] > '9')
			return false;
		*port = *port * 10 + (unsigned int)(digits.s[i] - '0');
	}
	return *port > 0 && *port <= PORT_MAX;
}

/* host [ ":" port ] */
static bool
parse_authority(struct bytes authority, struct https_uri *uri)
{
	bool has_port = memchr(authority.s, ':', authority.len) != NULL;
	struct bytes host = bytes_take_until(&authority, ':');
	if (!hostname_valid(host.s, host.len) ||
	    !hostname_complete(host.s, host.len) || host.s[host.len - 1] == '.')
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.s[i];
		uri->host[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return !has_port || parse_port(authority, &uri->port);
}

/* An empty path is "/" (RFC 9110 section 4.2.3). */
int
https_uri_parse(char const *s, size_t len, struct https_uri *uri)
{
	size_t n = strlen(scheme);
	*uri = (struct https_uri){ .port = 0 };
	if (len <= n || len > HTTPS_URI_MAX || strncasecmp(s, scheme, n) != 0)
		return 0;
	struct bytes authority = { s + n, 0 };
	while (n + authority.len < len &&
	    !strchr("/?", authority.s[authority.len]))
		authority.len++;
	struct bytes path = { authority.s + authority.len,
		len - n - authority.len };
	if (!parse_authority(authority, uri) || !is_path(path))
		return 0;
	size_t root = path.len && *path.s == '/' ? 0 : 1;
	*uri->path = '/';
	memcpy(uri->path + root, path.s, path.len);
	return 1;
}
