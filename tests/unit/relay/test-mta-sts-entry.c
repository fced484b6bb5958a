/* SPDX-License-Identifier: ISC */
#include "relay/mta-sts-entry.h"

#include <string.h>

#include "../check.h"

#define POLICY "version: STSv1\nmode: enforce\nmax_age: 86400\nmx: a.b\n"
#define KEPT \
	"Besace-Mta-Sts: 1\nId: one\nFetched: 2026-11-21T14:04:38Z\n" \
	"Expires: 2026-11-28T14:04:38Z\n"
#define TRIED  "Tried: 2026-11-22T14:04:38Z\nFailure: sts-webpki-invalid\n"
#define FAILED "Tried-Id: two\nFailing-Since: 2026-11-22T14:04:38Z\n" TRIED

enum { DAY = 86400 };

static struct mta_sts_entry entry;

static bool
reads(char const *text)
{
	return mta_sts_entry_read(text, strlen(text), &entry);
}

/* Reads it, and writes the same. */
static bool
is_itself(char const *text)
{
	stralloc out = STRALLOC_ZERO;
	bool same = reads(text) && mta_sts_entry_write(&out, &entry) &&
	    out.len == strlen(text) && memcmp(out.s, text, out.len) == 0;
	stralloc_free(&out);
	return same;
}

static void
check_form(void)
{
	CHECK(is_itself(KEPT "\n" POLICY));
	CHECK(strcmp(entry.id, "one") == 0 && !entry.failure &&
	    entry.expires - entry.fetched == 7 * DAY &&
	    entry.policy.mode == MTA_STS_ENFORCE &&
	    entry.policy.text.len == strlen(POLICY));
	CHECK(is_itself(KEPT FAILED "\n" POLICY));
	CHECK(entry.failure == TLS_RESULT_STS_WEBPKI_INVALID &&
	    strcmp(entry.tried_id, "two") == 0 &&
	    entry.tried - entry.fetched == DAY);
	CHECK(is_itself("Besace-Mta-Sts: 1\n" FAILED));
	CHECK(!*entry.id && entry.failure);
}

static void
check_faults(void)
{
	CHECK(!reads(""));
	CHECK(!reads("Besace-Mta-Sts: 1\n"));
	CHECK(!reads("Besace-Mta-Sts: 2\n" FAILED));
	CHECK(!reads(FAILED));
	CHECK(!reads(KEPT));
	CHECK(!reads(KEPT "\nversion: STSv1\n"));
	CHECK(!reads(KEPT "Else: x\n\n" POLICY));
	CHECK(!reads(KEPT "no line\n\n" POLICY));
	CHECK(!reads(KEPT "Failure: sts-policy-fetch-error\n\n" POLICY));
	CHECK(!reads("Besace-Mta-Sts: 1\nTried-Id: a\nFailure: success\n"));
	CHECK(!reads("Besace-Mta-Sts: 1\nId:\n\n" POLICY));
	CHECK(!reads("Besace-Mta-Sts: 1\nId: \n\n" POLICY));
	CHECK(!reads("Besace-Mta-Sts: 1\nFetched: today\n\n" POLICY));
	CHECK(!reads("Besace-Mta-Sts: 1\n"
	             "Id: 123456789012345678901234567890123\n\n" POLICY));
	CHECK(!*entry.id && !entry.failure && entry.policy.text.s);
}

