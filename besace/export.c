/* SPDX-License-Identifier: ISC */
/* "besace export": a folder as mboxrd (RFC 4155), flags in the header fields
 * that mutt and Dovecot write. The Maildir itself is the other export. */
#include "besace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/stralloc.h>

#include "address.h"
#include "exitcode.h"
#include "file.h"
#include "flags.h"
#include "imap-word.h"
#include "keywords.h"
#include "lookup.h"
#include "maildir.h"
#include "mbox.h"
#include "owner.h"
#include "scan.h"
#include "settings.h"
#include "uidlist.h"

struct options {
	char const *address;
	char const *folder;
	char const *file; /* NULL or "-": standard output */
};

struct export
{
	int dir;
	FILE *out;
	struct scan scan;
	struct uidlist uids;
	struct keywords keywords;
};

static int
complain(char const *what)
{
	fprintf(stderr, "besace: %s: %s\n", what, strerror(errno));
	return 0;
}

/* --- a message -------------------------------------------------------------- */

static uint32_t
uid_of(struct export const *e, struct file const *f)
{
	struct uid_record const *r =
	    uidlist_find(&e->uids, e->scan.names.s + f->name, f->base);
	return r ? r->uid : 0;
}

static void
write_keywords(struct export *e, uint32_t flags)
{
	char name[KEYWORD_NAME_MAX + 1];
	for (unsigned i = 0; i < KEYWORDS_MAX; i++)
		if (flags & UINT32_C(1) << i) {
			keywords_name(&e->keywords, i, name);
			fprintf(e->out, " %s", name);
		}
	putc('\n', e->out);
}

/* What Dovecot wants to know in the first message. */
static void
write_folder_data(struct export *e)
{
	uint32_t used = 0;
	for (size_t i = 0; i < e->scan.count; i++)
		used |= flags_of_name(e->scan.names.s + e->scan.files[i].name,
		    e->scan.files[i].len);
	fprintf(e->out, "X-IMAPbase: %u %u", (unsigned)e->uids.validity,
	    e->uids.next ? (unsigned)e->uids.next - 1 : 0);
	write_keywords(e, used);
}

/* The fields are always there and come first, so that fields of these names
 * that the message has itself are known as its own. */
static int
write_status(struct export *e, struct file const *f)
{
	static char const letters[] = "AFDT";
	static uint32_t const bits[] = { FLAG_ANSWERED, FLAG_FLAGGED,
		FLAG_DELETED, FLAG_DRAFT };
	uint32_t flags = flags_of_name(e->scan.names.s + f->name, f->len);
	/* before any keyword, or Dovecot does not know it */
	if (f == e->scan.files)
		write_folder_data(e);
	fprintf(e->out,
	    "Status: %s%s\nX-Status: ", flags & FLAG_SEEN ? "R" : "",
	    f->in_new ? "" : "O");
	for (int i = 0; i < 4; i++)
		if (flags & bits[i])
			putc(letters[i], e->out);
	fputs("\nX-Keywords:", e->out);
	write_keywords(e, flags);
	return fprintf(e->out, "X-UID: %u\n", (unsigned)uid_of(e, f)) > 0;
}

/* The message's lines, those that look like the next one's start quoted. */
static int
write_lines(struct export *e, FILE *in)
{
	static char *line;
	static size_t room;
	ssize_t n;
	bool ended = true;
	errno = 0;
	while ((n = getline(&line, &room, in)) > 0) {
		if (mbox_quotes(line, (size_t)n) >= 0 &&
		    mbox_quotes(line, (size_t)n) < MBOX_QUOTES_MAX)
			putc('>', e->out);
		if (fwrite(line, 1, (size_t)n, e->out) != (size_t)n)
			return 0;
		ended = line[n - 1] == '\n';
	}
	if (ferror(in) || !feof(in))
		return 0;
	return (ended || putc('\n', e->out) != EOF) &&
	    putc('\n', e->out) != EOF;
}

static int
write_message(struct export *e, struct file const *f, FILE *in)
{
	char date[MBOX_DATE_MAX];
	struct stat st;
	if (fstat(fileno(in), &st) < 0)
		return 0;
	mbox_date(st.st_mtime, date);
	fprintf(e->out, "From MAILER-DAEMON %s\n", date);
	return write_status(e, f) && write_lines(e, in);
}

static int
export_file(struct export *e, struct file const *f)
{
	char path[MAILDIR_NAME_MAX + 8];
	char const *name = e->scan.names.s + f->name;
	snprintf(path, sizeof path, "%s/%s", f->in_new ? "new" : "cur", name);
	int fd = file_open(e->dir, path, O_RDONLY);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	int ok = in && write_message(e, f, in);
	if (!ok)
		complain(path);
	if (in)
		fclose(in);
	else if (fd >= 0)
		close(fd);
	return ok;
}

