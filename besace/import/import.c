/* SPDX-License-Identifier: ISC */
/* "besace import": which mailboxes, from where; who does it. */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "besace/besace.h"
#include "channel.h"
#include "exitcode.h"
#include "imap-word.h"
#include "lookup.h"
#include "maildir.h"
#include "owner.h"
#include "settings.h"
#include "subscriptions.h"

struct options {
	char const *address; /* NULL with --tree */
	bool tree;
	bool dry;
	char const *folder, *prefix;
	char const *source[SOURCES_MAX];
	unsigned sources;
};

struct work {
	struct options o;
	struct settings settings;
	struct lookup lookup;
	int base; /* virtual_mailbox_base */
	int channel;
	bool all;
};

static int
usage(void)
{
	fputs("usage: besace import ADDRESS [--folder FOLDER] [--prefix FOLDER] "
	      "[--dry-run]\n           SOURCE...\n"
	      "       besace import --tree [--dry-run] DIR...\n",
	    stderr);
	return EXIT_USE;
}

void
import_complain(struct import *i, struct source const *s, char const *path,
    char const *why)
{
	i->all = false;
	target_complain(*path ? path : s->name, why);
}

void
import_report(struct import *i, struct target *t)
{
	if (!target_close(t))
		i->all = false;
	struct tally const *n = &t->tally;
	printf("%s %s: %lu %s, %llu octets, %lu there already, %lu not taken",
	    i->address, *t->folder ? t->folder : "INBOX", n->came,
	    i->dry ? "would come" : "came", (unsigned long long)n->octets,
	    n->there, n->failed);
	if (n->unkept)
		printf(", %lu with a new UID", n->unkept);
	putchar('\n');
	if (!i->dry &&
	    (!stralloc_cats(&i->folders, *t->folder ? t->folder : "INBOX") ||
	        !stralloc_append(&i->folders, '\n')))
		i->all = false;
}

/* --- one mailbox ------------------------------------------------------------ */

/* Where the address's own mailbox is, below the base. 1; 0 no such mailbox; -1
 * said. */
static int
find_mailbox(struct work *w, char const *text, stralloc *path)
{
	struct address a;
	struct lookup_result r = LOOKUP_RESULT_ZERO;
	int found = 0;
	if (address_parse(text, strlen(text), &a)) {
		enum lookup_kind kind = lookup_address(&w->lookup, &a, &r);
		bool itself = kind == LOOKUP_MAILBOX && !r.extension.len &&
		    r.key.len && r.key.s[0] != '@';
		if (kind == LOOKUP_FAILED)
			found = -1;
		else if (itself)
			found = stralloc_copy(path, &r.path) && stralloc_0(path)
			    ? 1
			    : -1;
	}
	lookup_result_free(&r);
	return found;
}

static void
subscribe_all(struct import *i)
{
	stralloc *list = i->has_list ? &i->subscribe : &i->folders;
	for (size_t n = 0; n < list->len;) {
		char *name = list->s + n;
		char *lf = memchr(name, '\n', list->len - n);
		*lf = 0;
		if (i->root >= 0 && !i->dry &&
		    !subscriptions_change(i->root, name, true)) {
			target_complain(name, strerror(errno));
			i->all = false;
		}
		n += (size_t)(lf - name) + 1;
	}
}

static void
one_mailbox(struct work *w, char const *address, char const *maildir,
    struct source const *s, char const *path)
{
	struct import i = { .address = address,
		.folder = w->o.folder ? w->o.folder : "",
		.prefix = w->o.prefix ? w->o.prefix : "",
		.dry = w->o.dry,
		.all = true };
	i.root = maildir_open(w->base, maildir, !w->o.dry);
	if (i.root < 0 && (!w->o.dry || errno != ENOENT)) {
		target_complain(maildir, strerror(errno));
		w->all = false;
		return;
	}
	import_source(&i, s, path);
	subscribe_all(&i);
	/* So that the quota is counted anew. */
	if (i.root >= 0 && !i.dry && unlinkat(i.root, "maildirsize", 0) < 0 &&
	    errno != ENOENT) {
		target_complain("maildirsize", strerror(errno));
		i.all = false;
	}
	if (i.root >= 0)
		close(i.root);
	stralloc_free(&i.subscribe);
	stralloc_free(&i.folders);
	w->all = w->all && i.all;
}

