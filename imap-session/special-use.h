/* SPDX-License-Identifier: ISC */
/* What mailboxes are for (RFC 6154): what a client said, kept as the annotation
 * /private/specialuse of the mailbox; else by name, unless another mailbox was
 * said to be for that. */
#ifndef IMAP_SPECIAL_USE_H
#define IMAP_SPECIAL_USE_H

#include <stdbool.h>
#include <stddef.h>
#include "folders.h"

#define SPECIAL_USE_ENTRY "/private/specialuse"

struct use {
	char const *attribute;
	char const *folder; /* by default */
};

enum { USES = 5, USE_JUNK = 2, USE_TRASH = 4 };

/* Use I has bit I. */
extern struct use const uses_table[USES];

/* "\Sent \Drafts", in any letter case; with nothing between the words but a
 * space. False: a use that no mailbox can have here. Pure. */
bool special_use_parse(char const *s, size_t len, unsigned *uses);

/* The same as text, at most SPECIAL_USE_TEXT octets. */
enum { SPECIAL_USE_TEXT = 64 };

void special_use_format(unsigned uses, char text[SPECIAL_USE_TEXT]);

/* Sets the uses of all folders in the list. */
void special_use_read(struct folder_list *l, int root, char const *spam_folder);

/* Whether FOLDER may be said to have USES: \Junk is where the spam filter puts
 * things, and no other mailbox has been said to have one of them. 1; 0 no; -1
 * with errno. */
int special_use_allowed(int root, char const *folder, unsigned uses,
    char const *spam_folder);

#endif
