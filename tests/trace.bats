#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace trace: the way of a message through the log.

load lib/helpers

setup()
{
	LOGS=$BATS_TEST_TMPDIR
	cat >"$LOGS/new" <<-'END'
		smtp-session[3]: - connect ip=192.0.2.1 service=smtp
		smtp-session[3]: 2bb refused ip=192.0.2.1 from=a@x.test to=no@example.test answer="550 5.1.1 No"
		relay[9]: 1aa relay from=a@x.test to="\"b b\"@y.test" result=failed answer="550 no"
		queue-run[8]: 1aa notice kind=failure to=a@x.test uid=4dd result=sent
		deliver[10]: 4dd deliver from="" to=a@x.test result=queued via=queue/9zz
		smtp-session[3]: 3cc accepted from=a@x.test recipients=1
	END
	cat >"$LOGS/old" <<-'END'
		noise without a program
		postfix/smtpd[77]: 9ee: something from=b@x.test
		smtp-session[1]: 1aa accepted from=a@x.test recipients=2
		deliver[2]: 1aa deliver from=a@x.test to="\"b b\"@y.test" orig=l@example.test result=queued via=queue/5qq
		deliver[2]: 1aa deliver from=a@x.test to=alice@example.test orig=l@example.test result=delivered via=maildir
		smtp-session[1]: 1ab accepted from=other@x.test recipients=1
	END
}

trace()
{
	"$BIN/besace" trace "$@"
}

@test "by id: all of its lines, over several files, and those of its notice" {
	run -0 trace 1aa "$LOGS/old" "$LOGS/new"
	is "$(grep ' 1aa ' "$LOGS/old"
		grep ' 1aa ' "$LOGS/new"
		echo
		grep ' 4dd ' "$LOGS/new")" "$output"
	run -0 trace 4dd "$LOGS/old" "$LOGS/new"
	is "$(grep ' 4dd ' "$LOGS/new" "$LOGS/old" -h)" "$(grep ' 4dd ' <<<"$output" | tail -1)"
}

@test "by the id in the queue" {
	run -0 trace 5qq "$LOGS/old"
	is "$(grep ' 1aa ' "$LOGS/old")" "$output"
	run -0 trace queue/5qq "$LOGS/old"
	is "$(grep ' 1aa ' "$LOGS/old")" "$output"
}

@test "by address, in any letter case, quoted or not" {
	run -0 trace ALICE@example.test "$LOGS/old" "$LOGS/new"
	has "$output" '^relay\[9\]: 1aa '
	hasnt "$output" ' 1ab '
	run -0 trace '"b b"@y.test' "$LOGS/old"
	is "$(grep ' 1aa ' "$LOGS/old")" "$output"
	# who was refused is there, too
	run -0 trace no@example.test "$LOGS/new"
	has "$output" ' 2bb refused '
	# no part of an address
	run -67 trace lice@example.test "$LOGS/old" "$LOGS/new"
	run -67 trace x.test "$LOGS/old" "$LOGS/new"
}

@test "lines of other programs do not reach the terminal as they are" {
	printf 'deliver[1]: u1 x="\e[2J\a" to=b\xc3\xa9@y.test\tz\x9b\xc2\x9b\n' \
		>"$LOGS/other"
	run -0 trace u1 "$LOGS/other"
	is $'deliver[1]: u1 x="?[2J?" to=b\xc3\xa9@y.test\tz??' "$output"
}

@test "standard input, a pipe" {
	run -0 trace 1ab - <"$LOGS/old"
	is "$(grep ' 1ab ' "$LOGS/old")" "$output"
	run -0 trace 1ab <(cat "$LOGS/old")
	is "$(grep ' 1ab ' "$LOGS/old")" "$output"
	run -0 bash -c 'cat "$1" | "$BIN/besace" trace 1ab -' - "$LOGS/old"
	is "$(grep ' 1ab ' "$LOGS/old")" "$output"
}

@test "lines with a time are sorted by it, whichever file they are in" {
	cat >"$LOGS/one" <<-'END'
		2026-11-21T14:04:40+0000 mx besace-smtp[1]: relay[9]: 1aa relay to=b@y.test result=sent
	END
	cat >"$LOGS/two" <<-'END'
		2026-11-21T14:04:38+0000 mx besace-smtp[1]: smtp-session[1]: 1aa accepted from=a@x.test
		2026-11-21T14:04:39+0000 mx besace-smtp[1]: deliver[2]: 1aa deliver to=b@y.test result=queued
	END
	run -0 trace 1aa "$LOGS/one" "$LOGS/two"
	is "$(cat "$LOGS/two" "$LOGS/one")" "$output"
}

@test "the journal when no file is named" {
	mkdir "$LOGS/bin"
	printf '#!/bin/sh\necho "$@" >"%s/arguments"\ncat "%s/old"\n' "$LOGS" \
		"$LOGS" >"$LOGS/bin/journalctl"
	chmod 755 "$LOGS/bin/journalctl"
	PATH=$LOGS/bin:$PATH run -0 trace 1ab
	is "$(grep ' 1ab ' "$LOGS/old")" "$output"
	has "$(cat "$LOGS/arguments")" "besace\*"
	printf '#!/bin/sh\nexit 1\n' >"$LOGS/bin/journalctl"
	PATH=$LOGS/bin:$PATH run -74 trace 1ab
	has "$output" 'journalctl failed'
}

@test "nothing found, no file, wrong words" {
	run -67 trace 9xx "$LOGS/old"
	is 'besace: nothing in the log about 9xx' "$output"
	run -74 trace 9xx "$LOGS/none"
	has "$output" 'unable to open .*/none'
	run -64 trace
	run -64 trace ''
}

@test "S64: a message that was sent is found by the id that its sender was told" {
	instance_new -o inbound_filters=
	local reply id
	reply=$(mail_text | send_plain "$BOB" 2>&1)
	id=$(sed -nE 's/.*250 2\.0\.0 Ok: ([0-9a-z]+).*/\1/p' <<<"$reply" | head -1)
	[ -n "$id" ]
	run -0 trace "$id" "$(log_file)"
	has "$output" "smtp-session\[[0-9]+\]: $id accepted "
	has "$output" "deliver\[[0-9]+\]: $id deliver .*to=$BOB .*result=delivered"
}