/* --- trees ------------------------------------------------------------------ */

static void
address_of_tree(struct work *w, char const *address, struct source const *s,
    char const *path)
{
	stralloc maildir = STRALLOC_ZERO;
	int found = find_mailbox(w, address, &maildir);
	if (found > 0) {
		one_mailbox(w, address, maildir.s, s, path);
	} else {
		target_complain(address,
		    found == 0 ? "not in mailboxes, left out"
		               : "cannot be looked up");
		w->all = false;
	}
	stralloc_free(&maildir);
}

/* The users below DOMAIN's directory. */
static void
domain_of_tree(struct work *w, struct source const *s, char const *domain)
{
	stralloc names = STRALLOC_ZERO, path = STRALLOC_ZERO,
	         address = STRALLOC_ZERO;
	if (!source_list(s, domain, &names)) {
		target_complain(domain, strerror(errno));
		w->all = false;
	}
	for (size_t n = 0; n < names.len; n += strlen(names.s + n) + 1) {
		char const *user = names.s + n;
		if (*user == '.')
			continue;
		if (!source_is_dir(s, domain, user)) {
			target_complain(user, "no directory, left out");
			w->all = false;
		} else if (source_path(&path, domain, user) &&
		    stralloc_copys(&address, user) &&
		    stralloc_cats(&address, "@") &&
		    stralloc_cats(&address, domain) && stralloc_0(&address)) {
			address_of_tree(w, address.s, s, path.s);
		}
	}
	stralloc_free(&names);
	stralloc_free(&path);
	stralloc_free(&address);
}

/* DIR/user@domain or DIR/domain/user, also mixed. */
static void
import_tree(struct work *w, struct source const *s)
{
	stralloc names = STRALLOC_ZERO;
	if (!source_list(s, "", &names)) {
		target_complain(s->name, strerror(errno));
		w->all = false;
	}
	for (size_t n = 0; n < names.len; n += strlen(names.s + n) + 1) {
		char const *name = names.s + n;
		if (*name == '.')
			continue;
		if (!source_is_dir(s, "", name)) {
			target_complain(name, "no directory, left out");
			w->all = false;
		} else if (strchr(name, '@')) {
			address_of_tree(w, name, s, name);
		} else {
			domain_of_tree(w, s, name);
		}
	}
	stralloc_free(&names);
}

/* --- who does it ------------------------------------------------------------ */

/* The last part of a source's path, in its directory's descriptor. */
static char const *
last_part(char const *source)
{
	size_t n = strlen(source);
	while (n > 1 && source[n - 1] == '/')
		n--;
	char *copy = strndup(source, n);
	char *slash = copy ? strrchr(copy, '/') : NULL;
	return slash && n > 1 ? slash + 1 : copy;
}

static int
open_parent(char const *source)
{
	size_t n = strlen(source);
	while (n > 1 && source[n - 1] == '/')
		n--;
	while (n && source[n - 1] != '/')
		n--;
	char *dir = n ? strndup(source, n) : strdup(".");
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int saved = errno;
	free(dir);
	errno = saved;
	return fd;
}