/* --- the folder ------------------------------------------------------------- */

/* As a client sees them. */
static int
by_uid(void const *a, void const *b, void *arg)
{
	struct export const *e = arg;
	struct file const *x = a, *y = b;
	uint32_t m = uid_of(e, x), n = uid_of(e, y);
	if (m != n)
		return m - 1 < n - 1 ? -1 : 1; /* 0, none, comes last */
	return strcmp(e->scan.names.s + x->name, e->scan.names.s + y->name);
}

/* A file that went from new/ to cur/ amid the look is there twice. */
static bool
is_repeated(struct export const *e, size_t i)
{
	struct file const *f = &e->scan.files[i], *g = f - 1;
	return i > 0 && f->base == g->base &&
	    memcmp(e->scan.names.s + f->name, e->scan.names.s + g->name,
	        f->base) == 0;
}

static int
export_folder(struct export *e)
{
	uidlist_init(&e->uids);
	if (uidlist_load(&e->uids, e->dir) < 0)
		uidlist_clear(&e->uids);
	if (!scan_read(&e->scan, e->dir) ||
	    keywords_load(&e->keywords, e->dir) < 0)
		return complain("the folder");
	if (e->scan.count)
		qsort_r(e->scan.files, e->scan.count, sizeof *e->scan.files,
		    by_uid, e);
	int ok = 1;
	for (size_t i = 0; i < e->scan.count; i++)
		if (!is_repeated(e, i))
			ok = export_file(e, &e->scan.files[i]) && ok;
	if (fflush(e->out) != 0)
		ok = complain("output");
	return ok;
}

static int
export_as_owner(struct settings const *settings, int base,
    struct options const *o, char const *maildir, FILE *out)
{
	static struct export e;
	if (!owner_become(settings))
		return EXIT_CONFIG;
	int root = maildir_open(base, maildir, false);
	e.dir = root < 0 ? -1 : maildir_open_folder(root, o->folder, false);
	e.out = out;
	if (e.dir < 0) {
		complain(*o->folder ? o->folder : "INBOX");
		return errno == ENOENT ? EXIT_NOUSER : EXIT_IO;
	}
	return export_folder(&e) ? EXIT_OK : EXIT_IO;
}

static int
in_child(struct settings const *settings, struct options const *o,
    char const *maildir, FILE *out)
{
	int status;
	int base = open(settings->virtual_mailbox_base,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0) {
		complain(settings->virtual_mailbox_base);
		return EXIT_IO;
	}
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		_exit(export_as_owner(settings, base, o, maildir, out));
	close(base);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_OSERR;
	if (child < 0)
		return EXIT_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_TEMP;
}

static int
run(struct options const *o)
{
	static struct settings settings;
	struct lookup lookup;
	struct lookup_result r = LOOKUP_RESULT_ZERO;
	struct address a;
	if (!settings_load(&settings) || !lookup_open(&lookup, &settings))
		return EXIT_TEMP;
	if (!address_parse(o->address, strlen(o->address), &a) ||
	    lookup_address(&lookup, &a, &r) != LOOKUP_MAILBOX ||
	    !stralloc_0(&r.path)) {
		fprintf(stderr, "besace: %s: not in mailboxes\n", o->address);
		return EXIT_NOUSER;
	}
	FILE *out = o->file && strcmp(o->file, "-") != 0 ? fopen(o->file, "wxe")
	                                                 : stdout;
	if (!out) {
		complain(o->file);
		return EXIT_CANTCREAT;
	}
	int code = in_child(&settings, o, r.path.s, out);
	if (out != stdout && (!file_sync(fileno(out)) || fclose(out) != 0)) {
		complain(o->file);
		code = EXIT_IO;
	}
	lookup_result_free(&r);
	lookup_close(&lookup);
	return code;
}

int
verb_export(int argc, char *const *argv)
{
	struct options o = { NULL, "", NULL };
	for (int i = 0; i < argc; i++) {
		bool more = i + 1 < argc;
		if (more && strcmp(argv[i], "--folder") == 0) {
			o.folder = argv[++i];
		} else if (more && strcmp(argv[i], "--mbox") == 0) {
			o.file = argv[++i];
		} else if (*argv[i] != '-' && !o.address) {
			o.address = argv[i];
		} else {
			o.address = NULL;
			break;
		}
	}
	if (!o.address) {
		fputs("usage: besace export ADDRESS [--folder FOLDER] "
		      "[--mbox FILE|-]\n",
		    stderr);
		return EXIT_USE;
	}
	if (imap_equal(o.folder, strlen(o.folder), "INBOX"))
		o.folder = "";
	return run(&o);
}
