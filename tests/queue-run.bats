#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# queue-run with a stand-in for relay: what is tried, in which order, what then
# becomes of the files.

load lib/helpers
load lib/queue

setup()
{
	queue_new
}

teardown()
{
	instance_stop
}

@test "S60: what another server took leaves the queue" {
	queue_mail m1 example.net bob@example.net
	run -0 queue_run
	is "example.net new/m1 bob@example.net 250 2.0.0" "$(cat "$RELAY_LOG")"
	is '' "$(queue_files)"
	no_mail_at_all
}

@test "what is to be tried again waits: 5 minutes, then doubled, at most 4000 s" {
	local attempts due
	for attempts in 0 1 2 9; do
		rm -f "$QUEUE"/*/*
		OPTIONS="Attempts: $attempts" \
			queue_mail m1 example.net later@example.net
		run -0 queue_run
		due=$(queue_due "$(queue_files deferred)")
		case $attempts in
		0) ((due > 200 && due < 390)) ;;
		1) ((due > 430 && due < 770)) ;;
		2) ((due > 880 && due < 1520)) ;;
		9) ((due > 2980 && due < 5020)) ;;
		esac || is "for $attempts attempts" "$due"
		is 1 "$(grep -c "^Attempts: $((attempts + 1))$" "$QUEUE"/deferred/*)"
	done
	no_mail_at_all
}

# ---- what is tried, and in which order

@test "several at a time: each destination has its turn before one has its second" {
	local i
	setting default_process_limit 1
	for i in {10..39}; do
		queue_mail "a$i" big.example "u$i@big.example"
	done
	queue_mail b1 small.example x@small.example
	queue_mail c1 tiny.example x@tiny.example
	run -0 queue_run
	is '' "$(queue_files)"
	# three batches of ten go to big.example; the others wait for one at most
	is 32 "$(wc -l <"$RELAY_LOG")"
	((12 >= $(grep -n '^small.example' "$RELAY_LOG" | cut -d: -f1)))
	((12 >= $(grep -n '^tiny.example' "$RELAY_LOG" | cut -d: -f1)))
}

@test "no more programs for a destination, and in all, than settings say" {
	local i
	setting default_destination_concurrency_limit 2
	setting default_process_limit 3
	cat >"$PROGRAMS/relay" <<-'END'
		#!/bin/bash
		cat >/dev/null
		echo "start $1" >>"$RELAY_LOG"
		until [ -e "$BESACE_VAR/go" ]; do sleep 0.02; done
		echo "end $1" >>"$RELAY_LOG"
	END
	for i in {10..49}; do
		queue_mail "a$i" big.example "u$i@big.example"
		queue_mail "b$i" huge.example "u$i@huge.example"
	done
	queue_run 3>&- &
	wait_until 20 started 3
	touch "$BESACE_VAR/go"
	wait $!
	awk '{ n += $1 == "start" ? 1 : -1; d[$2] += $1 == "start" ? 1 : -1
		if (n > 3 || d[$2] > 2) exit 1 }' "$RELAY_LOG"
}

started()
{
	(($(grep -c '^start' "$RELAY_LOG") == $1))
}

@test "mail that has just come does not wait for retries to dead hosts" {
	local i
	setting default_process_limit 5
	cat >"$PROGRAMS/relay" <<-'END'
		#!/bin/bash
		cat >/dev/null
		echo "start $1" >>"$RELAY_LOG"
		[ "$1" != alive.example ] || exit 75
		until [ -e "$BESACE_VAR/go" ]; do sleep 0.02; done
	END
	for i in {10..29}; do
		queue_mail "a$i" "dead$i.example" "u@dead$i.example"
		mv "$QUEUE/new/a$i" "$QUEUE/deferred/0000000001.a$i"
	done
	# known, and waiting behind others
	queue_mail b1 alive.example x@alive.example
	mv "$QUEUE/new/b1" "$QUEUE/deferred/0000000001.zz"
	queue_run 3>&- &
	wait_until 60 started 4
	queue_mail b2 alive.example x@alive.example
	wait_until 30 grep -q alive "$RELAY_LOG" || true
	cp "$RELAY_LOG" "$BATS_TEST_TMPDIR/before"
	touch "$BESACE_VAR/go"
	wait $!
	is 5 "$(grep -c start "$BATS_TEST_TMPDIR/before")"
	grep -q alive "$BATS_TEST_TMPDIR/before"
	is 21 "$(cut -d ' ' -f 2 "$RELAY_LOG" | sort -u | wc -l)"
}

@test "new mail goes out before very many retries have been looked at" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	local i text trace=$BATS_TEST_TMPDIR/trace
	queue_mail old old.example later@old.example
	text=$(cat "$QUEUE/new/old")
	rm "$QUEUE/new/old"
	for i in {1000..2999}; do
		printf '%s\n' "$text" >"$QUEUE/deferred/0000000001.a$i"
	done
	queue_owned "$QUEUE"/deferred/*
	queue_mail b1 new.example x@new.example
	printf '#!/bin/sh\ncat >/dev/null\n' >"$PROGRAMS/relay"
	setting default_process_limit 1
	strace -f -qq -o "$trace" -e trace=openat,execve,clone,clone3,fork,vfork \
		"$PROGRAMS/queue-run" 2>>"$(log_file)"
	is 2000 "$(queue_files deferred | grep -c '\.a')"
	has "$(grep -m 1 'execve.*/relay"' "$trace")" '"new.example"'
	# the first process that is made comes before most of them
	awk '/clone|fork/ { exit }
		/openat.*"deferred\/0/ && ++n > 600 { exit }
		END { exit n > 600 }' "$trace"
}

