/* SPDX-License-Identifier: ISC */
/* Any tables and recipients: the expansion must end, and end in a target. */
#include "expand.h"

#include "address.h"
#include "fuzz-maps.h"

static void
check_step(struct expansion const *e, struct expand_step const *step)
{
	must(step->to && !strchr(step->to, '\n') && !strchr(step->to, '\r'));
	must(step->kind < EXPAND_PENDING);
	must(step->parent < expand_count(e) && step->depth <= EXPAND_DEPTH_MAX);
	if (step->kind == EXPAND_MAILBOX)
		must(step->found.path.len && step->found.key.len);
	else if (step->kind != EXPAND_REMOTE)
		must(step->code && step->reason);
}

static void
expand(struct fuzz_tables *t, char const *recipient)
{
	struct expansion e;
	struct expand_step const *step;
	struct address a;
	size_t addresses = 0, targets = 0;
	int more;
	if (!expand_parse(&t->lookup, recipient, &a))
		return;
	must(expand_begin(&e, &t->lookup, &a, &addresses));
	while ((more = expand_next(&e, &step)) > 0) {
		check_step(&e, step);
		targets++;
	}
	must(more == 0 && targets && addresses == expand_count(&e));
	expand_end(&e);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	fuzz_tables_run(data, size, expand);
	return 0;
}
