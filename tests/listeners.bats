#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The same session programs under every listener there is, and under none.

load lib/helpers

setup_file()
{
	instance_new -o inbound_filters=
}

setup()
{
	mail_clear
	PORT=$(free_port)
	LOG=$(log_file)
}

teardown()
{
	[ -z "${LISTENER-}" ] || kill "$LISTENER" 2>/dev/null || true
}

# One mail to bob over the port.
mail_over_port()
{
	"$LIB/transcript" --connect "127.0.0.1:$PORT" - <<-'END'
	S~ 220 \S+ ESMTP
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: by port
	C: 
	C: text
	C: .
	S* 250
	C: QUIT
	S* 221
	S$
	END
	is 1 "$(count bob)"
}

imap_over_port()
{
	"$LIB/transcript" --connect "127.0.0.1:$PORT" - <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S.. a OK
	C: b SELECT INBOX
	S.. b OK
	C: c LOGOUT
	S: * BYE
	S.. c OK
	S$
	END
}

# starts COMMAND...: a listener on $PORT.
starts()
{
	"$@" >>"$LOG" 2>&1 3>&- &
	LISTENER=$!
	wait_until 5 listening "$PORT"
}

@test "tcpserver: smtp-session" {
	starts tcpserver -HRl0 127.0.0.1 "$PORT" "$BIN/smtp-session" -s smtp
	mail_over_port
	logged 'smtp-session.*ip=127\.0\.0\.1'
	has "$(message bob)" '127\.0\.0\.1'
}

@test "a network peer's bare LF ends no line of a message, even when its commands ended so" {
	starts tcpserver -HRl0 127.0.0.1 "$PORT" "$BIN/smtp-session" -s smtp
	"$LIB/transcript" --connect "127.0.0.1:$PORT" - <<-'END'
	S* 220
	C> HELO client.example\n
	S~ (250|500)
	C: HELO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C> Subject: x\n\ntext\n.\nMAIL FROM:<carol@elsewhere.test>\n
	QUIET 0.3
	C: 
	C: .
	S~ 5(50|54)
	C: QUIT
	S* 221
	END
	no_mail_at_all
}

@test "systemd-socket-activate --accept --inetd: smtp-session" {
	starts systemd-socket-activate --accept --inetd -E BESACE_ETC \
		-E BESACE_VAR -E ASAN_OPTIONS -l "127.0.0.1:$PORT" "$BIN/smtp-session" -s smtp
	mail_over_port
	logged 'smtp-session.*ip=127\.0\.0\.1'
	has "$(message bob)" '127\.0\.0\.1'
}

@test "a connected socket as stdin and stdout, as inetd gives it" {
	"$LIB/transcript" --socket --log "$LOG" "$TRANSCRIPTS/smtp-pipelining.txt" \
		-- "$BIN/smtp-session" -s smtp
	is 1 "$(count bob)"
}

@test "smtp-session < transcript" {
	crlf <"$TRANSCRIPTS/tutorial.txt" >"$BATS_TEST_TMPDIR/transcript"
	run -0 --separate-stderr "$BIN/smtp-session" -s smtp <"$BATS_TEST_TMPDIR/transcript"
	is "220 250 250 250 354 250 221" \
		"$(tr -d '\r' <<<"$output" | sed -nE 's/^([0-9]{3}) .*/\1/p' | xargs)"
	is 1 "$(count bob)"
}

@test "port 25 is the service when none is named" {
	run -0 --separate-stderr "$BIN/smtp-session" < <(crlf <"$TRANSCRIPTS/tutorial.txt")
	is 1 "$(count bob)"
}

@test "a service that is none is a usage error" {
	run -64 "$BIN/smtp-session" -s lmtp </dev/null
	run -64 "$BIN/smtp-session" -Q </dev/null
}

@test "tcpserver: imap-session" {
	starts tcpserver -HRl0 127.0.0.1 "$PORT" "$BIN/imap-session"
	imap_over_port
	logged 'imap-session.*ip=127\.0\.0\.1'
}

@test "systemd-socket-activate --accept --inetd: imap-session" {
	starts systemd-socket-activate --accept --inetd -E BESACE_ETC \
		-E BESACE_VAR -E ASAN_OPTIONS -l "127.0.0.1:$PORT" "$BIN/imap-session"
	imap_over_port
	logged 'imap-session.*ip=127\.0\.0\.1'
}

@test "imap-session on pipes" {
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S.. a OK
	C: b LOGOUT
	S.. b OK
	S$
	END
}

@test "a session without an instance says so and answers 4xx" {
	BESACE_ETC=$BATS_TEST_TMPDIR/nowhere run "$BIN/smtp-session" \
		< <(crlf <"$TRANSCRIPTS/tutorial.txt")
	has "$output" '^4[25]1 4\.'
	has "$output" 'nowhere/settings\.cdb'
}
