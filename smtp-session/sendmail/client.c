/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "exitcode.h"
#include "file.h"

enum { PIECE = 65536, ENVID_MAX = 100 /* RFC 3461 4.4 */ };

static struct {
	char const *class;
	int status;
} const classes[] = {
	{ "5.1.", EXIT_NOUSER },
	{ "5.5.", EXIT_MALFORMED },
	{ "5.6.", EXIT_MALFORMED },
	{ "5.7.", EXIT_REFUSED },
};

int
client_status(char const *reply)
{
	if (*reply != '5' || strlen(reply) < 8)
		return *reply == '5' ? EXIT_UNAVAILABLE : EXIT_TEMP;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (memcmp(reply + 4, classes[i].class, 4) == 0)
			return classes[i].status;
	return EXIT_UNAVAILABLE;
}

/* --- replies --------------------------------------------------------------- */

static void
note_keyword(struct client *c, char const *word)
{
	c->has_8bitmime |= strcasecmp(word, "8BITMIME") == 0;
	c->has_dsn |= strcasecmp(word, "DSN") == 0;
	c->has_smtputf8 |= strcasecmp(word, "SMTPUTF8") == 0;
}

/* Its first digit; 0 when the server is gone. */
static int
read_reply(struct client *c)
{
	char *line = NULL;
	size_t room = 0;
	unsigned char digit = 0;
	while (getline(&line, &room, c->in) > 0) {
		line[strcspn(line, "\r\n")] = 0;
		if (strlen(line) < 3 || !stralloc_copys(&c->reply, line) ||
		    !stralloc_0(&c->reply))
			break;
		if (line[3] != '-') {
			digit = (unsigned char)line[0];
			break;
		}
		note_keyword(c, line + 4);
	}
	free(line);
	if (!digit)
		(void)(stralloc_copys(&c->reply, "the server is gone") &&
		    stralloc_0(&c->reply));
	return digit;
}

/* Says why it went wrong, for ABOUT when it is not NULL. */
static int
complain(struct client const *c, char const *about)
{
	fprintf(stderr, "sendmail: %s%s%s\n", about ? about : "",
	    about ? ": " : "", c->reply.s ? c->reply.s : "no memory");
	return client_status(c->reply.s ? c->reply.s : "4");
}

static int
no_memory(void)
{
	fputs("sendmail: no memory\n", stderr);
	return EXIT_TEMP;
}

static int
put(struct client *c, stralloc const *bytes)
{
	if (file_write(c->fd, bytes->s, bytes->len))
		return EXIT_OK;
	fprintf(stderr, "sendmail: unable to write to the server: %s\n",
	    strerror(errno));
	return EXIT_TEMP;
}

/* Sends LINE. EXIT_OK when the reply begins with WANTED. */
static int
ask(struct client *c, int wanted, char const *about, stralloc const *line)
{
	int status = put(c, line);
	if (status != EXIT_OK)
		return status;
	return read_reply(c) == wanted ? EXIT_OK : complain(c, about);
}

static int
say(struct client *c, int wanted, char const *text)
{
	stralloc line = STRALLOC_ZERO;
	int status = stralloc_cats(&line, text) && stralloc_cats(&line, "\r\n")
	    ? ask(c, wanted, NULL, &line)
	    : no_memory();
	stralloc_free(&line);
	return status;
}

/* --- the session ------------------------------------------------------------ */

/* "220 mx.example.org ESMTP ..." */
static int
take_host(struct client *c)
{
	char const *name = c->reply.s + (strlen(c->reply.s) > 4 ? 4 : 3);
	size_t n = strcspn(name, " ");
	return n
	    ? stralloc_copyb(&c->host, name, n) && stralloc_0(&c->host)
	    : stralloc_copys(&c->host, "localhost") && stralloc_0(&c->host);
}

int
client_open(struct client *c, int fd)
{
	*c = (struct client){ .fd = fd };
	int copy = dup(fd);
	c->in = copy < 0 ? NULL : fdopen(copy, "r");
	if (!c->in)
		return no_memory();
	if (read_reply(c) != '2')
		return complain(c, NULL);
	return take_host(c) ? say(c, '2', "EHLO localhost") : no_memory();
}

void
client_close(struct client *c)
{
	static char const quit[] = "QUIT\r\n";
	/* what counts has been answered */
	if (c->in && file_write(c->fd, quit, sizeof quit - 1))
		read_reply(c);
	if (c->in)
		fclose(c->in);
}

static bool
is_eight_bit(stralloc const *message)
{
	for (size_t i = 0; i < message->len; i++)
		if (message->s[i] & 0x80)
			return true;
	return false;
}

/* RFC 3461 section 4, cut to what ENVID may have; a sign that cannot be seen,
 * which it may not have, becomes a question mark. */
