/* SPDX-License-Identifier: ISC */
/* The sendmail that programs expect: a message on standard input goes to the
 * recipients, through the local service of smtp-session. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address-list.h"
#include "address.h"
#include "client.h"
#include "compose.h"
#include "descriptors.h"
#include "exitcode.h"
#include "input.h"
#include "log.h"
#include "message.h"
#include "options.h"
#include "path.h"
#include "service.h"
#include "settings.h"
#include "unix-user.h"

struct mail {
	struct sendmail_options options;
	struct input input;
	stralloc given;      /* recipients as they came, one a line */
	stralloc recipients; /* complete */
	stralloc sender;     /* complete; with NUL */
	stralloc from;       /* a field to add; empty: there is one */
	bool utf8;
};

static int
no_memory(void)
{
	fputs("sendmail: no memory\n", stderr);
	return EXIT_TEMP;
}

static int
bad_address(char const *s, size_t len)
{
	fprintf(stderr, "sendmail: bad address: %.*s\n", (int)len, s);
	return EXIT_MALFORMED;
}

/* --- who we are ---------------------------------------------------------------- */

static char const *
login_name(void)
{
	static char name[UNIX_USER_MAX];
	unix_user_name(geteuid(), name);
	return name;
}

/* -F, the environment, or what passwd(5) has before the first comma; "&" there
 * is the login. */
static int
full_name(struct mail const *m, stralloc *name)
{
	struct passwd const *pw = unix_user_find(geteuid());
	char const *given =
	    m->options.full_name ? m->options.full_name : getenv("NAME");
	int ok = 1;
	if (given || !pw)
		ok = stralloc_cats(name, given ? given : "");
	else
		for (char const *p = pw->pw_gecos; ok && *p && *p != ','; p++)
			ok = *p == '&' ? stralloc_cats(name, pw->pw_name)
			               : stralloc_append(name, *p);
	return ok && stralloc_0(name);
}

/* --- what is to be sent ---------------------------------------------------------- */

static int
read_message(struct mail *m, struct settings const *settings)
{
	m->input.dots_are_text = m->options.dots_are_text;
	if (input_read(&m->input, 0, settings->message_size_limit))
		return EXIT_OK;
	int why = errno;
	fprintf(stderr, "sendmail: unable to read the message: %s\n",
	    why == EFBIG ? "it is larger than message_size_limit"
	                 : strerror(why));
	if (why == EFBIG)
		return EXIT_UNAVAILABLE;
	return why == ENOMEM ? EXIT_TEMP : EXIT_IO;
}

static int
take_arguments(struct mail *m)
{
	for (char *const *to = m->options.recipients; *to; to++) {
		int r = address_list(*to, strlen(*to), &m->given);
		if (r < 0)
			return no_memory();
		if (r == 0)
			return bad_address(*to, strlen(*to));
	}
	if (m->given.len || m->options.from_header)
		return EXIT_OK;
	fputs("sendmail: say the recipients as arguments, or -t\n", stderr);
	return EXIT_USE;
}

static int
take_recipients(struct mail *m)
{
	stralloc const *text = &m->input.message;
	char const *field;
	size_t len;
	int r = m->options.from_header
	    ? compose_recipients(text->s, text->len, &m->given, &field, &len)
	    : 1;
	if (r < 0)
		return no_memory();
	if (r == 0) {
		fprintf(stderr, "sendmail: no list of addresses: %.*s\n",
		    (int)len, field);
		return EXIT_MALFORMED;
	}
	if (m->given.len)
		return EXIT_OK;
	fputs("sendmail: there are no recipients in the header\n", stderr);
	return EXIT_MALFORMED;
}

/* --- addresses, once the server has said its name ------------------------------- */

/* One without a domain gets the server's. */
static int
complete(struct mail *m, char const *host, char const *s, size_t len,
    stralloc *out)
{
	struct address a;
	stralloc at_host = STRALLOC_ZERO;
	int ok = address_parse(s, len, &a);
	if (!ok) {
		if (!stralloc_catb(&at_host, s, len) ||
		    !stralloc_append(&at_host, '@') ||
		    !stralloc_cats(&at_host, host))
			return no_memory();
		ok = address_parse(at_host.s, at_host.len, &a);
	}
	stralloc_free(&at_host);
	if (!ok)
		return bad_address(s, len);
	m->utf8 |= a.utf8;
	return address_format(&a, out) ? EXIT_OK : no_memory();
}

static bool
is_there(stralloc const *list, char const *line, size_t len)
{
	for (size_t i = 0; i + len <= list->len; i++) {
		if (strncasecmp(list->s + i, line, len) == 0)
			return true;
		char const *lf = memchr(list->s + i, '\n', list->len - i);
		i = (size_t)(lf - list->s);
	}
	return false;
}

static int
complete_recipients(struct mail *m, char const *host)
{
	stralloc one = STRALLOC_ZERO;
	int status = EXIT_OK;
	for (size_t i = 0; status == EXIT_OK && i < m->given.len;) {
		char const *s = m->given.s + i;
		char const *lf = memchr(s, '\n', m->given.len - i);
		one.len = 0;
		status = complete(m, host, s, (size_t)(lf - s), &one);
		if (status == EXIT_OK &&
		    (!stralloc_append(&one, '\n') ||
		        (!is_there(&m->recipients, one.s, one.len) &&
		            !stralloc_cat(&m->recipients, &one))))
			status = no_memory();
		i += (size_t)(lf - s) + 1;
	}
	stralloc_free(&one);
	return status;
}

