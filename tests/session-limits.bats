#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# How much and how long a client may, whoever it is, and how much a user may
# send.

load lib/helpers

setup()
{
	instance_new -o inbound_filters= -o outbound_filters=
}

teardown()
{
	instance_stop
}

lines()
{
	printf '%s\r\n' "$@"
}

crowd()
{
	"$LIB/crowd" "$1"
}

# The commands of a message to bob, from $1.
message_lines()
{
	lines "MAIL FROM:<$1>" "RCPT TO:<$BOB>" DATA "Subject: x" "" x .
}

@test "smtpd_junk_command_limit: NOOP and its like without end are errors" {
	setting smtpd_junk_command_limit 5
	setting smtpd_hard_error_limit 3
	run -0 smtp_session < <(lines "EHLO a" NOOP NOOP RSET "HELP" \
		NOOP NOOP NOOP "VRFY x" QUIT)
	has "$output" '^421 4\.7\.0 Too many errors'
	hasnt "$output" '^221'
	logged ' too-many-errors '
	# a message in between, and all is well
	run -0 smtp_session < <(
		lines "EHLO a"
		for _ in 1 2 3; do
			lines NOOP NOOP RSET
			message_lines a@elsewhere.test
		done
		lines QUIT
	)
	is 3 "$(grep -c '^250 2\.0\.0 Ok: ' <<<"$output")"
	has "$output" '^221'
}

@test "smtpd_soft_error_limit: after so many errors the answers come late" {
	setting smtpd_soft_error_limit 2
	setting smtpd_error_sleep_time 1s
	instance_serve
	run -0 crowd '
	c = Client(SMTP)
	c.line()
	start = time.monotonic()
	check([c.say("x")[:3] for _ in range(5)] == 5 * ["500"])
	check(time.monotonic() - start >= 3)
	check(c.say("NOOP")[:3] == "250")
	'
}

@test "smtpd_stranger_timeout: who has not begun a message has less time" {
	setting smtpd_stranger_timeout 1s
	instance_serve
	run -0 crowd '
	silent, sender, user = Client(SMTP), Client(SMTP), Client(SUBMISSION)
	for c in silent, sender, user:
	    c.line()
	    c.say("EHLO a")
	check(sender.say("MAIL FROM:<a@b.test>")[:3] == "250")
	check(user.say("AUTH PLAIN '"$ALICE_PLAIN"'")[:3] == "235")
	check(silent.line() == "421 4.4.2 Timeout, closing connection")
	check(silent.line() == "")
	time.sleep(1.5)
	check(sender.say("NOOP")[:3] == "250")
	check(user.say("NOOP")[:3] == "250")
	'
	serve_logged ' timeout ip=127\.0\.0\.1 detail="waiting for a command"'
}

@test "smtpd_session_time_limit: a session ends some time, not amid a message" {
	setting smtpd_session_time_limit 2s
	instance_serve
	run -0 crowd '
	talker, sender = Client(SMTP), Client(SMTP)
	talker.line(), sender.line()
	for text in "EHLO a", "MAIL FROM:<a@b.test>", "RCPT TO:<bob@example.test>", "DATA":
	    check(sender.say(text)[0] in "23")
	sender.send(b"Subject: x\r\n\r\n")
	start = time.monotonic()
	while (line := talker.say("RSET")).startswith("250"):
	    time.sleep(0.1)
	check(line.startswith("421 4.4.2 The session has lasted too long"), line)
	time.sleep(1)
	sender.send(b"text\r\n.\r\n")
	check(sender.line().startswith("250 2.0.0 Ok: "))
	check(sender.line().startswith("421 4.4.2"))
	'
	is 1 "$(count bob)"
}

@test "smtpd_session_message_limit: so many messages in one session" {
	setting smtpd_session_message_limit 2
	run -0 smtp_session < <(
		lines "EHLO a"
		message_lines a@elsewhere.test
		message_lines a@elsewhere.test
		lines "MAIL FROM:<a@elsewhere.test>" NOOP
	)
	is 2 "$(grep -c '^250 2\.0\.0 Ok: ' <<<"$output")"
	has "$(tail -n 1 <<<"$output")" '^421 4\.7\.0 Too many messages'
	is 2 "$(count bob)"
}

