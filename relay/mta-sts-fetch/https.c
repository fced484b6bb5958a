/* SPDX-License-Identifier: ISC */
#include "https.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox.h"

enum { HEADER_MAX = 64 * 1024 /* octets, all fields together */ };

struct https {
	CURL *curl;
	struct policy_host const *host;
	stralloc *body;
	size_t header; /* octets */
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

/* --- what libcurl calls ----------------------------------------------------- */

/* There is a connection. The name has to be a DNS-ID: a subject's CN does not
 * count (section 3.3). */
static CURLcode
on_tls(CURL *curl, void *ctx, void *arg)
{
	struct https *h = arg;
	X509_VERIFY_PARAM *p = SSL_CTX_get0_param(ctx);
	(void)curl;
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
	        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(p, h->host->name, 0) == 1 &&
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
	if (len > HTTPS_BODY_MAX - h->body->len)
		h->too_long = true;
	return h->too_long || !stralloc_catb(h->body, s, len) ? 0 : len;
}

/* --- the library ------------------------------------------------------------ */

/* No proxy, no file, no redirect, no other protocol, nothing that is unpacked. */
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

/* The URL, and the addresses that the host is at, which keep libcurl from
 * looking for some: "HOST:PORT:ADDRESS,..." */
static bool
set_place(CURL *c, struct policy_host const *h)
{
	static char place[64 * POLICY_HOST_ADDRESSES + 320];
	char url[320];
	size_t n =
	    (size_t)snprintf(place, sizeof place, "%s:%u:", h->name, h->port);
	for (unsigned int i = 0; i < h->count; i++)
		n += (size_t)snprintf(place + n, sizeof place - n,
		    strchr(h->ip[i], ':') ? "%s[%s]" : "%s%s", i ? "," : "",
		    h->ip[i]);
	snprintf(url, sizeof url, "https://%s:%u/.well-known/mta-sts.txt",
	    h->name, h->port);
	struct curl_slist *places = curl_slist_append(NULL, place);
	return places && curl_easy_setopt(c, CURLOPT_URL, url) == 0 &&
	    curl_easy_setopt(c, CURLOPT_RESOLVE, places) == 0;
}

/* --- the file --------------------------------------------------------------- */

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

/* text/plain, with parameters or not */
static bool
is_plain_text(char const *type)
{
	static char const plain[] = "text/plain";
	size_t n = strlen(plain);
	if (!type || strncasecmp(type, plain, n) != 0)
		return false;
	n += strspn(type + n, " \t");
	return !type[n] || type[n] == ';';
}

static enum https_result
check_answer(struct https const *h, char reason[HTTPS_REASON_MAX])
{
	char const *type = NULL;
	long status = 0;
	if (curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status) != 0 ||
	    curl_easy_getinfo(h->curl, CURLINFO_CONTENT_TYPE, &type) != 0)
		return HTTPS_OUT_OF_ORDER;
	if (status == 200 && is_plain_text(type))
		return HTTPS_OK;
	if (status == 200)
		snprintf(reason, HTTPS_REASON_MAX,
		    "its file is %s, not text/plain", type ? type : "untyped");
	else
		snprintf(reason, HTTPS_REASON_MAX, "HTTP status %ld", status);
	return HTTPS_FAILED;
}

enum https_result
https_get(struct policy_host const *host, stralloc const *authorities,
    long milliseconds, stralloc *body, char reason[HTTPS_REASON_MAX])
{
	static struct https h;
	h = (struct https){ .host = host, .body = body };
	body->len = 0;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		h.curl = curl_easy_init();
	if (!h.curl || !set_limits(h.curl) || !set_calls(&h) ||
	    !set_authorities(h.curl, authorities) || !set_place(h.curl, host) ||
	    curl_easy_setopt(h.curl, CURLOPT_TIMEOUT_MS, milliseconds) != 0) {
		snprintf(reason, HTTPS_REASON_MAX, "libcurl does not start");
		return HTTPS_OUT_OF_ORDER;
	}
	CURLcode code = curl_easy_perform(h.curl);
	return code == CURLE_OK ? check_answer(&h, reason)
	                        : explain(&h, code, reason);
}