static bool
is_nobody(char const *sender)
{
	return !*sender || strcmp(sender, "<>") == 0;
}

static int
complete_sender(struct mail *m, char const *host)
{
	stralloc list = STRALLOC_ZERO;
	char const *given =
	    m->options.sender ? m->options.sender : login_name();
	int status = EXIT_OK;
	if (!is_nobody(given)) {
		int r = address_list(given, strlen(given), &list);
		char const *lf = memchr(list.s, '\n', list.len);
		if (r < 0)
			status = no_memory();
		else if (r == 0 || !list.len || lf + 1 < list.s + list.len)
			status = bad_address(given, strlen(given));
		else
			status =
			    complete(m, host, list.s, list.len - 1, &m->sender);
	}
	stralloc_free(&list);
	return status != EXIT_OK || stralloc_0(&m->sender) ? status
	                                                   : no_memory();
}

/* A message that says nowhere whom it is from. */
static int
add_from(struct mail *m, char const *host)
{
	stralloc const *text = &m->input.message;
	stralloc name = STRALLOC_ZERO;
	stralloc address = STRALLOC_ZERO;
	if (compose_has_from(text->s, text->len))
		return EXIT_OK;
	int ok = m->sender.len > 1
	    ? stralloc_cats(&address, m->sender.s)
	    : stralloc_cats(&address, "MAILER-DAEMON@") &&
	        stralloc_cats(&address, host);
	ok = ok && stralloc_0(&address) && full_name(m, &name) &&
	    compose_from(name.s, address.s, &m->from) &&
	    (message_starts_clean(text->s, text->len) ||
	        stralloc_append(&m->from, '\n')) &&
	    stralloc_cat(&m->from, text);
	if (ok) {
		stralloc_free(&m->input.message);
		m->input.message = m->from;
	}
	stralloc_free(&name);
	stralloc_free(&address);
	return ok ? EXIT_OK : no_memory();
}

/* --- the story -------------------------------------------------------------------- */

static int
transact(struct mail *m, int fd)
{
	struct client c;
	int status = client_open(&c, fd);
	if (status == EXIT_OK)
		status = complete_sender(m, c.host.s);
	if (status == EXIT_OK)
		status = complete_recipients(m, c.host.s);
	if (status == EXIT_OK)
		status = add_from(m, c.host.s);
	struct envelope e = { m->sender.s, &m->recipients, &m->options,
		m->utf8 };
	if (status == EXIT_OK)
		status = client_send(&c, &e, &m->input.message);
	client_close(&c);
	return status;
}

static int
send_mail(struct mail *m, struct settings const *settings)
{
	struct service s;
	int status = take_arguments(m);
	if (status == EXIT_OK)
		status = read_message(m, settings);
	if (status == EXIT_OK)
		status = take_recipients(m);
	if (status != EXIT_OK)
		return status;
	if (!service_open(&s, settings))
		return EXIT_TEMP;
	status = transact(m, s.fd);
	service_close(&s);
	return status;
}

static int
serve_smtp(struct settings const *settings)
{
	struct service s;
	if (!service_open(&s, settings))
		return EXIT_TEMP;
	int ok = service_relay(&s);
	if (!ok)
		perror("sendmail: unable to pass on the session");
	service_close(&s);
	return ok ? EXIT_OK : EXIT_TEMP;
}

/* Users may not be allowed to read them; then the defaults are meant. */
static int
load_settings(struct settings *settings)
{
	stralloc path = STRALLOC_ZERO;
	int ok = path_join(&path, path_etc(), "settings.cdb") &&
	    (access(path.s, R_OK) == 0 ? settings_load(settings)
	                               : settings_defaults(settings));
	stralloc_free(&path);
	return ok;
}

/* What a queue is asked, besace(8) knows. */
static int
run_besace_queue(char const *verb)
{
	stralloc program = STRALLOC_ZERO;
	if (!path_program(&program, "besace"))
		return no_memory();
	execlp(program.s, "besace", "queue", verb, (char *)NULL);
	fprintf(stderr, "sendmail: unable to run %s: %s\n", program.s,
	    strerror(errno));
	stralloc_free(&program);
	return EXIT_UNAVAILABLE;
}

int
main(int argc, char **argv)
{
	static struct mail m;
	struct settings settings;
	if (!descriptors_ready(1))
		return EXIT_USE;
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_open("sendmail");
	if (!sendmail_options(argc, argv, &m.options))
		return EXIT_USE;
	if (!load_settings(&settings))
		return EXIT_TEMP;
	switch (m.options.mode) {
	case MODE_MAIL:
		return send_mail(&m, &settings);
	case MODE_SMTP:
		return serve_smtp(&settings);
	case MODE_QUEUE:
		return run_besace_queue("list");
	case MODE_FLUSH:
		return run_besace_queue("flush");
	case MODE_ALIASES:
		fputs("sendmail: besace maps compiles the aliases\n", stderr);
		return EXIT_OK;
	}
	return EXIT_BUG;
}
