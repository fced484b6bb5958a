/* SPDX-License-Identifier: ISC */
/* CAPABILITY, COMPRESS, ID, NAMESPACE, LOGOUT, UNAUTHENTICATE. */
#include "session.h"

#include "id.h"
#include "log.h"

answer
cmd_capability(struct session *s, struct cursor *c)
{
	(void)c;
	wire_puts(&s->wire, "* ");
	session_capabilities(s);
	wire_line(&s->wire, "");
	return "OK CAPABILITY completed";
}

/* RFC 4978. Whoever has compressed octets behind this command in the same packet
 * is early, but understood. */
answer
cmd_compress(struct session *s, struct cursor *c)
{
	char const *name;
	size_t len;
	if (!cursor_atom(c, &name, &len) || !cursor_end(c))
		return ANSWER_BAD_ARGUMENTS;
	if (!imap_equal(name, len, "DEFLATE"))
		return "NO [CANNOT] Only DEFLATE";
	if (s->wire.compress)
		return "NO [COMPRESSIONACTIVE] DEFLATE is active";
	s->compression = compress_new();
	return s->compression ? "OK DEFLATE is active" : ANSWER_NO_MEMORY;
}

answer
cmd_logout(struct session *s, struct cursor *c)
{
	(void)c;
	session_bye(s, "Logging out");
	return "OK LOGOUT completed";
}

/* RFC 8437: whatever the session holds goes with the process. The client ends
 * its compression with this line, so nothing may come behind it in there. */
answer
cmd_unauthenticate(struct session *s, struct cursor *c)
{
	size_t behind;
	(void)c;
	if (!s->may_unauthenticate)
		return ANSWER_UNKNOWN_VERB;
	wire_input(&s->wire, &behind);
	if (s->wire.compress && behind) {
		session_bye(s, "Compression goes on behind UNAUTHENTICATE");
		return NULL;
	}
	session_deselect(s);
	session_notify_end(s);
	s->unauthenticated = s->ended = true;
	return "OK UNAUTHENTICATE completed";
}

answer
cmd_id(struct session *s, struct cursor *c)
{
	stralloc name = STRALLOC_ZERO;
	bool ok = cursor_id(c, &name);
	if (ok && name.len > 1)
		log_event("client", "user", s->user, "name", name.s,
		    (char *)NULL);
	stralloc_free(&name);
	if (!ok)
		return ANSWER_BAD_ARGUMENTS;
	wire_line(&s->wire, ID_ANSWER);
	return "OK ID completed";
}

answer
cmd_namespace(struct session *s, struct cursor *c)
{
	char separator[] = { s->separator, 0 };
	(void)c;
	wire_puts(&s->wire, "* NAMESPACE ((\"\" \"");
	wire_puts(&s->wire, separator);
	wire_line(&s->wire, "\")) NIL NIL");
	return "OK NAMESPACE completed";
}
