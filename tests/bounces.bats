#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Notices about mail: who gets one, when, and what it says, read with Python's
# email package.

load lib/helpers
load lib/queue

setup()
{
	queue_new
}

# report USER: what the one notice in his mailbox says.
report()
{
	message "$1" >"$BATS_TEST_TMPDIR/notice"
	"$LIB/report" <"$BATS_TEST_TMPDIR/notice" || { cat "$BATS_TEST_TMPDIR/notice" >&2; return 1; }
}

@test "a failure comes back as multipart/report, with the remote's words" {
	queue_mail m1 example.net fail@example.net bob@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report alice
	has "$output" '^From: Mail Delivery System <MAILER-DAEMON@'
	has "$output" '^To: alice@example.test$'
	has "$output" '^Auto-Submitted: auto-replied$'
	has "$output" '^types: text/plain message/delivery-status message/rfc822$'
	has "$output" '^<fail@example.net>$'
	hasnt "$output" 'bob@example.net'
	has "$output" '550 5.1.1 No such user here$'
	has "$output" 'There is no such address: check its spelling'
	has "$output" '^0 Reporting-MTA: dns; '
	has "$output" '^0 Arrival-Date: '
	has "$output" '^1 Final-Recipient: rfc822; fail@example.net$'
	has "$output" '^1 Action: failed$'
	has "$output" '^1 Status: 5.1.1$'
	has "$output" '^1 Remote-MTA: dns; mx.example.net$'
	has "$output" '^1 Diagnostic-Code: smtp; 550 5.1.1 No such user here$'
	has "$output" '^1 Last-Attempt-Date: '
	has "$output" '^Subject: mail m1$'
	has "$output" '^Hello Bob.$'
	has "$(cat "$BATS_TEST_TMPDIR/notice")" '^Return-Path: <>$'
}

@test "a message over bounce_size_limit, or with RET=HDRS: its header comes back" {
	local ret
	setting bounce_size_limit 100
	queue_mail m1 example.net fail@example.net
	run -0 queue_run
	run -0 report alice
	has "$output" '^types: text/plain message/delivery-status text/rfc822-headers$'
	has "$output" '^Subject: mail m1$'
	hasnt "$output" 'Hello Bob'
	setting bounce_size_limit 50000
	for ret in HDRS FULL; do
		mail_clear
		ENTRY="Return: $ret" queue_mail m2 example.net fail@example.net
		run -0 queue_run
		run -0 report alice
		if [ $ret = FULL ]; then has "$output" 'Hello Bob'; else hasnt "$output" 'Hello Bob'; fi
	done
}

@test "mail that no server takes in this form: the notice is of ASCII" {
	printf 'Subject: gr\303\274n\n\nbl\303\274ht\n' |
		queue_put new/m1 "Message-Uid: m1" "Arrival: $(ago 10)" \
			"Group: example.net" "Sender: $ALICE" \
			"Recipient: bob@example.net" "State: failed" \
			"Status: 5.6.3" "Answer: it does not take a header beyond ASCII"
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report alice
	has "$output" '^types: text/plain message/delivery-status text/rfc822-headers$'
	has "$output" '^1 Status: 5.6.3$'
	LC_ALL=C run -1 grep -q '[^ -~[:space:]]' "$BATS_TEST_TMPDIR/notice"
	has "$(cat "$BATS_TEST_TMPDIR/notice")" '^Subject: gr=C3=BCn$'
	hasnt "$(cat "$BATS_TEST_TMPDIR/notice")" '^bl'
}

@test "an original recipient of no known form is left out of the notice" {
	local type
	for type in 'rf\x0aX-Injected: c' 'r\xff' ''; do
		mail_clear
		OPTIONS="Original-Recipient: $type;bob@example.net" \
			queue_mail m1 example.net fail@example.net
		run -0 queue_run
		run -0 report alice
		has "$output" '^1 Final-Recipient: rfc822; fail@example.net$'
		hasnt "$output" 'Original-Recipient|X-Injected'
	done
	mail_clear
	OPTIONS="Original-Recipient: rfc822;bob@example.net" \
		queue_mail m1 example.net fail@example.net
	run -0 queue_run
	run -0 report alice
	has "$output" '^1 Original-Recipient: rfc822; bob@example.net$'
}

