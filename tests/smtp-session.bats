#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The SMTP dialogue of port 25, over pipes: every verb with good cases, wrong
# parameters and wrong states. The dialogues are transcripts/smtp-*.txt.

load lib/helpers

setup_file()
{
	instance_new -o smtpd_hard_error_limit=100
}

setup()
{
	mail_clear
}

dialogue()
{
	"$LIB/transcript" --log "$(log_file)" "$TRANSCRIPTS/$1" -- \
		"$BIN/smtp-session" -s smtp
}

@test "HELO and EHLO: name, extensions, a new one resets" {
	dialogue smtp-helo.txt
}

@test "MAIL: paths, parameters, order" {
	dialogue smtp-mail.txt
}

@test "MAIL before a greeting is out of order" {
	dialogue smtp-mail-first.txt
}

@test "RCPT: paths, parameters, order; S30 S31 unknown users and strangers' relay are refused" {
	dialogue smtp-rcpt.txt
}

@test "DATA: order, and two messages in a session" {
	dialogue smtp-data.txt
	is 2 "$(count bob)"
}

@test "RSET" {
	dialogue smtp-rset.txt
}

@test "NOOP, VRFY, HELP, QUIT, unknown verbs" {
	dialogue smtp-other-verbs.txt
}

@test "PIPELINING: a transaction in one write" {
	dialogue smtp-pipelining.txt
	is 1 "$(count bob)"
	has "$(message bob)" '^Subject: pipelined$'
}

@test "bytes that come in pieces" {
	dialogue smtp-pieces.txt
	is "text
.dot" "$(message bob | sed '1,/^$/d')"
}

@test "the session byte by byte, and with pauses at no place in particular" {
	local input=$BATS_TEST_TMPDIR/input
	printf '%s\r\n' 'EHLO a.example' 'MAIL FROM:<c@elsewhere.test>' \
		'RCPT TO:<bob@example.test>' DATA 'Subject: slow' '' '..' \
		'...' . QUIT >"$input"
	# one write(2) for each byte
	run -0 bash -c 'dd bs=1 status=none if="$1" | "$BIN/smtp-session" -s smtp 2>/dev/null' - "$input"
	has "$output" '^221 '
	is ".
.." "$(message bob | sed '1,/^$/d')"
}

@test "a command line without end is refused as a whole" {
	LONG=$(head -c 70000 /dev/zero | tr '\0' x)
	export LONG
	dialogue smtp-long-line.txt
}

@test "CR, NUL and control bytes in commands are refused" {
	dialogue smtp-bare-ends-in-commands.txt
}

@test "a session that is cut off in DATA leaves nothing" {
	printf '%s\r\n' 'EHLO a.example' 'MAIL FROM:<c@elsewhere.test>' \
		'RCPT TO:<bob@example.test>' DATA 'Subject: cut' '' 'text' |
		smtp_session -s smtp >/dev/null || true
	no_mail_at_all
}

@test "the end of input without QUIT ends the session" {
	run -0 --separate-stderr "$BIN/smtp-session" -s smtp </dev/null
	has "$output" '^220 '
}

@test "too many errors end the session with 421" {
	instance_new -o smtpd_hard_error_limit=3
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C| BOGUS
	C| BOGUS
	C| BOGUS
	C| BOGUS
	C: BOGUS
	S~ 500
	S~ 500
	S.~ 421 4\.
	S$
	END
}

@test "a client that says nothing is sent away in time" {
	instance_new -o smtpd_timeout=1s
	smtp_dialogue -s smtp <<-'END'
	S* 220
	S~ 421 4\.4\.2
	S$
	END
}

@test "more recipients than the limit: 452, those before it are kept" {
	instance_new -o smtpd_recipient_limit=2
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: RCPT TO:<bob+three@example.test>
	S* 452 4\.5\.3
	C: DATA
	S* 354
	C: Subject: two
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is 1 "$(count alice)"
	is 1 "$(count bob)"
}

@test "the log has one line for the connection and one for the message, with its id" {
	LOG=$(log_file)
	mail_text | send_plain "$BOB"
	logged '^smtp-session\[[0-9]+\]: '
	local id
	id=$(sed -nE 's/^deliver\[[0-9]+\]: (\S+) .*to=.*/\1/p' "$LOG" | head -1)
	[ -n "$id" ] && [ "$id" != - ]
	logged "^smtp-session\[[0-9]+\]: $id .*"
	has "$(message bob)" "^\s*(Received:.*)?.*$id"
}
