#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What EHLO offers besides TLS, AUTH and CHUNKING: each keyword, its
# parameters, and what becomes of them.

load lib/helpers
load lib/facts

setup_file()
{
	instance_new
	printf '%s\n' bücher.test >>"$BESACE_ETC/domains"
	printf '%s\n' 'jörg@bücher.test bücher.test/jörg/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	facts_setup
}

setup()
{
	mail_clear
	facts_clear
}

@test "EHLO names what is offered, inside TLS and outside, and nothing else" {
	run smtp_session -s smtp < <(printf 'EHLO client.example\r\nQUIT\r\n')
	is "250-8BITMIME 250-DSN 250-ENHANCEDSTATUSCODES 250-HELP 250-LIMITS-MAILMAX=1000-RCPTMAX=1000 250-PIPELINING 250-SIZE-52428800 250-SMTPUTF8 250-STARTTLS" \
		"$(tr -d '\r' <<<"$output" | sed -n 's/^250[- ]\([A-Z0-9].*\)/250-\1/p' |
			grep -vE "AUTH|CHUNKING|250-$(hostname)|Ok" | tr ' ' - | sort | xargs)"
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 ^250[- ]REQUIRETLS$
	C: EHLO client.example
	S! 250 STARTTLS
	C: HELO client.example
	S~ 250 \S
	C: QUIT
	S* 221
	END
}

@test "what is not offered is not there: XCLIENT, ETRN, BURL, EXPN, BINARYMIME" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S! 250 (XCLIENT|XFORWARD|ETRN|BURL|EXPN|BINARYMIME)
	C: HELP
	S! 214 (XCLIENT|XFORWARD|ETRN|BURL)
	C: XCLIENT ADDR=192.0.2.1
	S* 500
	C: XFORWARD NAME=x
	S* 500
	C: ETRN example.test
	S* 500
	C: BURL imap://x LAST
	S* 500
	C: EXPN staff
	S* 502
	C: MAIL FROM:<carol@elsewhere.test> BODY=BINARYMIME
	S* 501
	C: QUIT
	S* 221
	END
}

@test "HELP names the commands, and how one is written" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: HELP
	S* 214 MAIL.*RCPT.*DATA
	C: HELP mail
	S* 214 MAIL FROM:<path>
	C: HELP BDAT
	S* 214 BDAT
	C: HELP XYZZY
	S* 504
	C: QUIT
	S* 221
	END
}

@test "DSN: what was said of the envelope reaches the filters and the delivery, one line a recipient" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test> RET=hdrs ENVID=QQ+2B314159 BODY=8bitmime
	S* 250 2\.1\.0
	C: RCPT TO:<bob@example.test> NOTIFY=delay,Success ORCPT=rfc822;robert@elsewhere.test
	S* 250 2\.1\.5
	C: RCPT TO:<alice@example.test>
	S* 250
	C: RCPT TO:<bob+x@example.test> NOTIFY=NEVER
	S* 250
	C: DATA
	S* 354
	C: Subject: dsn
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	local who
	for who in filter delivery; do
		is '[HDRS]' "$(fact DSN_RET $who)"
		is '[QQ+2B314159]' "$(fact ENVELOPE_ID $who)"
		is '[8BITMIME]' "$(fact BODY $who)"
		is '' "$(fact SMTPUTF8 $who)"
		is '[NOTIFY=SUCCESS,DELAY ORCPT=rfc822;robert@elsewhere.test

NOTIFY=NEVER
]' "$(fact RECIPIENT_OPTIONS $who)"
	done
	is 1 "$(count alice)"
}

@test "DSN: the options of one message are not those of the next" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test> RET=FULL ENVID=a SMTPUTF8
	S* 250
	C: RCPT TO:<bob@example.test> NOTIFY=NEVER
	S* 250
	C: RSET
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: x
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is '' "$(for n in DSN_RET ENVELOPE_ID SMTPUTF8 RECIPIENT_OPTIONS; do
		fact $n
	done)"
}

