#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail to other servers, however they behave: nothing is lost, and nothing comes
# twice but where nobody can know.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new <<-END
	two.example MX 20 mx2.two.example
	two.example MX 10 mx1.two.example
	mx1.two.example A 127.0.0.1
	mx2.two.example A 127.0.0.1
	END
}

teardown()
{
	relay_end
}

# one_mail [SUBJECT]: a message for two in the file "aaa".
one_mail()
{
	mail_text "${1:-one}" | queue_put aaa example.net "$ALICE" \
		bob@example.net carol@example.net
}

rules()
{
	cat >"$RULES"
}

# commands [CONNECTION]: what the server was told, but for QUIT.
commands()
{
	sed -n "s/^${1:-[0-9]*} [^ ]* //p" "$SERVER_LOG" | grep -vx QUIT
}

@test "S60: a mail for an outside domain leaves the queue, with the remote 250 in the log" {
	server_start </dev/null
	mail_text one '..dots
.' | queue_put aaa example.net "$ALICE" bob@example.net carol@example.net
	run -0 relay example.net
	is 'new/aaa relayed bob@example.net "250 2.0.0 taken"
new/aaa relayed carol@example.net "250 2.0.0 taken"' "$output"
	logged "aaa relay from=$ALICE to=bob@example\.net result=relayed answer=\"250 2\.0\.0 taken\" via=mx\.example\.net\[127\.0\.0\.1\]:$BESACE_SMTP_PORT\$"
	is gone "$(queue_state aaa)"
	is 1 "$(received)"
	is '...dots
..' "$(sed '1,/^\r*$/d;s/\r$//' "$SERVER_MAIL/1" | tail -n 2)"
}

@test "S60: from a user's client to the other server, signed, by the queue" {
	rm -r "$BESACE_VAR/queue"
	setting default_transport smtp
	queue_make
	server_start </dev/null
	run -0 send_submission bob@example.net Carol@Example.NET < <(mail_text away | sed "s/^From:.*/From: $ALICE/")
	is 1 "$(find "$BESACE_VAR/queue/new" -type f | wc -l)"
	# by the owner of the queue
	mkdir "$BATS_TEST_TMPDIR/programs"
	cp "$BIN"/{queue-run,relay,deliver,dkimsign} "$BATS_TEST_TMPDIR/programs"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" \
		"$INSTANCE" "$BATS_TEST_TMPDIR/programs"
	"$BATS_TEST_TMPDIR/programs/queue-run" 2>>"$(log_file)"
	is '' "$(find "$BESACE_VAR/queue" -type f)"
	is 1 "$(received)"
	is "MAIL FROM:<$ALICE> RCPT TO:<bob@example.net> RCPT TO:<Carol@example.net> DATA" \
		"$(commands | sed 's/ SIZE=[0-9]*//' | grep -v octets | grep -v EHLO | tr '\n' ' ' | sed 's/ $//')"
	grep -q '^DKIM-Signature:' "$SERVER_MAIL/1"
	logged 'result=relayed answer="250 2\.0\.0 taken"'
}

@test "several messages go over one connection, in transactions of their own" {
	server_start </dev/null
	local i
	for i in aaa bbb ccc; do
		mail_text "$i" | queue_put "$i" example.net "$i@example.test" bob@example.net
	done
	run -0 relay example.net
	is 3 "$(received)"
	is 1 "$(grep -c EHLO "$SERVER_LOG")"
	is 1 "$(cut -d ' ' -f 1 "$SERVER_LOG" | sort -u | wc -l)"
	is 3 "$(commands | grep -c '^MAIL FROM:<...@example.test>')"
}

