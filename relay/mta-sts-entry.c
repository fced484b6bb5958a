/* SPDX-License-Identifier: ISC */
#include "mta-sts-entry.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "utc.h"

enum {
	DAY = 86400,
	REFRESH = DAY,     /* so old a policy is fetched again */
	CLOCK_ERROR = DAY, /* so far ahead a clock may have been */
	RETRY_NEW = 300,   /* seconds; section 3.3 */
	RETRY_REFRESH =
	    3600, /* what is kept holds all the same; and the most */
	IN_A_ROW = 2 * RETRY_REFRESH, /* tries no further apart than that */
	KEEP_FAILURE = DAY
};

static char const head[] = "Besace-Mta-Sts: 1";

static enum tls_result const failures[] = {
	TLS_RESULT_STS_POLICY_FETCH_ERROR,
	TLS_RESULT_STS_POLICY_INVALID,
	TLS_RESULT_STS_WEBPKI_INVALID,
};

/* --- reading ---------------------------------------------------------------- */

static bool
read_id(struct bytes b, char id[MTA_STS_ID_MAX + 1])
{
	if (!b.len || b.len > MTA_STS_ID_MAX || memchr(b.s, 0, b.len))
		return false;
	memcpy(id, b.s, b.len);
	id[b.len] = 0;
	return true;
}

static bool
read_failure(struct bytes b, enum tls_result *failure)
{
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		if (bytes_are(b, tls_result_name(failures[i]))) {
			*failure = failures[i];
			return true;
		}
	return false;
}

static bool
read_line(struct bytes line, struct mta_sts_entry *e)
{
	struct bytes name = bytes_take_until(&line, ':');
	if (!line.len || *line.s != ' ')
		return false;
	line.s++;
	line.len--;
	if (bytes_are(name, "Id"))
		return read_id(line, e->id);
	if (bytes_are(name, "Fetched"))
		return utc_parse(line.s, line.len, &e->fetched);
	if (bytes_are(name, "Expires"))
		return utc_parse(line.s, line.len, &e->expires);
	if (bytes_are(name, "Tried-Id"))
		return read_id(line, e->tried_id);
	if (bytes_are(name, "Failing-Since"))
		return utc_parse(line.s, line.len, &e->failing_since);
	if (bytes_are(name, "Tried"))
		return utc_parse(line.s, line.len, &e->tried);
	return bytes_are(name, "Failure") && read_failure(line, &e->failure);
}

static bool
read_lines(struct bytes rest, struct mta_sts_entry *e)
{
	char const *why;
	struct bytes line = bytes_take_until(&rest, '\n');
	if (!bytes_are(line, head))
		return false;
	for (;;) {
		line = bytes_take_until(&rest, '\n');
		if (!line.len)
			break;
		if (!read_line(line, e))
			return false;
	}
	return !*e->id ||
	    mta_sts_policy_parse(rest.s, rest.len, &e->policy, &why);
}

bool
mta_sts_entry_read(char const *s, size_t len, struct mta_sts_entry *e)
{
	*e = (struct mta_sts_entry){ .policy.text = { "", 0 } };
	if (len <= MTA_STS_ENTRY_MAX &&
	    read_lines((struct bytes){ s, len }, e) && (*e->id || e->failure) &&
	    (*e->tried_id || !e->failure)) {
		if (!e->failing_since)
			e->failing_since = e->tried;
		return true;
	}
	*e = (struct mta_sts_entry){ .policy.text = { "", 0 } };
	return false;
}

/* --- writing ---------------------------------------------------------------- */

int
mta_sts_entry_write(stralloc *out, struct mta_sts_entry const *e)
{
	char lines[512], first[UTC_MAX], second[UTC_MAX];
	size_t n = (size_t)snprintf(lines, sizeof lines, "%s\n", head);
	if (*e->id) {
		utc_format(e->fetched, first);
		utc_format(e->expires, second);
		n += (size_t)snprintf(lines + n, sizeof lines - n,
		    "Id: %s\nFetched: %s\nExpires: %s\n", e->id, first, second);
	}
	if (e->failure) {
		utc_format(e->failing_since, first);
		utc_format(e->tried, second);
		n += (size_t)snprintf(lines + n, sizeof lines - n,
		    "Tried-Id: %s\nFailing-Since: %s\nTried: %s\n"
		    "Failure: %s\n",
		    e->tried_id, first, second, tls_result_name(e->failure));
	}
	return stralloc_copyb(out, lines, n) &&
	    (!*e->id ||
	        (stralloc_append(out, '\n') &&
	            stralloc_catb(out, e->policy.text.s, e->policy.text.len)));
}

/* --- time ------------------------------------------------------------------- */

bool
mta_sts_entry_holds(struct mta_sts_entry const *e, int64_t now)
{
	return *e->id && now < e->expires && e->fetched <= now + CLOCK_ERROR;
}

static bool
is_another(struct mta_sts_entry const *e, char const *id)
{
	return *id && strcmp(id, e->id) != 0;
}

bool
mta_sts_entry_due(struct mta_sts_entry const *e, char const *id, int64_t now)
{
	int64_t half = (e->expires - e->fetched) / 2;
	return !mta_sts_entry_holds(e, now) || is_another(e, id) ||
	    e->fetched > now ||
	    now - e->fetched >= (half < REFRESH ? half : REFRESH);
}

void
mta_sts_entry_fail(struct mta_sts_entry *e, char const *id,
    enum tls_result failure, int64_t now)
{
	bool again = e->failure && strcmp(e->tried_id, id) == 0 &&
	    e->failing_since <= e->tried && e->tried <= now &&
	    now - e->tried < IN_A_ROW;
	snprintf(e->tried_id, sizeof e->tried_id, "%s", id);
	e->failure = failure;
	e->tried = now;
	if (!again)
		e->failing_since = now;
}

/* A web server that hangs would hold up mail for a minute in each five. */
static int64_t
retry_after(struct mta_sts_entry const *e, bool refresh)
{
	int64_t failing = e->tried - e->failing_since;
	return refresh || failing > RETRY_REFRESH ? RETRY_REFRESH
	    : failing > RETRY_NEW                 ? failing
	                                          : RETRY_NEW;
}

bool
mta_sts_entry_tried(struct mta_sts_entry const *e, char const *id, int64_t now)
{
	bool refresh = mta_sts_entry_holds(e, now) && !is_another(e, id);
	return e->failure && e->tried <= now &&
	    now - e->tried < retry_after(e, refresh) &&
	    strcmp(e->tried_id, *id ? id : e->id) == 0;
}

int64_t
mta_sts_entry_end(struct mta_sts_entry const *e)
{
	int64_t tried = e->failure ? e->tried + KEEP_FAILURE : 0;
	return *e->id && e->expires > tried ? e->expires : tried;
}