@test "a status that is none is no part of the remote's words in the notice" {
	mail_text | queue_put new/m1 "Arrival: $(ago 10)" "Group: example.net" \
		"Sender: $ALICE" "Recipient: bob@example.net" "State: failed" \
		"Code: 550" 'Status: 5.1\x0aX: y' "Answer: no such user"
	run -0 queue_run
	run -0 report alice
	has "$output" '^1 Diagnostic-Code: smtp; 550 no such user$'
	hasnt "$output" '^1 X: y'
}

@test "a message that is all header: a part of it comes back" {
	{
		echo "Subject: bomb"
		awk 'BEGIN { for (; i < 40000; i++) print "X-" i ": 7 times 7" }'
	} | queue_put new/m1 "Arrival: $(ago 1)" "Group: example.net" \
		"Sender: $ALICE" "Recipient: fail@example.net" "State: waiting"
	run -0 queue_run
	run -0 report alice
	has "$output" '^types: text/plain message/delivery-status text/rfc822-headers$'
	has "$output" '^Subject: bomb$'
	(($(stat -c %s "$BATS_TEST_TMPDIR/notice") < 110000))
}

@test "NOTIFY: NEVER, SUCCESS or DELAY alone: nobody hears of a failure" {
	local notify
	for notify in NEVER SUCCESS DELAY SUCCESS,DELAY; do
		OPTIONS="Notify: $notify" queue_mail m1 example.net fail@example.net
		run -0 queue_run
		no_mail_at_all
		is '' "$(queue_files)"
	done
	OPTIONS="Notify: FAILURE" queue_mail m1 example.net fail@example.net
	run -0 queue_run
	is 1 "$(count alice)"
}

@test "NOTIFY=SUCCESS: relayed is told, with ORCPT and ENVID, the header back" {
	ENTRY='Envelope-Id: QQ+2B314159' \
		OPTIONS=$'Notify: SUCCESS\nOriginal-Recipient: rfc822;b+2Bx@example.org' \
		queue_mail m1 example.net bob@example.net
	run -0 queue_run
	run -0 report alice
	has "$output" '^Subject: Mail Delivery Report$'
	has "$output" '^types: text/plain message/delivery-status text/rfc822-headers$'
	has "$output" '^0 Original-Envelope-Id: QQ\+314159$'
	has "$output" '^1 Original-Recipient: rfc822; b\+x@example.org$'
	has "$output" '^1 Action: relayed$'
	has "$output" '^1 Status: 2.0.0$'
	hasnt "$output" 'Hello Bob'
	is '' "$(queue_files)"
}

@test "success of delivery and expansion, a failure beside: two notices, each its own" {
	queue_put new/m1 "Message-Uid: m1" "Arrival: $(ago 0)" "Group: local" \
		"Sender: $ALICE" \
		"Recipient: bob@example.test" "State: delivered" "Notify: SUCCESS" \
		"Recipient: team@example.test" "State: expanded" "Notify: SUCCESS,FAILURE" \
		"Recipient: gone@example.test" "State: failed" "Status: 5.1.1" \
		"Answer: no such mailbox" < <(mail_text)
	run -0 queue_run
	is '' "$(queue_files)"
	is 2 "$(count alice)"
	run -0 "$LIB/report" < <(cat "$(grep -l 'Delivery Report' $(messages alice))")
	has "$output" '^1 Final-Recipient: rfc822; bob@example.test$'
	has "$output" '^1 Action: delivered$'
	has "$output" '^2 Action: expanded$'
	hasnt "$output" 'gone@'
	run -0 "$LIB/report" < <(cat "$(grep -l 'Undelivered' $(messages alice))")
	has "$output" '^1 Final-Recipient: rfc822; gone@example.test$'
	has "$output" '^1 Status: 5.1.1$'
	has "$output" '^1 Diagnostic-Code: x-besace; no such mailbox$'
	hasnt "$output" '^2 '
}