@test "a file that somebody else has, that is gone, damaged, or for another destination" {
	server_start </dev/null
	one_mail
	echo nothing | queue_put other example.org "$ALICE" bob@example.org
	echo broken >"$BESACE_VAR/queue/new/broken"
	run -75 relay example.net broken other ../x new/aaa
	is '' "$output"
	logged 'skipped file=new/broken reason="it cannot be read"'
	logged 'skipped file=new/other reason="it is for another destination"'
	is 0 "$(received)"
	run -0 relay example.net gone
	exec 9<"$BESACE_VAR/queue/new/aaa"
	flock 9
	run -75 relay example.net aaa
	logged 'skipped file=new/aaa reason="somebody else has it"'
	exec 9<&-
	run -0 relay example.net aaa
	is 1 "$(received)"
}

@test "the wire has no CR or LF alone, and a message of any kind arrives whole" {
	server_start </dev/null
	printf 'Subject: x\n\na\rb\r\n\r\r\nc\n.\n.\r\n\r.\nend' |
		queue_put aaa example.net "$ALICE" bob@example.net
	printf 'Subject: y\n\n%s' "$(head -c 300000 /dev/zero | tr '\0' x)" |
		queue_put bbb example.net "$ALICE" bob@example.net
	head -c 3000000 /dev/urandom | base64 | sed '1s/^/Subject: z\n\n/' >"$BATS_TEST_TMPDIR/large"
	queue_put ccc example.net "$ALICE" bob@example.net <"$BATS_TEST_TMPDIR/large"
	rules <<-'END'
	EHLO reply 250-hostile.test\n250 PIPELINING
	END
	run -0 relay example.net
	is 3 "$(received)"
	is 'a b
 
c
..
..
 .
end' "$(sed '1,/^\r$/d;s/\r$//' "$SERVER_MAIL/1")"
	! grep -q ' bare ' "$SERVER_LOG"
	is 0 "$(sed -s '1,/^$/d' "$SERVER_MAIL"/* | grep -cPv '\r$')"
	is 300000 "$(sed '1,/^\r$/d' "$SERVER_MAIL/2" | tr -d '\r\n' | wc -c)"
	is "$(md5sum <"$BATS_TEST_TMPDIR/large")" "$(sed '1,/^$/d;s/\r$//' "$SERVER_MAIL/3" | md5sum)"
}

# ---- replies

@test "a recipient that is refused, for good or for now, does not hold up the others" {
	server_start <<-'END'
	RCPT:1 reply 550-5.1.1 no such user here\n550 5.1.1 try another
	RCPT:2 reply 450 4.2.1 later
	END
	mail_text | queue_put aaa example.net "$ALICE" one@example.net two@example.net three@example.net
	run -0 relay example.net
	is 'new/aaa failed one@example.net "550 5.1.1 no such user here try another"
new/aaa deferred two@example.net "450 4.2.1 later"
new/aaa relayed three@example.net "250 2.0.0 taken"' "$(sort -k 3 -r <<<"$output" | sort -s -k 2,2 | awk '{ print ($2 == "failed" ? 1 : $2 == "deferred" ? 2 : 3) " " $0 }' | sort | cut -c 3-)"
	is 'failed 550 5.1.1
waiting 450 4.2.1
relayed 250 2.0.0' "$(queue_state aaa)"
	is "mx.example.net [127.0.0.1]:$BESACE_SMTP_PORT" "$(queue_value aaa Answered-By)"
	# the next attempt is for the one that waits
	rules </dev/null
	: >"$SERVER_LOG"
	run -0 relay example.net
	is 'new/aaa relayed two@example.net "250 2.0.0 taken"' "$output"
	is 'RCPT TO:<two@example.net>' "$(commands | grep RCPT)"
	is 2 "$(received)"
}

