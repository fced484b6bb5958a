#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What goes to the queue: recipients at other servers, and of those here who
# failed when others did not.

load lib/helpers
load lib/deliver

setup()
{
	store_new
	map aliases <<-EOM
		out@example.test=>Dave@Elsewhere.test
		both@example.test=>alice@example.test\ndave@elsewhere.test
		gone@example.test=>alice@example.test\nnobody@example.test
		broken@example.test=>not an address
		self@example.test=>self@example.test
	EOM
	mail_text >"$BATS_TEST_TMPDIR/message"
}

# deliver RECIPIENT...: the log and the reply in $output.
deliver()
{
	"$DELIVER" -f sender@example.test "$@" <"$BATS_TEST_TMPDIR/message" 2>&1
}

@test "S26: an alias to another domain is queued for it" {
	run -0 deliver out@example.test
	is 1 "$(queue_count new)"
	is 1 "$(queue_count)"
	no_mail_at_all
	has "$(the_entry elsewhere.test)" '^Recipient: Dave@elsewhere.test$'
	has "$(the_entry elsewhere.test)" '^Original: out@example.test$'
	run -0 deliver both@example.test
	is 1 "$(new_count example.test/alice)"
	is 2 "$(queue_count new)"
}

@test "the file: envelope as lines, a blank line, the message as it came" {
	local before after arrival
	before=$(date +%s)
	BODY=8BITMIME SMTPUTF8=1 REQUIRETLS=1 DSN_RET=HDRS ENVELOPE_ID=QQ+3D1 \
		AUTH_USER=alice@example.test MESSAGE_UID=uid1 \
		RECIPIENT_OPTIONS=$'\nNOTIFY=SUCCESS,DELAY ORCPT=rfc822;E@x\nNOTIFY=NEVER\n' \
		deliver 'Dave+X@Elsewhere.test' emma@elsewhere.test \
		'"a b"@bücher.test' "fred@[192.0.2.1]"
	after=$(date +%s)
	is 3 "$(queue_count new)"
	arrival=$(the_entry elsewhere.test | sed -n 's/^Arrival: //p')
	arrival=$(date -d "$arrival" +%s)
	((before <= arrival && arrival <= after))
	is 'Besace-Queue: 1
Message-Uid: uid1
Group: elsewhere.test
Sender: sender@example.test
Envelope-Id: QQ+3D1
Return: HDRS
Body: 8BITMIME
Smtputf8: yes
Require-Tls: yes
User: alice@example.test
Recipient: Dave+X@elsewhere.test
Original: Dave+X@Elsewhere.test
State: waiting
Recipient: emma@elsewhere.test
State: waiting
Notify: SUCCESS,DELAY
Original-Recipient: rfc822;E@x' "$(the_entry elsewhere.test | grep -v ^Arrival:)"
	has "$(the_entry xn--bcher-kva.test)" '^Recipient: "a b"@bücher.test$'
	has "$(the_entry xn--bcher-kva.test)" '^Notify: NEVER$'
	has "$(the_entry '\[192.0.2.1\]')" '^Recipient: fred@\[192.0.2.1\]$'
	queued_message elsewhere.test | cmp - "$BATS_TEST_TMPDIR/message"
}

@test "the message: without Return-Path and mbox line, all other bytes as they are" {
	local top
	{
		printf 'From a@b Thu Jan  1\nReturn-Path: <x@y>\nSubject: odd\n\n'
		printf 'NUL \000, bare CR \r, 8 bit \377, CRLF \r\n.\n\nno line end'
	} >"$BATS_TEST_TMPDIR/message"
	deliver dave@elsewhere.test
	top=$(printf 'From a@b Thu Jan  1\nReturn-Path: <x@y>\n' | wc -c)
	queued_message elsewhere.test |
		cmp - <(tail -c +$((top + 1)) "$BATS_TEST_TMPDIR/message")
}

@test "environment that no program of ours writes is not believed" {
	BODY='x
Group: y' DSN_RET=ALL ENVELOPE_ID=$'a\nb' MESSAGE_UID=$'u\nSender: me' \
		RECIPIENT_OPTIONS=$'NOTIFY=X ORCPT=nothing\nx\n' \
		deliver dave@elsewhere.test
	is 'Besace-Queue: 1
Message-Uid: u\x0aSender: me
Group: elsewhere.test
Sender: sender@example.test
Recipient: dave@elsewhere.test
State: waiting' "$(the_entry elsewhere.test | grep -v ^Arrival:)"
}

@test "a null sender, an unknown one" {
	"$DELIVER" -f '' dave@elsewhere.test <"$BATS_TEST_TMPDIR/message"
	has "$(the_entry elsewhere.test)" '^Sender: $'
	queue_clear
	"$DELIVER" dave@elsewhere.test <"$BATS_TEST_TMPDIR/message"
	has "$(the_entry elsewhere.test)" '^Sender: $'
}

