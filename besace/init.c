/* SPDX-License-Identifier: ISC */
/* A trial instance: everything a server needs, below one directory. */
#include "besace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "credentials.h"
#include "exitcode.h"
#include "file.h"
#include "maps.h"
#include "owner.h"
#include "password.h"
#include "path.h"
#include "queue.h"
#include "settings.h"
#include "tree.h"

#define DOMAIN   "example.test"
#define SELECTOR "trial"

enum { PASSWORD_LEN = 20, OPTIONS_MAX = 64, TXT_STRING_MAX = 255 };

static char const *const users[] = { "alice", "bob" };

struct instance {
	stralloc dir; /* absolute */
	stralloc etc; /* where the tables grow, before they get their name */
	char *const *option; /* NAME=VALUE */
	unsigned int options;
	struct settings settings;
	uid_t uid; /* owner of the mail */
	gid_t gid;
	stralloc passwords[sizeof users / sizeof *users];
};

static int
complain(char const *what, char const *path)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, path,
	    strerror(errno));
	return 0;
}

/* --- files ----------------------------------------------------------------------- */

/* DIR/NAME with its NUL counted, as file names are used here. */
static int
put_file(stralloc const *dir, char const *name, stralloc const *text,
    unsigned int mode)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, dir->s, name) &&
	    file_replace(path.s, text->s, text->len, mode);
	/* What holds secrets is read by the mail user, as a group. */
	if (ok && mode == 0640 && geteuid() == 0) {
		struct stat st;
		ok = stat(dir->s, &st) == 0 &&
		    chown(path.s, (uid_t)-1, st.st_gid) == 0 &&
		    chmod(path.s, mode) == 0;
	}
	if (!ok)
		complain("write", path.s ? path.s : name);
	stralloc_free(&path);
	return ok;
}

static int
put_text(stralloc const *dir, char const *name, char const *text,
    unsigned int mode)
{
	stralloc copy = STRALLOC_ZERO;
	int ok = stralloc_copys(&copy, text) ? put_file(dir, name, &copy, mode)
	                                     : complain("write", name);
	stralloc_free(&copy);
	return ok;
}

/* A directory that may be there already, with this mode and owner. */
static int
put_directory(stralloc const *dir, char const *name, unsigned int mode,
    uid_t uid, gid_t gid)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, dir->s, name) &&
	    (mkdir(path.s, mode) == 0 || errno == EEXIST) &&
	    chmod(path.s, mode) == 0 &&
	    (geteuid() != 0 || chown(path.s, uid, gid) == 0);
	if (!ok)
		complain("make directory", path.s ? path.s : name);
	stralloc_free(&path);
	return ok;
}

/* --- settings -------------------------------------------------------------------- */

/* What -o says of a setting: the last one counts. */
static char const *
option_value(struct instance const *in, char const *name)
{
	char const *value = NULL;
	size_t len = strlen(name);
	for (unsigned int i = 0; i < in->options; i++)
		if (strncmp(in->option[i], name, len) == 0 &&
		    in->option[i][len] == '=')
			value = in->option[i] + len + 1;
	return value;
}

/* A comment, in lines of 79 characters. */
static int
append_comment(stralloc *text, char const *comment)
{
	size_t column = 0;
	int ok = 1;
	for (; ok && *comment; comment += strspn(comment, " ")) {
		size_t n = strcspn(comment, " ");
		if (!column || column + 1 + n > 79) {
			ok = stralloc_cats(text, column ? "\n#" : "#");
			column = 1;
		}
		ok = ok && stralloc_append(text, ' ') &&
		    stralloc_catb(text, comment, n);
		column += n + 1;
		comment += n;
	}
	return ok && stralloc_append(text, '\n');
}

static int
append_setting(stralloc *text, char const *name, char const *value)
{
	return stralloc_cats(text, name) && stralloc_cats(text, " = ") &&
	    stralloc_cats(text, value) && stralloc_append(text, '\n');
}

/* A trial asks no DNS, lets nobody wait, and writes to nobody outside. */
static struct {
	char const *name;
	char const *value;
} const trial_settings[] = {
	{ "myhostname", DOMAIN },
	{ "postscreen_greet_wait", "0" },
	{ "reject_unknown_sender_domain", "no" },
	{ "smtpd_peername_lookup", "no" },
	{ "smtp_tlsrpt_enable", "no" },
	{ "default_transport",
	    "error:5.7.1 this trial instance sends nothing to other servers" },
};

static char const *
trial_value(char const *name)
{
	for (size_t i = 0; i < sizeof trial_settings / sizeof *trial_settings;
	     i++)
		if (strcmp(trial_settings[i].name, name) == 0)
			return trial_settings[i].value;
	return NULL;
}

