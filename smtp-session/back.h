/* SPDX-License-Identifier: ISC */
/* The back of an SMTP session: decides, stores, logs. */
#ifndef SMTP_BACK_H
#define SMTP_BACK_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include "client-lists.h"
#include "client-name.h"
#include "front.h"
#include "local.h"
#include "lookup.h"
#include "mail-options.h"
#include "mail-domain.h"
#include "session.h"
#include "uid.h"

/* One mail transaction, as the back accepted it. */
struct mail {
	bool open; /* MAIL was accepted */
	char uid[UID_MAX];
	stralloc sender; /* reverse-path without <>, may be empty; with NUL */
	struct mail_options options;
	stralloc recipients;        /* one a line */
	stralloc recipient_options; /* one's a line */
	unsigned int count;
	int fd; /* the message, -1 for none yet */
	bool on_disk;
};

struct smtp_back {
	struct back common;
	enum smtp_service service;
	struct local_user const *local; /* SERVICE_LOCAL */
	bool configured;                /* settings.cdb could be read */
	struct lookup lookup;
	bool lookup_open;
	struct map *senders; /* smtpd_sender_login_maps, once needed */
	stralloc hello;
	bool esmtp;
	stralloc tls_protocol; /* empty: in clear */
	stralloc tls_cipher;
	struct mail mail;
	struct dns *dns; /* resolver.h */
	bool dns_tried;
	struct client_name client_name;
	struct client_lists client_lists;
	struct mail_domain *hello_domain; /* reject_unknown_helo_hostname */
	char const *rule; /* the setting that refuses, until it is logged */
};

/* Answers the front until it ends. Exit status. */
int back_run(struct front *front, struct settings const *settings,
    bool configured, struct peer *peer, enum smtp_service service,
    char const *listener, struct local_user const *local);

/* Passes the transaction's message through the filters to its mailboxes.
 * *REPLY becomes the SMTP reply. Whether it was accepted. */
bool back_accept(struct smtp_back *b, stralloc *reply);

#endif
