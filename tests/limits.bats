#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a slow, greedy or clumsy peer, and a system short of everything, may not
# do: hold a session for ever, be cut off without fault, lose what was promised.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
}

teardown()
{
	instance_stop
	[ -z "${OWN_DIR-}" ] || rm -rf "$OWN_DIR"
}

lines()
{
	printf '%s\r\n' "$@"
}

@test "errors are counted from replies, not from what EHLO lists" {
	setting smtpd_hard_error_limit 3
	run -0 smtp_session < <(lines "EHLO a" "EHLO b" "EHLO c" "EHLO d" \
		"MAIL FROM:<a@elsewhere.test>" x x x "RCPT TO:<$BOB>" QUIT)
	has "$output" '^250 2\.1\.5'
	has "$output" '^221'
	hasnt "$output" '^421'
	run -0 smtp_session < <(lines "EHLO a" x x x x NOOP)
	has "$output" '^421 4\.7\.0'
	hasnt "$output" '^250 2\.0\.0'
}

@test "recipients over the limit are not errors: the others get the mail" {
	setting smtpd_recipient_limit 2
	setting smtpd_hard_error_limit 3
	run -0 smtp_session < <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<$BOB>" "RCPT TO:<$ALICE>" "RCPT TO:<$BOB>" \
		"RCPT TO:<$BOB>" "RCPT TO:<$BOB>" "RCPT TO:<$BOB>" \
		"RCPT TO:<$BOB>" DATA "Subject: x" "" text . QUIT)
	is 5 "$(grep -c '^452 4\.5\.3' <<<"$output")"
	has "$output" '^250 2\.0\.0 Ok: '
	is 1 "$(count bob)"
}

@test "a header cut by a filter is noticed though there is no body" {
	printf '#!/bin/sh\nexec head -c 200\n' >"$BATS_TEST_TMPDIR/cut"
	chmod 755 "$BATS_TEST_TMPDIR/cut"
	setting inbound_filters "$BATS_TEST_TMPDIR/cut"
	run -0 smtp_session < <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<$BOB>" DATA "Subject: x" \
		"X-Long: $(printf 'x%.0s' {1..300})" . QUIT)
	has "$output" '^451 4\.3\.0'
	no_mail_at_all
	setting inbound_filters cat
	run -0 smtp_session < <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<$BOB>" DATA "Subject: only a header" . QUIT)
	has "$output" '^250 2\.0\.0 Ok: '
	has "$(message bob)" '^Subject: only a header$'
}

@test "a filter that never stops talking is ended, and does not fill the log" {
	printf '#!/bin/sh\nyes "no end" >&2\n' >"$BATS_TEST_TMPDIR/talk"
	chmod 755 "$BATS_TEST_TMPDIR/talk"
	setting inbound_filters "$BATS_TEST_TMPDIR/talk"
	setting filter_timeout 1s
	run -0 timeout 20 "$BIN/smtp-session" \
		< <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
			"RCPT TO:<$BOB>" DATA "Subject: x" "" text . QUIT)
	has "$output" '^451 4\.3\.0'
	[ "$(grep -c 'no end' <<<"$output")" -lt 300 ]
	no_mail_at_all
}

# dribble PORT TLS TEXT: says TEXT, then one octet each 0.2 s; prints how many
# seconds until the server ended the connection (or 99).
dribble()
{
	python3 - "$@" <<-'END'
	import socket, ssl, sys, time
	port, tls, text = int(sys.argv[1]), sys.argv[2] == "tls", sys.argv[3]
	s = socket.create_connection(("127.0.0.1", port))
	if tls:
	    context = ssl.create_default_context()
	    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
	    s = context.wrap_socket(s)
	start = time.monotonic()
	seconds = 99
	try:
	    s.sendall(text.encode().decode("unicode_escape").encode("latin-1"))
	    s.settimeout(0.2)
	    while time.monotonic() - start < 20:
	        s.sendall(b"\x16" if text == "" else b"A")
	        try:
	            while s.recv(4096):
	                pass
	            seconds = time.monotonic() - start
	            break
	        except (TimeoutError, socket.timeout):
	            pass
	except OSError:
	    seconds = time.monotonic() - start
	print(int(seconds))
	END
}

@test "one octet at a time holds no session: commands, DATA, logins, handshakes" {
	setting smtpd_timeout 2s
	setting imap_login_timeout 1s
	instance_serve
	[ "$(dribble "$SMTP" clear 'EHLO ')" -lt 15 ]
	[ "$(dribble "$SMTP" clear "EHLO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<$BOB>\r\nDATA\r\nSubject: ")" -lt 15 ]
	[ "$(dribble "$SUBMISSIONS" clear '')" -lt 15 ]
	[ "$(dribble "$IMAPS" clear '')" -lt 15 ]
	[ "$(dribble "$IMAP" clear 'a LOGIN ')" -lt 15 ]
	[ "$(dribble "$IMAPS" tls 'a AUTHENTICATE PLAIN\r\n')" -lt 15 ]
	no_mail_at_all
}

