/* SPDX-License-Identifier: ISC */
#include "certificate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "map.h"
#include "path.h"

enum { PEM_MAX = 60000, TICKET_LIFE = 12 * 3600 };

static int
append_file(stralloc *pem, char const *name)
{
	stralloc path = STRALLOC_ZERO;
	stralloc text = STRALLOC_ZERO;
	bool absolute = *name == '/';
	int ok = absolute ? stralloc_copys(&path, name) && stralloc_0(&path)
	                  : path_join(&path, path_etc(), name);
	if (ok && !file_slurp(path.s, &text, PEM_MAX)) {
		log_error("read certificate or key", path.s, errno);
		ok = 0;
	}
	ok = ok && stralloc_cat(pem, &text) && stralloc_append(pem, '\n');
	if (text.s)
		explicit_bzero(text.s, text.len);
	stralloc_free(&text);
	stralloc_free(&path);
	return ok;
}

/* VALUE is CHAINFILE TAB KEYFILE. */
static int
read_pair(stralloc *value, stralloc *pem)
{
	if (!stralloc_0(value))
		return 0;
	char *tab = strchr(value->s, '\t');
	if (!tab) {
		log_error("read entry without a key file", "certificates.cdb",
		    0);
		return 0;
	}
	*tab = 0;
	return append_file(pem, value->s) && append_file(pem, tab + 1);
}

/* The name itself, then with its first label replaced by "*". */
static int
find_name(struct map *map, char const *name, stralloc *value)
{
	size_t len = strlen(name);
	int found = map_get(map, name, len, value);
	char const *dot = strchr(name, '.');
	if (found || !dot)
		return found;
	stralloc wild = STRALLOC_ZERO;
	found = stralloc_append(&wild, '*') && stralloc_cats(&wild, dot)
	    ? map_get(map, wild.s, wild.len, value)
	    : -1;
	stralloc_free(&wild);
	return found;
}

static void
fold(char *out, size_t size, char const *name)
{
	size_t n = strnlen(name, size - 1);
	for (size_t i = 0; i < n; i++)
		out[i] = name[i] >= 'A' && name[i] <= 'Z'
		    ? (char)(name[i] - 'A' + 'a')
		    : name[i];
	out[n] = 0;
}

/* The default's pair under another name: the front has that already. */
static bool
is_default(struct map *map, stralloc const *value)
{
	stralloc other = STRALLOC_ZERO;
	bool same = map_get(map, "*", 1, &other) > 0 &&
	    other.len == value->len &&
	    memcmp(other.s, value->s, value->len) == 0;
	stralloc_free(&other);
	return same;
}

int
certificate_find(char const *name, stralloc *pem)
{
	char folded[256];
	stralloc value = STRALLOC_ZERO;
	pem->len = 0;
	fold(folded, sizeof folded, name);
	struct map *map = map_open_logged("certificates");
	if (!map)
		return 0;
	int found = *folded ? find_name(map, folded, &value) : 0;
	if (*folded && (found == 0 || (found > 0 && is_default(map, &value)))) {
		map_close(map);
		stralloc_free(&value);
		return 1;
	}
	if (found == 0) {
		found = map_get(map, "*", 1, &value);
		if (found == 0)
			log_error("find a default certificate (*)",
			    "certificates.cdb", 0);
	}
	if (found < 0)
		log_error("look up", "certificates.cdb", errno);
	int ok = found > 0 && read_pair(&value, pem);
	map_close(map);
	stralloc_free(&value);
	return ok;
}

static bool
is_young(char const *path)
{
	struct stat st;
	time_t now = time(NULL);
	return stat(path, &st) == 0 && st.st_mtime <= now &&
	    now - st.st_mtime < TICKET_LIFE;
}

/* A new first key before the ones there are. Two sessions may do it at once:
 * the later file stays, and tickets of the other key are merely unknown. */
static int
renew(char const *path, stralloc *keys)
{
	unsigned char fresh[TLS_TICKET_KEY_SIZE];
	if (getrandom(fresh, sizeof fresh, 0) != (ssize_t)sizeof fresh)
		return 0;
	size_t keep = (size_t)TLS_TICKET_KEY_SIZE * (TLS_TICKET_KEYS - 1);
	if (keys->len > keep)
		keys->len = keep;
	return stralloc_insertb(keys, 0, (char const *)fresh, sizeof fresh) &&
	    file_replace(path, keys->s, keys->len, 0600);
}

int
certificate_ticket_keys(struct tls_ticket_keys *out)
{
	stralloc path = STRALLOC_ZERO;
	stralloc keys = STRALLOC_ZERO;
	out->count = 0;
	if (!path_join(&path, path_var(), "ticket-keys"))
		return 0;
	bool read = file_slurp(path.s, &keys, sizeof out->key) &&
	    keys.len % TLS_TICKET_KEY_SIZE == 0;
	if (!read)
		keys.len = 0;
	int ok = (read && keys.len && is_young(path.s)) || renew(path.s, &keys);
	if (ok) {
		out->count = (unsigned int)(keys.len / TLS_TICKET_KEY_SIZE);
		memcpy(out->key, keys.s, keys.len);
	}
	if (keys.s)
		explicit_bzero(keys.s, keys.len);
	stralloc_free(&keys);
	stralloc_free(&path);
	return ok;
}
