/* SPDX-License-Identifier: ISC */
/* The session of a user who has logged in, and what its verbs share. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include "cache.h"
#include "decode.h"
#include "landmarks.h"
#include "mailbox.h"
#include "names.h"
#include "mime.h"
#include "parse.h"
#include "quota-file.h"
#include "sequence.h"
#include "wire.h"

/* What a client is told before it logs in, and what works for every user; what
 * hangs on the session stands in capabilities.c. ENABLE and IDLE need a login;
 * but Python's imaplib never asks again after it, nor do clients like it. */
#define CAPABILITIES_ALWAYS \
	"IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE"
#define CAPABILITIES_USER \
	CAPABILITIES_ALWAYS \
	" BINARY" \
	" CATENATE" \
	" CHILDREN" \
	" CONDSTORE" \
	" CONTEXT=SEARCH CONTEXT=SORT" \
	" CREATE-SPECIAL-USE" \
	" ESEARCH" \
	" ESORT" \
	" I18NLEVEL=1" \
	" INPROGRESS" \
	" LIST-EXTENDED" \
	" LIST-METADATA" \
	" LIST-STATUS" \
	" METADATA" \
	" MOVE" \
	" MULTIAPPEND" \
	" NAMESPACE" \
	" NOTIFY" \
	" OBJECTID" \
	" PARTIAL" \
	" PREVIEW" \
	" QRESYNC" \
	" QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE" \
	" REPLACE" \
	" SAVEDATE" \
	" SEARCHRES" \
	" SORT SORT=DISPLAY" \
	" SPECIAL-USE" \
	" STATUS=SIZE" \
	" THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS" \
	" UIDONLY" \
	" UIDPLUS" \
	" UNSELECT" \
	" URL-PARTIAL" \
	" UTF8=ACCEPT" \
	" WITHIN"

/* What the client has said that it understands: ENABLE, and what implies it. */
enum enabled {
	ENABLED_CONDSTORE = 1,
	ENABLED_QRESYNC = 2,
	ENABLED_UIDONLY = 4,
	ENABLED_UTF8 = 8,  /* in names and quoted strings, both ways */
	ENABLED_REV2 = 16, /* RFC 9051 */
};

/* The same for a body whose transfer encoding was undone. */
struct decoded {
	uint32_t uid;
	uint64_t start, end; /* of the body in the file */
	struct decode_place place;
};

struct session {
	struct wire wire;
	int root; /* the Maildir */
	char const *user;
	char const *ip; /* of the client; NULL: none */
	char const *spam_folder;
	struct quota_limit quota;
	char const *quota_warning; /* the setting */
	uint64_t append_limit;     /* octets of a message */
	char separator;
	int idle_timeout;    /* seconds */
	int notify_interval; /* seconds between "Still here" */
	unsigned enabled;    /* of enum enabled */

	struct command command;
	stralloc tag;
	stralloc answer; /* a tagged answer that is no constant */
	bool uid;        /* the verb came as "UID verb" */
	bool numbers;    /* ... with message numbers: EXPUNGE has to wait */
	bool ended;
	bool may_unauthenticate, unauthenticated;
	struct compress *compression; /* begins behind this answer */

	struct mailbox box;   /* dir -1: none selected */
	struct cache cache;   /* of it */
	bool lost;            /* the selected mailbox is no more */
	uint64_t told_modseq; /* what is told of it is whole up to here */
	bool held;            /* ... and something still waits */
	struct mime mime;     /* of message mime_uid */
	uint32_t mime_uid;    /* 0: none */
	struct landmarks landmarks;
	struct decoded decoded;

	struct notify *notify; /* NULL: NOTIFY was never sent */
	bool quiet_flags;      /* changes of flags wait for the next command */
	struct sequence saved; /* UIDs: "$" (RFC 5182) */
	struct context *contexts; /* searches that are kept up to date */
};

/* A tagged answer without the tag, "OK ...", "NO [CODE] ...", "BAD ...". */
typedef char const *answer;

