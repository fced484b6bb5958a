#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What relay makes of a server's extensions: SIZE, 8BITMIME, SMTPUTF8, DSN,
# REQUIRETLS.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
	server_start </dev/null
}

teardown()
{
	relay_end
}

# offers KEYWORD...: in the next connections, and nothing else.
offers()
{
	local lines=
	while (($#)); do
		lines+="\\n250$([ $# = 1 ] && echo ' ' || echo -)$1"
		shift
	done
	echo "EHLO reply 250-hostile.test${lines:-\\n250 }" >"$RULES"
	: >"$SERVER_LOG"
}

# told VERB: what the server was told by this command.
told()
{
	sed -n "s/^[0-9]* $1 //p" "$SERVER_LOG"
}

put()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	queue_put aaa example.net "$@"
}

# answered PATTERN: each recipient so.
answered()
{
	run -0 relay example.net aaa
	has "$output" "$1"
}

@test "SIZE is told and looked at" {
	offers 'SIZE 200'
	printf 'a\nb\n\nc\n' | put "$ALICE" bob@example.net
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test> SIZE=11' "$(told MAIL)"
	offers 'SIZE 200'
	head -c 300 /dev/zero | tr '\0' x | put "$ALICE" bob@example.net
	answered ' failed bob@example.net "5\.3\.4 '
	is '' "$(told MAIL)"
	offers SIZE
	head -c 300 /dev/zero | tr '\0' x | put "$ALICE" bob@example.net
	answered ' relayed '
	offers 'SIZE 0'
	head -c 300 /dev/zero | tr '\0' x | put "$ALICE" bob@example.net
	answered ' relayed '
}

@test "8BITMIME: said when it is needed; without it, converted or as it is" {
	offers 8BITMIME
	printf 'Subject: x\n\ngrün\n' | put "$ALICE" bob@example.net
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test> BODY=8BITMIME' "$(told MAIL)"
	offers 8BITMIME
	mail_text | put "$ALICE" bob@example.net -- 'Body: 8BITMIME'
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test>' "$(told MAIL)"
	offers
	mail_text | put "$ALICE" bob@example.net -- 'Body: 8BITMIME'
	answered ' relayed '
	printf 'Subject: x\n\ngrün\n' | put "$ALICE" bob@example.net
	answered ' relayed '
	grep -q 'gr=C3=BCn' "$SERVER_MAIL/$(received)"
	setting smtp_send_8bit_undeclared yes
	offers
	printf 'Subject: x\n\ngrün\n' | put "$ALICE" bob@example.net
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test>' "$(told MAIL)"
	grep -q grün "$SERVER_MAIL/$(received)"
}

@test "SMTPUTF8: said when it is needed; without it, what can be said otherwise" {
	offers SMTPUTF8 8BITMIME
	mail_text | put 'jörg@example.test' bob@example.net -- 'Smtputf8: yes'
	answered ' relayed '
	is 'MAIL FROM:<jörg@example.test> SMTPUTF8' "$(told MAIL)"
	offers SMTPUTF8 8BITMIME
	mail_text | put "$ALICE" bob@example.net -- 'Smtputf8: yes'
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test>' "$(told MAIL)"
	offers SMTPUTF8 8BITMIME
	printf 'Subject: grün\n\nx\n' | put "$ALICE" bob@example.net -- 'Smtputf8: yes'
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test> BODY=8BITMIME SMTPUTF8' "$(told MAIL)"
	offers 8BITMIME
	printf 'Subject: grün\n\nx\n' | put "$ALICE" bob@example.net -- 'Smtputf8: yes'
	answered ' failed bob@example.net "5\.6\.9 '
	mail_text | put 'jörg@example.test' bob@example.net -- 'Smtputf8: yes'
	answered ' failed bob@example.net "5\.6\.7 '
	offers 8BITMIME
	mail_text | put 'alice@bücher.test' bob@example.net jörg@example.net carol@bücher.test -- 'Smtputf8: yes'
	answered ' relayed bob@example.net '
	has "$output" ' failed "?j.*rg@example\.net"? "5\.6\.7 '
	is 'MAIL FROM:<alice@xn--bcher-kva.test>' "$(told MAIL)"
	is 'RCPT TO:<bob@example.net>
RCPT TO:<carol@xn--bcher-kva.test>' "$(told RCPT)"
}

@test "DSN is passed on where it is offered, and noted where it is not" {
	offers DSN
	mail_text | put "$ALICE" 'bob@example.net|Notify: SUCCESS,FAILURE
Original-Recipient: rfc822;bobby@example.test' 'carol@example.net|Notify: NEVER' \
		-- 'Envelope-Id: p+2B1' 'Return: HDRS'
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test> RET=HDRS ENVID=p+2B1' "$(told MAIL)"
	is 'RCPT TO:<bob@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bobby@example.test
RCPT TO:<carol@example.net> NOTIFY=NEVER' "$(told RCPT)"
	is gone "$(queue_state aaa)"
	offers
	mail_text | put "$ALICE" 'bob@example.net|Notify: SUCCESS' -- 'Envelope-Id: p+2B1' 'Return: FULL'
	answered ' relayed '
	is 'MAIL FROM:<alice@example.test>' "$(told MAIL)"
	is 'RCPT TO:<bob@example.net>' "$(told RCPT)"
	# the notice that it was relayed is still to be written
	is 'relayed 250 2.0.0' "$(queue_state aaa)"
	is '' "$(queue_value aaa Notified)"
}

@test "nothing in a queue file becomes a command, or more of one" {
	offers DSN
	mail_text | put 'alice@example.test> SIZE=1' bob@example.net
	answered ' failed bob@example.net "5\.6\.7 '
	mail_text | put "$ALICE" 'x>y@example.net' 'carol@example.net' 'z y@example.net'
	answered ' relayed carol@example\.net '
	is 2 "$(grep -c ' failed .*"5\.1\.3 ' <<<"$output")"
	# a control octet is nothing that was ever written: the file is damaged
	mail_text | put "$ALICE" 'bob@example.net\x0d\x0aQUIT' 'carol@example.net'
	: >"$SERVER_LOG"
	run -75 relay example.net aaa
	is '' "$(told RCPT)"
	mail_text | put "$ALICE" 'bob@example.net|Original-Recipient: rfc822;a b' -- 'Envelope-Id: x y'
	answered ' relayed '
	is 'RCPT TO:<bob@example.net>' "$(told RCPT | tail -n 1)"
	is 'MAIL FROM:<alice@example.test>' "$(told MAIL | tail -n 1)"
	is '' "$(told RCPT | grep bob@ | grep -vx 'RCPT TO:<bob@example.net>')"
}

@test "REQUIRETLS is not sent where it cannot be kept" {
	offers REQUIRETLS
	mail_text | put "$ALICE" bob@example.net -- 'Require-Tls: yes'
	answered ' failed bob@example.net "5\.7\.30 '
	is '' "$(told MAIL)"
}