@test "mail that has just come for slow hosts does not take all programs" {
	local i
	setting default_process_limit 10
	cat >"$PROGRAMS/relay" <<-'END'
		#!/bin/bash
		cat >/dev/null
		echo "start $1" >>"$RELAY_LOG"
		[ "$1" != fast.example ] || exit 75
		until [ -e "$BESACE_VAR/go" ]; do sleep 0.02; done
	END
	for i in {100..149}; do
		queue_mail "a$i" slow1.example u@slow1.example
		queue_mail "b$i" slow2.example u@slow2.example
		queue_mail "c$i" slow3.example u@slow3.example
	done
	queue_run 3>&- &
	wait_until 60 started 6
	queue_mail f1 fast.example x@fast.example
	wait_until 30 grep -q fast "$RELAY_LOG" || true
	cp "$RELAY_LOG" "$BATS_TEST_TMPDIR/before"
	touch "$BESACE_VAR/go"
	wait $!
	is 7 "$(grep -c start "$BATS_TEST_TMPDIR/before")"
	grep -q fast "$BATS_TEST_TMPDIR/before"
}

# ---- what cannot be read

@test "a file that cannot be read goes to corrupt/, with a line in the log" {
	echo 'no queue file' >"$QUEUE/new/m1"
	printf 'Besace-Queue: 1\nGroup: example.net\n' >"$QUEUE/deferred/0000000001.m2"
	: >"$QUEUE/new/m3"
	echo 'no name of ours' >"$QUEUE/new/What.is-this"
	queue_owned "$QUEUE"/*/*
	queue_mail m4 example.net bob@example.net
	run -0 queue_run
	is "corrupt/m1
corrupt/m2
corrupt/m3" "$(queue_files | grep /m)"
	is 4 "$(queue_files corrupt | wc -l)"
	is 'no queue file' "$(cat "$QUEUE/corrupt/m1")"
	logged 'error what="read queue file" object=corrupt/m1 '
	logged 'error what="read queue file" object=new/What.is-this .*moved=corrupt/'
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "a file that may not be read is put off, with one line in the log" {
	local as=()
	queue_mail m1 example.net bob@example.net
	queue_mail m2 example.net bob@example.net
	chmod 0 "$QUEUE/new/m1"
	if [ "$(id -u)" = 0 ]; then
		chown 0:0 "$QUEUE/new/m1"
		as=(setpriv --reuid 5000 --regid 5000 --clear-groups)
	fi
	run -75 "${as[@]}" "$PROGRAMS/queue-run"
	has "$(queue_files)" '^deferred/[0-9]{10}\.m1$'
	is '' "$(queue_files new)"
	(($(queue_due "$(queue_files deferred)") > 200))
	is 1 "$(grep -c 'what="look at queue file" object=new/m1' <<<"$output")"
	# it waits for its time, and then again
	run -0 "${as[@]}" "$PROGRAMS/queue-run"
	is '' "$output"
	mv "$QUEUE"/deferred/*.m1 "$QUEUE/deferred/0000000001.m1"
	run -75 "${as[@]}" "$PROGRAMS/queue-run"
	(($(queue_due "$(queue_files deferred)") > 200))
	chmod 600 "$QUEUE"/deferred/*
	queue_owned "$QUEUE"/deferred/*
	mv "$QUEUE"/deferred/*.m1 "$QUEUE/new/m1"
	run -0 queue_run
	is '' "$(queue_files)"
	is 2 "$(wc -l <"$RELAY_LOG")"
}

@test "a file edited to nonsense goes to corrupt/: nothing lost, nobody told" {
	local head=("Arrival: $(ago 1)" "Group: local" "Sender: $ALICE")
	queue_put new/m1 "${head[@]}" < <(mail_text)
	queue_put new/m2 "${head[@]}" "Recipient:" "State: waiting" \
		< <(mail_text)
	queue_put new/m3 "${head[@]:1}" "Recipient: $BOB" "State: waiting" \
		< <(mail_text)
	queue_put new/m4 "${head[@]::2}" "Sender: $ALICE>\\x0aBcc: <$BOB" \
		"Recipient: nobody@example.test" "State: waiting" < <(mail_text)
	run -0 queue_run
	is 'corrupt/m1
corrupt/m2
corrupt/m3
corrupt/m4' "$(queue_files)"
	no_mail_at_all
}

@test "a link, a pipe or a directory in new/ goes to corrupt/, others are tried" {
	mail_text >"$BATS_TEST_TMPDIR/other"
	ln -s "$BATS_TEST_TMPDIR/other" "$QUEUE/new/m1"
	mkfifo "$QUEUE/new/m2"
	mkdir "$QUEUE/new/m3"
	queue_mail m4 example.net bob@example.net
	run -0 queue_run
	is '' "$(ls "$QUEUE/new")"
	is 3 "$(find "$QUEUE/corrupt" -mindepth 1 | wc -l)"
	is 3 "$(grep -c 'reason="it is no regular file"' "$(log_file)")"
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "put off by a clock that was wrong: mail is not left for years" {
	local now
	now=$(date +%s)
	queue_mail m1 example.net bob@example.net
	mv "$QUEUE/new/m1" "$QUEUE/deferred/$((now + 10 * 366 * 86400)).m1"
	queue_mail m2 example.net eve@example.net
	mv "$QUEUE/new/m2" "$QUEUE/deferred/$((now + 3600)).m2"
	run -0 queue_run
	is "deferred/$((now + 3600)).m2" "$(queue_files)"
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "held mail is left alone, and so is what is not due" {
	queue_mail m1 example.net bob@example.net
	mv "$QUEUE/new/m1" "$QUEUE/hold/m1"
	queue_mail m2 example.net bob@example.net
	due=$(($(date +%s) + 3600))
	mv "$QUEUE/new/m2" "$QUEUE/deferred/$due.m2"
	queue_mail m3 example.net bob@example.net
	mv "$QUEUE/new/m3" "$QUEUE/deferred/0000000001.m3"
	run -0 queue_run
	is "deferred/$due.m2
hold/m1" "$(queue_files)"
}

# ---- a destination that does not answer

@test "a silent destination: the rest of its mail is put off, not tried; others are" {
	local i
	setting default_destination_concurrency_limit 1
	for i in {10..79}; do
		queue_mail "a$i" dead.example "silent$i@dead.example"
	done
	queue_mail b1 example.net bob@example.net
	run -0 queue_run
	is 70 "$(queue_files deferred | wc -l)"
	is 50 "$(grep -c '^dead.example' "$RELAY_LOG")"
	is 1 "$(grep -c '^example.net' "$RELAY_LOG")"
	for i in $(queue_files deferred); do
		((200 < $(queue_due "$i")))
	done
}

@test "what is put off for a silent destination expires all the same" {
	local i
	setting default_destination_concurrency_limit 1
	for i in {10..79}; do
		ARRIVAL=432100 queue_mail "a$i" dead.example "silent$i@dead.example"
	done
	run -0 queue_run
	is '' "$(queue_files)"
	is 50 "$(wc -l <"$RELAY_LOG")"
	is 70 "$(count alice)"
	is 20 "$(grep -l 'Its server did not answer' $(messages alice) | wc -l)"
}

# tried: how many messages relay was given for the dead destination.
tried()
{
	grep -c '^dead.example' "$RELAY_LOG" || true
}

@test "a host known as dead: new mail for it waits at once, with the reason" {
	queue_mail m1 dead.example silent@dead.example
	run -0 queue_run
	is 1 "$(tried)"
	queue_mail m2 dead.example silent@dead.example
	queue_mail m3 example.net bob@example.net
	run -0 queue_run
	is 1 "$(tried)"
	is 1 "$(grep -c '^example.net' "$RELAY_LOG")"
	m2=$(queue_files deferred | grep m2)
	((280 < $(queue_due "$m2") && $(queue_due "$m2") < 370))
	has "$(cat "$QUEUE/deferred/$m2")" '^Status: 4.4.1$'
	has "$(cat "$QUEUE/deferred/$m2")" '^Answer: not tried, no answer since [0-9TZ:-]*: Connection refused$'
	hasnt "$(cat "$QUEUE/deferred/$m2")" '^Attempts: [1-9]'
	# whoever wants it now has it tried now
	run -0 "$BIN/besace" queue retry m2
	run -0 queue_run
	is 2 "$(tried)"
	run -0 "$BIN/besace" queue flush
	run -0 queue_run
	is 2 "$(queue_files deferred | wc -l)"
	(($(tried) > 2))
}

@test "who retries a message for several domains has each of their hosts tried" {
	queue_mail m1 dead.example silent@dead.example
	run -0 queue_run
	queue_mail m2 '*' silent@dead.example
	run -0 queue_run
	is 1 "$(tried)"
	run -0 "$BIN/besace" queue retry m2
	run -0 queue_run
	is 2 "$(tried)"
}

@test "nobody is told again and again of what cannot be noted" {
	printf '#!/bin/sh\ncat >/dev/null\n' >"$PROGRAMS/relay"
	setting minimal_backoff_time 1s
	{
		mail_text large
		yes "$(printf '%076d' 0)" | head -c 300000
	} | queue_put new/m1 'Message-Uid: m1' "Arrival: $(ago 0)" \
		'Group: example.net' "Sender: $ALICE" 'Return: HDRS' \
		'Recipient: bob@example.net' 'State: failed' 'Status: 5.1.1' \
		'Recipient: carol@example.net' 'State: waiting'
	(ulimit -f 100 && queue_run)
	logged 'make room for a note of notices'
	no_mail_at_all
	run -0 "$BIN/besace" queue flush
	run -0 queue_run
	run -0 "$BIN/besace" queue flush
	run -0 queue_run
	is 1 "$(grep -c "notice kind=failed .*result=sent" "$(log_file)")"
}

@test "of several recipients here, none is delivered when that cannot be written down" {
	{
		mail_text large
		yes "$(printf '%076d' 0)" | head -c 300000
	} | queue_put new/m1 'Message-Uid: m1' "Arrival: $(ago 0)" \
		'Group: local' "Sender: $ALICE" 'Recipient: alice@example.test' \
		'State: waiting' 'Recipient: bob@example.test' 'State: waiting'
	(ulimit -f 100 && queue_run)
	logged 'make room for the results of'
	hasnt "$(cat "$LOG")" 'result=delivered'
	is 1 "$(queue_files deferred | wc -l)"
}

@test "a host known as dead is tried once more when the maps have changed, by one message" {
	local i
	queue_mail m1 dead.example silent@dead.example
	run -0 queue_run
	is 1 "$(tried)"
	# by a clock that was ahead, which is no change after that
	touch -d '1 minute' "$BESACE_ETC"/{settings,routes}.cdb
	for i in {10..14}; do
		queue_mail "a$i" dead.example "silent$i@dead.example"
	done
	run -0 queue_run
	is 1 "$(tried)"
	rm "$QUEUE"/deferred/*
	for ((i = $(date +%s); $(date +%s) <= i;)); do :; done # another second
	setting smtp_connect_timeout 7s
	for i in {10..14}; do
		queue_mail "a$i" dead.example "silent$i@dead.example"
	done
	run -0 queue_run
	is 2 "$(tried)"
	is 5 "$(queue_files deferred | wc -l)"
}

@test "a host that was dead is tried with one message; when it answers, with all" {
	local i
	setting minimal_backoff_time 1s
	queue_mail m1 dead.example silent@dead.example
	run -0 queue_run
	is 1 "$(tried)"
	for i in {10..29}; do
		queue_mail "a$i" dead.example "silent$i@dead.example"
	done
	sleep 2
	run -0 queue_run
	is 2 "$(tried)"
	rm -f "$QUEUE"/*/*
	for i in {10..29}; do
		queue_mail "a$i" dead.example "u$i@dead.example"
	done
	sleep 3 # it failed twice
	run -0 queue_run
	is 22 "$(tried)"
	is '' "$(queue_files)"
	logged 'queue destination=dead.example result=answers-again'
	queue_mail m2 dead.example u@dead.example
	run -0 queue_run
	is 23 "$(tried)"
}

