#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail to a full mailbox: refused at RCPT where that can be told, else when it
# is written.

load lib/helpers
load lib/deliver
load lib/quota

setup()
{
	instance_new -o inbound_filters= -o quota_warning= \
		-o quota_grace=1000 -o abuse_exempt= -o abuse_ban_after_refusals=3
	BOX=$(maildir bob)
	quota bob 10000
}

# mail OCTETS REPLY: a message of that size to bob.
mail()
{
	smtp_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S: 250
	C: RCPT TO:<$BOB>
	S* 250
	C: DATA
	S: 354
	$(mail_of "$1" | sed 's/^/C: /')
	C: .
	S* $2
	C: QUIT
	S* 221
	END
}

@test "S36: at the limit RCPT is answered 552 5.2.2, or 452 4.2.2" {
	note "$BOX" 10000S '10000 3'
	rcpt bob@example.test '552 5\.2\.2 Mailbox is full'
	logged 'refused .*to=bob@example.test rule=virtual_mailbox_limit answer="552 5.2.2'
	setting quota_full_tempfail yes
	rcpt bob@example.test '452 4\.2\.2 Mailbox is full'
	note "$BOX" 10000S '9999 3'
	rcpt bob@example.test 250
}

@test "S37: an alias to a full mailbox is full, one to others as well is not" {
	cat >"$BESACE_ETC/aliases" <<-'END'
	one@example.test bob@example.test
	two@example.test alice@example.test, bob@example.test
	END
	"$BIN/besace" maps
	note "$BOX" 10000S '10000 3'
	rcpt one@example.test '552 5\.2\.2'
	rcpt bob+shop@example.test '552 5\.2\.2'
	rcpt two@example.test 250
}

@test "SIZE counts: what goes beyond limit and grace is refused before it is sent" {
	note "$BOX" 10000S '5000 3'
	rcpt bob@example.test 250 SIZE=6000
	rcpt bob@example.test '552 5\.2\.2' SIZE=6001
	rcpt bob@example.test 250 SIZE=0
}

@test "a count of messages is a limit at RCPT, too" {
	quota bob 0,2
	note "$BOX" 2C '500 2'
	rcpt bob@example.test '552 5\.2\.2'
}

@test "RCPT counts nothing: a file that is doubtful is deliver's" {
	local bad
	for bad in '10000S\n9000 1\n2000 1\n' '10000S\n20000 1' 'x' '9000S\n20000 1\n'; do
		# shellcheck disable=SC2059 # it is a format
		printf "$bad" >"$BOX/maildirsize"
		owned_by_vmail "$BOX/maildirsize"
		rcpt bob@example.test 250
	done
	note "$BOX" 10000S '20000 1'
	touch -d '-16 minutes' "$BOX/maildirsize"
	rcpt bob@example.test 250
	rm "$BOX/maildirsize"
	mkfifo "$BOX/maildirsize"
	rcpt bob@example.test 250
	rm -r "$BOX"
	rcpt bob@example.test 250
	[ ! -e "$BOX" ]
}

@test "S36: what RCPT could not tell is refused at the end of the message" {
	mail_of 9900 >"$BOX/cur/1700000001.M1P1.h:2,S"
	owned_by_vmail "$BOX"
	mail 2000 '552 5\.2\.2 <bob@example.test>: mailbox is full'
	mail 500 250
	# from now on RCPT knows
	rcpt bob@example.test '552 5\.2\.2'
	noted_right "$BOX"
	is 2 "$(count bob)"
}

@test "a full mailbox is not the client's fault: nobody is banned for it" {
	note "$BOX" 10000S '10000 3'
	export TCPREMOTEIP=192.0.2.7
	for _ in 1 2 3 4 5; do
		rcpt bob@example.test '552 5\.2\.2'
	done
	rcpt alice@example.test 250
}