@test "still trying: once, after 4 hours, to whom wants it" {
	ARRIVAL=14300 queue_mail m1 example.net later@example.net
	run -0 queue_run
	no_mail_at_all
	# the next try is when the notice is due
	((100 - $(queue_due "$(queue_files deferred)") < 20))
	rm "$QUEUE"/deferred/*
	ARRIVAL=14500 queue_mail m2 example.net later@example.net
	run -0 queue_run
	run -0 report alice
	has "$output" '^Subject: Delayed Mail'
	has "$output" '^types: text/plain message/delivery-status text/rfc822-headers$'
	has "$output" '451 4.2.0 Mailbox busy'
	has "$output" 'need not do anything'
	has "$output" '^1 Action: delayed$'
	has "$output" '^1 Status: 4.2.0$'
	has "$output" '^1 Will-Retry-Until: '
	has "$(cat "$QUEUE"/deferred/*)" '^Delay-Notice: '
	mv "$QUEUE"/deferred/* "$QUEUE/new/m2"
	run -0 queue_run
	is 1 "$(count alice)"
	mail_clear
	rm "$QUEUE"/deferred/*
	OPTIONS="Notify: FAILURE" ARRIVAL=14500 queue_mail m3 example.net later@example.net
	run -0 queue_run
	no_mail_at_all
}

@test "after 5 days it has failed, with the last words; not a minute before" {
	ARRIVAL=431900 queue_mail m1 example.net later@example.net
	run -0 queue_run
	hasnt "$(cat $(messages alice))" 'Undelivered'
	((100 - $(queue_due "$(queue_files deferred)") < 20))
	rm "$QUEUE"/deferred/*
	mail_clear
	ARRIVAL=432100 queue_mail m2 example.net later@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report alice
	has "$output" '^1 Action: failed$'
	has "$output" '^1 Status: 4.4.7$'
	has "$output" '^1 Diagnostic-Code: smtp; 451 4.2.0 Mailbox busy$'
	has "$output" 'tried for too long'
	logged 'm2 queue .*to=later@example.net result=expired'
}

@test "bounce_queue_lifetime: mail without a sender fails sooner, to the postmaster" {
	setting bounce_queue_lifetime 1h
	FROM= ARRIVAL=3700 queue_mail m1 example.net later@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report "$(postmaster)"
	has "$output" '^Subject: Undelivered Notice$'
	has "$output" 'nobody to tell'
	has "$output" '^1 Final-Recipient: rfc822; later@example.net$'
}

# Who reads the mail of postmaster in the trial instance.
postmaster()
{
	"$BIN/besace" lookup "postmaster@$(hostname_of)" |
		grep -oE '[a-z]+@example.test' | tail -n1
}

hostname_of()
{
	"$BIN/besace" settings | sed -nE 's/^myhostname = ([^ ]*).*/\1/p'
}

@test "a notice that its sender's server refuses goes to the postmaster, then nowhere" {
	FROM=fail@example.org queue_mail m1 example.net fail@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report "$(postmaster)"
	has "$output" '^1 Final-Recipient: rfc822; fail@example.org$'
	is 1 "$(mail_files | wc -l)"
	mail_clear
	FROM= queue_mail m2 example.net "fail@example.net"
	sed -i "s/^Recipient: .*/&\nOriginal: postmaster@$(hostname_of)/" "$QUEUE/new/m2"
	run -0 queue_run
	no_mail_at_all
	is '' "$(queue_files)"
	logged 'error .*postmaster'
}

@test "a sender who does not exist here: the postmaster is told" {
	FROM=nobody@example.test queue_mail m1 example.net fail@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	logged 'm1 notice kind=failed to=nobody@example.test .*result=refused'
	run -0 report "$(postmaster)"
	has "$output" '^1 Final-Recipient: rfc822; fail@example.net$'
}