static int
describe_setting(struct instance const *in, struct setting const *s,
    stralloc *text)
{
	stralloc mail = STRALLOC_ZERO, socket = STRALLOC_ZERO;
	char const *value = option_value(in, s->name);
	int ok = path_join(&mail, in->dir.s, "mail") &&
	    path_join(&socket, in->dir.s, "sendmail");
	if (!value && strcmp(s->name, "virtual_mailbox_base") == 0)
		value = mail.s;
	if (!value && strcmp(s->name, "sendmail_socket") == 0)
		value = socket.s;
	if (!value)
		value = trial_value(s->name);
	ok = ok && stralloc_append(text, '\n') &&
	    append_comment(text, s->explanation) &&
	    stralloc_append(text, '#') &&
	    append_setting(text, s->name, s->fallback) &&
	    (!value || append_setting(text, s->name, value));
	stralloc_free(&mail);
	stralloc_free(&socket);
	return ok;
}

static int
put_settings(struct instance *in)
{
	stralloc text = STRALLOC_ZERO;
	int ok = stralloc_copys(&text,
	    "# Settings: NAME = VALUE. The commented lines are the defaults.\n"
	    "# After a change: besace maps\n");
	for (struct setting const *s = settings_table; ok && s->name; s++)
		ok = describe_setting(in, s, &text);
	ok = ok ? put_file(&in->etc, "settings", &text, 0644)
	        : complain("write", "settings");
	stralloc_free(&text);
	return ok;
}

/* --- tables ---------------------------------------------------------------------- */

static struct {
	char const *name;
	char const *text;
} const tables[] = {
	{ "domains",
	    "# Domains we receive mail for, one a line.\n" DOMAIN "\n" },
	{ "mailboxes",
	    "# ADDRESS  PATH below virtual_mailbox_base [quota=SIZE[,MESSAGES]]\n"
	    "alice@" DOMAIN "  " DOMAIN "/alice/\n"
	    "bob@" DOMAIN "  " DOMAIN "/bob/\n" },
	{ "aliases",
	    "# ADDRESS or @DOMAIN  ADDRESS, ...\n"
	    "postmaster@" DOMAIN "  alice@" DOMAIN "\n"
	    "abuse@" DOMAIN "  alice@" DOMAIN "\n" },
	{ "senders",
	    "# ADDRESS  LOGIN, ...: who may send as this address\n"
	    "alice@" DOMAIN "  alice@" DOMAIN "\n"
	    "bob@" DOMAIN "  bob@" DOMAIN "\n"
	    "postmaster@" DOMAIN "  alice@" DOMAIN "\n"
	    "abuse@" DOMAIN "  alice@" DOMAIN "\n" },
	{ "certificates",
	    "# SERVERNAME, *.DOMAIN or *  CHAINFILE  KEYFILE\n"
	    "*  tls/" DOMAIN ".crt  tls/" DOMAIN ".key\n" },
	{ "dkim-keys",
	    "# NAME  DOMAIN:SELECTOR:KEYFILE (OpenDKIM's KeyTable)\n" DOMAIN
	    "  " DOMAIN ":" SELECTOR ":dkim/" DOMAIN ".key\n" },
	{ "dkim-signing",
	    "# *@DOMAIN  NAME (OpenDKIM's SigningTable)\n"
	    "*@" DOMAIN "  " DOMAIN "\n" },
	{ "trusted-hosts",
	    "# ADDRESS, NETWORK or HOSTNAME (OpenDKIM's TrustedHosts): whose\n"
	    "# mail on port 25 is signed, not checked.\n" },
	{ "local.cf",
	    "# Rules of our own, in SpamAssassin's language.\n"
	    "required_score 5.0\n"
	    "#header   FROM_CASINO From =~ /casino/i\n"
	    "#describe FROM_CASINO The sender's name has a casino in it\n"
	    "#score    FROM_CASINO 2.5\n" },
};

static int
put_tables(struct instance *in)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (!put_text(&in->etc, tables[i].name, tables[i].text, 0644))
			return 0;
	/* with passwords for other servers */
	return put_text(&in->etc, "routes",
	    "# DOMAIN, .DOMAIN, * or from:SENDER  [HOST]:PORT [OPTION ...]: where\n"
	    "# mail for other servers goes; what is not named, where the DNS\n"
	    "# says. [HOST]:PORT user=LOGIN password=SECRET: who logs in there.\n",
	    0640);
}

/* --- secrets --------------------------------------------------------------------- */

