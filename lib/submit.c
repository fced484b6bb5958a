/* SPDX-License-Identifier: ISC */
#include "submit.h"

#include <errno.h>
#include <unistd.h>

#include "chain.h"
#include "file.h"
#include "log.h"
#include "spool.h"

static bool
has_eight_bit(stralloc const *message)
{
	for (size_t i = 0; i < message->len; i++)
		if (message->s[i] & 0x80)
			return true;
	return false;
}

static void
make_environment(struct submit const *m, stralloc const *message,
    struct environment *e)
{
	environment_begin(e);
	environment_put(e, "SENDER", m->sender);
	environment_put(e, "RECIPIENTS", m->recipients);
	environment_put(e, "RECIPIENT_OPTIONS", m->options);
	environment_put(e, "MESSAGE_UID", m->uid);
	environment_put(e, "BODY",
	    has_eight_bit(message) ? "8BITMIME" : "7BIT");
	environment_put(e, "SMTPUTF8", m->smtputf8 ? "1" : NULL);
}

static enum verdict
run_chain(struct submit const *m, struct environment const *e, int *fd,
    stralloc *text)
{
	stralloc to = STRALLOC_ZERO;
	struct chain chain = {
		.settings = m->settings,
		.environment = e,
		.fd = *fd,
	};
	enum verdict v = VERDICT_LATER;
	if (stralloc_copys(&to, m->recipients))
		v = chain_filter(&chain, CHAIN_OUTBOUND, text);
	if (v == VERDICT_PASS)
		v = chain_deliver(&chain, m->sender, &to, text);
	*fd = chain.fd;
	stralloc_free(&to);
	return v;
}

enum verdict
submit(struct submit const *m, stralloc const *message, stralloc *text)
{
	struct environment e;
	enum verdict v = VERDICT_LATER;
	int fd = spool_for(message->len);
	if (fd < 0 || !file_write(fd, message->s, message->len)) {
		log_error("write a message", "spool", errno);
	} else {
		make_environment(m, message, &e);
		if (!e.failed)
			v = run_chain(m, &e, &fd, text);
		environment_free(&e);
	}
	if (fd >= 0)
		close(fd);
	return v;
}
