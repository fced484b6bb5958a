#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# deliver, spamscore and dkimsign are in smtp-session itself: by their plain
# names they run without exec, and are in all else what the programs are.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
	DIR=$BATS_TEST_TMPDIR/programs
	mkdir -m 755 "$DIR"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" \
		"$BATS_TEST_TMPDIR/.." 2>/dev/null || true
	SENT=$BATS_TEST_TMPDIR/sent
}

teardown()
{
	[ ! -p "$BESACE_ETC/local.cf" ] || release
}

# alone: smtp-session where no other program is.
alone()
{
	mkdir "$DIR/alone"
	cp "$BIN/smtp-session" "$DIR/alone"
	BIN=$DIR/alone
}

# descendant PID NAME: prints it.
descendant()
{
	ps -e -o pid=,ppid=,comm= | awk -v root="$1" -v name="$2" '
		{ parent[$1] = $2; comm[$1] = $3 }
		END {
			for (pid in parent)
				for (up = pid; up in parent; up = parent[up])
					if (up == root && comm[pid] == name) {
						print pid; exit
					}
		}'
}

has_descendant()
{
	HELD=$(descendant "$SENDING" "$1")
	[ -n "$HELD" ]
}

# hold COMMAND: a message on its way, the filter waits for its rules; HELD is
# its process, SENDING the client.
hold()
{
	setting inbound_filters "$1"
	rm -f "$BESACE_ETC/local.cf"
	mkfifo -m 644 "$BESACE_ETC/local.cf"
	send_plain "$BOB" < <(mail_text) >"$SENT" &
	SENDING=$!
	wait_until 20 has_descendant spamscore
	wait_until 20 waits_for_rules
}

waits_for_rules()
{
	grep -q '^State:.S' "/proc/$HELD/status"
}

# Lets all go on that wait for rules.
release()
{
	: <>"$BESACE_ETC/local.cf"
	rm -f "$BESACE_ETC/local.cf"
}

# What execve leaves of a process, and what it does not.
process_facts()
{
	cat "/proc/$1/comm"
	for fd in "/proc/$1/fd/"*; do
		echo "${fd##*/} $(readlink "$fd" | sed 's/\[.*//')"
	done
	grep -E '^(Umask|Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|NoNewPrivs|Seccomp|Uid|Gid|Cap)' \
		"/proc/$1/status"
	awk '{ print ($5 == $1) ? "leads its group" : "is in a group" }' \
		"/proc/$1/stat"
	cat "/proc/$1/limits"
}

@test "S162: what is there by its plain name needs no file" {
	setting inbound_filters 'spamscore -s 10k'
	setting trusted_hosts 192.0.2.1
	alone
	mail_text | PATH=/nowhere send_plain "$BOB"
	has "$(message bob)" '^X-Spam-Status: No'
	mail_clear
	TCPREMOTEIP=192.0.2.1 send_plain "$BOB" \
		< <(mail_text | sed "s/^From:.*/From: $ALICE/")
	has "$(message bob)" '^DKIM-Signature: .*d=example\.test'
}

@test "S162: no exec in a message's way" {
	needs strace
	setting inbound_filters spamscore
	mail_text | "$LIB/smtp-send" carol@elsewhere.test "$BOB" -- \
		strace -f -qq -e trace=execve -o "$BATS_TEST_TMPDIR/trace" \
		"$BIN/smtp-session" 2>>"$(log_file)"
	is 1 "$(count bob)"
	is 1 "$(grep -c 'execve(' "$BATS_TEST_TMPDIR/trace")"
}

@test "S162: by its path it is the file that runs, and so is any other name" {
	for word in deliver spamscore other; do
		printf '#!/bin/sh\necho "5.7.1 the file $0" >&2; exit 77\n' \
			>"$DIR/$word"
		chmod 755 "$DIR/$word"
	done
	setting inbound_filters "$DIR/spamscore"
	run ! send_plain "$BOB" < <(mail_text)
	has "$output" "^550 5.7.1 the file $DIR/spamscore"
	setting inbound_filters ""
	setting virtual_transport "$DIR/deliver"
	run ! send_plain "$BOB" < <(mail_text)
	has "$output" "^550 5.7.1 the file $DIR/deliver"
	setting virtual_transport other
	PATH=$DIR:$PATH run ! send_plain "$BOB" < <(mail_text)
	has "$output" "^550 5.7.1 the file $DIR/other"
	setting virtual_transport deliver
	PATH=$DIR:$PATH run -0 send_plain "$BOB" < <(mail_text)
	is 1 "$(count bob)"
}

@test "descriptors, signals, limits, name and group are the program's" {
	local kind
	for kind in spamscore "$BIN/spamscore"; do
		hold "$kind"
		process_facts "$HELD" >"$DIR/${kind//\//_}"
		release
		wait "$SENDING"
		has "$(cat "$SENT")" '^250 2\.0\.0'
	done
	has "$(cat "$DIR/spamscore")" '^leads its group'
	has "$(cat "$DIR/spamscore")" '^2 pipe'
	hasnt "$(cat "$DIR/spamscore")" '^3 '
	cmp "$DIR/spamscore" "$DIR/${BIN//\//_}_spamscore"
}

@test "the environment is the chain's, not the session's" {
	echo 'team@example.test alice@example.test' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	mail_text | NO_ALIASES=1 ORIGINAL_RECIPIENT=else@example.test \
		send_plain team@example.test
	has "$(message alice)" '^X-Original-To: team@example\.test$'
}

@test "the second message of a connection finds nothing of the first's" {
	setting inbound_filters 'spamscore -r 5 | spamscore -s 10k -r 5'
	smtp_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<$BOB>
	S* 250
	C: DATA
	S* 354
	C: Subject: one
	C:
	C: plain
	C: .
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<$ALICE>
	S* 250
	C: DATA
	S* 354
	C: Subject: two
	C:
	C: $GTUBE
	C: .
	S* 550 5.7.1 Score
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<$ALICE>
	S* 250
	C: DATA
	S* 354
	C: Subject: three
	C:
	C: plain
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message bob)" '^Subject: one$'
	has "$(message alice)" '^Subject: three$'
}

@test "log lines have the program's name, its own pid and the message's id" {
	local line uid
	setting inbound_filters spamscore
	mail_text | send_plain "$BOB"
	uid=$(sed -n 's/^smtp-session\[[0-9]*\]: \([^ ]*\) accepted .*/\1/p' \
		"$(log_file)")
	logged "^spamscore\[[0-9]+\]: $uid scanned "
	logged "^deliver\[[0-9]+\]: $uid deliver .* result=delivered"
	is 3 "$(grep "]: $uid " "$(log_file)" | sed 's/.*\[\([0-9]*\)\].*/\1/' |
		sort -u | wc -l)"
}

@test "one that dies: 4xx, no mail anywhere" {
	hold spamscore
	kill -SEGV "$HELD"
	wait "$SENDING" && return 1
	has "$(cat "$SENT")" '^451 4\.3\.0 '
	logged 'filter program=spamscore ended="(signal 11|status 1)"'
	no_mail_at_all
}

@test "one that takes too long is ended" {
	setting filter_timeout 1s
	hold spamscore
	wait "$SENDING" && return 1
	has "$(cat "$SENT")" '^451 4\.3\.0 '
	wait_until 5 gone "$HELD"
	logged 'filter program=spamscore ended=timeout'
	no_mail_at_all
}

@test "it ends with the session" {
	hold spamscore
	kill -KILL "$(awk '{ print $4 }' "/proc/$HELD/stat")"
	wait_until 5 gone "$HELD"
	wait "$SENDING" && return 1
	no_mail_at_all
}