@test "DSN: wrong values are refused, whatever they decode to" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test> ENVID=a+0D+0AX-Evil:+20b
	S* 501 5\.5\.4
	C: MAIL FROM:<carol@elsewhere.test> ENVID=a\0b
	S* 501
	C: MAIL FROM:<carol@elsewhere.test> RET=ALL
	S* 501
	C: MAIL FROM:<carol@elsewhere.test> RET=FULL RET=FULL
	S* 501
	C: MAIL FROM:<carol@elsewhere.test> AUTH=a+0Ab
	S* 501
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test> ORCPT=rfc822;a+0Ab
	S* 501
	C: RCPT TO:<bob@example.test> ORCPT=rfc822;a+00
	S* 501
	C: RCPT TO:<bob@example.test> NOTIFY=NEVER,SUCCESS
	S* 501
	C: RCPT TO:<bob@example.test> RET=FULL
	S* 555
	C: DATA
	S* 503
	C: QUIT
	S* 221
	END
	no_mail_at_all
}

@test "REQUIRETLS: inside TLS only" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S! 250 REQUIRETLS
	C: MAIL FROM:<carol@elsewhere.test> REQUIRETLS
	S* 555 5\.5\.4
	C: STARTTLS
	S* 220
	TLS
	C: EHLO client.example
	S* 250 ^250[- ]REQUIRETLS$
	C: MAIL FROM:<carol@elsewhere.test> REQUIRETLS=1
	S* 501
	C: MAIL FROM:<carol@elsewhere.test> REQUIRETLS
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: x
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is '[1]' "$(fact REQUIRETLS)"
}

@test "SMTPUTF8: addresses beyond ASCII with it, 553 5.6.7 without" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carøl@elsewhere.test>
	S* 553 5\.6\.7
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<jörg@bücher.test>
	S* 553 5\.6\.7
	C: RCPT TO:<jörg@xn--bcher-kva.test>
	S* 553 5\.6\.7
	C: RSET
	S* 250
	C: MAIL FROM:<carøl@elsewhere.test> SMTPUTF8=yes
	S* 501
	C: MAIL FROM:<car\xc3@elsewhere.test> SMTPUTF8
	S* 501
	C: MAIL FROM:<carol@xn--abc-.test> SMTPUTF8
	S* 501
	C: MAIL FROM:<carøl@äpfel.test> SMTPUTF8
	S* 250
	C: RCPT TO:<jörg@bücher.test>
	S* 250
	C: RCPT TO:<nobody@bücher.test>
	S* 550 5\.1\.1
	C: RCPT TO:<jörg@andere-bücher.test>
	S~ 55[04] 5\.7\.1
	C: RCPT TO:<bob@example.test> ORCPT=utf-8;bøb@example.test
	S* 250
	C: DATA
	S* 354
	C: From: <carøl@äpfel.test>
	C: Subject: grüße
	C: 
	C: grüße
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is '[1]' "$(fact SMTPUTF8)"
	is '[carøl@äpfel.test]' "$(fact SENDER)"
	is '[jörg@bücher.test bob@example.test ]' "$(fact RECIPIENTS | tr '\n' ' ')"
	local file text
	file=$(find "$MAIL/bücher.test/jörg/new" -type f)
	text=$(sed -z 's/\n[ \t]/ /g' "$file")
	has "$text" '^Delivered-To: jörg@bücher\.test$'
	has "$text" '^Return-Path: <carøl@äpfel\.test>$'
	has "$text" '^Received: .* with UTF8SMTP id '
	has "$text" '^grüße$'
	is 1 "$(count bob)"
}

@test "SMTPUTF8: each spelling of a domain is the same mailbox; Received says UTF8SMTPS and UTF8SMTPSA" {
	local to
	for to in 'jörg@BÜCHER.test' 'jörg@xn--bcher-kva.test' $'jo\xcc\x88rg@bu\xcc\x88cher.test'; do
		smtp_tls_dialogue <<-END
		S* 220
		C: EHLO client.example
		S* 250
		C: AUTH PLAIN $ALICE_PLAIN
		S* 235
		C: MAIL FROM:<alice@example.test> SMTPUTF8
		S* 250
		C: RCPT TO:<$to>
		S* 250
		C: DATA
		S* 354
		C: Subject: x
		C: 
		C: .
		S* 250
		C: QUIT
		S* 221
		END
	done
	is 3 "$(find "$MAIL/bücher.test/jörg/new" -type f | wc -l)"
	is 3 "$(find "$MAIL/bücher.test/jörg/new" -type f -exec grep -l 'with UTF8SMTPSA id' {} + | wc -l)"
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: STARTTLS
	S* 220
	TLS
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test> SMTPUTF8
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: x
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message bob)" 'with UTF8SMTPS id'
}

