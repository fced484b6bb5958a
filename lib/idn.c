/* SPDX-License-Identifier: ISC */
#include "idn.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <idn2.h>
#include <unicase.h>
#include <uninorm.h>

enum {
	LABEL_MAX = 63,
	U_LABEL_MAX = 252, /* octets, RFC 5890 4.2 */
	PREFIX = 4         /* "xn--" */
};

static bool
is_ascii(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

static bool
has_prefix(char const *s, size_t len)
{
	return len >= PREFIX && memcmp(s, "xn--", PREFIX) == 0;
}

/* The label at S, up to a dot or the end. */
static size_t
label_length(char const *s, size_t len)
{
	char const *dot = memchr(s, '.', len);
	return dot ? (size_t)(dot - s) : len;
}

bool
idn_is_special(char const *domain, size_t len)
{
	if (!is_ascii(domain, len))
		return true;
	for (size_t i = 0; i < len;) {
		size_t n = label_length(domain + i, len - i);
		if (has_prefix(domain + i, n))
			return true;
		i += n + 1;
	}
	return false;
}

/* Not every A-label in use is one of IDNA2008 (hearts and the like): it is a
 * name of the DNS all the same, as long as it decodes to what it could not have
 * been written as. */
static bool
is_a_label(char const *label)
{
	char *text = NULL;
	int r = idn2_to_unicode_8z8z(label, &text, 0);
	bool ok = r == IDN2_OK && text && !is_ascii(text, strlen(text));
	free(text);
	return ok;
}

/* What a mapping gave may still hold a dot or worse. */
static bool
is_host_label(char const *s, size_t len)
{
	static char const allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	return len && len <= LABEL_MAX && strspn(s, allowed) == len;
}

/* Its length in OUT (LABEL_MAX octets), 0 when it is invalid. */
static size_t
put_u_label(char const *label, char *out)
{
	uint8_t *name = NULL;
	size_t len = 0;
	int r = idn2_lookup_u8((uint8_t const *)label, &name,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (r == IDN2_OK && name) {
		char const *s = (char const *)name;
		len = strlen(s);
		if (is_host_label(s, len))
			memcpy(out, s, len);
		else
			len = 0;
	}
	idn2_free(name);
	return len;
}

static size_t
put_label(char const *s, size_t len, char out[LABEL_MAX])
{
	char label[U_LABEL_MAX + 1];
	bool ascii = is_ascii(s, len);
	if (!len || len > (ascii ? LABEL_MAX : U_LABEL_MAX))
		return 0;
	memcpy(label, s, len);
	label[len] = 0;
	if (!ascii)
		return put_u_label(label, out);
	if (has_prefix(s, len) && !is_a_label(label))
		return 0;
	memcpy(out, s, len);
	return len;
}

size_t
idn_to_ascii(char const *domain, size_t len, char *out, size_t max)
{
	size_t used = 0;
	for (size_t i = 0; i <= len;) {
		char label[LABEL_MAX];
		size_t n = label_length(domain + i, len - i);
		size_t made = put_label(domain + i, n, label);
		i += n + 1;
		if (!made || used + made + (i <= len) > max)
			return 0;
		memcpy(out + used, label, made);
		used += made;
		if (i <= len)
			out[used++] = '.';
	}
	return used;
}

int
idn_fold_text(stralloc *sa, char const *s, size_t len)
{
	size_t n;
	uint8_t *text =
	    u8_tolower((uint8_t const *)s, len, NULL, UNINORM_NFC, NULL, &n);
	if (!text && len)
		return 0;
	int ok = stralloc_catb(sa, (char const *)text, n);
	free(text);
	return ok;
}