@test "an address that comes twice is written to once" {
	run -0 deliver dave@elsewhere.test dave@ELSEWHERE.test both@example.test
	is 1 "$(queue_count new)"
	is 1 "$(the_entry elsewhere.test | grep -c ^Recipient:)"
	is 3 "$(grep -c 'to=dave@elsewhere.test .*result=queued via=queue/' <<<"$output")"
}

@test "the domain \"local\" is no group of this server" {
	deliver dave@local
	has "$(the_entry local.)" '^Recipient: dave@local$'
}

@test "S64: one line for each recipient, with id, sender, recipient and result" {
	local id
	run -0 env MESSAGE_UID=uid1 "$DELIVER" -f sender@example.test alice@example.test \
		dave@elsewhere.test nobody@example.test broken@example.test \
		<"$BATS_TEST_TMPDIR/message"
	has "$output" '^deliver\[[0-9]+\]: uid1 deliver from=sender@example.test to=alice@example.test orig=alice@example.test result=delivered via=maildir path='
	id=$(basename "$(grep -lx 'Group: elsewhere.test' "$QUEUE"/new/*)")
	has "$output" "uid1 deliver from=sender@example.test to=dave@elsewhere.test orig=dave@elsewhere.test result=queued via=queue/$id\$"
	id=$(basename "$(grep -lx 'Group: local' "$QUEUE"/new/*)")
	has "$output" "to=nobody@example.test .*result=refused via=queue/$id answer=\"5.1.1 <nobody@"
	has "$output" "to=broken@example.test .*result=queued via=queue/$id answer=\"4.3.5 <broken@"
	is 4 "$(grep -c ' deliver from=' <<<"$output")"
}

# ---- several recipients

@test "S63: failure for one does not repeat the other" {
	run -0 deliver alice@example.test broken@example.test nobody@example.test
	is 1 "$(new_count example.test/alice)"
	is 1 "$(queue_count)"
	is 'Recipient: broken@example.test
State: waiting
Attempts: 1
Status: 4.3.5
Answer: <broken@example.test>: alias to a non-address
Recipient: nobody@example.test
State: failed
Attempts: 1
Status: 5.1.1
Answer: <nobody@example.test>: no such address here' \
		"$(the_entry local | sed -n '/^Recipient/,$p' | grep -v '^Tried\|^$')"
	queued_message local | cmp - "$BATS_TEST_TMPDIR/message"
	# What a runner does with it: the one that waits, alone.
	run -75 deliver broken@example.test
	has "${lines[-1]}" '^4\.3\.5 '
	is 1 "$(new_count example.test/alice)"
	is 1 "$(queue_count)"
}

@test "S63: an alias that cannot be followed to its end waits as a whole" {
	map aliases <<-EOM
		half@example.test=>bob@example.test\nnot an address
	EOM
	run -75 deliver half@example.test
	has "${lines[-1]}" '^4\.3\.5 <half@example.test>: alias to a non-address'
	no_mail_at_all
	run -0 deliver alice@example.test half@example.test
	is 1 "$(new_count example.test/alice)"
	is 0 "$(new_count example.test/bob)"
	has "$(the_entry local)" '^Recipient: half@example.test$'
}

@test "all for good: 67 or 77; all for now: 75; nothing is written" {
	run -67 deliver nobody@example.test self@example.test
	run -77 deliver self@example.test nobody@example.test
	run -75 deliver broken@example.test broken+x@example.test
	is 0 "$(queue_count)"
	no_mail_at_all
}

@test "some for now, some for good: the queue has both" {
	run -0 deliver broken@example.test nobody@example.test
	is 1 "$(queue_count new)"
	no_mail_at_all
}

@test "an alias with one unknown target: the others get it, its sender is told" {
	run -0 deliver gone@example.test
	is 1 "$(new_count example.test/alice)"
	has "$(the_entry local)" '^Recipient: nobody@example.test$'
	has "$(the_entry local)" '^Original: gone@example.test$'
	has "$(the_entry local)" '^State: failed$'
}

@test "nobody is told who does not want to be, nor of spam" {
	RECIPIENT_OPTIONS=$'\nNOTIFY=NEVER\n' deliver alice@example.test \
		nobody@example.test
	RECIPIENT_OPTIONS=$'\nNOTIFY=DELAY,SUCCESS\n' deliver alice@example.test \
		nobody@example.test
	mail_text | sed '1i X-Spam-Flag: YES' >"$BATS_TEST_TMPDIR/message"
	deliver alice@example.test nobody@example.test
	is 3 "$(mail_files | wc -l)"
	is 0 "$(queue_count)"
	deliver alice@example.test broken@example.test
	has "$(the_entry local)" '^Never-Bounce: yes$'
}

