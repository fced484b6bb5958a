/* SPDX-License-Identifier: ISC */
#include "sasl-client.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "cram-md5.h"

enum { NONCE_OCTETS = 18 };

static enum sasl_mechanism const order[] = { SASL_SCRAM_SHA_256_PLUS,
	SASL_SCRAM_SHA_256, SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN };

int
sasl_client_choose(sasl_set offered, bool binding)
{
	if (!binding)
		offered &= ~((sasl_set)1 << SASL_SCRAM_SHA_256_PLUS);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (offered >> order[i] & 1)
			return (int)order[i];
	return -1;
}

/* --- PLAIN, LOGIN, CRAM-MD5 ------------------------------------------------- */

static int
copy(stralloc *out, struct bytes b)
{
	return stralloc_copyb(out, b.s, b.len) ? 1 : -1;
}

static int
start_plain(struct sasl_client *x, stralloc *out)
{
	return stralloc_0(out) &&
	        stralloc_catb(out, x->login.s, x->login.len) &&
	        stralloc_0(out) &&
	        stralloc_catb(out, x->password.s, x->password.len)
	    ? 1
	    : -1;
}

static int
put_hex(stralloc *out, unsigned char const *s, size_t len)
{
	char digits[3];
	for (size_t i = 0; i < len; i++) {
		snprintf(digits, sizeof digits, "%02x", s[i]);
		if (!stralloc_cats(out, digits))
			return 0;
	}
	return 1;
}

static int
step_cram_md5(struct sasl_client *x, struct bytes challenge, stralloc *out)
{
	struct cram_md5_secret secret;
	unsigned char digest[CRAM_MD5_DIGEST];
	errno = ENOMEM;
	int ok = cram_md5_derive(x->password, &secret) &&
	    cram_md5_digest(&secret, challenge, digest) &&
	    stralloc_copyb(out, x->login.s, x->login.len) &&
	    stralloc_append(out, ' ') && put_hex(out, digest, sizeof digest);
	explicit_bzero(&secret, sizeof secret);
	return ok ? 1 : -1;
}

/* --- SCRAM-SHA-256 and SCRAM-SHA-256-PLUS ----------------------------------- */

static bool
is_scram(struct sasl_client const *x)
{
	return (SASL_SCRAM >> x->mechanism & 1) != 0;
}

/* RFC 5802 section 6, in nobody else's name. "y": a server that did offer to
 * bind to the channel sees that somebody kept that from us. */
static char const *
gs2_header(struct sasl_client const *x)
{
	return x->mechanism == SASL_SCRAM_SHA_256_PLUS ? "p=tls-exporter,,"
	    : x->channel.len                           ? "y,,"
	                                               : "n,,";
}

/* Appends the header and what it binds to, in base64. */
static int
put_binding(struct sasl_client const *x, stralloc *out)
{
	stralloc raw = STRALLOC_ZERO;
	int ok = stralloc_copys(&raw, gs2_header(x));
	if (ok && x->mechanism == SASL_SCRAM_SHA_256_PLUS)
		ok = stralloc_catb(&raw, x->channel.s, x->channel.len);
	ok = ok && base64_encode(raw.s, raw.len, out);
	stralloc_free(&raw);
	return ok;
}

/* RFC 5802 section 5.1: saslname. */
static int
put_name(stralloc *sa, struct bytes name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.s[i];
		if (!(c == ','         ? stralloc_cats(sa, "=2C")
		            : c == '=' ? stralloc_cats(sa, "=3D")
		                       : stralloc_append(sa, c)))
			return 0;
	}
	return 1;
}

static int
start_scram(struct sasl_client *x, stralloc *out)
{
	unsigned char nonce[NONCE_OCTETS];
	x->bare.len = 0;
	errno = ENOMEM;
	if (RAND_bytes(nonce, sizeof nonce) != 1 ||
	    !stralloc_cats(&x->bare, "n=") || !put_name(&x->bare, x->login) ||
	    !stralloc_cats(&x->bare, ",r="))
		return -1;
	size_t start = x->bare.len;
	if (!base64_encode((char const *)nonce, sizeof nonce, &x->bare))
		return -1;
	x->nonce = (struct bytes){ x->bare.s + start, x->bare.len - start };
	return stralloc_copys(out, gs2_header(x)) && stralloc_cat(out, &x->bare)
	    ? 1
	    : -1;
}

/* client-final-message; AUTH becomes what proof and signature are made of. */
static int
answer_scram(struct sasl_client *x, struct bytes challenge, stralloc *out,
    stralloc *auth)
{
	struct scram_secret secret;
	struct bytes nonce;
	unsigned char proof[SCRAM_SHA_256];
	if (!scram_read_server_first(challenge, x->nonce, &nonce, &secret))
		return 0;
	errno = ENOMEM;
	int ok = stralloc_copys(out, "c=") && put_binding(x, out) &&
	    stralloc_cats(out, ",r=") &&
	    stralloc_catb(out, nonce.s, nonce.len) &&
	    stralloc_copy(auth, &x->bare) && stralloc_append(auth, ',') &&
	    stralloc_catb(auth, challenge.s, challenge.len) &&
	    stralloc_append(auth, ',') && stralloc_cat(auth, out) &&
	    scram_prove(x->password, &secret,
	        (struct bytes){ auth->s, auth->len }, proof, x->signature) &&
	    stralloc_cats(out, ",p=") &&
	    base64_encode((char const *)proof, sizeof proof, out);
	explicit_bzero(&secret, sizeof secret);
	return ok ? 1 : -1;
}

/* server-final-message: it knows the password, too. */
static int
check_signature(struct sasl_client *x, struct bytes challenge, stralloc *out)
{
	stralloc raw = STRALLOC_ZERO;
	int r = 0;
	out->len = 0;
	if (challenge.len > 2 && memcmp(challenge.s, "v=", 2) == 0) {
		r = base64_decode(challenge.s + 2, challenge.len - 2, &raw);
		if (r > 0 &&
		    (raw.len != sizeof x->signature ||
		        CRYPTO_memcmp(raw.s, x->signature, raw.len) != 0))
			r = 0;
	}
	x->believed = r > 0;
	stralloc_free(&raw);
	return r;
}

static int
step_scram(struct sasl_client *x, struct bytes challenge, stralloc *out)
{
	stralloc auth = STRALLOC_ZERO;
	if (x->step > 1)
		return check_signature(x, challenge, out);
	int r = answer_scram(x, challenge, out, &auth);
	stralloc_free(&auth);
	return r;
}

/* --- all of them ------------------------------------------------------------ */

int
sasl_client_start(struct sasl_client *x, stralloc *out)
{
	out->len = 0;
	x->step = 0;
	x->believed = !is_scram(x);
	if (x->mechanism != SASL_PLAIN && !is_scram(x))
		return 0;
	x->step = 1;
	return x->mechanism == SASL_PLAIN ? start_plain(x, out)
	                                  : start_scram(x, out);
}

int
sasl_client_step(struct sasl_client *x, struct bytes challenge, stralloc *out)
{
	int r = 0;
	if (x->mechanism == SASL_LOGIN && x->step < 2)
		r = copy(out, x->step ? x->password : x->login);
	else if (x->mechanism == SASL_CRAM_MD5 && x->step == 0)
		r = step_cram_md5(x, challenge, out);
	else if (is_scram(x) && x->step < 3)
		r = step_scram(x, challenge, out);
	x->step++;
	return r;
}

void
sasl_client_free(struct sasl_client *x)
{
	stralloc_free(&x->bare);
	explicit_bzero(x->signature, sizeof x->signature);
}
