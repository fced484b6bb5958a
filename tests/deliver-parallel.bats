#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Many deliveries at once into one mailbox, also when the clock stands still and
# all of them have the same process id and the same random numbers.

load lib/helpers
load lib/deliver

setup()
{
	store_new
}

# all_there N: N messages, numbered in their subject, each once and whole.
all_there()
{
	is "$1" "$(new_count example.test/alice)"
	is "$1" "$(cat "$MAIL"/example.test/alice/new/* |
		grep -c '^number [0-9]* ends$')"
	is "$1" "$(cat "$MAIL"/example.test/alice/new/* | grep ' ends$' |
		sort -u | wc -l)"
	is 0 "$(find "$MAIL/example.test/alice/tmp" -type f | wc -l)"
}

# deliver_many N: N deliveries at once; the statuses in $statuses.
deliver_many()
{
	local n
	for ((n = 0; n < $1; n++)); do
		(
			printf 'Subject: x\n\nnumber %d ends\n' "$n" |
				"$DELIVER" alice@example.test 2>/dev/null
			echo "$n $?" >"$BATS_TEST_TMPDIR/status.$n"
		) &
	done
	wait
	is "" "$(cat "$BATS_TEST_TMPDIR"/status.* | grep -v ' 0$')"
}

@test "fifty at once into a mailbox that is not there yet" {
	deliver_many 50
	all_there 50
}

# deliver where the calls that make names unique are constant; the clock may be
# set by FAKE_TIME.
STILL=$(dirname "$BIN")/still/deliver

still_world()
{
	[ -x "$STILL" ] || skip 'needs make still-programs'
}

@test "the clock stands still, one process id, one random number" {
	still_world
	DELIVER=$STILL deliver_many 30
	all_there 30
	is "" "$(find "$MAIL/example.test/alice/new" -type f \
		! -name '1700000000.M5P2_*')"
}

@test "what died in tmp/ goes with a delivery 36 hours later" {
	still_world
	deliver_to alice@example.test
	touch "$MAIL/example.test/alice/tmp/left"
	export FAKE_TIME
	for FAKE_TIME in $(($(date +%s) + 35 * 3600)) $(($(date +%s) + 37 * 3600)); do
		"$STILL" alice@example.test <<<"Subject: x"
		ls "$MAIL/example.test/alice/tmp"
	done >"$BATS_TEST_TMPDIR/seen"
	is left "$(cat "$BATS_TEST_TMPDIR/seen")"
}