extern char const ANSWER_UNKNOWN_VERB[];
extern char const ANSWER_BAD_ARGUMENTS[];
extern char const ANSWER_NO_MAILBOX[];
extern char const ANSWER_BAD_NAME[];
extern char const ANSWER_NO_MEMORY[];
extern char const ANSWER_GONE[];
extern char const ANSWER_UID_REQUIRED[];
extern char const ANSWER_OVERQUOTA[];

/* Talks to the client to the end of the session. GREETING is how the first line
 * begins, up to the capabilities. Everything but wire, root and the user's
 * settings is set up here. */
void engine_run(struct session *s, char const *greeting);

/* "CAPABILITY" and what works now. */
void session_capabilities(struct session *s);

static inline bool
session_selected(struct session const *s)
{
	return s->box.dir >= 0;
}

void session_deselect(struct session *s);
/* The selected mailbox is no more: NO to what needs one, up to the next
 * SELECT. */
void session_lose(struct session *s);

/* Looks at the selected mailbox and tells the client what is new. */
void session_update(struct session *s, bool expunge);

/* Tells what mailbox_sync has already found. */
void session_report(struct session *s, bool expunge);

/* What ENABLE does, or a command that implies it: the first that lets the client
 * see mod-sequences tells the mailbox's (RFC 7162 section 3.1). */
void session_enable(struct session *s, unsigned what);

void session_bye(struct session *s, char const *why);

/* Gives back the memory that a session does not need while it waits. */
void session_rest(struct session *s);

/* The failed call's errno as an answer, logged with what was tried. */
answer session_failed(struct session *s, char const *what, char const *folder);

/* What the mailbox holds before it is changed: quota_open, and for the end
 * quota_close and word of what is full no more. */
int session_quota_open(struct session *s, struct quota *q);
void session_quota_close(struct session *s, struct quota *q);

/* A mailbox name in the arguments. 1; 0 syntax error; -1 not a name of a
 * mailbox. */
int session_folder(struct session *s, struct cursor *c,
    char folder[NAME_MAX_DISK + 1]);

/* Appends the name of FOLDER as the client knows it. False: out of memory. */
bool session_name(struct session const *s, char const *folder, stralloc *out);

/* Appends to the answer that is being put together. */
void answer_start(struct session *s, char const *text);
void answer_add(struct session *s, char const *text);
void answer_number(struct session *s, uint64_t n);
void answer_set(struct session *s, struct sequence const *set);
/* The finished answer. */
answer answer_done(struct session *s, char const *text);

/* "OK ...", with HIGHESTMODSEQ after QRESYNC: for messages that were
 * expunged. */
answer answer_with_modseq(struct session *s, char const *text);

/* A set of UIDs, or "$", resolved; a UID of it need not be there. 1, or 0 no
 * memory. */
int session_uids(struct session *s, struct sequence *set);

/* The messages a command names, by number or UID: resolved, as a set of
 * sequence numbers. 1; 0 a number beyond the mailbox, or no memory. */
int session_messages(struct session *s, struct sequence *named,
    struct sequence *numbers);

/* Flags as a command names them. */
struct flag_list {
	uint32_t system;
	stralloc keywords; /* each ended by a NUL */
};

/* flag-list, or with BARE also flags without parentheses. */
bool cursor_flags(struct cursor *c, bool bare, struct flag_list *flags);

/* Their bits in B, under its lock. False with errno. */
bool flag_list_bits(struct flag_list const *flags, struct mailbox *b,
    uint32_t *bits);

void put_flags(struct session *s, struct message const *m);
void put_modseq(struct session *s, struct message const *m);
/* "* n FETCH (", or as UIDONLY wants it. */
void put_fetch(struct session *s, struct message const *m);
/* A whole FETCH that was not asked for: MODSEQ if the client knows of it, and
 * FLAGS. */
void put_change(struct session *s, struct message *m, bool flags);
/* "* VANISHED"; EARLIER is "(EARLIER) " or nothing. Nothing for no UIDs. */
void put_vanished(struct session *s, char const *earlier,
    struct sequence const *uids);
