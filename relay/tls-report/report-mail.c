/* SPDX-License-Identifier: ISC */
#include "report-mail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base64.h"
#include "date.h"

enum { DAY = 86400, BASE64_LINE = 76 };

static int
put(stralloc *out, char const *s)
{
	return stralloc_cats(out, s);
}

static int
put_field(stralloc *out, char const *name, char const *value)
{
	return put(out, name) && put(out, ": ") && put(out, value) &&
	    put(out, "\n");
}

/* --- the header ------------------------------------------------------------- */

static int
put_date(stralloc *out, int64_t now)
{
	char date[DATE_MAX];
	date_format((time_t)now, date);
	return put_field(out, "Date", date);
}

/* An address on each line. */
static int
put_to(struct report_mail const *m, stralloc *out)
{
	struct bytes rest = bytes_of(m->to);
	int ok = put(out, "To: ");
	while (ok && rest.len) {
		struct bytes to = bytes_take_until(&rest, '\n');
		ok = put(out, "<") && stralloc_catb(out, to.s, to.len) &&
		    put(out, rest.len ? ">,\n " : ">\n");
	}
	return ok;
}

/* Section 5.3: its words are fixed, the blanks between may be folded. */
static int
put_subject(struct report_mail const *m, stralloc *out)
{
	return put(out, "Subject: Report Domain: ") && put(out, m->domain) &&
	    put(out, "\n Submitter: ") && put(out, m->submitter) &&
	    put(out, "\n Report-ID: <") && put(out, m->id) && put(out, ">\n");
}

/* RFC 8460 section 3: a report is delivered though TLS fails, which RFC 8689
 * section 4 has a field for. */
static int
put_header(struct report_mail const *m, stralloc *out)
{
	return put_date(out, m->now) && put(out, "From: <") &&
	    put(out, m->from) && put(out, ">\n") && put_to(m, out) &&
	    put_subject(m, out) && put(out, "Message-ID: <") &&
	    put(out, m->uid) && put(out, "@") && put(out, m->host) &&
	    put(out, ">\n") && put_field(out, "TLS-Report-Domain", m->domain) &&
	    put_field(out, "TLS-Report-Submitter", m->submitter) &&
	    put_field(out, "TLS-Required", "No") &&
	    put_field(out, "Auto-Submitted", "auto-generated") &&
	    put_field(out, "MIME-Version", "1.0") &&
	    put(out,
	        "Content-Type: multipart/report; report-type=\"tlsrpt\";\n"
	        " boundary=\"=_besace_") &&
	    put(out, m->uid) && put(out, "\"\n\n");
}

/* --- parts ------------------------------------------------------------------ */

static int
put_boundary(struct report_mail const *m, char const *end, stralloc *out)
{
	return put(out, "--=_besace_") && put(out, m->uid) && put(out, end);
}

static int
put_text(struct report_mail const *m, stralloc *out)
{
	return put_boundary(m, "\n", out) &&
	    put(out,
	        "Content-Type: text/plain; charset=us-ascii\n"
	        "Content-Transfer-Encoding: 7bit\n\n"
	        "This is a report about TLS (RFC 8460) between this "
	        "server,\n") &&
	    put(out, m->host) && put(out, ", and the servers of\n") &&
	    put(out, m->domain) && put(out, ", on ") && put(out, m->day) &&
	    put(out,
	        " (UTC). The report is attached;\nthe domain asked for it "
	        "in its record\n_smtp._tls.") &&
	    put(out, m->domain) && put(out, "\n\n");
}

/* Section 5.1. */
static int
put_filename(struct report_mail const *m, stralloc *out)
{
	char times[64];
	snprintf(times, sizeof times, "!%" PRId64 "!%" PRId64, m->start,
	    m->start + DAY - 1);
	return put(out, m->submitter) && put(out, "!") && put(out, m->domain) &&
	    put(out, times) && put(out, ".json.gz");
}

static int
put_base64(struct bytes b, stralloc *out)
{
	stralloc text = STRALLOC_ZERO;
	int ok = base64_encode(b.s, b.len, &text);
	for (size_t i = 0; ok && i < text.len; i += BASE64_LINE) {
		size_t left = text.len - i;
		ok = stralloc_catb(out, text.s + i,
		         left < BASE64_LINE ? left : BASE64_LINE) &&
		    put(out, "\n");
	}
	stralloc_free(&text);
	return ok;
}

static int
put_report(struct report_mail const *m, stralloc *out)
{
	return put_boundary(m, "\n", out) &&
	    put(out,
	        "Content-Type: application/tlsrpt+gzip\n"
	        "Content-Transfer-Encoding: base64\n"
	        "Content-Disposition: attachment;\n filename=\"") &&
	    put_filename(m, out) && put(out, "\"\n\n") &&
	    put_base64(m->gzip, out) && put(out, "\n") &&
	    put_boundary(m, "--\n", out);
}

int
report_mail_build(struct report_mail const *m, stralloc *out)
{
	return put_header(m, out) && put_text(m, out) && put_report(m, out);
}
