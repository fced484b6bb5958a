/* SPDX-License-Identifier: ISC */
#include "sasl.h"

#include <string.h>
#include <strings.h>

#include "cram-md5.h"
#include "front.h"
#include "scram.h"

typedef enum sasl_result step_function(struct sasl *x,
    struct bytes const *response, stralloc *challenge);
static step_function step_plain, step_login, step_cram_md5, step_scram;

static step_function *const steps[SASL_MECHANISMS] = {
	[SASL_PLAIN] = step_plain,
	[SASL_LOGIN] = step_login,
	[SASL_CRAM_MD5] = step_cram_md5,
	[SASL_SCRAM_SHA_256] = step_scram,
	[SASL_SCRAM_SHA_256_PLUS] = step_scram,
};

/* --- asking --------------------------------------------------------------- */

static struct channel_field
field(struct bytes b)
{
	return (struct channel_field){ b.s, b.len };
}

static struct bytes
bytes_in(stralloc const *sa)
{
	return (struct bytes){ sa->s ? sa->s : "", sa->len };
}

static int
keep(stralloc *sa, struct bytes b)
{
	return stralloc_copyb(sa, b.s, b.len);
}

static enum sasl_result
ask(struct sasl *x, uint8_t type, struct bytes one, struct bytes two,
    stralloc *text)
{
	struct channel_field fields[4] = { channel_text(
		                               sasl_name(x->mechanism)),
		field(bytes_in(&x->login)), field(one), field(two) };
	int r = x->ask(x->arg, type, fields, 4, text);
	return r == REPLY_YES ? SASL_OK
	    : r == REPLY_NO   ? SASL_WRONG
	                      : SASL_LATER;
}

/* A failed login like any other, to the client; REASON is for the log. */
static enum sasl_result
refuse(struct sasl *x, char const *reason)
{
	stralloc text = STRALLOC_ZERO;
	enum sasl_result r =
	    ask(x, REQUEST_REFUSE, bytes_of(reason), bytes_of(""), &text);
	stralloc_free(&text);
	return r == SASL_LATER ? SASL_LATER : SASL_WRONG;
}

static char const malformed[] = "malformed response";

static enum sasl_result
say(char const *text, stralloc *challenge)
{
	return stralloc_copys(challenge, text) ? SASL_CONTINUE : SASL_LATER;
}

/* --- PLAIN and LOGIN ------------------------------------------------------ */

int
sasl_plain(struct bytes s, struct bytes *login, struct bytes *password)
{
	char const *first = memchr(s.s, 0, s.len);
	*password = s;
	struct bytes authzid = bytes_take_until(password, 0);
	char const *second =
	    first ? memchr(password->s, 0, password->len) : NULL;
	*login = bytes_take_until(password, 0);
	if (!second || !login->len || memchr(password->s, 0, password->len))
		return 0;
	return !authzid.len ||
	    (authzid.len == login->len &&
	        strncasecmp(authzid.s, login->s, login->len) == 0);
}

static enum sasl_result
step_plain(struct sasl *x, struct bytes const *response, stralloc *challenge)
{
	struct bytes login, password;
	if (!response)
		return say("", challenge);
	if (!sasl_plain(*response, &login, &password))
		return refuse(x, malformed);
	if (!keep(&x->login, login))
		return SASL_LATER;
	return ask(x, REQUEST_LOGIN, password, bytes_of(""), challenge);
}

/* Never a standard, asked for by old clients: two prompts. */
static enum sasl_result
step_login(struct sasl *x, struct bytes const *response, stralloc *challenge)
{
	if (!response)
		return say("Username:", challenge);
	if (x->stage == SASL_SECOND)
		return ask(x, REQUEST_LOGIN, *response, bytes_of(""),
		    challenge);
	x->stage = SASL_SECOND;
	return keep(&x->login, *response) ? say("Password:", challenge)
	                                  : SASL_LATER;
}

/* --- CRAM-MD5 ------------------------------------------------------------- */