@test "a file size limit is 452 for the client, no dead session" {
	run -0 bash -c 'ulimit -f 100; "$0"' "$BIN/smtp-session" \
		< <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
			"RCPT TO:<$BOB>" DATA "Subject: x" ""
			head -c 300000 /dev/zero | tr '\0' x | fold -w 70 | crlf
			lines . NOOP QUIT)
	has "$output" '^4[0-9][0-9] 4\.3\.'
	has "$output" 'error what="write the message" object=memory reason="File too large"'
	has "$output" '^250 2\.0\.0 Ok'
	has "$output" '^221'
	no_mail_at_all
}

@test "a large message is taken where BESACE_VAR is a tmpfs, and where it is none" {
	local text=$BATS_TEST_TMPDIR/text
	{
		lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" "RCPT TO:<$BOB>" \
			DATA "Subject: x" ""
		head -c 3000000 /dev/zero | tr '\0' x | fold -w 70 | crlf
		lines . QUIT
	} >"$text"
	setting inbound_filters cat
	run -0 smtp_session <"$text"
	has "$output" '^250 2\.0\.0 Ok: '
	OWN_DIR=$(mktemp -d /dev/shm/besace-limits.XXXXXX)
	BESACE_VAR=$OWN_DIR run -0 smtp_session <"$text"
	has "$output" '^250 2\.0\.0 Ok: '
	is 2 "$(count bob)"
}

@test "closed descriptors at the start: no reply goes astray" {
	run -64 bash -c '"$0" 1>&- 2>/dev/null </dev/null' "$BIN/smtp-session"
	run -64 bash -c '"$0" 0<&- 2>/dev/null' "$BIN/smtp-session"
	run -64 timeout 10 bash -c '"$0" 0<&- 2>/dev/null' "$BIN/imap-session"
	run -0 bash -c '"$0" 2>&-' "$BIN/smtp-session" < <(lines QUIT)
	has "$output" '^221'
}

@test "a greeting name with odd characters cannot break the trace field" {
	run -0 smtp_session < <(lines 'EHLO (a)<x>;b=c"d\' \
		"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<$BOB>" DATA \
		"Subject: x" "" text . QUIT)
	has "$(message bob)" '^Received: from \?a\?\?x\?\?b=c\?d\? \('
}

@test "a reverse-path is checked by deliver, angle brackets in quotes are none" {
	run -64 "$BIN/deliver" -f 'a b' "$BOB" <<<'Subject: x'
	run -64 "$BIN/deliver" -f 'a@b>' "$BOB" <<<'Subject: x'
	no_mail_at_all
	run -0 smtp_session < <(lines "EHLO a" 'MAIL FROM:<"a<b"@elsewhere.test>' \
		"RCPT TO:<$BOB>" DATA "Subject: x" "" text . QUIT)
	has "$output" '^250 2\.0\.0 Ok: '
	has "$(message bob)" '^Return-Path: <"a<b"@elsewhere\.test>$'
}

@test "the last answer inside TLS arrives whole, also where all run as one user" {
	needs_root "takes on another user"
	OWN_DIR=$(mktemp -d /tmp/besace-limits.XXXXXX)
	cp -r "$BIN" "$OWN_DIR/bin"
	chmod 755 "$OWN_DIR"
	mkdir -m 700 "$OWN_DIR/home"
	chown 12345:12345 "$OWN_DIR/home"
	as=(setpriv --reuid=12345 --regid=12345 --clear-groups)
	"${as[@]}" "$OWN_DIR/bin/besace" init "$OWN_DIR/home/i" >/dev/null
	instance_use "$OWN_DIR/home/i"
	{
		mail_text large ''
		head -c 1000000 /dev/urandom | base64
	} | "${as[@]}" "$OWN_DIR/bin/deliver" "$BOB" 2>/dev/null
	BASE_PORT=$(free_base_port)
	"${as[@]}" "$OWN_DIR/bin/besace" serve "$INSTANCE" \
		--base-port "$BASE_PORT" >/dev/null 2>&1 3>&- &
	SERVE_PID=$!
	wait_until 10 listening $((BASE_PORT + 993))
	run -0 python3 - $((BASE_PORT + 993)) "$BOB" "$BOB_PASSWORD" <<-'END'
	import socket, ssl, sys
	context = ssl.create_default_context()
	context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
	whole = 0
	for _ in range(8):
	    s = context.wrap_socket(socket.create_connection(
	        ("127.0.0.1", int(sys.argv[1]))))
	    s.settimeout(20)
	    s.sendall(b"a LOGIN %s %s\r\nb SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\nd LOGOUT\r\n"
	              % (sys.argv[2].encode(), sys.argv[3].encode()))
	    got = b""
	    try:
	        while piece := s.recv(65536):
	            got += piece
	    except OSError:
	        pass
	    whole += b"\r\nd OK" in got and len(got) > 1300000
	print(whole, "whole")
	END
	is "8 whole" "$output"
}

# A line without an end, sent as fast as it is taken: the limit holds however
# much there is.
@test "an endless line ends the session at the time limit" {
	setting smtpd_timeout 1s
	setting imap_login_timeout 1s
	run -0 timeout 60 "$BIN/smtp-session" </dev/zero
	has "$output" '^421 4\.4\.2 Timeout'
	run -0 timeout 60 "$BIN/imap-session" </dev/zero
	has "$output" '^\* BYE'
}
