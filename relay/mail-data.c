/* SPDX-License-Identifier: ISC */
#include "mail-data.h"

/* --- what it needs ---------------------------------------------------------- */

void
mail_facts_add(struct mail_facts *f, char const *s, size_t len)
{
	f->size += len;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] >= 0x80) {
			f->header_8bit |= !f->in_body;
			f->body_8bit |= f->in_body;
		}
		if (s[i] == '\n') {
			f->size += f->last != '\r';
			f->in_body |= f->line_empty;
			f->line_empty = true;
		} else if (s[i] != '\r') {
			f->line_empty = false;
		}
		f->last = s[i];
	}
}

/* --- on the wire ------------------------------------------------------------ */

size_t
mail_data_add(struct mail_data *d, char const *s, size_t len, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		if (c == '\n') {
			out[n++] = '\r';
			out[n++] = '\n';
			d->place = MAIL_LINE_START;
			continue;
		}
		if (d->place == MAIL_BEHIND_CR)
			out[n++] = ' ';
		else if (d->place == MAIL_LINE_START && c == '.' && !d->chunked)
			out[n++] = '.';
		d->place = c == '\r' ? MAIL_BEHIND_CR : MAIL_IN_LINE;
		if (c != '\r')
			out[n++] = c;
	}
	return n;
}

size_t
mail_data_end(struct mail_data *d, char out[MAIL_DATA_END])
{
	size_t n = 0;
	if (d->place == MAIL_BEHIND_CR)
		out[n++] = ' ';
	if (d->place != MAIL_LINE_START) {
		out[n++] = '\r';
		out[n++] = '\n';
	}
	d->place = MAIL_LINE_START;
	if (d->chunked)
		return n;
	out[n++] = '.';
	out[n++] = '\r';
	out[n++] = '\n';
	return n;
}
