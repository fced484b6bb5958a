/* SPDX-License-Identifier: ISC */
#include "https.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "sandbox.h"

enum { HEADER_MAX = 64 * 1024 /* octets, all fields together */ };

struct https {
	CURL *curl;
	struct https_request const *request;
	stralloc *body;
	size_t header; /* octets */
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

/* --- what libcurl calls ----------------------------------------------------- */

/* There is a connection. The name has to be a DNS-ID: a subject's CN does not
 * count (RFC 8461 section 3.3). */
static CURLcode
on_tls(CURL *curl, void *ctx, void *arg)
{
	struct https *h = arg;
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(ctx);
	(void)curl;
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
	        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(p, h->request->host->name, 0) == 1 &&
	        sandbox_connected()
	    ? CURLE_OK
	    : CURLE_ABORTED_BY_CALLBACK;
}

static size_t
on_header(char *s, size_t one, size_t len, void *arg)
{
	struct https *h = arg;
	(void)s;
	h->header += one * len;
	if (h->header > HEADER_MAX)
		h->too_long = true;
	return h->too_long ? 0 : one * len;
}

static size_t
on_body(char *s, size_t one, size_t len, void *arg)
{
	struct https *h = arg;
	len *= one;
	if (len > HTTPS_ANSWER_MAX - h->body->len)
		h->too_long = true;
	return h->too_long || !stralloc_catb(h->body, s, len) ? 0 : len;
}

/* --- the library ------------------------------------------------------------ */

/* No proxy, no file, no redirect, no other protocol, nothing that is unpacked; a
 * path as it is written. */
static bool
set_limits(CURL *c)
{
	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == 0 &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
	        (long)CURL_HTTP_VERSION_1_1) == 0 &&
	    curl_easy_setopt(c, CURLOPT_SSLVERSION,
	        (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
	    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "besace") == 0;
}

static bool
set_calls(struct https *h)
{
	CURL *c = h->curl;
	return curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_tls) == 0 &&
	    curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, h) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HEADERDATA, h) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, h) == 0 &&
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error) == 0;
}

/* The authorities, and no others of this machine. */
static bool
set_authorities(CURL *c, stralloc const *authorities)
{
	struct curl_blob blob = { authorities->s, authorities->len,
		CURL_BLOB_NOCOPY };
	return curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == 0 &&
	    curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob) == 0;
}

/* The addresses that the host is at keep libcurl from looking for some:
 * "HOST:PORT:ADDRESS,..." */
static bool
set_place(CURL *c, struct https_host const *h)
{
	static char place[64 * HTTPS_HOST_ADDRESSES + 320];
	size_t n =
	    (size_t)snprintf(place, sizeof place, "%s:%u:", h->name, h->port);
	for (unsigned int i = 0; i < h->count; i++)
		n += (size_t)snprintf(place + n, sizeof place - n,
		    strchr(h->ip[i], ':') ? "%s[%s]" : "%s%s", i ? "," : "",
		    h->ip[i]);
	struct curl_slist *places = curl_slist_append(NULL, place);
	return places && curl_easy_setopt(c, CURLOPT_RESOLVE, places) == 0;
}

static bool
set_url(CURL *c, struct https_request const *r)
{
	char head[320];
	stralloc url = STRALLOC_ZERO;
	snprintf(head, sizeof head, "https://%s:%u", r->host->name,
	    r->host->port);
	bool ok = stralloc_cats(&url, head) && stralloc_cats(&url, r->path) &&
	    stralloc_0(&url) && curl_easy_setopt(c, CURLOPT_URL, url.s) == 0;
	stralloc_free(&url);
	return ok;
}

/* Nobody is asked first whether he wants it ("Expect"). */
static bool
set_post(CURL *c, struct https_request const *r)
{
	char type[80];
	if (!r->type)
		return true;
	snprintf(type, sizeof type, "Content-Type: %s", r->type);
	struct curl_slist *one = curl_slist_append(NULL, type);
	struct curl_slist *both =
	    one ? curl_slist_append(one, "Expect:") : NULL;
	return both && curl_easy_setopt(c, CURLOPT_POST, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.s) == 0 &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
	        (curl_off_t)r->body.len) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, both) == 0;
}

/* --- the request ------------------------------------------------------------ */

static enum https_result
explain(struct https const *h, CURLcode code, char reason[HTTPS_REASON_MAX])
{
	if (h->too_long)
		snprintf(reason, HTTPS_REASON_MAX,
		    "its answer is longer than 64 KB");
	else
		snprintf(reason, HTTPS_REASON_MAX, "%s",
		    *h->error ? h->error : curl_easy_strerror(code));
	return code == CURLE_PEER_FAILED_VERIFICATION ? HTTPS_UNVERIFIED
	    : code == CURLE_OUT_OF_MEMORY || code == CURLE_SSL_CACERT_BADFILE ||
	        code == CURLE_ABORTED_BY_CALLBACK
	    ? HTTPS_OUT_OF_ORDER
	    : HTTPS_FAILED;
}

static bool
read_answer(struct https const *h, struct https_answer *a)
{
	return curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &a->status) ==
	    0 &&
	    curl_easy_getinfo(h->curl, CURLINFO_CONTENT_TYPE, &a->type) == 0;
}

enum https_result
https_ask(struct https_request const *r, struct https_answer *a,
    char reason[HTTPS_REASON_MAX])
{
	static struct https h;
	h = (struct https){ .request = r, .body = &a->body };
	a->body.len = 0;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		h.curl = curl_easy_init();
	if (!h.curl || !set_limits(h.curl) || !set_calls(&h) ||
	    !set_authorities(h.curl, &r->authorities) ||
	    !set_place(h.curl, r->host) || !set_url(h.curl, r) ||
	    !set_post(h.curl, r) ||
	    curl_easy_setopt(h.curl, CURLOPT_TIMEOUT_MS, r->milliseconds) !=
	        0) {
		snprintf(reason, HTTPS_REASON_MAX, "libcurl does not start");
		return HTTPS_OUT_OF_ORDER;
	}
	CURLcode code = curl_easy_perform(h.curl);
	if (!read_answer(&h, a)) {
		snprintf(reason, HTTPS_REASON_MAX, "libcurl has no answer");
		return HTTPS_OUT_OF_ORDER;
	}
	return code == CURLE_OK ? HTTPS_OK : explain(&h, code, reason);
}