static int
put_xtext(stralloc *line, char const *s)
{
	static char const digits[] = "0123456789ABCDEF";
	size_t room = ENVID_MAX;
	for (; *s; s++) {
		unsigned char u = (unsigned char)*s;
		if (u < 0x20 || u >= 0x7f)
			u = '?';
		char text[3] = { (char)u, digits[u >> 4], digits[u & 15] };
		size_t n = u > 0x20 && u != '+' && u != '=' ? 1 : 3;
		if (n == 3)
			text[0] = '+';
		if (n > room)
			return 1;
		if (!stralloc_catb(line, text, n))
			return 0;
		room -= n;
	}
	return 1;
}

static int
put_mail(struct client const *c, struct envelope const *e, bool eight_bit,
    stralloc *line)
{
	struct sendmail_options const *o = e->options;
	return stralloc_cats(line, "MAIL FROM:<") &&
	    stralloc_cats(line, e->sender) && stralloc_append(line, '>') &&
	    (!eight_bit || !c->has_8bitmime ||
	        stralloc_cats(line, " BODY=8BITMIME")) &&
	    (!e->utf8 || !c->has_smtputf8 ||
	        stralloc_cats(line, " SMTPUTF8")) &&
	    (!o->ret || !c->has_dsn ||
	        (stralloc_cats(line, " RET=") &&
	            stralloc_cats(line, o->ret))) &&
	    (!o->envid || !c->has_dsn ||
	        (stralloc_cats(line, " ENVID=") &&
	            put_xtext(line, o->envid))) &&
	    stralloc_cats(line, "\r\n");
}

static int
send_sender(struct client *c, struct envelope const *e, bool eight_bit)
{
	stralloc line = STRALLOC_ZERO;
	int status = put_mail(c, e, eight_bit, &line)
	    ? ask(c, '2', *e->sender ? e->sender : "<>", &line)
	    : no_memory();
	stralloc_free(&line);
	return status;
}

static int
send_recipient(struct client *c, struct envelope const *e, char const *to,
    size_t len)
{
	stralloc line = STRALLOC_ZERO;
	stralloc name = STRALLOC_ZERO;
	char const *notify = c->has_dsn ? e->options->notify : NULL;
	int status = stralloc_catb(&name, to, len) && stralloc_0(&name) &&
	        stralloc_cats(&line, "RCPT TO:<") &&
	        stralloc_catb(&line, to, len) && stralloc_append(&line, '>') &&
	        (!notify ||
	            (stralloc_cats(&line, " NOTIFY=") &&
	                stralloc_cats(&line, notify))) &&
	        stralloc_cats(&line, "\r\n")
	    ? ask(c, '2', name.s, &line)
	    : no_memory();
	stralloc_free(&line);
	stralloc_free(&name);
	return status;
}

/* All are asked about, so that all that is wrong is said. */
static int
send_recipients(struct client *c, struct envelope const *e)
{
	int status = EXIT_OK;
	char const *s = e->recipients->s;
	char const *end = s + e->recipients->len;
	while (s < end) {
		size_t n =
		    (size_t)((char *)memchr(s, '\n', (size_t)(end - s)) - s);
		int this = send_recipient(c, e, s, n);
		if (status == EXIT_OK)
			status = this;
		s += n + 1;
	}
	return status;
}

/* RFC 5321 4.5.2: CR LF line ends, a dot before a first dot. Moves *S behind
 * what was put, PIECE octets or the rest up to END. */
static int
put_lines(char const **s, char const *end, stralloc *out)
{
	out->len = 0;
	while (*s < end && out->len < PIECE) {
		char const *lf = memchr(*s, '\n', (size_t)(end - *s));
		size_t n = (size_t)((lf ? lf : end) - *s);
		if ((**s == '.' && !stralloc_append(out, '.')) ||
		    !stralloc_catb(out, *s, n) || !stralloc_cats(out, "\r\n"))
			return 0;
		*s = lf ? lf + 1 : end;
	}
	return 1;
}

static int
send_text(struct client *c, stralloc const *message)
{
	stralloc out = STRALLOC_ZERO;
	char const *s = message->s;
	char const *end = s + message->len;
	int status = EXIT_OK;
	while (status == EXIT_OK && s < end)
		status = put_lines(&s, end, &out) ? put(c, &out) : no_memory();
	stralloc_free(&out);
	return status == EXIT_OK ? say(c, '2', ".") : status;
}

int
client_send(struct client *c, struct envelope const *e, stralloc const *message)
{
	bool eight_bit = e->options->eight_bit || is_eight_bit(message);
	int status = send_sender(c, e, eight_bit);
	if (status == EXIT_OK)
		status = send_recipients(c, e);
	if (status == EXIT_OK)
		status = say(c, '3', "DATA");
	return status == EXIT_OK ? send_text(c, message) : status;
}