@test "a message amid which its host is lost does not make that host a dead one" {
	queue_mail m1 dead.example lost@dead.example
	run -0 queue_run
	queue_mail m2 dead.example u@dead.example
	run -0 queue_run
	is 2 "$(tried)"
	queue_mail m3 dead.example mute@dead.example
	run -0 queue_run
	queue_mail m4 dead.example u@dead.example
	run -0 queue_run
	is 3 "$(tried)"
}

@test "relay is missing, or dies: the mail waits, nothing is lost" {
	queue_mail m1 example.net bob@example.net
	rm "$PROGRAMS/relay"
	PATH=/usr/bin:/bin run -0 queue_run
	logged 'error what="start program" object=.*relay'
	is 1 "$(queue_files deferred | wc -l)"
	hasnt "$(cat "$QUEUE"/deferred/*)" '^Answer: '
	printf '#!/bin/sh\nkill -9 $$\n' >"$PROGRAMS/relay"
	chmod +x "$PROGRAMS/relay"
	mv "$QUEUE"/deferred/* "$QUEUE/new/m1"
	run -0 queue_run
	logged 'program=relay ended="signal 9"'
	is 1 "$(queue_files deferred | wc -l)"
	no_mail_at_all
}

# poll(2) is told that the time is over, once, so that nobody waits for it
@test "a relay that hangs is killed, its mail waits" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	cat >"$PROGRAMS/relay" <<-'END'
		#!/bin/bash
		trap '' TERM
		sleep 1000 &
		echo "$$ $!" >"$BESACE_VAR/hanging"
		wait
	END
	queue_mail m1 example.net bob@example.net
	strace -f -qq -o /dev/null -e trace=poll -e inject=poll:retval=0:when=1 \
		timeout 60 "$PROGRAMS/queue-run" 2>>"$(log_file)" 3>&-
	logged 'error what="wait for relay" destination=example.net reason="it takes too long: killed"'
	logged 'destination=example.net program=relay ended="signal 9"'
	is m1 "$(queue_files deferred | sed 's/.*\.//')"
	for pid in $(cat "$BESACE_VAR/hanging"); do
		gone "$pid"
	done
}

# ---- this server

@test "local mail is delivered again: done, deferred, refused" {
	queue_put new/m1 "Message-Uid: m1" "Arrival: $(ago 10)" "Group: local" \
		"Sender: carol@elsewhere.test" \
		"Recipient: $BOB" "Original: robert@example.test" "State: waiting" \
		"Attempts: 1" "Status: 4.2.0" "Answer: busy" < <(mail_text again)
	run -0 queue_run
	is '' "$(queue_files)"
	has "$(message bob)" '^X-Original-To: robert@example.test$'
	has "$(message bob)" '^Return-Path: <carol@elsewhere.test>$'
	logged 'm1 deliver .*to=bob@example.test .*result=delivered'
	mail_clear
	queue_mail m2 local nobody@example.test "$BOB"
	run -0 queue_run
	is '' "$(queue_files)"
	is 1 "$(count bob)"
	has "$(message alice)" '^Status: 5.1.1$'
	mail_clear
	setting virtual_transport 'sh -c "echo 4.2.2 full >&2; exit 75"'
	queue_mail m3 local "$BOB"
	run -0 queue_run
	has "$(cat "$QUEUE"/deferred/*)" '^Status: 4.2.2$'
	has "$(cat "$QUEUE"/deferred/*)" '^Answer: full$'
	# as root, too, the new state is the owner's
	[ "$(id -u)" != 0 ] || is 5000 "$(stat -c %u "$QUEUE"/deferred/*)"
	no_mail_at_all
}

@test "a delivery that its sender wants to know of, at a second try: told once" {
	OPTIONS='Notify: SUCCESS' queue_mail m1 local "$BOB"
	run -0 queue_run
	is '' "$(queue_files)"
	is 1 "$(count bob)"
	is 1 "$(count alice)"
	has "$(message alice)" '^Action: delivered$'
}

@test "S63: a full mailbox with a copy elsewhere: the copy goes out once" {
	setting quota_full_tempfail yes
	setting quota_grace 0
	setting virtual_mailbox_limit 10
	printf '%s\t%s, %s\n' "$BOB" "$BOB" bob@example.net \
		>>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	"$PROGRAMS/deliver" -f "$ALICE" "$BOB" < <(mail_text) 2>>"$(log_file)"
	run -0 queue_run
	is 1 "$(queue_files | wc -l)"
	mv "$QUEUE"/deferred/* "$QUEUE/new/m2"
	run -0 queue_run
	is 1 "$(queue_files | wc -l)"
	has "$(cat "$QUEUE"/deferred/*)" '^Attempts: 3$'
	is 1 "$(wc -l <"$RELAY_LOG")"
	setting virtual_mailbox_limit 0
	mv "$QUEUE"/deferred/* "$QUEUE/new/m3"
	run -0 queue_run
	is '' "$(queue_files)"
	is 1 "$(count bob)"
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "S60 S64: from deliver to the other server, one id in the log" {
	MESSAGE_UID=u1 "$PROGRAMS/deliver" -f "$ALICE" bob@example.net \
		< <(mail_text) 2>>"$(log_file)"
	is 1 "$(queue_files new | wc -l)"
	run -0 queue_run
	is '' "$(queue_files)"
	logged ' u1 deliver .*to=bob@example.net .*result=queued'
	logged ' u1 queue result=removed'
}

# ---- together, and to the end

@test "mail that arrives meanwhile is taken on by the same run" {
	mkfifo "$BESACE_VAR/wait"
	chmod 666 "$BESACE_VAR/wait"
	queue_mail m1 example.net bob@example.net
	RELAY_WAIT=$BESACE_VAR/wait queue_run 3>&- &
	local runner=$!
	exec 4>"$BESACE_VAR/wait" # the first relay is there
	queue_mail m2 example.org bob@example.org
	exec 4>&-
	wait_until 20 gone_or_feed $runner
	is '' "$(queue_files)"
	is 2 "$(wc -l <"$RELAY_LOG")"
}

@test "mail that arrives is taken on while what was begun before takes its time" {
	mkfifo "$BESACE_VAR/wait"
	chmod 666 "$BESACE_VAR/wait"
	mv "$PROGRAMS/relay" "$PROGRAMS/relay-at-once"
	cat >"$PROGRAMS/relay" <<-'EOF'
		#!/bin/sh
		[ "$1" != example.net ] || read -r _ <"$BESACE_VAR/wait"
		exec "$0-at-once" "$@"
	EOF
	chmod 755 "$PROGRAMS/relay"
	queue_mail m1 example.net bob@example.net
	queue_run 3>&- &
	local runner=$!
	exec 4>"$BESACE_VAR/wait" # the first relay is there
	for id in m2 m3; do
		queue_mail $id example.org bob@example.org
		wait_until 20 test ! -e "$QUEUE/new/$id"
	done
	is new/m1 "$(queue_files)"
	exec 4>&-
	wait $runner
	is '' "$(queue_files)"
}

gone_or_feed()
{
	gone "$1" || ! timeout 0.2 sh -c ': >"$BESACE_VAR/wait"' || return 1
	gone "$1"
}

@test "SIGTERM: what runs is finished, nothing new is begun" {
	setting default_process_limit 1
	mkfifo "$BESACE_VAR/wait"
	chmod 666 "$BESACE_VAR/wait"
	queue_mail m1 example.net bob@example.net
	queue_mail m2 example.org bob@example.org
	RELAY_WAIT=$BESACE_VAR/wait "$PROGRAMS/queue-run" 2>>"$(log_file)" 3>&- &
	local runner=$!
	exec 4>"$BESACE_VAR/wait"
	kill -TERM $runner
	exec 4>&-
	wait $runner
	is 1 "$(queue_files | wc -l)"
	is 1 "$(wc -l <"$RELAY_LOG")"
}

@test "SIGTERM goes on to relay; what it leaves has its name still" {
	cat >"$PROGRAMS/relay" <<-'END'
		#!/bin/bash
		trap 'echo asked >>"$RELAY_LOG"; exit 0' TERM
		echo "start $1" >>"$RELAY_LOG"
		while :; do sleep 0.05; done
	END
	queue_mail m1 example.net bob@example.net
	queue_mail m2 example.org bob@example.org
	"$PROGRAMS/queue-run" 2>>"$(log_file)" 3>&- &
	wait_until 20 started 2
	kill -TERM $!
	wait $!
	is 2 "$(grep -c asked "$RELAY_LOG")"
	is 'new/m1
new/m2' "$(queue_files)"
}

@test "two at once do each other no harm: each message is sent once" {
	local i one two
	for i in {100..159}; do
		queue_mail "a$i" "d$((i % 7)).example" "u$i@d.example"
	done
	queue_mail f1 example.net fail@example.net
	queue_run 3>&- &
	one=$!
	queue_run 3>&- &
	two=$!
	wait $one
	wait $two
	queue_run
	is '' "$(queue_files)"
	is 61 "$(cut -d' ' -f3 "$RELAY_LOG" | sort -u | wc -l)"
	is 61 "$(wc -l <"$RELAY_LOG")"
	is 1 "$(count alice)"
}

@test "besace serve: what comes into the queue is taken on at once" {
	cp "$BIN"/* "$PROGRAMS"
	cp "$LIB/relay-stand-in" "$PROGRAMS/relay"
	BIN=$PROGRAMS instance_serve
	"$PROGRAMS/deliver" -f "$ALICE" bob@example.net fail@example.org \
		< <(mail_text) 2>>"$(log_file)"
	wait_until 20 test -s "$RELAY_LOG"
	wait_until 20 gone_from_queue
	is 2 "$(wc -l <"$RELAY_LOG")"
	is 1 "$(count alice)"
	serve_logged 'queue-run.* result=removed'
	instance_stop
}

gone_from_queue()
{
	[ "$(queue_files)" = '' ]
}

@test "a relay that is no program leaves the mail where it is" {
	: >"$PROGRAMS/relay"
	chmod 755 "$PROGRAMS/relay"
	queue_mail m1 example.net bob@example.net
	run queue_run
	is 1 "$(queue_files | wc -l)"
	has "$(cat "$QUEUE"/*/*)" '^State: waiting$'
	logged 'error what="start program" object=.*/relay reason="it is neither a binary'
}
