/* SPDX-License-Identifier: ISC */
/* dkimsign: a filter that puts a DKIM-Signature field on a message. */
#include "dkimsign.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/stralloc.h>
#include <skalibs/types.h>
#include "author.h"
#include "crypto.h"
#include "exitcode.h"
#include "file.h"
#include "key.h"
#include "log.h"
#include "message.h"
#include "sandbox.h"
#include "signature.h"

enum { INPUT_MAX = 1 << 30 };

static char const usage_text[] =
    "usage: dkimsign [-c header/body] [-d domain -s selector -k keyfile]"
    " [-t time]\n";

struct options {
	char const *domain;
	char const *selector;
	char const *keyfile;
	struct signature how;
};

struct input {
	char const *s;
	size_t len;
};

/* The last line of stderr is the reply's text (the filter contract). */
static int
leave(int status, char const *reply)
{
	fprintf(stderr, "%s\n", reply);
	return status;
}

static bool
read_canon(char const *s, struct signature *how)
{
	static char const *const names[] = { "simple", "simple/simple",
		"simple/relaxed", "relaxed", "relaxed/simple",
		"relaxed/relaxed" };
	for (int i = 0; i < 6; i++) {
		if (strcmp(s, names[i]) != 0)
			continue;
		how->header = i < 3 ? CANON_SIMPLE : CANON_RELAXED;
		how->body = i % 3 == 2 ? CANON_RELAXED : CANON_SIMPLE;
		return true;
	}
	return false;
}

static bool
read_options(int argc, char *const *argv, struct options *o)
{
	*o = (struct options){ .how = { .header = CANON_RELAXED,
		                   .body = CANON_RELAXED,
		                   .time = (uint64_t)time(NULL) } };
	bool ok = true;
	for (int c; (c = getopt(argc, argv, "c:d:k:s:t:")) != -1;) {
		if (c == 'c')
			ok = ok && read_canon(optarg, &o->how);
		else if (c == 'd')
			o->domain = optarg;
		else if (c == 'k')
			o->keyfile = optarg;
		else if (c == 's')
			o->selector = optarg;
		else if (c == 't')
			ok = ok && uint640_scan(optarg, &o->how.time);
		else
			return false;
	}
	bool all = o->domain && o->selector && o->keyfile;
	bool none = !o->domain && !o->selector && !o->keyfile;
	return ok && (all || none) && optind == argc;
}

static char const *
author_reason(int found)
{
	return found == AUTHOR_NONE   ? "no From field"
	    : found == AUTHOR_SEVERAL ? "more than one From field"
	                              : "no address in the From field";
}

/* In the child: what a stranger wrote is parsed where nothing can be had. The
 * answer is one byte, then the domain. */
static int
tell_author(int fd, struct input const *in)
{
	stralloc domain = STRALLOC_ZERO;
	if (!sandbox_filter())
		return EXIT_OSERR;
	int found = author_domain(in->s, in->len, &domain);
	char first = (char)found;
	if (found < 0 || !file_write(fd, &first, 1))
		return EXIT_OSERR;
	if (found != AUTHOR_ONE)
		return EXIT_OK;
	return file_write(fd, domain.s, domain.len) ? EXIT_OK : EXIT_OSERR;
}

static int
hear_author(int fd, stralloc *domain)
{
	stralloc answer = STRALLOC_ZERO;
	int found = -1;
	if (file_read(fd, &answer, 1 + AUTHOR_DOMAIN_MAX) && answer.len) {
		found = (unsigned char)answer.s[0];
		if (!stralloc_copyb(domain, answer.s + 1, answer.len - 1))
			found = -1;
	}
	stralloc_free(&answer);
	return found;
}

/* author_domain() in a process of its own: the one that reads key files has
 * not looked at the message yet. -1 with errno. */
static int
ask_author(struct input const *in, stralloc *domain)
{
	int p[2];
	if (pipe(p) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(p[0]);
		_exit(tell_author(p[1], in));
	}
	close(p[1]);
	int found = pid < 0 ? -1 : hear_author(p[0], domain);
	close(p[0]);
	int status = 0;
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (status != 0) {
		errno = ECHILD;
		return -1;
	}
	return found;
}

