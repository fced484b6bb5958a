#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# IMAP clients people use, against the ports of a running instance.

load lib/helpers

setup_file()
{
	instance_new
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
}

# curl_imap PATH [OPTION]...: as bob, in TLS.
curl_imap()
{
	local path=$1
	shift
	curl -sS --max-time 30 --insecure --user "$BOB:$BOB_PASSWORD" \
		"imaps://127.0.0.1:$IMAPS/$path" "$@"
}

@test "S86 openssl s_client shows the greeting of imaps" {
	run -0 timeout 20 openssl s_client -quiet -connect "127.0.0.1:$IMAPS" \
		< <(sleep 0.5; printf 'a LOGOUT\r\n'; sleep 0.5)
	has "$output" '^\* OK'
	has "$output" '^a OK'
}

@test "S85 curl lists, selects, reads and searches" {
	mail_text 'first one' 'Read me.' | "$BIN/deliver" "$BOB"
	mail_text 'second one' | "$BIN/deliver" "$BOB"
	run -0 curl_imap ''
	has "$output" '^\* LIST \(.*\) "\." "?INBOX"?'
	has "$output" '^\* LIST \(.*\) "\." "?Junk"?'
	run -0 curl_imap '' -X 'EXAMINE INBOX'
	has "$output" '^\* 2 EXISTS'
	run -0 curl_imap 'INBOX;MAILINDEX=1'
	has "$output" '^Subject: first one'
	has "$output" '^Read me\.'
	run -0 curl_imap 'INBOX?SUBJECT%20second'
	has "$output" '^\* SEARCH 2'
}

@test "curl reads with STARTTLS on the clear port" {
	mail_text 'in starttls' | "$BIN/deliver" "$BOB"
	run -0 curl -sS --max-time 30 --insecure --ssl-reqd \
		--user "$BOB:$BOB_PASSWORD" "imap://127.0.0.1:$IMAP/INBOX;MAILINDEX=1"
	has "$output" '^Subject: in starttls'
}

@test "curl appends a message, byte by byte" {
	mail_text 'appended' $'Gr\303\274\303\237e' | crlf >"$BATS_TEST_TMPDIR/m"
	run -0 curl_imap INBOX -T "$BATS_TEST_TMPDIR/m"
	curl_imap 'INBOX;MAILINDEX=1' >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/m" "$BATS_TEST_TMPDIR/got"
}

@test "S88 the login's letter case does not matter" {
	run -0 curl -sS --max-time 30 --insecure --user "BOB@Example.Test:$BOB_PASSWORD" \
		"imaps://127.0.0.1:$IMAPS/" -X 'NOOP'
	run curl -sS --max-time 30 --insecure --user "$BOB:wrong" \
		"imaps://127.0.0.1:$IMAPS/" -X 'NOOP'
	[ "$status" -eq 67 ]
}

@test "Python's imaplib: a whole session, IDLE and UTF8=ACCEPT too" {
	run -0 timeout 100 "$LIB/imaplib-session" "$IMAPS" "$BOB" "$BOB_PASSWORD"
}

@test "S100: an account that is added while the server runs is served at once" {
	printf 'a password\n' | "$BIN/besace" user add carol@example.test --password-stdin
	mail_text 'for the new one' | "$BIN/deliver" carol@example.test
	run -0 curl -sS --max-time 30 --insecure --user 'carol@example.test:a password' \
		"imaps://127.0.0.1:$IMAPS/INBOX;MAILINDEX=1"
	has "$output" '^Subject: for the new one'
	printf 'another\n' | "$BIN/besace" user password carol@example.test --password-stdin
	run -67 curl -sS --max-time 30 --insecure --user 'carol@example.test:a password' \
		"imaps://127.0.0.1:$IMAPS/INBOX;MAILINDEX=1"
}