static void
check_age(void)
{
	CHECK(reads(KEPT "\n" POLICY));
	int64_t then = entry.fetched;
	CHECK(mta_sts_entry_holds(&entry, then));
	CHECK(mta_sts_entry_holds(&entry, then + 7 * DAY - 1));
	CHECK(!mta_sts_entry_holds(&entry, then + 7 * DAY));
	CHECK(mta_sts_entry_end(&entry) == then + 7 * DAY);
	/* a clock that was ahead */
	CHECK(mta_sts_entry_holds(&entry, then - DAY));
	CHECK(!mta_sts_entry_holds(&entry, then - DAY - 1));
	CHECK(mta_sts_entry_due(&entry, "one", then - 1));
	CHECK(!mta_sts_entry_due(&entry, "one", then));
	CHECK(!mta_sts_entry_due(&entry, "", then + DAY - 1));
	CHECK(mta_sts_entry_due(&entry, "", then + DAY));
	CHECK(mta_sts_entry_due(&entry, "two", then));
	entry.expires = then + 1000;
	CHECK(!mta_sts_entry_due(&entry, "one", then + 499));
	CHECK(mta_sts_entry_due(&entry, "one", then + 500));
	CHECK(!mta_sts_entry_tried(&entry, "one", then));
	entry.id[0] = 0;
	CHECK(!mta_sts_entry_holds(&entry, then));
	CHECK(mta_sts_entry_due(&entry, "one", then));
}

static void
check_tries(void)
{
	CHECK(reads(KEPT FAILED "\n" POLICY));
	int64_t then = entry.tried;
	/* of another than what is kept: five minutes */
	CHECK(mta_sts_entry_tried(&entry, "two", then + 299));
	CHECK(!mta_sts_entry_tried(&entry, "two", then + 300));
	CHECK(!mta_sts_entry_tried(&entry, "two", then - 1));
	CHECK(!mta_sts_entry_tried(&entry, "three", then));
	CHECK(!mta_sts_entry_tried(&entry, "one", then));
	CHECK(!mta_sts_entry_tried(&entry, "", then));
	/* of the same: an hour */
	memcpy(entry.tried_id, "one", 4);
	CHECK(mta_sts_entry_tried(&entry, "one", then + 3599));
	CHECK(mta_sts_entry_tried(&entry, "", then + 3599));
	CHECK(!mta_sts_entry_tried(&entry, "one", then + 3600));
	CHECK(reads("Besace-Mta-Sts: 1\n" FAILED));
	CHECK(mta_sts_entry_tried(&entry, "two", then + 299));
	CHECK(!mta_sts_entry_tried(&entry, "two", then + 300));
	CHECK(mta_sts_entry_end(&entry) == then + DAY);
}

/* Tries in a row are further and further apart. */
static void
check_row(void)
{
	int64_t now = 0, tries = 0;
	CHECK(reads("Besace-Mta-Sts: 1\nTried-Id: two\n" TRIED) &&
	    entry.failing_since == entry.tried);
	int64_t then = entry.tried;
	for (; now < DAY; now++) {
		if (mta_sts_entry_tried(&entry, "two", then + now))
			continue;
		mta_sts_entry_fail(&entry, "two",
		    TLS_RESULT_STS_POLICY_FETCH_ERROR, then + now);
		tries++;
	}
	CHECK(tries == 27 && entry.failing_since == then);
	CHECK(is_itself("Besace-Mta-Sts: 1\nTried-Id: two\n"
	                "Failing-Since: 2026-11-22T12:00:00Z\n" TRIED));
	then = entry.tried;
	CHECK(mta_sts_entry_tried(&entry, "two", then + 3599));
	CHECK(!mta_sts_entry_tried(&entry, "two", then + 3600));
	/* another policy, and a row that is over */
	CHECK(!mta_sts_entry_tried(&entry, "three", then));
	struct mta_sts_entry kept = entry;
	mta_sts_entry_fail(&entry, "three", entry.failure, then + 1);
	CHECK(entry.failing_since == then + 1);
	entry = kept;
	mta_sts_entry_fail(&entry, "two", entry.failure, then + 7199);
	CHECK(entry.failing_since == kept.failing_since);
	entry = kept;
	mta_sts_entry_fail(&entry, "two", entry.failure, then + 7200);
	CHECK(entry.failing_since == then + 7200);
}

int
main(void)
{
	check_row();
	check_form();
	check_faults();
	check_age();
	check_tries();
	return check_failed;
}