@test "4xx and 5xx at each stage, with PIPELINING and without" {
	server_start </dev/null
	local ehlo stage code want
	for ehlo in '' 'EHLO reply 250 hostile.test'; do
		for stage in MAIL RCPT DATA dot; do
			for code in 4 5; do
				rm -f "$BESACE_VAR"/queue/*/aaa
				one_mail
				printf '%s\n' "$ehlo" "$stage reply ${code}51 $code.3.9 no $stage" >"$RULES"
				want=deferred
				[ $code = 4 ] || want=failed
				run -0 relay example.net
				is "new/aaa $want bob@example.net \"${code}51 $code.3.9 no $stage\"
new/aaa $want carol@example.net \"${code}51 $code.3.9 no $stage\"" "$output"
			done
		done
	done
	is 0 "$(received)"
}

@test "a host that refuses the connection, for good even, is tried again; 521 is for good" {
	server_start <<-'END'
	greeting reply 554 5.7.1 not you
	END
	one_mail
	run -0 relay example.net
	is 'waiting 554 4.7.1
waiting 554 4.7.1' "$(queue_state aaa)"
	rules <<-'END'
	EHLO reply 450 4.7.0 not now
	END
	run -0 relay example.net
	has "$output" 'deferred bob@example.net "450 4\.7\.0 not now"'
	rules <<-'END'
	greeting reply 521 5.3.2 no mail here
	END
	run -0 relay example.net
	is 'failed 521 5.3.2
failed 521 5.3.2' "$(queue_state aaa)"
}

@test "a host that knows only HELO" {
	server_start <<-'END'
	EHLO reply 502 what
	END
	one_mail
	run -0 relay example.net
	is 1 "$(received)"
	is 'MAIL FROM:<alice@example.test>' "$(commands | grep MAIL)"
}

@test "452 in the middle of the list: the rest goes in another transaction at once" {
	server_start <<-'END'
	RCPT:3 reply 452 4.5.3 too many
	RCPT:4 reply 552 too many
	RCPT:5 reply 550 5.1.1 who
	END
	mail_text | queue_put aaa example.net "$ALICE" {a,b,c,d,e}@example.net
	run -0 relay example.net
	is 'c@example.net
d@example.net' "$(sed -n 's/^RCPT TO:<\(.*\)>.*/\1/p' "$SERVER_MAIL/2" | tr -d '\r')"
	is 2 "$(received)"
	is 'relayed 250 2.0.0 4
failed 550 5.1.1 1' "$(queue_state aaa | sort | uniq -c | awk '{ print $2, $3, $4, $1 }' | sort -r)"
	# alone, it is an answer
	rules <<-'END'
	RCPT reply 452 4.2.2 full
	END
	mail_text | queue_put bbb example.net "$ALICE" {a,b}@example.net
	run -0 relay example.net bbb
	is 'waiting 452 4.2.2
waiting 452 4.2.2' "$(queue_state bbb)"
}

@test "smtp_destination_recipient_limit: as many transactions as it takes" {
	server_start </dev/null
	setting smtp_destination_recipient_limit 2
	mail_text | queue_put aaa example.net "$ALICE" {a,b,c,d,e}@example.net
	run -0 relay example.net
	is 3 "$(received)"
	is '2 2 1' "$(grep -c '^RCPT' "$SERVER_MAIL"/[123] | cut -d : -f 2 | tr '\n' ' ' | sed 's/ $//')"
}

@test "all recipients refused: DATA, that was sent ahead, comes to nothing" {
	server_start <<-'END'
	RCPT reply 550 5.1.1 who
	DATA reply 354 go on
	END
	one_mail
	mail_text two | queue_put bbb example.net "$ALICE" bob@example.net
	run -0 relay example.net
	is 'failed 550 5.1.1
failed 550 5.1.1' "$(queue_state aaa)"
	is 'failed 550 5.1.1' "$(queue_state bbb)"
	is 0 "$(cat "$SERVER_MAIL"/* 2>/dev/null | grep -c Subject)"
}

@test "replies in pieces, with long lines, with lines that say nothing" {
	server_start <<-'END'
	greeting long 20000
	EHLO pieces 250-hostile.test\n250-PIPELINING\n250
	MAIL reply 250
	RCPT reply 250-\n250-\n250 
	dot pieces 250-2.6.0 one\n250 2.6.0 two\t\x01three
	END
	one_mail
	run -0 relay example.net
	has "$output" '^new/aaa relayed bob@example.net "250 2\.6\.0 one two \?three"$'
}

