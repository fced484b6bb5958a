#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# queue-run does not look through all that waits for each message that comes.

load lib/helpers
load lib/queue

setup()
{
	queue_new
}

teardown()
{
	instance_stop
}

@test "what waits is not looked through for each message, unless something changed" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	local due
	due=$(($(date +%s) + 3600))
	queue_mail m1 example.net bob@example.net
	mv "$QUEUE/new/m1" "$QUEUE/deferred/$due.m1"
	wait_until 20 deferred_is_known # once its last change is some time ago
	queue_mail m2 example.net eve@example.net
	deferred_is_known
	is "deferred/$due.m1" "$(queue_files)"
	mv "$QUEUE/deferred/$due.m1" "$QUEUE/deferred/0000000001.m1"
	run -0 queue_run
	is '' "$(queue_files)"
	is 2 "$(wc -l <"$RELAY_LOG")"
}

# Whether a run does without a look at deferred/.
deferred_is_known()
{
	strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=openat \
		"$PROGRAMS/queue-run" 2>>"$(log_file)"
	! grep -q '"deferred"' "$BATS_TEST_TMPDIR/trace"
}

# Whoever is told of arrivals ends 10 milliseconds later, in which nobody takes on
# what comes.
@test "who finds nothing to do does not ask to be told of arrivals" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	strace -f -qq -o "$BATS_TEST_TMPDIR/trace" "$PROGRAMS/queue-run"
	grep -q getdents "$BATS_TEST_TMPDIR/trace"
	run -1 grep inotify "$BATS_TEST_TMPDIR/trace"
}