void put_highest_modseq(struct session *s);
/* "* FLAGS" and PERMANENTFLAGS. */
void put_mailbox_flags(struct session *s);
void put_folder(struct session *s, char const *folder);
/* EXISTS, and RECENT: all messages are told. */
void put_exists(struct session *s);

/* STATUS: a bit for each item, in the order of the table. */
bool cursor_status_items(struct cursor *c, unsigned *items);
/* Sends "* STATUS ...". False with errno, nothing sent. */
bool put_status(struct session *s, char const *folder, unsigned items);

/* GETMETADATA: which entries. */
struct metadata_query {
	stralloc names; /* in small letters, each ended by a NUL */
	uint64_t max_size;
	unsigned depth;   /* 0, 1, UINT_MAX */
	uint64_t longest; /* value that was over max_size */
};

struct folder;

/* Sends "* LIST ..." of F, all of it known; OLD is the name it had before, NULL:
 * the same. */
void put_list(struct session *s, struct folder const *f, char const *old);

/* entries */
bool cursor_metadata_query(struct cursor *c, struct metadata_query *q);
/* Sends "* METADATA ..." of F, whose uses are known. False with errno, nothing
 * sent. */
bool put_metadata(struct session *s, struct folder const *f,
    struct metadata_query *q);

/* Whether the literal that is announced is for an APPEND or REPLACE, whose verb
 * then reads the rest of its command itself: NULL when the client is gone. */
bool append_is_message(struct session *s);
/* Such a verb may not run now: reads past the rest of the command, C being behind
 * its verb. TEXT, or NULL. */
answer append_refused(struct session *s, struct cursor const *c, answer text);

/* --- NOTIFY ---------------------------------------------------------------
 */

enum notify_when { NOTIFY_IN_COMMAND, NOTIFY_BETWEEN, NOTIFY_IN_IDLE };

/* What to wait for besides the client: a descriptor or -1, and at most so many
 * milliseconds of the MOST. */
int session_notify_fd(struct session *s);
int session_notify_timeout(struct session const *s, int most);
/* Tells what has happened. */
void session_notify(struct session *s, enum notify_when when);
/* FOLDER ("" is INBOX) is changed by this client: nothing it has to be told. */
void session_notify_own(struct session *s, char const *folder);
/* The messages from number FIRST on have just been told. */
void session_notify_new(struct session *s, uint32_t first);
void session_notify_end(struct session *s);

/* --- searches that are kept up to date (RFC 5267) ------------------------- */

/* Before EXPUNGE is told: what falls out of them by it. */
void contexts_expunged(struct session *s);
/* Tells what else has changed in them; the messages from number FIRST on have
 * just been told. */
void contexts_update(struct session *s, uint32_t first);
void contexts_end(struct session *s);
/* Those that tell message numbers. */
void contexts_end_numbers(struct session *s);

/* --- verbs ---------------------------------------------------------------- */

typedef answer verb_run(struct session *s, struct cursor *c);

verb_run cmd_append;
verb_run cmd_cancelupdate;
verb_run cmd_capability;
verb_run cmd_check;
verb_run cmd_close;
verb_run cmd_compress;
verb_run cmd_copy;
verb_run cmd_create;
verb_run cmd_delete;
verb_run cmd_enable;
verb_run cmd_examine;
verb_run cmd_expunge;
verb_run cmd_fetch;
verb_run cmd_getmetadata;
verb_run cmd_getquota;
verb_run cmd_getquotaroot;
verb_run cmd_id;
verb_run cmd_idle;
verb_run cmd_list;
verb_run cmd_logout;
verb_run cmd_lsub;
verb_run cmd_move;
verb_run cmd_namespace;
verb_run cmd_noop;
verb_run cmd_notify;
verb_run cmd_rename;
verb_run cmd_replace;
verb_run cmd_search;
verb_run cmd_select;
verb_run cmd_setmetadata;
verb_run cmd_setquota;
verb_run cmd_sort;
verb_run cmd_status;
verb_run cmd_store;
verb_run cmd_subscribe;
verb_run cmd_thread;
verb_run cmd_unauthenticate;
verb_run cmd_unselect;
verb_run cmd_unsubscribe;

#endif
