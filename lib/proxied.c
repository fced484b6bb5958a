/* SPDX-License-Identifier: ISC */
#include "proxied.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "network.h"
#include "proxy.h"

static bool
is_proxy(struct settings const *settings, struct peer const *peer)
{
	return network_list_has(settings->haproxy_trusted_networks, peer->ip);
}

/* --- the front ------------------------------------------------------------ */

static enum proxy_kind
read_header(struct conn *c, struct proxy *p, char const **why)
{
	for (;;) {
		size_t len;
		char const *s = conn_data(c, &len);
		enum proxy_kind kind = proxy_parse(s, len, p);
		*why = "no PROXY header";
		if (kind != PROXY_PARTIAL)
			return kind;
		int r = conn_fill(c);
		if (r > 0)
			continue;
		*why = r < 0 ? strerror(errno) : "the connection ended";
		return PROXY_BROKEN;
	}
}

static bool
tell_back(struct front *f, enum proxy_kind kind, struct proxy const *p)
{
	static struct channel_message reply; /* too large for a stack frame */
	struct channel_field fields[2] = { channel_text(p->ip),
		channel_text(p->port) };
	return front_ask(f, REQUEST_PROXY, fields, kind == PROXY_CLIENT ? 2 : 0,
	           &reply) &&
	    reply.type == REPLY_YES;
}

bool
front_proxy(struct front *f, struct conn *c, struct settings const *settings,
    struct peer const *peer)
{
	struct proxy p;
	char const *why;
	if (!is_proxy(settings, peer))
		return true;
	conn_limit(c, (long long)settings->haproxy_timeout);
	enum proxy_kind kind = read_header(c, &p, &why);
	conn_limit(c, 0);
	if (kind == PROXY_BROKEN) {
		front_log(f, "proxy-failed", why);
		return false;
	}
	conn_take(c, p.len);
	return tell_back(f, kind, &p);
}

/* --- the back ------------------------------------------------------------- */

static void
log_connect(struct back const *b, char const *proxy)
{
	log_event("connect", "ip", peer_text(b->peer), "name",
	    *b->peer->name ? b->peer->name : NULL, "service", b->listener,
	    "proxy", proxy, (char *)NULL);
}

void
back_connect(struct back *b)
{
	b->proxy_due = is_proxy(b->settings, b->peer);
	if (!b->proxy_due)
		log_connect(b, NULL);
}

/* The header's client becomes the peer, once. */
static bool
take_client(struct back *b, struct channel_message const *m)
{
	char ip[PEER_IP_MAX];
	char port[8];
	return m->count == 0 ||
	    (m->count == 2 && channel_string(m, 0, ip, sizeof ip) &&
	        channel_string(m, 1, port, sizeof port) &&
	        peer_set(b->peer, ip, port));
}

void
back_proxy(struct back *b, struct channel_message const *m)
{
	char proxy[PEER_IP_MAX];
	memcpy(proxy, b->peer->ip, sizeof proxy);
	bool ok = b->proxy_due && take_client(b, m);
	b->proxy_due = false;
	if (ok)
		log_connect(b, m->count ? proxy : NULL);
	back_reply(b, ok ? REPLY_YES : REPLY_NO, NULL, 0);
}