# as_user PLAIN COMMAND...: in a session of this user.
as_user()
{
	smtp_session -s submission < <(
		lines "EHLO a" "AUTH PLAIN $1" "${@:2}" QUIT
	)
}

@test "user_messages_per_hour: a user sends so many messages, in all sessions" {
	setting user_messages_per_hour 5
	local sent
	for sent in 1 2 3 4 5; do
		run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" \
			"RCPT TO:<$BOB>" DATA "Subject: x" "" x .
		has "$output" '^250 2\.0\.0 Ok: '
		[ "$sent" -ge 4 ] || hasnt "$(cat "$(log_file)")" ' rate '
	done
	is 1 "$(grep -c ' rate ip=local user=alice@example.test rule=user_messages_per_hour count=4$' "$(log_file)")"
	run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" RSET "MAIL FROM:<$ALICE>"
	is 2 "$(grep -c '^450 4\.7\.1 You have sent too much' <<<"$output")"
	logged ' refused ip=local user=alice@example\.test .*rule=user_messages_per_hour answer="450'
	run -0 as_user "$BOB_PLAIN" "MAIL FROM:<$BOB>"
	has "$output" '^250 2\.1\.0'
	# strangers are none of it
	run -0 smtp_session < <(lines "EHLO a"; message_lines a@elsewhere.test)
	has "$output" '^250 2\.0\.0 Ok: '
	is 6 "$(count bob)"
}

@test "user_recipients_per_day: a user reaches so many, the others later" {
	setting user_recipients_per_day 3
	run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>" \
		"RCPT TO:<nobody@example.test>" "RCPT TO:<$ALICE>" \
		"RCPT TO:<$BOB>" "RCPT TO:<$BOB>" DATA "Subject: x" "" x .
	is 3 "$(grep -c '^250 2\.1\.5' <<<"$output")"
	is 1 "$(grep -c '^450 4\.7\.1' <<<"$output")"
	has "$output" '^250 2\.0\.0 Ok: '
	run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>"
	has "$output" '^450 4\.7\.1'
	setting user_recipients_per_day 0
	run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>"
	has "$output" '^250 2\.1\.5'
}

@test "counts that are damaged or cannot be had keep nobody from sending" {
	local how
	for how in "rm -f" "truncate -s 0" "cp /etc/passwd" "rm -f"; do
		run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>"
		has "$output" '^250 2\.1\.5'
		$how "$BESACE_VAR/outgoing"
	done
	mkdir "$BESACE_VAR/outgoing"
	run -0 as_user "$ALICE_PLAIN" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>"
	has "$output" '^250 2\.1\.5'
}

@test "a filter does not outlive the session that was killed" {
	printf '#!/bin/sh\necho $$ >%s\nexec sleep 600\n' "$BATS_TEST_TMPDIR/pid" \
		>"$BATS_TEST_TMPDIR/hang"
	chmod 755 "$BATS_TEST_TMPDIR/hang"
	setting inbound_filters "$BATS_TEST_TMPDIR/hang"
	smtp_session < <(lines "EHLO a"; message_lines a@elsewhere.test) \
		>/dev/null 3>&- &
	wait_until 10 test -s "$BATS_TEST_TMPDIR/pid"
	local filter back
	filter=$(cat "$BATS_TEST_TMPDIR/pid")
	back=$(sed -n 's/^smtp-session\[\([0-9]*\)\]: - connect.*/\1/p' "$(log_file)")
	is smtp-session "$(cat "/proc/$back/comm")"
	kill -KILL "$back"
	wait_until 10 gone "$filter"
}

@test "few descriptors: 421 or 4xx and a line in the log, never silence" {
	if sanitized; then
		skip "the checking build needs some for itself"
	fi
	local n answered=0
	for n in 4 5 6 7 8 9 10 12 14 16 20 24; do
		: >"$(log_file)"
		run bash -c 'exec 2>>"$3"; ulimit -n "$1"; exec "$2"' - \
			"$n" "$BIN/smtp-session" "$(log_file)" \
			< <(lines "EHLO a"; message_lines a@elsewhere.test; lines QUIT)
		if has "$output" '^250 2\.0\.0 Ok: ' >/dev/null; then
			answered=$((answered + 1))
		else
			has "$output" '^4[25]1 4'
			logged ' error '
		fi
	done
	is "$answered" "$(count bob)"
	[ "$answered" -gt 0 ]
}