@test "nobody is told of spam" {
	ENTRY="Never-Bounce: yes" ARRIVAL=432100 \
		queue_mail m1 example.net fail@example.net later@example.net
	run -0 queue_run
	no_mail_at_all
	is '' "$(queue_files)"
}

@test "a notice that cannot be stored now: the message stays until it can" {
	setting virtual_transport 'false'
	queue_mail m1 example.net fail@example.net
	run -0 queue_run
	no_mail_at_all
	is 1 "$(queue_files deferred | wc -l)"
	logged 'm1 notice kind=failed .*result=deferred'
	setting virtual_transport deliver
	mv "$QUEUE"/deferred/* "$QUEUE/new/m1"
	run -0 queue_run
	is 1 "$(count alice)"
	is '' "$(queue_files)"
	# it was not sent there again
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "beyond ASCII: the global types of RFC 6533, sent with SMTPUTF8" {
	ENTRY="Smtputf8: yes" OPTIONS='Original-Recipient: utf-8;fail\x5cx{FC}@example.net' \
		queue_mail m1 example.net failü@example.net
	run -0 queue_run
	run -0 report alice
	has "$output" '^types: text/plain message/global-delivery-status message/global$'
	has "$output" '^1 Final-Recipient: utf-8; failü@example.net$'
	mail_clear
	# a server that writes in its own charset
	queue_put new/m3 "Message-Uid: m3" "Arrival: $(ago 0)" "Group: example.net" \
		"Sender: $ALICE" "Smtputf8: yes" "Recipient: failü@example.net" "State: failed" \
		"Code: 550" "Status: 5.1.1" 'Answer: Empf\xE4nger, Empfänger' < <(mail_text)
	run -0 queue_run
	run -0 report alice
	has "$output" '^1 Diagnostic-Code: smtp; 550 5.1.1 Empf\?nger, Empfänger$'
	mail_clear
	# without: the same in ASCII
	queue_mail m2 example.net fail@example.net
	sed -i 's/No such user here/Kein Empfänger/' "$PROGRAMS/relay"
	run -0 queue_run
	run -0 report alice
	has "$output" '^types: text/plain message/delivery-status message/rfc822$'
	has "$output" '550 5.1.1 Kein Empfänger$'
	has "$output" '^1 Diagnostic-Code: smtp; 550 5.1.1 Kein Empf\?nger$'
}

@test "words of a hostile server stay words: no line, part or field of its own" {
	queue_put new/m1 "Message-Uid: m1" "Arrival: $(ago 0)" "Group: example.net" \
		"Sender: $ALICE" "Recipient: x@example.net" "State: failed" "Code: 550" \
		"Status: 5.1.1" 'Answer: a\x0aAction: delivered\x0a\x0a--=_besace_x--\x0d\x1b[2J '"$(printf 'y%.0s' {1..3000})" \
		'Answered-By: mx\x0aStatus: 2.0.0 [1]' < <(mail_text)
	run -0 queue_run
	run -0 report alice
	is 1 "$(grep -c '^1 Action: ' <<<"$output")"
	is 1 "$(grep -c '^1 Status: ' <<<"$output")"
	hasnt "$(cat "$BATS_TEST_TMPDIR/notice")" '^(Action: delivered|Status: 2|--=_besace_x)'
	is 0 "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f]' "$BATS_TEST_TMPDIR/notice")"
	is 0 "$(awk 'length > 998' "$BATS_TEST_TMPDIR/notice" | wc -l)"
}

@test "the notice is signed like mail of users" {
	queue_mail m1 example.net fail@example.net
	run -0 queue_run
	has "$(message alice)" '^DKIM-Signature: .*d=example.test'
}

@test "a remote sender's notice goes out by the queue, without a sender" {
	FROM=carol@example.org queue_mail m1 example.net fail@example.net
	run -0 queue_run
	no_mail_at_all
	is '' "$(queue_files)"
	is 2 "$(wc -l <"$RELAY_LOG")"
	has "$(tail -n1 "$RELAY_LOG")" '^example.org .* carol@example.org 250 2.0.0$'
}