@test "who wants to be told of a delivery is, unless it is a bounce" {
	RECIPIENT_OPTIONS=$'NOTIFY=SUCCESS ORCPT=rfc822;a@b\n\n' \
		deliver alice@example.test bob@example.test
	is 1 "$(the_entry local | grep -c ^Recipient:)"
	has "$(the_entry local)" '^Recipient: alice@example.test$'
	has "$(the_entry local)" '^State: delivered$'
	has "$(the_entry local)" '^Status: 2.0.0$'
	queue_clear
	RECIPIENT_OPTIONS=$'NOTIFY=SUCCESS\n' "$DELIVER" -f '' \
		alice@example.test <"$BATS_TEST_TMPDIR/message"
	is 0 "$(queue_count)"
	is 2 "$(new_count example.test/alice)"
}

@test "a retry keeps the recipient as the client gave it, if it is one" {
	ORIGINAL_RECIPIENT=Old@Example.test deliver alice@example.test
	has "$(the_message example.test/alice)" '^X-Original-To: Old@Example.test$'
	rm "$MAIL"/example.test/alice/new/*
	ORIGINAL_RECIPIENT=$'a@b\nX: y' deliver alice@example.test
	has "$(the_message example.test/alice)" '^X-Original-To: alice@example.test$'
	ORIGINAL_RECIPIENT=old@example.test deliver bob@example.test \
		eve@domain.net
	has "$(the_message example.test/bob)" '^X-Original-To: bob@example.test$'
}

# ---- default_transport

@test "default_transport = error refuses other servers, in its words" {
	settings 'default_transport=error:5.7.9 not from here'
	run -77 deliver dave@elsewhere.test
	is '5.7.9 <dave@elsewhere.test>: not from here' "${lines[-1]}"
	run -77 deliver out@example.test
	is 0 "$(queue_count)"
	run -0 deliver both@example.test
	is 1 "$(new_count example.test/alice)"
	has "$(the_entry local)" '^Answer: <dave@elsewhere.test>: not from here$'
}

@test "default_transport that is nothing: mail waits" {
	local bad
	for bad in '' smtps 'error:' 'error:text' 'error:5.7.1' 'error:5.7.1 ' \
		'error:4.7.1 later' 'error:5.7 text' 'error:5.1234.1 text'; do
		settings "default_transport=$bad"
		run -75 deliver alice@example.test
		has "$output" 'error what="read setting" .*setting=default_transport'
	done
	is 0 "$(queue_count)"
	no_mail_at_all
}

# ---- what goes wrong

@test "no queue, or none that can be written: 75, and nobody has it" {
	local part
	for part in . tmp new; do
		chmod 0500 "$QUEUE/$part"
		if [ "$part" = . ]; then
			mv "$QUEUE" "$QUEUE.away"
		fi
		run -75 deliver alice@example.test dave@elsewhere.test
		has "$output" 'error what=.* object=queue'
		has "$output" 'to=alice@example.test .*result=withheld'
		has "${lines[-1]}" '^4\.3\.0 queue cannot be written$'
		no_mail_at_all
		# Who needs no queue does not notice.
		deliver alice@example.test
		rm "$MAIL"/example.test/alice/new/*
		[ "$part" != . ] || mv "$QUEUE.away" "$QUEUE"
		is 0 "$(queue_count)"
		chmod 0700 "$QUEUE/$part"
	done
}

@test "no space left for the queue: 75, 4.3.1, nothing left" {
	needs_root "to mount a file system"
	mount -t tmpfs -o size=100k tmpfs "$QUEUE" 2>/dev/null ||
		skip "no file system can be mounted here"
	mounted=$QUEUE
	mkdir "$QUEUE"/{tmp,new,deferred,hold,corrupt}
	owned_by_vmail "$QUEUE"
	head -c 150000 /dev/zero >"$BATS_TEST_TMPDIR/message"
	run -75 deliver alice@example.test dave@elsewhere.test
	has "$output" 'error what="write message" object=queue/tmp reason="No space left on device"'
	is '4.3.1 no space left for the queue' "${lines[-1]}"
	is 0 "$(queue_count)"
	no_mail_at_all
}

teardown()
{
	[ -z "${mounted-}" ] || umount "$mounted"
}

@test "files are the mail owner's, and nobody else reads them" {
	deliver dave@elsewhere.test
	is 600 "$(stat -c %a "$QUEUE"/new/*)"
	[ "$(id -u)" != 0 ] || is 5000:5000 "$(stat -c %u:%g "$QUEUE"/new/*)"
}

@test "a message of 50 MB is not held in memory twice" {
	! grep -q __asan_init "$DELIVER" ||
		skip "the sanitizer needs all memory"
	{
		mail_text
		head -c 50000000 /dev/zero
	} >"$BATS_TEST_TMPDIR/message"
	bash -c 'ulimit -v 80000; exec "$DELIVER" a@elsewhere.test b@other.test' \
		<"$BATS_TEST_TMPDIR/message"
	is 2 "$(queue_count new)"
	queued_message other.test | cmp - "$BATS_TEST_TMPDIR/message"
}
