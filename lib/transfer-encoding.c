/* SPDX-License-Identifier: ISC */
#include "transfer-encoding.h"

#include <stdbool.h>
#include <string.h>
#include "base64.h"
#include "hex.h"

/* Whole groups of four digits; how many octets of S they take. OUT has room. */
static size_t
decode_groups(char const *s, size_t len, stralloc *out)
{
	size_t i = 0;
	for (; len - i >= 4; i += 4) {
		int a = base64_digit(s[i]);
		int b = base64_digit(s[i + 1]);
		int c = base64_digit(s[i + 2]);
		int d = base64_digit(s[i + 3]);
		if ((a | b | c | d) < 0)
			break;
		out->s[out->len++] = (char)(a << 2 | b >> 4);
		out->s[out->len++] = (char)((b & 15) << 4 | c >> 2);
		out->s[out->len++] = (char)((c & 3) << 6 | d);
	}
	return i;
}

/* RFC 2045 6.8: what is not of the alphabet is passed over. Texts that were put
 * together have padding inside: "=" starts anew. */
static int
decode_base64(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out)
{
	if (!stralloc_readyplus(out, len / 4 * 3 + 3))
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!d->count) {
			i += decode_groups(s + i, len - i, out);
			if (i == len)
				break;
		}
		int value = base64_digit(s[i]);
		if (s[i] == '=')
			d->count = 0;
		if (value < 0)
			continue;
		d->bits = (d->bits << 6 | (uint32_t)value) & 0xffff;
		d->count += 6;
		if (d->count < 8)
			continue;
		d->count -= 8;
		out->s[out->len++] = (char)(d->bits >> d->count & 0xff);
	}
	return 1;
}

/* --- quoted-printable ------------------------------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Held is a "=" with nothing behind it but blanks, which transports add
 * (RFC 2045 6.7 rule 3). */
static bool
may_be_soft_break(struct transfer_decoder const *d)
{
	return d->held_len == 1 || is_blank(d->held[d->held_len - 1]);
}

/* Held and C may be the start of an octet or of a soft line break. */
static bool
goes_on(struct transfer_decoder const *d, char c)
{
	if (d->held_len == TRANSFER_HELD_MAX)
		return false;
	return (d->held_len == 1 && hex_value(c) >= 0) ||
	    (is_blank(c) && may_be_soft_break(d));
}

/* The character behind what is held. False: it is still to be read. */
static bool
take_held(struct transfer_decoder *d, char c, stralloc *out, int *ok)
{
	int high = d->held_len == 2 ? hex_value(d->held[1]) : -1;
	int low = hex_value(c);
	if (goes_on(d, c)) {
		d->held[d->held_len++] = c;
		return true;
	}
	bool used =
	    (high >= 0 && low >= 0) || (c == '\n' && may_be_soft_break(d));
	if (high >= 0 && low >= 0)
		*ok = stralloc_append(out, (char)(high << 4 | low));
	else if (!used)
		*ok = stralloc_catb(out, d->held, d->held_len);
	d->held_len = 0;
	return used;
}

/* Octets without the blanks at their end; a CR counts as one. */
static size_t
without_blanks(char const *s, size_t len)
{
	while (len && is_blank(s[len - 1]))
		len--;
	return len;
}

/* The end of a line, in which blanks stand before the LF: they go (rule 3). */
static int
put_line_end(char const *blanks, size_t len, stralloc *out)
{
	return stralloc_cats(out,
	    len && blanks[len - 1] == '\r' ? "\r\n" : "\n");
}

/* Held are blanks, C is behind them. False: it is still to be read. */
static bool
take_blanks(struct transfer_decoder *d, char c, stralloc *out, int *ok)
{
	if (is_blank(c) && d->held_len < TRANSFER_HELD_MAX) {
		d->held[d->held_len++] = c;
		return true;
	}
	*ok = c == '\n' ? put_line_end(d->held, d->held_len, out)
	                : stralloc_catb(out, d->held, d->held_len);
	d->held_len = 0;
	return c == '\n';
}

/* Text that stands for itself. Blanks at its end are held unless "=" FOLLOWS:
 * the line may end behind them. */
static int
put_text(struct transfer_decoder *d, char const *s, size_t len, bool follows,
    stralloc *out)
{
	char const *lf;
	while ((lf = memchr(s, '\n', len))) {
		size_t line = (size_t)(lf - s);
		size_t text = without_blanks(s, line);
		if (!stralloc_catb(out, s, text) ||
		    !put_line_end(s + text, line - text, out))
			return 0;
		s = lf + 1;
		len -= line + 1;
	}
	size_t text = follows ? len : without_blanks(s, len);
	if (len - text > TRANSFER_HELD_MAX)
		text = len;
	memcpy(d->held, s + text, len - text);
	d->held_len = len - text;
	return stralloc_catb(out, s, text);
}

/* The whole of an octet or of a soft line break at the "=" S, as they mostly are;
 * how long it is, 0 for what has to be looked at by and by. */
static size_t
take_whole(char const *s, size_t len, stralloc *out, int *ok)
{
	if (len > 1 && s[1] == '\n')
		return 2;
	int high = len > 2 ? hex_value(s[1]) : -1;
	int low = high >= 0 ? hex_value(s[2]) : -1;
	if (low < 0)
		return 0;
	*ok = stralloc_append(out, (char)(high << 4 | low));
	return 3;
}

static int
decode_qp(struct transfer_decoder *d, char const *s, size_t len, stralloc *out)
{
	int ok = 1;
	for (size_t i = 0; i < len && ok;) {
		if (d->held_len) {
			i += d->held[0] == '=' ? take_held(d, s[i], out, &ok)
			                       : take_blanks(d, s[i], out, &ok);
			continue;
		}
		char const *equals = memchr(s + i, '=', len - i);
		size_t end = equals ? (size_t)(equals - s) : len;
		ok = put_text(d, s + i, end - i, equals != NULL, out);
		i = end;
		if (!equals || !ok)
			continue;
		size_t n = take_whole(equals, len - end, out, &ok);
		if (!n)
			d->held[d->held_len++] = '=';
		i += n ? n : 1;
	}
	return ok;
}

/* --- the interface --------------------------------------------------------- */

int
transfer_decode(struct transfer_decoder *d, char const *s, size_t len,
    stralloc *out)
{
	switch (d->kind) {
	case TRANSFER_QP:
		return decode_qp(d, s, len, out);
	case TRANSFER_BASE64:
		return decode_base64(d, s, len, out);
	case TRANSFER_PLAIN:
	default:
		return stralloc_catb(out, s, len);
	}
}

int
transfer_end(struct transfer_decoder *d, stralloc *out)
{
	/* The line end of a soft break at the end belongs to the delimiter; so
	 * does that of a line with blanks at its end. */
	int ok = !d->held_len || is_blank(d->held[d->held_len - 1]) ||
	    may_be_soft_break(d) || stralloc_catb(out, d->held, d->held_len);
	d->held_len = 0;
	return ok;
}

int
transfer_decode_q(char const *s, size_t len, stralloc *out)
{
	if (!stralloc_readyplus(out, len))
		return 0;
	for (size_t i = 0; i < len;) {
		int high =
		    s[i] == '=' && len - i > 2 ? hex_value(s[i + 1]) : -1;
		int low = high >= 0 ? hex_value(s[i + 2]) : -1;
		char c = s[i] == '_' ? ' ' : s[i];
		if (low >= 0)
			c = (char)(high << 4 | low);
		out->s[out->len++] = c;
		i += low >= 0 ? 3 : 1;
	}
	return 1;
}