/* Chooses and reads the key. 1; 0: the message goes on unsigned, logged; -1:
 * logged. */
static int
choose_key(struct options *o, struct input const *in)
{
	static struct key_entry entry = KEY_ENTRY_ZERO;
	stralloc domain = STRALLOC_ZERO;
	int found = ask_author(in, &domain);
	if (found < 0) {
		log_error("unable to read", "From field", errno);
		return -1;
	}
	if (found != AUTHOR_ONE) {
		log_event("unsigned", "reason", author_reason(found),
		    (char *)NULL);
		return 0;
	}
	int r = key_find(domain.s, domain.len, &entry);
	if (r == 0 && !stralloc_0(&domain))
		return -1;
	if (r == 0)
		log_event("unsigned", "reason", "no key for the From domain",
		    "from", domain.s, (char *)NULL);
	o->domain = entry.domain.s;
	o->selector = entry.selector.s;
	o->keyfile = entry.file.s;
	return r;
}

static int
write_input(struct input const *in)
{
	if (file_write(1, in->s, in->len))
		return EXIT_OK;
	log_error("unable to write", "message", errno);
	return leave(EXIT_IO, "4.3.0 Signing is not possible now");
}

static bool
write_field(stralloc const *field, char const *eol)
{
	stralloc out = STRALLOC_ZERO;
	bool ok = true;
	for (size_t i = 0; ok && i < field->len; i++)
		ok = field->s[i] == '\n' ? stralloc_cats(&out, eol)
		                         : stralloc_append(&out, field->s[i]);
	ok = ok && file_write(1, out.s, out.len);
	stralloc_free(&out);
	return ok;
}

/* The field goes to the top; behind an mbox line where there is one. */
static int
write_signed(struct options const *o, struct input const *in,
    stralloc const *field)
{
	size_t mbox = message_mbox_line(in->s, in->len);
	struct input rest = { in->s + mbox, in->len - mbox };
	if (!file_write(1, in->s, mbox) ||
	    !write_field(field, message_eol(in->s, in->len))) {
		log_error("unable to write", "message", errno);
		return leave(EXIT_IO, "4.3.0 Signing is not possible now");
	}
	int status = write_input(&rest);
	if (status == EXIT_OK)
		log_event("signed", "d", o->domain, "s", o->selector, "a",
		    key_algorithm(o->how.key), (char *)NULL);
	return status;
}

static int
sign(struct options *o, struct input const *in)
{
	stralloc domain = STRALLOC_ZERO;
	stralloc field = STRALLOC_ZERO;
	int found = author_domain(in->s, in->len, &domain);
	if (found == AUTHOR_NONE || found == AUTHOR_SEVERAL) {
		log_event("unsigned", "reason", author_reason(found),
		    (char *)NULL);
		return write_input(in);
	}
	o->how.domain = o->domain;
	o->how.selector = o->selector;
	if (found < 0 || !signature_make(&o->how, in->s, in->len, &field)) {
		log_error("unable to sign with", o->keyfile, errno);
		return leave(EXIT_TEMP, "4.3.0 Signing is not possible now");
	}
	return write_signed(o, in, &field);
}

int
dkimsign_main(int argc, char *const *argv)
{
	struct options o;
	struct input in;
	log_open("dkimsign");
	if (!read_options(argc, argv, &o))
		return leave(EXIT_USE, usage_text);
	if (!crypto_start()) {
		log_error("unable to start", "OpenSSL", 0);
		return leave(EXIT_OSERR, "4.3.0 Signing is not possible now");
	}
	if (!file_input(0, &in.s, &in.len, INPUT_MAX)) {
		log_error("unable to read", "message", errno);
		return leave(EXIT_IO, "4.3.0 Signing is not possible now");
	}
	int have = o.keyfile ? 1 : choose_key(&o, &in);
	if (have == 0)
		return write_input(&in);
	o.how.key = have > 0 ? key_read(o.keyfile) : NULL;
	if (!o.how.key)
		return leave(EXIT_TEMP, "4.3.5 Signing key is not available");
	if (!sandbox_filter()) {
		log_error("unable to enter", "sandbox", errno);
		return leave(EXIT_OSERR, "4.3.0 Signing is not possible now");
	}
	return sign(&o, &in);
}
