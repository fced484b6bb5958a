/* SPDX-License-Identifier: ISC */
#include "account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maildir.h"
#include "owner.h"
#include "subscriptions.h"
#include "tree.h"

static int
complain(char const *what, char const *path)
{
	fprintf(stderr, "besace: unable to %s %s: %s\n", what, path,
	    strerror(errno));
	return 0;
}

static int
make_folder(int root, char const *name)
{
	int fd = *name ? maildir_open_folder(root, name, true) : -1;
	if (*name && fd < 0)
		return complain("make folder", name);
	if (fd >= 0)
		close(fd);
	if (!subscriptions_change(root, *name ? name : "INBOX", true))
		return complain("subscribe folder", *name ? name : "INBOX");
	return 1;
}

/* What is to be done as the mail's owner. */
struct job {
	struct settings const *settings;
	int base; /* virtual_mailbox_base */
	char const *path;
	char const *folder; /* make_one: which */
};

static int
make_mail(struct job const *job)
{
	char const *spam = job->settings->spam_folder;
	char const *const folders[] = { "", "Drafts", "Sent",
		*spam ? spam : "Junk", "Trash" };
	int root = maildir_open(job->base, job->path, true);
	int ok = root >= 0 ? 1 : complain("make mailbox", job->path);
	for (size_t i = 0; ok && i < sizeof folders / sizeof *folders; i++)
		ok = make_folder(root, folders[i]);
	if (root >= 0)
		close(root);
	return ok;
}

static int
make_one(struct job const *job)
{
	int root = maildir_open(job->base, job->path, true);
	if (root < 0)
		return complain("make mailbox", job->path);
	int ok = make_folder(root, job->folder);
	close(root);
	return ok;
}

static int
remove_mail(struct job const *job)
{
	char const *path = job->path;
	if (fchdir(job->base) < 0)
		return complain("enter the base of", path);
	if (!tree_remove(path))
		return complain("remove", path);
	char const *slash = strrchr(path, '/');
	char *parent = slash ? strndup(path, (size_t)(slash - path)) : NULL;
	if (parent && rmdir(parent) < 0 && errno != ENOTEMPTY &&
	    errno != EEXIST && errno != ENOENT)
		complain("remove the directory", parent);
	free(parent);
	return 1;
}

/* Root never touches mail: a child takes on the owner's ids first. The base is
 * opened before, as the way to it may be closed to him. */
static int
as_owner(struct job job, int (*work)(struct job const *))
{
	int status = 1;
	char const *base = job.settings->virtual_mailbox_base;
	job.base = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (job.base < 0)
		return complain("open virtual_mailbox_base", base);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		_exit(!(owner_become(job.settings) && work(&job)));
	if (child < 0)
		complain("fork for", job.path);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	close(job.base);
	return child > 0 && status == 0;
}

int
account_make_mail(struct settings const *settings, char const *path)
{
	return as_owner((struct job){ settings, -1, path, NULL }, make_mail);
}

int
account_make_folder(struct settings const *settings, char const *path,
    char const *folder)
{
	return as_owner((struct job){ settings, -1, path, folder }, make_one);
}

int
account_remove_mail(struct settings const *settings, char const *path)
{
	return as_owner((struct job){ settings, -1, path, NULL }, remove_mail);
}
