/* SPDX-License-Identifier: ISC */
/* Names of messages, which stay in besace.index till they are asked for. */
#include "mailbox.h"

#include <string.h>
#include "file.h"
#include "mailbox-parts.h"

/* From this message's on; no further than the file is known. */
static bool
read_names(struct index_file *x, struct message const *m)
{
	uint64_t left = x->read > m->name ? x->read - m->name : 0;
	size_t len = left < sizeof x->names ? (size_t)left : sizeof x->names;
	if (len < m->len)
		len = m->len;
	ssize_t n = file_read_at(x->fd, x->names, len, m->name);
	x->names_at = m->name;
	x->names_len = n < 0 ? 0 : (size_t)n;
	return x->names_len >= m->len;
}

bool
mailbox_read_name(struct mailbox *b, struct message const *m,
    char name[FOLDER_NAME_MAX + 1])
{
	struct index_file *x = &b->index;
	bool here = m->name >= x->names_at &&
	    m->name + (uint64_t)m->len <= x->names_at + x->names_len;
	if (!here && (x->fd < 0 || !read_names(x, m)))
		return false;
	memcpy(name, x->names + (m->name - x->names_at), m->len);
	name[m->len] = 0;
	return index_name_fits(m, name);
}
