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

@test "fifty at once into a folder that is not there yet" {
	deliver_to alice@example.test
	rm "$MAIL"/example.test/alice/new/*
	local n
	for ((n = 0; n < 50; n++)); do
		(
			printf 'X-Spam-Flag: YES\n\nnumber %d ends\n' "$n" |
				"$DELIVER" alice@example.test 2>/dev/null
			echo "$n $?" >"$BATS_TEST_TMPDIR/status.$n"
		) &
	done
	wait
	is "" "$(cat "$BATS_TEST_TMPDIR"/status.* | grep -v ' 0$')"
	is 50 "$(cat "$MAIL"/example.test/alice/.Junk/new/* | grep ' ends$' |
		sort -u | wc -l)"
	is 50 "$(new_count example.test/alice/.Junk)"
	is Junk "$(tail -n +3 "$MAIL/example.test/alice/subscriptions")"
}

@test "S63: into a mailbox that clients read, flag, move and expunge in" {
	needs python3
	instance_new
	run -0 "$LIB/deliver-parallel" 400 20 "$(maildir alice)" "$ALICE" \
		"$DELIVER" -- "$BIN/imap-session" -u "$ALICE" \
		-- "$BIN/imap-session" -u "$ALICE"
	has "$output" '^400 messages by 20 at a time: .* 0 faults'
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

@test "the clock goes back, process ids come again: every message stays" {
	still_world
	local n=0
	export FAKE_TIME
	for FAKE_TIME in 1700000000 1600000000 1700000000 1600000000; do
		n=$((n + 1))
		"$STILL" alice@example.test \
			<<<$'Subject: x\n\nnumber '"$n"' ends'
	done
	all_there 4
}

# swept DIR MESSAGE: with a delivery of the file MESSAGE 37 hours from now, what
# died in DIR/tmp goes, and only that; not 35 hours from now.
swept()
{
	local dir=$1 hours
	"$STILL" alice@example.test <"$2"
	touch "$dir/tmp/left" "$dir/tmp/.hidden"
	mkdir "$dir/tmp/directory"
	ln -s left "$dir/tmp/link"
	export FAKE_TIME
	for hours in 35 37; do
		FAKE_TIME=$(($(date +%s) + hours * 3600))
		"$STILL" alice@example.test <"$2"
		ls -A "$dir/tmp" | tr '\n' ' '
	done >"$BATS_TEST_TMPDIR/seen"
	is ".hidden directory left link .hidden directory link " \
		"$(cat "$BATS_TEST_TMPDIR/seen")"
	rm -r "$dir"/tmp/{directory,link,.hidden}
}

@test "what died in tmp/ goes with a delivery 36 hours later, in folders, too" {
	still_world
	mail_text >"$BATS_TEST_TMPDIR/message"
	swept "$MAIL/example.test/alice" "$BATS_TEST_TMPDIR/message"
	sed -i '1iX-Spam-Flag: YES' "$BATS_TEST_TMPDIR/message"
	swept "$MAIL/example.test/alice/.Junk" "$BATS_TEST_TMPDIR/message"
}

@test "what died in tmp/ of a folder goes with an APPEND 36 hours later" {
	local session sent
	session=$(dirname "$BIN")/still/imap-session
	[ -x "$session" ] || skip "needs make still-programs"
	instance_new
	sent=$(maildir alice Sent)
	touch "$sent/tmp/left"
	export FAKE_TIME
	for FAKE_TIME in $(($(date +%s) + 35 * 3600)) $(($(date +%s) + 37 * 3600)); do
		run -0 "$session" -u "$ALICE" < <(printf 'a APPEND Sent {10+}\r\nA: b\r\n\r\nc\r\r\n')
		has "$output" '^a OK .APPENDUID'
		ls "$sent/tmp" >>"$BATS_TEST_TMPDIR/seen"
	done
	is left "$(cat "$BATS_TEST_TMPDIR/seen")"
}

@test "a file in tmp/ that another program writes now stays, however old it looks" {
	deliver_to alice@example.test
	touch -d '1 month ago' "$MAIL/example.test/alice/tmp/live"
	deliver_to alice@example.test
	[ -e "$MAIL/example.test/alice/tmp/live" ]
}