static enum sasl_result
step_cram_md5(struct sasl *x, struct bytes const *response, stralloc *challenge)
{
	unsigned char digest[CRAM_MD5_DIGEST];
	struct bytes login;
	if (x->stage == SASL_FIRST) {
		x->stage = SASL_SECOND;
		if (response)
			return SASL_NOT_INITIAL;
		enum sasl_result r = ask(x, REQUEST_CHALLENGE, bytes_of(""),
		    bytes_of(""), challenge);
		return r == SASL_OK ? SASL_CONTINUE : SASL_LATER;
	}
	if (!cram_md5_response(*response, &login, digest))
		return refuse(x, malformed);
	if (!keep(&x->login, login))
		return SASL_LATER;
	return ask(x, REQUEST_LOGIN,
	    (struct bytes){ (char const *)digest, sizeof digest }, bytes_of(""),
	    challenge);
}

/* --- SCRAM ---------------------------------------------------------------- */

/* RFC 5802 section 6. NULL, or why this header cannot be. */
static char const *
wrong_binding(struct sasl const *x, struct scram_first const *first)
{
	bool plus = x->mechanism == SASL_SCRAM_SHA_256_PLUS;
	if (plus != (first->flag == 'p'))
		return malformed;
	if (plus && !bytes_are(first->binding, "tls-exporter"))
		return "channel binding other than tls-exporter";
	if (first->flag == 'y' && x->plus_offered)
		return "downgrade: the client did not see SCRAM-SHA-256-PLUS";
	return NULL;
}

/* server-first-message starts with "r=" and the whole nonce. */
static enum sasl_result
scram_challenge(struct sasl *x, struct scram_first const *first,
    stralloc *challenge)
{
	enum sasl_result r =
	    ask(x, REQUEST_CHALLENGE, first->nonce, first->bare, challenge);
	if (r != SASL_OK)
		return SASL_LATER;
	struct bytes rest = bytes_in(challenge);
	struct bytes nonce = bytes_take_until(&rest, ',');
	if (nonce.len < 2)
		return SASL_LATER;
	nonce.s += 2;
	nonce.len -= 2;
	x->stage = SASL_SECOND;
	return keep(&x->nonce, nonce) ? SASL_CONTINUE : SASL_LATER;
}

static enum sasl_result
scram_first_step(struct sasl *x, struct bytes response, stralloc *challenge)
{
	struct scram_first first;
	if (!scram_client_first(response, &first))
		return refuse(x, malformed);
	if (!stralloc_copyb(&x->login, first.login, first.login_len) ||
	    !keep(&x->gs2, first.gs2))
		return SASL_LATER;
	char const *why = wrong_binding(x, &first);
	return why ? refuse(x, why) : scram_challenge(x, &first, challenge);
}

static enum sasl_result
scram_second_step(struct sasl *x, struct bytes response, stralloc *challenge)
{
	struct scram_final final;
	struct bytes none = { "", 0 };
	bool plus = x->mechanism == SASL_SCRAM_SHA_256_PLUS;
	if (!scram_client_final(response, &final))
		return refuse(x, malformed);
	int fits = scram_binding_fits(&final, bytes_in(&x->gs2),
	    plus ? x->channel : none, bytes_in(&x->nonce));
	if (fits < 0)
		return SASL_LATER;
	if (!fits)
		return refuse(x, "channel binding or nonce does not fit");
	enum sasl_result r = ask(x, REQUEST_LOGIN,
	    (struct bytes){ (char const *) final.proof, sizeof final.proof },
	    final.without_proof, challenge);
	x->stage = SASL_LAST;
	return r == SASL_OK ? SASL_CONTINUE : r;
}

/* The server's own proof has been sent; the client has nothing to add. */
static enum sasl_result
step_scram(struct sasl *x, struct bytes const *response, stralloc *challenge)
{
	if (!response)
		return say("", challenge);
	if (x->stage == SASL_FIRST)
		return scram_first_step(x, *response, challenge);
	if (x->stage == SASL_SECOND)
		return scram_second_step(x, *response, challenge);
	return response->len ? refuse(x, malformed) : SASL_OK;
}

/* --- one step ------------------------------------------------------------- */

enum sasl_result
sasl_step(struct sasl *x, struct bytes const *response, stralloc *challenge)
{
	challenge->len = 0;
	return steps[x->mechanism](x, response, challenge);
}

void
sasl_free(struct sasl *x)
{
	stralloc_free(&x->login);
	stralloc_free(&x->gs2);
	stralloc_free(&x->nonce);
}