/* A tree is its own base: its paths are the addresses. */
static int
open_base(struct options const *o, unsigned n)
{
	return o->tree ? open(o->source[n],
	                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
	               : open_parent(o->source[n]);
}

static int
work_as_owner(struct work *w, char const *maildir)
{
	w->all = true;
	for (unsigned n = 0; n < w->o.sources; n++) {
		struct source s = { w->channel, n, w->o.source[n] };
		char const *path = w->o.tree ? "" : last_part(s.name);
		if (!path)
			return EXIT_OSERR;
		if (w->o.tree)
			import_tree(w, &s);
		else
			one_mailbox(w, w->o.address, maildir, &s, path);
	}
	if (fflush(stdout) != 0)
		return EXIT_IO;
	return w->all ? EXIT_OK : EXIT_IO;
}

static int
wait_for(pid_t child)
{
	int status;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_OSERR;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	target_complain("import", "ended by a signal");
	return EXIT_TEMP;
}

static int
split(struct work *w, char const *maildir, int const *bases)
{
	int ends[2];
	if (!channel_pair(ends))
		return EXIT_OSERR;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		for (unsigned n = 0; n < w->o.sources; n++)
			close(bases[n]);
		w->channel = ends[1];
		int code = owner_become(&w->settings)
		    ? work_as_owner(w, maildir)
		    : EXIT_CONFIG;
		_exit(code);
	}
	close(ends[1]);
	if (child < 0)
		return EXIT_OSERR;
	bool served = source_serve(ends[0], bases, w->o.sources);
	close(ends[0]);
	int code = wait_for(child);
	return served || code != EXIT_OK ? code : EXIT_IO;
}

static int
run(struct work *w)
{
	static int bases[SOURCES_MAX];
	stralloc maildir = STRALLOC_ZERO;
	if (!settings_load(&w->settings) ||
	    !lookup_open(&w->lookup, &w->settings))
		return EXIT_TEMP;
	w->base = open(w->settings.virtual_mailbox_base,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->base < 0) {
		target_complain(w->settings.virtual_mailbox_base,
		    strerror(errno));
		return EXIT_IO;
	}
	int found = w->o.tree ? 1 : find_mailbox(w, w->o.address, &maildir);
	if (found <= 0) {
		target_complain(w->o.address,
		    found == 0 ? "not in mailboxes" : "cannot be looked up");
		return found == 0 ? EXIT_NOUSER : EXIT_TEMP;
	}
	for (unsigned n = 0; n < w->o.sources; n++) {
		bases[n] = open_base(&w->o, n);
		if (bases[n] < 0) {
			target_complain(w->o.source[n], strerror(errno));
			return EXIT_IO;
		}
	}
	int code = split(w, maildir.s, bases);
	stralloc_free(&maildir);
	lookup_close(&w->lookup);
	return code;
}

static bool
take_word(struct options *o, char const *word, char const *next, int *taken)
{
	*taken = 1;
	if (strcmp(word, "--dry-run") == 0)
		return o->dry = true;
	if (strcmp(word, "--tree") == 0)
		return o->tree = true;
	if (next && strcmp(word, "--folder") == 0) {
		o->folder = imap_equal(next, strlen(next), "INBOX") ? "" : next;
		*taken = 2;
	} else if (next && strcmp(word, "--prefix") == 0) {
		o->prefix = next;
		*taken = 2;
	} else if (*word == '-' || o->sources == SOURCES_MAX) {
		return false;
	} else if (!o->tree && !o->address) {
		o->address = word;
	} else {
		o->source[o->sources++] = word;
	}
	return true;
}

static bool
is_folder(char const *name)
{
	return !name || !*name || name_is_folder(name, strlen(name));
}

int
verb_import(int argc, char *const *argv)
{
	static struct work w;
	for (int i = 0, taken; i < argc; i += taken)
		if (!take_word(&w.o, argv[i], i + 1 < argc ? argv[i + 1] : NULL,
		        &taken))
			return usage();
	if (!w.o.sources || (w.o.tree && w.o.address))
		return usage();
	if (!is_folder(w.o.folder) || !is_folder(w.o.prefix)) {
		fputs("besace: a folder is written with dots between its "
		      "levels, in modified UTF-7\n",
		    stderr);
		return EXIT_USE;
	}
	return run(&w);
}
