/* SPDX-License-Identifier: ISC */
/* client-first-message, client-final-message, the stored form. The parts lie
 * within the message, the login has nothing a map or a log must not see. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "lib/scram.h"

static void
check_inside(struct bytes b, struct bytes whole)
{
	if (b.len && (b.s < whole.s || b.s + b.len > whole.s + whole.len))
		abort();
}

static void
check_first(struct bytes s)
{
	struct scram_first first;
	if (!scram_client_first(s, &first))
		return;
	check_inside(first.gs2, s);
	check_inside(first.bare, s);
	check_inside(first.nonce, s);
	if (first.gs2.len + first.bare.len != s.len || !first.nonce.len ||
	    !first.login_len || first.login_len > sizeof first.login)
		abort();
	for (size_t i = 0; i < first.login_len; i++)
		if ((unsigned char)first.login[i] < 0x20)
			abort();
}

static void
check_final(struct bytes s)
{
	struct scram_final final;
	if (!scram_client_final(s, &final))
		return;
	check_inside(final.binding, s);
	check_inside(final.nonce, s);
	check_inside(final.without_proof, s);
	if (final.without_proof.s != s.s)
		abort();
	scram_binding_fits(&final, bytes_of("n,,"), bytes_of("0123"),
	    bytes_of("nonce"));
}

/* What is read is written again as it was, but for the rounds' zeros. */
static void
check_stored(struct bytes s)
{
	struct scram_secret secret, again;
	stralloc text = STRALLOC_ZERO;
	if (!scram_parse(s, EVP_sha256(), &secret))
		return;
	if (!scram_format(&secret, EVP_sha256(), &text) ||
	    !scram_parse((struct bytes){ text.s, text.len }, EVP_sha256(),
	        &again) ||
	    !scram_same_salt(&secret, &again))
		abort();
	stralloc_free(&text);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes s = { (char const *)data, size };
	check_first(s);
	check_final(s);
	check_stored(s);
	return 0;
}