@test "endless replies, replies of 1 MB, and what is no reply: later" {
	local action
	server_start </dev/null
	for action in endless 'flood 1000000' 'raw hello\r\n' 'raw 250-a\r\n251 b\r\n' 'raw 150 x\r\n' \
		'raw \x00\x00' 'long 100000' 'raw 2500 x\r\n'; do
		for stage in greeting EHLO MAIL dot; do
			[ "$stage" != greeting ] || [[ $action != *250* ]] || continue
			rm -f "$BESACE_VAR"/queue/*/aaa
			one_mail
			echo "$stage $action" >"$RULES"
			run -0 relay example.net
			case "$stage $action" in
			# it is taken: that much has been said
			'dot endless' | 'dot flood'* | 'dot long'*) is gone "$(queue_state aaa)" ;;
			*) is 'waiting - 4.5.0
waiting - 4.5.0' "$(queue_state aaa)" ;;
			esac
			[ "$stage" = dot ] || is 0 "$(received)"
		done
		rm -f "$SERVER_MAIL"/*
	done
}

@test "more than was asked: replies are not taken for those of other commands" {
	server_start <<-'END'
	DATA reply 354 go on\n250 2.0.0 taken
	END
	one_mail
	run -0 relay example.net
	is 'waiting - 4.5.0
waiting - 4.5.0' "$(queue_state aaa)"
	is 0 "$(received)"
}

@test "a refusal amid the message is one of the message" {
	server_start <<-'END'
	EHLO reply 250-hostile.test\n250 PIPELINING
	body after 552 5.3.4 too large
	END
	head -c 3000000 /dev/zero | tr '\0' '\n' | sed '1s/^/Subject: x\n/' |
		queue_put aaa example.net "$ALICE" bob@example.net
	run -0 relay example.net
	has "$(queue_state aaa)" '^(failed 552 5\.3\.4|waiting - 4\.4\.2)$'
	is 0 "$(received)"
}

# ---- cuts

# Each message is with the server or in the queue, and in both only where its
# word was lost.
@test "a connection that is cut or reset at any point loses nothing" {
	local stage action
	server_start </dev/null
	for action in cut reset; do
		for stage in connect greeting EHLO MAIL RCPT:1 RCPT:2 DATA body dot; do
			rm -f "$BESACE_VAR"/queue/*/aaa
			one_mail "$stage"
			echo "$stage $action" >"$RULES"
			run -0 relay example.net
			has "$output" 'deferred bob@example.net "4\.4\.(1 connection to|2 lost connection with) mx'
			has "$(queue_state aaa)" '^waiting - 4\.4\.[12]$'
			is 1 "$(queue_value aaa Attempts)"
			is 0 "$(received)"
			: >"$RULES"
			run -0 relay example.net
			is gone "$(queue_state aaa)"
			is 1 "$(received)"
			rm "$SERVER_MAIL"/*
		done
	done
}

@test "250 and then a reset: it is delivered; no word after the end: it is sent again, later" {
	server_start <<-'END'
	dot afterreset 250 2.0.0 got it
	END
	one_mail
	run -0 relay example.net
	is gone "$(queue_state aaa)"
	rules <<-'END'
	dot cut
	END
	one_mail
	run -0 relay example.net
	has "$output" 'at the end of the message'
	# not to another host in the same run, nor twice
	is 2 "$(grep -c ' dot ' "$SERVER_LOG")"
	is 2 "$(grep -c EHLO "$SERVER_LOG")"
}

@test "cut in the middle, the next host gets it at once" {
	server_start <<-'END'
	RCPT@1 cut
	END
	mail_text | queue_put aaa two.example "$ALICE" bob@two.example
	run -0 relay two.example
	is gone "$(queue_state aaa)"
	logged 'no-session via=mx1\.two\.example.* answer="lost connection with mx1\.two\.example\[127\.0\.0\.1\]:[0-9]* at RCPT"'
	logged 'result=relayed .*via=mx2\.two\.example'
	is 1 "$(received)"
}

@test "421 before a message on a used connection: a new one to the same host" {
	server_start <<-'END'
	MAIL:2@1 after 421 4.7.0 enough for now
	MAIL:1@2 reply 250 ok
	END
	one_mail
	mail_text two | queue_put bbb example.net "$ALICE" bob@example.net
	mail_text three | queue_put ccc example.net "$ALICE" bob@example.net
	run -0 relay example.net
	is 3 "$(received)"
	is 2 "$(grep -c EHLO "$SERVER_LOG")"
	is '' "$(ls "$BESACE_VAR/queue/new")"
}

@test "late answers are waited for, up to the stage's limit" {
	server_start <<-'END'
	MAIL late 1
	dot late 1
	END
	one_mail
	run -0 relay example.net
	is 1 "$(received)"
	local stage name
	for stage in greeting:smtp_helo MAIL:smtp_mail RCPT:smtp_rcpt \
		DATA:smtp_data_init dot:smtp_data_done; do
		name=${stage#*:}_timeout stage=${stage%:*}
		setting "$name" 1s
		echo "$stage stall" >"$RULES"
		one_mail
		run -0 relay example.net
		has "$output" "deferred bob@example.net \"4\.4\.2 mx\.example\.net\[127\.0\.0\.1\]:[0-9]* timed out at"
		setting "$name" 300s
	done
	is 1 "$(received)"
}

@test "a process that is killed amid a message: it is sent again" {
	server_start <<-'END'
	dot stall
	END
	one_mail
	echo new/aaa | "$BIN/relay" example.net 2>>"$(log_file)" >/dev/null 3>&- &
	local pid=$!
	wait_until 20 grep -q ' dot ' "$SERVER_LOG"
	kill -KILL "$pid"
	wait "$pid" || true
	is 'waiting - -
waiting - -' "$(queue_state aaa)"
	wait_until 20 flock -n "$BESACE_VAR/queue/new/aaa" true
	rules </dev/null
	run -0 relay example.net
	is 1 "$(received)"
}

@test "what is sent is synced before it is told, and before the next is recorded" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	local i trace=$BATS_TEST_TMPDIR/trace
	for i in aaa bbb ccc; do
		mail_text "$i" | queue_put $i example.net "$ALICE" bob@example.net
	done
	server_start </dev/null
	printf 'new/%s\n' aaa bbb ccc | strace -f -qq -o "$trace" \
		-e trace=unlinkat,fsync,write "$BIN/relay" example.net \
		>"$BATS_TEST_TMPDIR/out" 2>>"$(log_file)"
	is 3 "$(wc -l <"$BATS_TEST_TMPDIR/out")"
	is 'unlinkat fsync write(1' \
		"$(grep -oE 'unlinkat|fsync|write\(1' "$trace" |
			paste -d ' ' - - - | sort -u)"
}

@test "a queue without room for results: nothing is sent" {
	needs_root "a file system of its own"
	server_start </dev/null
	local i
	mount -t tmpfs -o size=64k,mode=755 none "$BESACE_VAR/queue"
	queue_make
	for i in aaa bbb ccc; do
		mail_text "$i" | queue_put "$i" example.net "$ALICE" "bob@example.net|Notify: SUCCESS"
	done
	head -c 60000 /dev/zero >"$BESACE_VAR/queue/fill" 2>/dev/null || true
	head -c 60000 /dev/zero >>"$BESACE_VAR/queue/fill" 2>/dev/null || true
	rules <<-'END'
	EHLO reply 250 hostile.test
	END
	run relay example.net
	umount "$BESACE_VAR/queue"
	is 75 "$status"
	logged 'error what="make room for the results of" object=new/aaa reason="No space left on device"'
	is 0 "$(received)"
}
