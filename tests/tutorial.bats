#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail by hand: the dialogue that tutorials type into telnet.

load lib/helpers

setup_file()
{
	instance_new
}

setup()
{
	mail_clear
}

@test "S66 the tutorial's dialogue, typed at once, delivers" {
	run -0 --separate-stderr "$BIN/smtp-session" -s smtp \
		< <(crlf <"$TRANSCRIPTS/tutorial.txt")
	is "220 250 250 250 354 250 221" \
		"$(tr -d '\r' <<<"$output" | sed -nE 's/^([0-9]{3}) .*/\1/p' | xargs)"
	has "$(message bob)" '^subject: test$'
	has "$(message bob)" '^This is a test\.$'
	has "$(message bob)" '^Return-Path: <someone@elsewhere\.test>$'
}

@test "S66 the tutorial's dialogue, line after line, delivers" {
	{
		echo 'S* 220'
		awk '
		/^data/ { print "C: " $0; print "S* 354"; text = 1; next }
		text && $0 != "." { print "C: " $0; next }
		{ print "C: " $0; text = 0; print /^quit/ ? "S* 221" : "S* 250" }
		' "$TRANSCRIPTS/tutorial.txt"
		echo 'S$'
	} | smtp_dialogue -s smtp
	is 1 "$(count bob)"
}

@test "S66 the tutorial's dialogue from a file with this machine's line ends delivers" {
	run -0 --separate-stderr "$BIN/smtp-session" -s smtp <"$TRANSCRIPTS/tutorial.txt"
	has "$output" '^221 '
	has "$(message bob)" '^This is a test\.$'
	is 0 "$(message bob | grep -c $'\r')"
}

@test "S66 addresses without angle brackets, as people type them" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: helo test
	S* 250
	C: mail from:someone@elsewhere.test
	S* 250
	C: rcpt to: bob@example.test
	S* 250
	C: data
	S* 354
	C: subject: bare
	C: 
	C: text
	C: .
	S* 250
	C: quit
	S* 221
	END
	has "$(message bob)" '^subject: bare$'
}

@test "S66 telnet to port 25 of a running instance" {
	instance_serve
	run "$LIB/transcript" --connect "127.0.0.1:$SMTP" - <<-'END'
	S* 220
	C: ehlo test
	S* 250
	C: mail from:<someone@elsewhere.test>
	S* 250
	C: rcpt to:<bob@example.test>
	S* 250
	C: data
	S* 354
	C: subject: test
	C: 
	C: This is a test.
	C: .
	S* 250
	C: quit
	S* 221
	S$
	END
	instance_stop
	is 0 "$status"
	is 1 "$(count bob)"
}
