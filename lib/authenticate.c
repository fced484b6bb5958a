/* SPDX-License-Identifier: ISC */
#include "authenticate.h"

#include <string.h>

#include "base64.h"
#include "tls.h"

/* --- what is offered ------------------------------------------------------ */

/* What all passwords can do besides being sent; asked once. */
static sasl_set
possible(struct front *f)
{
	stralloc names = STRALLOC_ZERO;
	if (!f->mechanisms_known &&
	    front_ask_text(f, REQUEST_MECHANISMS, NULL, 0, &names) ==
	        REPLY_YES &&
	    sasl_parse_set(names.s ? names.s : "", names.len, &f->mechanisms))
		f->mechanisms_known = true;
	stralloc_free(&names);
	return f->mechanisms_known ? f->mechanisms : 0;
}

static bool
may_be_sent(struct authenticate const *a)
{
	return a->conn->ssl || !a->settings->disable_plaintext_auth;
}

bool
authenticate_plaintext(struct authenticate const *a)
{
	return may_be_sent(a) && a->settings->auth_mechanisms & SASL_PLAINTEXT;
}

sasl_set
authenticate_offered(struct authenticate const *a)
{
	sasl_set wanted = a->settings->auth_mechanisms;
	bool challenges = wanted & ~(sasl_set)SASL_PLAINTEXT;
	return sasl_offer(wanted, challenges ? possible(a->front) : 0,
	    may_be_sent(a), a->conn->ssl && tls_can_bind(a->conn->ssl));
}

/* --- the exchange --------------------------------------------------------- */

static int
ask_back(void *arg, uint8_t type, struct channel_field const *fields,
    unsigned int count, stralloc *text)
{
	return front_ask_text(arg, type, fields, count, text);
}

static void
wipe(stralloc *sa)
{
	if (sa->s)
		explicit_bzero(sa->s, sa->a);
}

static bool
send_challenge(struct authenticate const *a, stralloc const *challenge)
{
	stralloc line = STRALLOC_ZERO;
	bool sent = stralloc_copys(&line, a->prompt) &&
	    base64_encode(challenge->s ? challenge->s : "", challenge->len,
	        &line) &&
	    stralloc_cats(&line, "\r\n") &&
	    conn_put(a->conn, line.s, line.len) && conn_flush(a->conn);
	stralloc_free(&line);
	return sent;
}

/* The client's answer to a challenge, decoded. AUTHENTICATE_OK, or why not. */
static enum authenticate_result
read_response(struct authenticate const *a, stralloc *response)
{
	stralloc *line;
	int r = a->read_line(a->arg, &line);
	if (r <= 0)
		return r == 0 ? AUTHENTICATE_LOST : AUTHENTICATE_TOO_LONG;
	if (line->len == 1 && line->s[0] == '*')
		return AUTHENTICATE_CANCELLED;
	response->len = 0;
	r = base64_decode(line->s, line->len, response);
	wipe(line);
	return r > 0 ? AUTHENTICATE_OK : AUTHENTICATE_BAD_BASE64;
}

static enum authenticate_result
end_of(enum sasl_result r)
{
	switch (r) {
	case SASL_OK:
		return AUTHENTICATE_OK;
	case SASL_WRONG:
		return AUTHENTICATE_WRONG;
	case SASL_NOT_INITIAL:
		return AUTHENTICATE_NOT_INITIAL;
	default:
		return AUTHENTICATE_LATER;
	}
}

/* RESPONSE holds the decoded initial response, if there is an INITIAL one. */
static enum authenticate_result
exchange(struct authenticate const *a, struct sasl *x, stralloc *response,
    bool initial)
{
	stralloc challenge = STRALLOC_ZERO;
	struct bytes given = { response->s ? response->s : "", response->len };
	enum authenticate_result r = AUTHENTICATE_OK;
	enum sasl_result s = sasl_step(x, initial ? &given : NULL, &challenge);
	while (s == SASL_CONTINUE && r == AUTHENTICATE_OK) {
		r = send_challenge(a, &challenge) ? read_response(a, response)
		                                  : AUTHENTICATE_LOST;
		given.s = response->s ? response->s : "";
		given.len = response->len;
		if (r == AUTHENTICATE_OK)
			s = sasl_step(x, &given, &challenge);
	}
	stralloc_free(&challenge);
	if (r == AUTHENTICATE_OK)
		return end_of(s);
	if (r == AUTHENTICATE_CANCELLED)
		front_log(a->front, "auth-cancelled", sasl_name(x->mechanism));
	/* The back may have said yes already. */
	if (r != AUTHENTICATE_LOST && !front_logout(a->front))
		return AUTHENTICATE_LATER;
	return r;
}

static enum authenticate_result
run(struct authenticate const *a, enum sasl_mechanism m, sasl_set offered,
    struct bytes const *initial)
{
	unsigned char channel[TLS_BINDING_SIZE];
	stralloc response = STRALLOC_ZERO;
	struct sasl x = { .mechanism = m,
		.plus_offered = offered >> SASL_SCRAM_SHA_256_PLUS & 1,
		.channel = { (char const *)channel, sizeof channel },
		.ask = ask_back,
		.arg = a->front };
	enum authenticate_result r = AUTHENTICATE_BAD_BASE64;
	if (m == SASL_SCRAM_SHA_256_PLUS && !tls_bind(a->conn->ssl, channel))
		return AUTHENTICATE_LATER;
	if (!initial || bytes_are(*initial, "=") ||
	    (initial->len &&
	        base64_decode(initial->s, initial->len, &response) > 0))
		r = exchange(a, &x, &response, initial);
	wipe(&response);
	stralloc_free(&response);
	sasl_free(&x);
	return r;
}

enum authenticate_result
authenticate_run(struct authenticate const *a, struct bytes mechanism,
    struct bytes const *initial)
{
	sasl_set offered = authenticate_offered(a);
	int m = sasl_find(mechanism.s, mechanism.len);
	if (m >= 0 && offered >> m & 1)
		return run(a, (enum sasl_mechanism)m, offered, initial);
	if (m >= 0 && SASL_PLAINTEXT >> m & 1 && !may_be_sent(a))
		return AUTHENTICATE_NEEDS_TLS;
	return AUTHENTICATE_NO_MECHANISM;
}