static int
append_account(struct instance *in, size_t i, stralloc *hashes,
    stralloc *accounts)
{
	stralloc hash = STRALLOC_ZERO;
	stralloc *password = &in->passwords[i];
	int ok = password_random(PASSWORD_LEN, password) &&
	    password_hash(in->settings.password_scheme, password->s,
	        password->len, "", 0, &hash) &&
	    stralloc_cats(hashes, users[i]) &&
	    stralloc_cats(hashes, "@" DOMAIN ":") &&
	    stralloc_cat(hashes, &hash) && stralloc_append(hashes, '\n') &&
	    stralloc_cats(accounts, users[i]) &&
	    stralloc_cats(accounts, "@" DOMAIN " ") &&
	    stralloc_cat(accounts, password) && stralloc_append(accounts, '\n');
	stralloc_free(&hash);
	return ok;
}

static int
put_passwords(struct instance *in)
{
	stralloc hashes = STRALLOC_ZERO, accounts = STRALLOC_ZERO;
	int ok = stralloc_copys(&hashes,
	    "# LOGIN:{SCHEME}HASH:::::: [label=NAME] [scope=imap,smtp]\n");
	for (size_t i = 0; ok && i < sizeof users / sizeof *users; i++)
		ok = append_account(in, i, &hashes, &accounts);
	ok = ok ? put_file(&in->etc, "passwords", &hashes, 0640) &&
	        put_file(&in->dir, "accounts", &accounts, 0600)
	        : complain("make", "passwords");
	if (accounts.s)
		explicit_bzero(accounts.s, accounts.a);
	stralloc_free(&accounts);
	stralloc_free(&hashes);
	return ok;
}

/* The record as a zone file has it: strings of at most 255 octets. */
static int
append_txt(stralloc *text, stralloc const *record)
{
	int ok =
	    stralloc_copys(text, SELECTOR "._domainkey." DOMAIN ". IN TXT (");
	for (size_t i = 0; ok && i < record->len; i += TXT_STRING_MAX) {
		size_t n = record->len - i;
		ok = stralloc_cats(text, "\n\t\"") &&
		    stralloc_catb(text, record->s + i,
		        n < TXT_STRING_MAX ? n : TXT_STRING_MAX) &&
		    stralloc_append(text, '"');
	}
	return ok && stralloc_cats(text, " )\n");
}

static int
put_dkim(struct instance *in)
{
	stralloc key = STRALLOC_ZERO, record = STRALLOC_ZERO;
	stralloc txt = STRALLOC_ZERO;
	int ok =
	    credentials_make_dkim(&key, &record) && append_txt(&txt, &record);
	ok = ok ? put_file(&in->etc, "dkim/" DOMAIN ".key", &key, 0640) &&
	        put_file(&in->etc, "dkim/" DOMAIN ".txt", &txt, 0644)
	        : complain("make", "the DKIM key");
	if (key.s)
		explicit_bzero(key.s, key.len);
	stralloc_free(&key);
	stralloc_free(&record);
	stralloc_free(&txt);
	return ok;
}

static int
put_certificate(struct instance *in)
{
	stralloc certificate = STRALLOC_ZERO, key = STRALLOC_ZERO;
	int ok = credentials_make_certificate(DOMAIN, &certificate, &key);
	ok = ok
	    ? put_file(&in->etc, "tls/" DOMAIN ".crt", &certificate, 0644) &&
	        put_file(&in->etc, "tls/" DOMAIN ".key", &key, 0640)
	    : complain("make", "the certificate");
	if (key.s)
		explicit_bzero(key.s, key.len);
	stralloc_free(&certificate);
	stralloc_free(&key);
	return ok;
}

/* --- the instance ---------------------------------------------------------------- */

/* Its settings as they will be read: they must be right before anything is
 * written. */
static int
apply_options(struct instance *in)
{
	if (!settings_defaults(&in->settings))
		return complain("use", "the defaults");
	for (unsigned int i = 0; i < in->options; i++) {
		char const *option = in->option[i];
		size_t len = strcspn(option, "=");
		struct setting const *s = settings_find(option, len);
		char const *why = "is not a setting";
		if (s && option[len] != '=')
			why = "write NAME=VALUE";
		else if (s &&
		    settings_parse(s, option + len + 1,
		        strlen(option + len + 1), &in->settings, &why))
			continue;
		fprintf(stderr, "besace: -o %s: %s\n", option, why);
		return 0;
	}
	return 1;
}

