/* SPDX-License-Identifier: ISC */
#include "host-list.h"

#include <string.h>
#include <strings.h>

#include "hostname.h"
#include "network.h"
#include "words.h"

#define LOOPBACK "127.0.0.0/8 [::1]"

/* The name of an entry, ".name" for all below it. */
static struct word
name_of(struct word entry)
{
	size_t skip = entry.len > 1 && *entry.s == '!';
	if (entry.len - skip > 2 && memcmp(entry.s + skip, "*.", 2) == 0)
		skip++;
	return (struct word){ entry.s + skip, entry.len - skip };
}

bool
host_entry_valid(char const *s, size_t len)
{
	struct network n;
	if (network_parse(s, len, &n))
		return true;
	struct word name = name_of((struct word){ s, len });
	size_t dot = name.len && *name.s == '.';
	return hostname_valid(name.s + dot, name.len - dot);
}

bool
host_list_valid(char const *list, size_t len)
{
	struct word rest = { list, len }, entry;
	while ((entry = words_next(&rest)).len)
		if (!host_entry_valid(entry.s, entry.len))
			return false;
	return true;
}

static bool
name_matches(struct word wanted, char const *ip, char const *name)
{
	size_t len = strlen(name);
	if (*wanted.s == '.') /* below it, not itself */
		return len > wanted.len &&
		    !strncasecmp(name + len - wanted.len, wanted.s, wanted.len);
	if (wanted.len == 9 && !strncasecmp(wanted.s, "localhost", 9) &&
	    network_list_has(LOOPBACK, ip))
		return true;
	return len == wanted.len && !strncasecmp(name, wanted.s, len);
}

bool
host_list_has(char const *list, char const *ip, char const *name)
{
	struct word rest = { list, strlen(list) }, entry;
	struct network n;
	bool in = false;
	while ((entry = words_next(&rest)).len) {
		bool matches = network_parse(entry.s, entry.len, &n)
		    ? network_has(&n, ip)
		    : name_matches(name_of(entry), ip, name);
		if (matches && *entry.s == '!')
			return false;
		in |= matches;
	}
	return in;
}
