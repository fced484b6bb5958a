/* SPDX-License-Identifier: ISC */
/* The mailboxes of an account: the directories ".Name.Sub" of its Maildir. */
#ifndef IMAP_FOLDERS_H
#define IMAP_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include "names.h"
#include "quota.h"

struct folder {
	char name[NAME_MAX_DISK + 1]; /* "" is INBOX */
	bool exists;                  /* false: only its children do */
	bool children;
	bool subscribed;       /* these two by folders_mark_subscribed */
	bool subscribed_below; /* one under it is */
	bool uses_said;        /* these three by special_use_read */
	bool uses_below;
	unsigned uses;
};

struct folder_list {
	struct folder *folders; /* INBOX first, then in order of names, each
				 * before those under it */
	size_t count, room;
};

/* All mailboxes and, marked so, all missing parents. 1, or 0 with errno. */
int folders_read(struct folder_list *l, int root);
/* Puts more names, each ended by a NUL, into the list, with their parents. 1, or
 * 0 with errno. */
int folders_add(struct folder_list *l, char const *names, size_t len);
/* *NAMES becomes those that are subscribed, each ended by a NUL; there is none
 * that could not be a folder's. 1, or 0 with errno. */
int folders_subscribed(int root, stralloc *names);
/* The folders of these names, each ended by a NUL, are subscribed. */
void folders_mark_subscribed(struct folder_list *l, char const *names,
    size_t len);
/* The folder of this name, "" INBOX; NULL when there is none. */
struct folder *folders_find(struct folder_list const *l, char const *name);
/* NULL when it has none. */
struct folder *folders_parent(struct folder_list const *l,
    struct folder const *f);
void folders_free(struct folder_list *l);

bool folder_exists(int root, char const *folder);

/* 1; 0 with errno (EEXIST, ENAMETOOLONG, ...). The new mailbox has a UIDVALIDITY
 * it never had before. */
int folder_create(int root, char const *folder);

/* The directory; children stay. What was in it is added to *GONE. 1; 0 with errno
 * (ENOENT). */
int folder_delete(int root, char const *folder, struct quota_usage *gone);

/* With its children. 1; 0 with errno (ENOENT, EEXIST, ENAMETOOLONG), nothing
 * renamed. INBOX is not for here. */
int folder_rename(int root, char const *from, char const *to);

/* What FOLDER is called after it. False: it stays as it is. */
bool folder_renamed(char const *folder, char const *from, char const *to,
    char out[NAME_MAX_DISK + 1]);

#endif
