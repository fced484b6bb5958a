/* SPDX-License-Identifier: ISC */
/* The text of "besace serve": every command in it works as it is pasted. */
#include "serve.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <skalibs/stralloc.h>

#include "file.h"
#include "path.h"

#define GTUBE \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

enum { WORD_MAX = 256 };

struct person {
	char address[WORD_MAX];
	char password[WORD_MAX];
};

/* The first two accounts of DIR/accounts: who sends and who receives. */
static bool
read_people(char const *dir, struct person person[2])
{
	stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
	bool ok = path_join(&path, dir, "accounts") &&
	    file_slurp(path.s, &text, 65536) && stralloc_0(&text) &&
	    sscanf(text.s, "%255s %255s %255s %255s", person[0].address,
	        person[0].password, person[1].address, person[1].password) == 4;
	stralloc_free(&path);
	stralloc_free(&text);
	return ok;
}

/* As one word of a shell. */
static void
print_quoted(char const *s)
{
	putchar('\'');
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	putchar('\'');
}

/* The certificate has the names localhost and 127.0.0.1. */
static char const *
host_to_ask(struct serve_facts const *f)
{
	return strcmp(f->listen, "0.0.0.0") == 0 ? "127.0.0.1" : f->listen;
}

static void
print_curl(struct serve_facts const *f, char const *scheme,
    enum service service, char const *rest, struct person const *who)
{
	printf("curl -sS ");
	if (strcmp(host_to_ask(f), "127.0.0.1") != 0)
		printf("--insecure");
	else {
		printf("--cacert ");
		stralloc path = STRALLOC_ZERO;
		if (path_join(&path, f->dir, "etc/tls/example.test.crt"))
			print_quoted(path.s);
		stralloc_free(&path);
	}
	printf(" \\\n    '%s://%s:%u%s'", scheme, host_to_ask(f),
	    f->port[service], rest);
	if (who) {
		printf(" --user ");
		char pair[2 * WORD_MAX];
		snprintf(pair, sizeof pair, "%s:%s", who->address,
		    who->password);
		print_quoted(pair);
	}
}

/* A pipe: the message, then curl. */
static void
print_send(struct serve_facts const *f, char const *scheme,
    enum service service, struct person const *login, char const *from,
    char const *to, char const *subject, char const *text)
{
	printf("  printf '%%s\\r\\n' 'From: %s' 'To: %s' 'Subject: %s' '' "
	       "\\\n    '%s' | \\\n    ",
	    from, to, subject, text);
	print_curl(f, scheme, service, "", login);
	printf(" \\\n    --mail-from %s --mail-rcpt %s --upload-file -\n", from,
	    to);
}

static void
print_read(struct serve_facts const *f, char const *folder,
    struct person const *who)
{
	char rest[WORD_MAX];
	snprintf(rest, sizeof rest, "/%s;MAILINDEX=*", folder);
	fputs("  ", stdout);
	print_curl(f, "imaps", SERVICE_IMAPS, rest, who);
	putchar('\n');
}

/* The word of a command line that PATH is, if it could be made. */
static void
print_path(char const *before, stralloc const *path, int ok)
{
	fputs(before, stdout);
	if (ok)
		print_quoted(path->s);
}

static void
print_sendmail(struct serve_facts const *f, char const *to)
{
	stralloc path = STRALLOC_ZERO;
	print_path("  echo Hello | BESACE_ETC=", &path,
	    path_join(&path, f->dir, "etc"));
	print_path(" \\\n    BESACE_VAR=", &path,
	    path_join(&path, f->dir, "var"));
	print_path(" \\\n    ", &path, path_program(&path, "sendmail"));
	printf(" %s\n", to);
	stralloc_free(&path);
}

static void
print_commands(struct serve_facts const *f)
{
	struct person person[2];
	if (!read_people(f->dir, person)) {
		printf("No accounts are in %s/accounts.\n", f->dir);
		return;
	}
	struct person const *a = &person[0], *b = &person[1];
	printf("Accounts (kept in %s/accounts):\n  %s  %s\n  %s  %s\n\n",
	    f->dir, a->address, a->password, b->address, b->password);
	printf("Send a mail as %s:\n", a->address);
	print_send(f, "smtps", SERVICE_SUBMISSIONS, a, a->address, b->address,
	    "Hello", "Hello, a first mail.");
	printf("\nRead the newest mail of %s:\n", b->address);
	print_read(f, "INBOX", b);
	printf("\nSend a mail as programs of this machine do:\n");
	print_sendmail(f, b->address);
	printf("\nSend spam as a stranger (the GTUBE test line):\n");
	print_send(f, "smtp", SERVICE_SMTP, NULL, "stranger@elsewhere.test",
	    b->address, "Buy now", GTUBE);
	printf("\nIt went to the spam folder:\n");
	print_read(f, "Junk", b);
}

void
serve_print(struct serve_facts const *f)
{
	printf("besace listens on %s: SMTP %u, submission %u, submissions "
	       "(TLS) %u,\nIMAP %u, IMAPS (TLS) %u.\n\n",
	    f->listen, f->port[SERVICE_SMTP], f->port[SERVICE_SUBMISSION],
	    f->port[SERVICE_SUBMISSIONS], f->port[SERVICE_IMAP],
	    f->port[SERVICE_IMAPS]);
	print_commands(f);
	printf("\nTalk SMTP by hand (package telnet):\n  telnet %s %u\n",
	    host_to_ask(f), f->port[SERVICE_SMTP]);
	printf("\nWatch the log:\n  tail -f ");
	stralloc path = STRALLOC_ZERO;
	if (path_join(&path, f->dir, "log/mail.log"))
		print_quoted(path.s);
	stralloc_free(&path);
	printf("\n\nCtrl-C ends it.\n");
	fflush(stdout);
}