@test "SMTPUTF8: VRFY with an address beyond ASCII" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: VRFY jörg@bücher.test
	S* 553 5\.6\.7
	C: VRFY jörg@bücher.test SMTPUTF8
	S* 252 2\.5\.
	C: VRFY j\xc3rg@bücher.test SMTPUTF8
	S* 501
	C: VRFY bob@example.test smtputf8
	S* 252
	C: VRFY bob@example.test
	S* 252
	C: QUIT
	S* 221
	END
}

@test "SMTPUTF8: a refusal that names an address beyond ASCII keeps its reason, in ASCII" {
	printf '%s\n' '#!/bin/sh' 'echo "4.2.2 <jörg@bücher.test>: mailbox is full" >&2' \
		'exit 75' >"$FACTS/full"
	chmod 755 "$FACTS/full"
	setting virtual_transport "$FACTS/full"
	run "$BIN/smtp-session" -s smtp < <(printf '%s\r\n' 'EHLO a.example' \
		'MAIL FROM:<carol@elsewhere.test> SMTPUTF8' 'RCPT TO:<jörg@bücher.test>' \
		DATA 'a: b' '' . QUIT)
	setting virtual_transport "$FACTS/store"
	has "$output" '^452 4\.2\.2 <j\?\?rg@b\?\?cher\.test>: mailbox is full'
}

@test "an A-label needs no SMTPUTF8" {
	printf '%s\n' 'bob@bücher.test bücher.test/bob/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	mail_text | send_plain bob@xn--bcher-kva.test
	has "$(cat "$MAIL"/bücher.test/bob/new/*)" '^Delivered-To: bob@xn--bcher-kva\.test$'
}

@test "PIPELINING: the replies to a group come in one write" {
	PYTHONPATH=$LIB PYTHONDONTWRITEBYTECODE=1 LOG=$(log_file) python3 - <<-'END'
	import socket
	from smtpwire import Session

	# a packet of this socket is what one write of the server's made
	def group(s, octets, codes):
	    s.sock.send(octets)
	    got = s.sock.recv(65536)
	    lines = got.split(b"\r\n")[:-1]
	    assert [line[:3] for line in lines if line[3:4] == b" "] == codes, got

	s = Session(kind=socket.SOCK_SEQPACKET)
	assert s.sock.recv(65536)[:3] == b"220"
	group(s, b"EHLO client.example\r\n", [b"250"])
	group(s, b"MAIL FROM:<carol@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\n"
	      b"RCPT TO:<nobody@example.test>\r\nDATA\r\n",
	      [b"250", b"250", b"550", b"354"])
	group(s, b"a: b\r\n\r\n.\r\n", [b"250"])
	group(s, b"RSET\r\nMAIL FROM:<carol@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\n"
	      b"BDAT 6\r\na: b\r\nBDAT 2 LAST\r\n\r\nNOOP\r\nQUIT\r\n",
	      [b"250", b"250", b"250", b"250", b"250", b"250", b"221"])
	s.server.wait(20)
	END
	is 2 "$(count bob)"
}

@test "LIMITS: RCPTMAX is smtpd_recipient_limit, MAILMAX smtpd_session_message_limit" {
	instance_new -o smtpd_recipient_limit=7 -o smtpd_session_message_limit=3
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 ^250[- ]LIMITS MAILMAX=3 RCPTMAX=7$
	C: QUIT
	S* 221
	END
	setting smtpd_session_message_limit 0
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 ^250[- ]LIMITS RCPTMAX=7$
	C: QUIT
	S* 221
	END
}

@test "options of many recipients that would not fit in an environment are put off with 452" {
	local n long
	long=$(printf '%0480d' 0)
	{
		printf 'EHLO client.example\r\nMAIL FROM:<carol@elsewhere.test>\r\n'
		for ((n = 0; n < 300; n++)); do
			printf 'RCPT TO:<bob+%d@example.test> ORCPT=rfc822;%s\r\n' "$n" "$long"
		done
		printf 'DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n'
	} >"$BATS_TEST_TMPDIR/input"
	run smtp_session -s smtp <"$BATS_TEST_TMPDIR/input"
	has "$output" '^452 4\.5\.3'
	has "$output" '^250 2\.0\.0 Ok: '
	is 1 "$(count bob)"
	is "$(fact RECIPIENTS | wc -l)" "$(fact RECIPIENT_OPTIONS | wc -l)"
}
