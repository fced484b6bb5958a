/* SPDX-License-Identifier: ISC */
/* One mailbox's import: what the kinds of old stores share. */
#ifndef BESACE_IMPORT_IMPORT_H
#define BESACE_IMPORT_IMPORT_H

#include <stdbool.h>
#include <skalibs/stralloc.h>

#include "names.h"
#include "source.h"
#include "target.h"

enum { IMPORT_DEPTH_MAX = 20 }; /* directories in directories */

struct import {
	char const *address;
	char const *folder; /* where the source's INBOX goes, "" INBOX */
	char const *prefix; /* above its other folders, "" nothing */
	bool dry;
	int root;           /* the new Maildir; -1 in a dry run without */
	stralloc subscribe; /* folders to subscribe, each ended by LF */
	stralloc folders;   /* those that came, likewise */
	bool has_list;      /* the source says which are subscribed */
	bool all;           /* all came so far */
};

/* Says what could not be had. */
void import_complain(struct import *i, struct source const *s, char const *path,
    char const *why);

/* *FOLDER becomes the new name of the source's folder NAME: levels joined by
 * '.', whatever else '/' between them; "" or INBOX is the INBOX. What is no
 * modified UTF-7 is taken as UTF-8. False: too long. */
bool import_folder(struct import const *i, char const *name,
    char folder[NAME_MAX_DISK + 1]);

/* Prints what came into a folder. */
void import_report(struct import *i, struct target *t);

/* A source, or a place below it: Maildir, directory of mbox files, mbox. */
void import_source(struct import *i, struct source const *s, char const *path);

/* The Maildir PATH with all its folders. */
void import_maildir(struct import *i, struct source const *s, char const *path);

/* One mbox file into folder NAME. QUIET: what is no mbox is left out. 1; 0 it
 * was none. */
int import_mbox(struct import *i, struct source const *s, char const *path,
    char const *name, bool quiet);

#endif