static int
make_mailboxes(struct instance *in)
{
	stralloc base = STRALLOC_ZERO;
	int ok = path_join(&base, in->dir.s, "mail");
	if (ok && !option_value(in, "virtual_mailbox_base"))
		in->settings.virtual_mailbox_base = base.s;
	for (size_t i = 0; ok && i < sizeof users / sizeof *users; i++) {
		char path[64];
		snprintf(path, sizeof path, DOMAIN "/%s", users[i]);
		ok = account_make_mail(&in->settings, path);
	}
	stralloc_free(&base);
	return ok;
}

static int
fill_etc(struct instance *in)
{
	return put_directory(&in->etc, "tls", 0755, 0, in->gid) &&
	    put_directory(&in->etc, "dkim", 0755, 0, in->gid) &&
	    put_settings(in) && put_tables(in) && put_certificate(in) &&
	    put_dkim(in) && put_passwords(in) &&
	    setenv("BESACE_ETC", in->etc.s, 1) == 0 &&
	    maps_compile() == EXIT_OK;
}

static int
put_queue(struct instance const *in)
{
	stralloc var = STRALLOC_ZERO;
	int ok = path_join(&var, in->dir.s, "var");
	for (char const *const *p = queue_directories; ok && *p; p++)
		ok = put_directory(&var, *p, 0700, in->uid, in->gid);
	stralloc_free(&var);
	return ok;
}

static int
start_etc(struct instance *in)
{
	if (!put_directory(&in->dir, "mail", 0700, in->uid, in->gid) ||
	    !put_directory(&in->dir, "var", 0700, in->uid, in->gid) ||
	    !put_queue(in) || !put_directory(&in->dir, "log", 0755, 0, 0) ||
	    !path_join(&in->etc, in->dir.s, "etc.XXXXXX") ||
	    !mkdtemp(in->etc.s) || chmod(in->etc.s, 0755) < 0 ||
	    (geteuid() == 0 && chown(in->etc.s, 0, in->gid) < 0))
		return complain("fill", in->dir.s);
	return 1;
}

static int
finish_etc(struct instance *in)
{
	stralloc etc = STRALLOC_ZERO;
	int ok = path_join(&etc, in->dir.s, "etc") &&
	    rename(in->etc.s, etc.s) == 0 && file_sync_parent(etc.s);
	if (!ok)
		complain("name", in->etc.s);
	stralloc_free(&etc);
	return ok;
}

/* The tables grow under another name: DIR/etc is there when all is. */
static int
fill(struct instance *in)
{
	if (!start_etc(in))
		return 0;
	if (fill_etc(in) && make_mailboxes(in) && finish_etc(in))
		return 1;
	if (!tree_remove(in->etc.s))
		complain("remove", in->etc.s);
	return 0;
}

/* 1, or 0 and said: it must be new. */
static int
open_directory(struct instance *in, char const *name)
{
	stralloc etc = STRALLOC_ZERO;
	/* the mail user goes through it, whatever the umask */
	int made = mkdir(name, 0755);
	if (made < 0 ? errno != EEXIST : chmod(name, 0755) < 0)
		return complain("make directory", name);
	char *real = realpath(name, NULL);
	int ok = real && stralloc_copys(&in->dir, real) &&
	    stralloc_0(&in->dir) && path_join(&etc, real, "etc");
	if (!ok)
		complain("find", name);
	else if (access(etc.s, F_OK) == 0) {
		fprintf(stderr,
		    "besace: %s holds an instance already; nothing was "
		    "changed\n",
		    real);
		ok = 0;
	}
	free(real);
	stralloc_free(&etc);
	return ok;
}

static void
announce(struct instance const *in)
{
	printf("A new instance is in %s.\n", in->dir.s);
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		printf("%s@" DOMAIN " %.*s\n", users[i],
		    (int)in->passwords[i].len, in->passwords[i].s);
}

static int
usage(void)
{
	fputs("usage: besace init DIR [-o NAME=VALUE]...\n", stderr);
	return EXIT_USE;
}

int
verb_init(int argc, char *const *argv)
{
	static struct instance in;
	static char *options[OPTIONS_MAX];
	char const *dir = NULL;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc &&
		    in.options < OPTIONS_MAX)
			options[in.options++] = argv[++i];
		else if (dir || *argv[i] == '-')
			return usage();
		else
			dir = argv[i];
	}
	if (!dir)
		return usage();
	in.option = options;
	if (!apply_options(&in))
		return EXIT_USE;
	if (!owner_ids(&in.settings, &in.uid, &in.gid))
		return EXIT_CONFIG;
	if (!open_directory(&in, dir) || !fill(&in))
		return EXIT_CANTCREAT;
	announce(&in);
	return EXIT_OK;
}
