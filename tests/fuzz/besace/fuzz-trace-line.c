/* SPDX-License-Identifier: ISC */
/* Any line as one of the log: what is found in it lies in it, and reading its
 * pairs ends. */
#include "besace/trace-line.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void
must_lie_in(struct bytes part, struct bytes whole)
{
	if (part.len &&
	    (part.s < whole.s || part.len > whole.len ||
	        part.s + part.len > whole.s + whole.len))
		abort();
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct bytes whole = { (char const *)data, size };
	struct trace_line line;
	struct trace_pair pair;
	size_t before;
	if (!trace_line_parse(whole.s, size, &line))
		return 0;
	if (!line.uid.len)
		abort();
	must_lie_in(line.uid, whole);
	must_lie_in(line.time, whole);
	must_lie_in(line.pairs, whole);
	while (before = line.pairs.len, trace_pair_next(&line.pairs, &pair)) {
		if (line.pairs.len >= before)
			abort();
		must_lie_in(pair.key, whole);
		must_lie_in(pair.value, whole);
		trace_value_is(pair.value, "a@b");
	}
	return 0;
}
