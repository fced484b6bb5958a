/* SPDX-License-Identifier: ISC */
/* The schemes of crypt(3). */
#include "password-scheme.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "pages.h"
#include "password.h"

enum {
	CRYPT_TAIL_MIN = 22, /* characters after the last $: MD5-CRYPT */
	CRYPT_DES_LEN = 13   /* a hash without $ */
};

int
crypt_usable(struct scheme const *scheme, struct bytes hash, char const **why)
{
	char setting[CRYPT_OUTPUT_SIZE];
	*why = "the hash is not one that crypt(3) made";
	if (hash.len >= sizeof setting || memchr(hash.s, 0, hash.len))
		return 0;
	memcpy(setting, hash.s, hash.len);
	setting[hash.len] = 0;
	int known = crypt_checksalt(setting);
	if (known == CRYPT_SALT_INVALID || known == CRYPT_SALT_METHOD_DISABLED)
		return 0;
	*why = "the hash is not of the scheme in braces";
	if (scheme->prefix &&
	    strncmp(setting, scheme->prefix, strlen(scheme->prefix)) != 0)
		return 0;
	*why = "the hash is cut short";
	char const *last = strrchr(setting, '$');
	return last ? strlen(last + 1) >= CRYPT_TAIL_MIN
	            : hash.len >= CRYPT_DES_LEN;
}

/* It is large, and many a process goes on for long. */
static void
forget(struct crypt_data *data)
{
	explicit_bzero(data, sizeof *data);
	pages_release(data, sizeof *data);
}

int
crypt_verify(struct scheme const *scheme, struct bytes hash, struct bytes given)
{
	(void)scheme;
	static struct crypt_data data;
	char setting[CRYPT_OUTPUT_SIZE];
	char phrase[PASSWORD_MAX + 1];
	if (hash.len >= sizeof setting || given.len > PASSWORD_MAX)
		return 0;
	memcpy(setting, hash.s, hash.len);
	setting[hash.len] = 0;
	memcpy(phrase, given.s, given.len);
	phrase[given.len] = 0;
	memset(&data, 0, sizeof data);
	char const *made = crypt_r(phrase, setting, &data);
	int ok = made && *made != '*' && strlen(made) == hash.len &&
	    octets_equal(made, hash.s, hash.len);
	explicit_bzero(phrase, sizeof phrase);
	forget(&data);
	return ok;
}

/* What crypt_gensalt(3) wants to hear. */
static char const *
new_prefix(struct scheme const *scheme)
{
	if (!scheme->prefix)
		return "$y$";
	return strcmp(scheme->prefix, "$2") == 0 ? "$2y$" : scheme->prefix;
}

int
crypt_make(struct scheme const *scheme, struct bytes given, struct bytes like,
    stralloc *hash)
{
	static struct crypt_data data;
	char phrase[PASSWORD_STORE_MAX + 1];
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	(void)like;
	if (!crypt_gensalt_rn(new_prefix(scheme), 0, NULL, 0, setting,
	        sizeof setting))
		return 0;
	memcpy(phrase, given.s, given.len);
	phrase[given.len] = 0;
	memset(&data, 0, sizeof data);
	char const *made = crypt_r(phrase, setting, &data);
	int ok = made && *made != '*' && stralloc_cats(hash, made);
	int saved = errno;
	explicit_bzero(phrase, sizeof phrase);
	forget(&data);
	errno = saved;
	return ok;
}
