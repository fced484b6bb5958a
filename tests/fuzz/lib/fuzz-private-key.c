/* SPDX-License-Identifier: ISC */
/* Any bytes as a private key: what is found in them lies in them, and is as
 * long as its kind wants; OpenSSL takes it or refuses it. */
#include <stdint.h>
#include <stdlib.h>

#include "private-key.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must_lie(struct bytes part, struct bytes whole)
{
	if (part.s < whole.s || part.len > whole.len ||
	    part.s + part.len > whole.s + whole.len)
		abort();
}

static void
look_at(struct private_key const *key, struct bytes whole)
{
	if (key->kind == PRIVATE_KEY_RSA) {
		for (int i = 0; i < RSA_NUMBERS; i++) {
			must_lie(key->number[i], whole);
			if (!key->number[i].len || !*key->number[i].s)
				abort();
		}
		return;
	}
	must_lie(key->secret, whole);
	if (key->kind == PRIVATE_KEY_EC) {
		must_lie(key->point, whole);
		if (key->point.len != 1 + 2 * key->secret.len)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const *const labels[] = { "PRIVATE KEY", "EC PRIVATE KEY",
		"RSA PRIVATE KEY" };
	struct bytes whole = { (char const *)data, size };
	struct private_key key;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (private_key_parse(labels[i], whole, &key)) {
			look_at(&key, whole);
			EVP_PKEY_free(private_key_make(&key));
		}
	return 0;
}
