#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The programs alone and one after the other in a shell's pipe.

load lib/helpers

setup_file()
{
	instance_new
	openssl genrsa -out "$BATS_FILE_TMPDIR/key.pem" 2048 2>/dev/null
	cat >"$BATS_FILE_TMPDIR/rules.cf" <<-'END'
	body     CHEAP  /cheap pills/i
	score    CHEAP  7.5
	describe CHEAP  Body: cheap pills
	header   HELLO  Subject =~ /greetings/
	score    HELLO  0.5
	END
}

setup()
{
	mail_clear
	cd "$BATS_FILE_TMPDIR" || return 1
	PATH=$BIN:$PATH
}

@test "cat msg | dkimsign | spamscore | deliver" {
	mail_text greetings 'Just text.' >msg
	set -o pipefail
	cat msg | dkimsign -d example.org -s sel -k key.pem |
		spamscore -C rules.cf | deliver bob@example.test
	local text
	text=$(message bob)
	has "$text" '^DKIM-Signature: .*'
	has "$text" '^X-Spam-Status: No, score=0\.5 '
	has "$text" '^Delivered-To: bob@example\.test$'
	is 'Just text.' "$(sed '1,/^$/d' <<<"$text")"
}

@test "S81 a message over the threshold goes to the spam folder, unread" {
	set -o pipefail
	mail_text x 'Buy CHEAP PILLS now' | spamscore -C rules.cf | deliver "$BOB"
	is 0 "$(count bob)"
	is 1 "$(count bob Junk)"
	has "$(message bob Junk)" '^X-Spam-Flag: YES$'
	has "$(messages bob Junk)" '/\.Junk/new/[^/:]+(:2,)?$'
}

@test "S81 filing spam is optional: with an empty spam_folder it is in the inbox" {
	instance_new -o spam_folder=
	mail_text x 'Buy CHEAP PILLS now' | spamscore -C rules.cf | deliver "$BOB"
	is 1 "$(count bob)"
	is 0 "$(count bob Junk)"
}

@test "a filter in another language in the middle of the pipe" {
	mail_text | sed '1i X-Sed: yes' | deliver "$BOB"
	has "$(message bob)" '^X-Sed: yes$'
}

@test "a program that cannot write its output says so: 74 or 75" {
	mail_text >msg
	local command
	for command in "dkimsign -d example.org -s sel -k key.pem" \
		"spamscore -C rules.cf"; do
		run bash -c "$command <msg >/dev/full"
		[ "$status" = 74 ] || [ "$status" = 75 ] || [ "$status" = 73 ] ||
			is '73, 74 or 75' "$command: $status"
	done
}

@test "deliver: exit statuses for unknown and remote recipients name them" {
	mail_text >msg
	run -67 deliver nobody@example.test <msg
	has "$output" 'nobody@example\.test'
	run -77 deliver dave@elsewhere.test <msg
	has "$output" '^5\.7\.1 .*dave@elsewhere\.test'
	run -64 deliver <msg
	no_mail_at_all
}

@test "the programs stop at a pipe nobody reads" {
	mail_text >msg
	yes 'text text text' | head -c 3000000 >>msg
	run timeout 20 bash -c 'spamscore -C rules.cf <msg | head -c 10 >/dev/null; exit "${PIPESTATUS[0]}"'
	[ "$status" -ne 124 ]
	[ "$status" -ne 0 ]
}
