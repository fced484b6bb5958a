/* SPDX-License-Identifier: ISC */
/* MTA-STS policies: what is taken for one keeps to its limits, lists each mx it
 * names, and says the same with other line ends. */
#include "relay/mta-sts-policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

/* Each host of a line "mx: NAME" is one of the policy's. */
static void
check_hosts(struct mta_sts_policy const *p)
{
	struct bytes rest = p->text;
	char name[300];
	while (rest.len) {
		struct bytes line = bytes_take_until(&rest, '\n');
		size_t n = 0;
		if (line.len < 4 || memcmp(line.s, "mx:", 3) != 0)
			continue;
		for (size_t i = 3; i < line.len && n + 1 < sizeof name; i++)
			if (line.s[i] != ' ' && line.s[i] != '\t' &&
			    line.s[i] != '\r')
				name[n++] = line.s[i] == '*' ? 'x' : line.s[i];
		name[n] = 0;
		must(mta_sts_policy_lists(p, name));
	}
}

static void
check_line_ends(struct mta_sts_policy const *p)
{
	struct mta_sts_policy other;
	char const *why;
	char *s = malloc(2 * p->text.len + 1);
	size_t n = 0;
	must(s != NULL);
	for (size_t i = 0; i < p->text.len; i++) {
		if (p->text.s[i] == '\n' && (!i || p->text.s[i - 1] != '\r'))
			s[n++] = '\r';
		s[n++] = p->text.s[i];
	}
	must(n > MTA_STS_POLICY_MAX ||
	    (mta_sts_policy_parse(s, n, &other, &why) &&
	        other.mode == p->mode && other.max_age == p->max_age));
	free(s);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct mta_sts_policy p;
	char const *why;
	if (!mta_sts_policy_parse((char const *)data, size, &p, &why)) {
		must(why != NULL);
		return 0;
	}
	must(p.max_age <= MTA_STS_AGE_MAX && p.mode <= MTA_STS_ENFORCE);
	check_hosts(&p);
	check_line_ends(&p);
	must(!mta_sts_policy_lists(&p, ""));
	return 0;
}
