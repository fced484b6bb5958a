/* SPDX-License-Identifier: ISC */
#include "queue-filter.h"

#include <string.h>
#include <strings.h>

#include "idn.h"
#include "settings.h"

enum { DOMAIN_MAX = 256 };

/* --- options ---------------------------------------------------------------- */

static bool
take_box(char const *text, int *box)
{
	for (int i = 0; i < QUEUE_BOXES; i++)
		if (strcmp(queue_box_name((enum queue_box)i), text) == 0) {
			*box = i;
			return true;
		}
	return false;
}

static bool
take_age(char const *text, int64_t *age)
{
	static struct setting const time_of = { .name = "older",
		.type = SETTING_TIME };
	struct settings place;
	char const *why;
	uint64_t seconds;
	if (!settings_parse(&time_of, text, strlen(text), &place, &why))
		return false;
	memcpy(&seconds, &place, sizeof seconds);
	*age = (int64_t)(seconds % INT32_MAX);
	return seconds > 0 && seconds < INT32_MAX;
}

static bool
take_text(char const *text, char const **into)
{
	*into = text;
	return true;
}

bool
queue_filter_domain(struct queue_filter *f, char const *domain)
{
	char name[DOMAIN_MAX];
	size_t len = strlen(domain);
	f->domain = domain;
	if (!idn_is_special(domain, len))
		return true;
	size_t n = idn_to_ascii(domain, len, name, sizeof name);
	f->domain = n ? strndup(name, n) : NULL; /* to the end */
	return f->domain != NULL;
}

int
queue_filter_take(struct queue_filter *f, int argc, char *const *argv)
{
	char const *name = argv[0];
	if (argc < 1 || strncmp(name, "--", 2) != 0)
		return 0;
	f->given = f->given || strcmp(name, "--yes") != 0;
	if (strcmp(name, "--yes") == 0)
		return f->yes = true;
	if (strcmp(name, "--all") == 0)
		return 1;
	if (argc < 2)
		return -1;
	char const *value = argv[1];
	bool ok = strcmp(name, "--domain") == 0 ? queue_filter_domain(f, value)
	    : strcmp(name, "--sender") == 0     ? take_text(value, &f->sender)
	    : strcmp(name, "--recipient") == 0 ? take_text(value, &f->recipient)
	    : strcmp(name, "--box") == 0       ? take_box(value, &f->box)
	    : strcmp(name, "--older") == 0     ? take_age(value, &f->older)
	                                       : false;
	return ok ? 2 : -1;
}

/* --- messages --------------------------------------------------------------- */

static bool
address_fits(char const *wanted, char const *address)
{
	size_t n = strlen(address), w = strlen(wanted);
	if (strcmp(wanted, "<>") == 0)
		return !n;
	if (*wanted == '@')
		return n > w && strcasecmp(address + n - w, wanted) == 0;
	return strcasecmp(address, wanted) == 0;
}

static bool
has_recipient(struct queue_entry const *e, char const *wanted)
{
	for (size_t i = 0; i < queue_count(e); i++) {
		struct queue_recipient const *r = queue_recipient(e, i);
		if (address_fits(wanted, r->address) ||
		    (r->original && address_fits(wanted, r->original)))
			return true;
	}
	return false;
}

static bool
is_for(struct queue_entry const *e, char const *domain)
{
	bool is = strcasecmp(e->group, domain) == 0;
	for (size_t i = 0; !is && i < queue_count(e); i++)
		is = strcasecmp(queue_domain(e, queue_recipient(e, i)),
		         domain) == 0;
	return is;
}

bool
queue_filter_fits(struct queue_filter const *f, struct queue_entry const *e,
    int64_t now)
{
	if (!e->group)
		return !f->domain && !f->sender && !f->recipient && !f->older;
	return (!f->domain || is_for(e, f->domain)) &&
	    (!f->sender || address_fits(f->sender, e->sender)) &&
	    (!f->recipient || has_recipient(e, f->recipient)) &&
	    (!f->older || now - e->arrival >= f->older);
}
