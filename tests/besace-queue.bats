#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace queue: what waits, why, and a hand in it.

load lib/helpers
load lib/deliver

setup()
{
	store_new
}

queue()
{
	"$BIN/besace" queue "$@"
}

# put BOX/NAME [LINE]... < message
put()
{
	local path=$QUEUE/$1
	shift
	{
		printf '%s\n' 'Besace-Queue: 1' "$@" ''
		cat
	} >"$path"
	owned_by_vmail "$path"
}

# A message in deferred/, due in an hour, that was tried three times.
put_deferred()
{
	put "deferred/$(($(date +%s) + 7300)).1ab" 'Message-Uid: uid1' \
		"Arrival: $(date -u -d '-3 hours -5 minutes' +%Y-%m-%dT%H:%M:%SZ)" \
		'Group: example.net' 'Sender: alice@example.test' \
		'User: alice@example.test' 'Return: HDRS' 'Require-Tls: yes' \
		'Colour: green' \
		'Recipient: bob@example.net' 'State: waiting' 'Attempts: 3' \
		'Code: 450' 'Status: 4.2.1' 'Answer: mailbox busy' \
		'Answered-By: mx.example.net [192.0.2.1]:25' \
		'Recipient: eve@example.net' 'State: failed' 'Attempts: 1' \
		'Code: 550' 'Status: 5.1.1' 'Answer: no such user' \
		'Recipient: joe@example.net' 'State: relayed' 'Attempts: 1' \
		'Recipient: kim@example.net' 'State: failed' 'Notified: yes' \
		'Attempts: 2' 'Status: 4.4.1' 'Answer: nobody answers' \
		< <(mail_text)
}

put_new()
{
	put new/2cd "Arrival: $(date -u +%Y-%m-%dT%H:%M:%SZ)" \
		"Group: local" 'Sender: ' 'Recipient: bob@example.test' \
		'State: waiting' < <(mail_text)
}

@test "list says when nothing takes the queue on" {
	put_new
	put_deferred
	run -0 --separate-stderr queue list
	is '' "$stderr"
	put "deferred/$(($(date +%s) - 400)).3ef" \
		'Arrival: 2025-01-06T10:00:00Z' 'Group: example.net' 'Sender: ' \
		'Recipient: bob@example.net' 'State: waiting' < <(mail_text)
	run -0 --separate-stderr queue list
	has "$stderr" '^besace: 1 of them should have been tried .* besace-queue\.timer'
}

@test "list says of each recipient when it is tried next, and why not yet" {
	put_deferred
	run -0 queue list
	local size
	size=$(sed '1,/^$/d' "$QUEUE"/deferred/* | wc -c)
	is "1ab from alice@example.test for example.net, $size bytes, 3 hours old
    bob@example.net: next try in 2 hours, tried 3 times: mx.example.net [192.0.2.1]:25 said: 450 4.2.1 mailbox busy
    eve@example.net: failed, the sender is to be told, tried once: 550 5.1.1 no such user
    joe@example.net: sent on, tried once
    kim@example.net: failed, the sender was told, tried 2 times: 4.4.1 nobody answers
1 message" "$output"
}

@test "list says what is being tried now" {
	put_new
	put_deferred
	exec 9<"$(echo "$QUEUE"/new/*)"
	flock 9
	run -0 queue list
	has "$output" '^    bob@example.test: being tried now$'
	has "$output" '^    bob@example.net: next try in 2 hours, tried 3 times: '
	run -0 queue show 2cd
	has "$output" '^    bob@example.test: being tried now$'
	exec 9<&-
	exec 9<"$(echo "$QUEUE"/deferred/*)"
	flock 9
	run -0 queue list
	has "$output" '^    bob@example.test: next try now, not tried yet$'
	has "$output" '^    bob@example.net: being tried now, tried 3 times: '
	has "$output" '^    joe@example.net: sent on, tried once$'
	exec 9<&-
}

@test "list shows what is new, held, damaged; or one domain" {
	put_new
	put_deferred
	mail_text | put hold/3ef 'Arrival: 2025-01-06T10:00:00Z' \
		'Group: example.net' 'Sender: x@y' \
		'Recipient: r@example.net' 'State: waiting'
	echo nonsense >"$QUEUE/corrupt/4gh"
	run -0 queue list
	has "$output" '^2cd from <> for local, '
	has "$output" '^    bob@example.test: next try now, not tried yet$'
	has "$output" '^    r@example.net: on hold, not tried yet$'
	has "$output" "^4gh damaged: see .*/queue/corrupt/4gh$"
	has "$output" '^4 messages$'
	run -0 queue list Example.NET
	has "$output" '^1ab '
	has "$output" '^3ef '
	has "$output" '^2 messages$'
}

@test "list speaks of files that have no name of the queue" {
	local today
	today=$(date +%s)
	put_deferred
	touch "$QUEUE/deferred/1ab" "$QUEUE/deferred/$today.1AB" "$QUEUE/hold/a b" \
		"$QUEUE/hold/.hidden"
	run -0 --separate-stderr queue list
	is "besace: 2 files in $QUEUE/deferred that no part of besace has named so: never tried
besace: 1 file in $QUEUE/hold that no part of besace has named so: never tried" "$stderr"
	has "$output" '^1 message$'
	run -0 --separate-stderr queue list --box hold
	is "besace: 1 file in $QUEUE/hold that no part of besace has named so: never tried" "$stderr"
}

@test "what a stranger wrote does not reach the terminal" {
	put new/5ij 'Arrival: 2025-01-06T10:00:00Z' 'Group: g' \
		'Sender: a\xc2\x9b2Jb' 'Recipient: r' 'State: waiting' \
		'Answer: \x07\x0aX: y' <<-EOF
		Subject: $(printf 'x\033[2J\tx\r')
		X: y

		body
	EOF
	run -0 queue list
	has "$output" '^5ij from a\\xc2\\x9b2Jb for g'
	has "$output" ': \\x07\\x0aX: y$'
	run -0 queue show 5ij
	has "$output" '^    Subject: x\\x1b\[2J x$'
	has "$output" '^    X: y$'
	hasnt "$output" body
	hasnt "$output" $'[\033\007\r]'
}

@test "show says all that is known" {
	put_deferred
	run -0 queue show queue/1ab
	has "$output" '^File: deferred/[0-9]{10}\.1ab$'
	has "$output" '^Message: uid1$'
	has "$output" '^Arrived: 20.*Z$'
	has "$output" '^Sender: alice@example.test$'
	has "$output" '^Logged in as: alice@example.test$'
	has "$output" '^For: example.net$'
	has "$output" '^Leaves inside TLS only$'
	has "$output" '^Notices return: only the header$'
	has "$output" '^    bob@example.net: next try in 2 hours'
	has "$output" '^    Subject: '
	put_new
	run -0 queue show 2cd
	has "$output" '^Sender: <>$'
	has "$output" '^For: this server$'
}

@test "show: header fields in several lines are shown as they are folded" {
	printf 'Subject: one\n\ttwo\n   three\nX-Odd: a\001b\n\nHi\n' |
		put hold/3ef 'Arrival: 2025-01-06T10:00:00Z' 'Group: example.net' \
			'Sender: x@y' 'Recipient: r@example.net' 'State: waiting'
	run -0 queue show 3ef
	has "$output" $'\n    Subject: one\n     two\n       three\n    X-Odd: a.x01b'
}

@test "retry and flush: it is in new/, with all that was known" {
	put_deferred
	cp "$QUEUE"/deferred/* "$BATS_TEST_TMPDIR/before"
	run -0 queue retry 1ab
	cmp "$QUEUE/new/1ab" "$BATS_TEST_TMPDIR/before"
	is 1 "$(queue_count)"
	rm "$QUEUE/new/1ab"
	put_deferred
	mail_text | put deferred/9999999999.6kl 'Arrival: 2025-01-06T10:00:00Z' \
		'Group: other.test' 'Sender: x@y' \
		'Recipient: r@other.test' 'State: waiting'
	mail_text | put hold/3ef 'Arrival: 2025-01-06T10:00:00Z' \
		'Group: other.test' 'Sender: x@y' \
		'Recipient: r@other.test' 'State: waiting'
	run -0 --separate-stderr queue flush other.test
	is '1 message is tried now' "$output"
	is 6kl "$(ls "$QUEUE/new")"
	run -0 queue flush
	is $'1ab\n6kl' "$(ls "$QUEUE/new")"
	is 3ef "$(ls "$QUEUE/hold")"
	run -75 queue retry 3ef
	has "$output" 'besace: 3ef is on hold'
}

@test "hold, release, drop" {
	put_new
	put_deferred
	queue hold 2cd 1ab
	is $'1ab\n2cd' "$(ls "$QUEUE/hold")"
	queue hold 1ab
	queue release 1ab
	is 1ab "$(ls "$QUEUE/new")"
	queue release 1ab
	queue drop 1ab queue/2cd
	is 0 "$(queue_count)"
	[ "$(id -u)" != 0 ] || {
		put_new
		queue hold 2cd
		is 5000:5000 "$(stat -c %u:%g "$QUEUE/hold/2cd")"
	}
}

# Four messages: of alice to bob and to a list, of nobody, and held.
put_four()
{
	local now
	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	mail_text | put deferred/9999999999.a1 'Arrival: 2025-01-06T10:00:00Z' \
		'Group: example.net' "Sender: $ALICE" 'Recipient: bob@example.net' 'State: waiting'
	mail_text | put deferred/9999999999.a2 "Arrival: $now" \
		'Group: example.net' "Sender: $ALICE" 'Recipient: carol@example.net' \
		'Original: List@Example.ORG' 'State: waiting'
	mail_text | put new/b1 "Arrival: $now" \
		'Group: other.test' 'Sender: ' 'Recipient: r@other.test' 'State: waiting'
	mail_text | put hold/c1 'Arrival: 2025-01-06T10:00:00Z' \
		'Group: other.test' 'Sender: eve@evil.test' 'Recipient: r@other.test' 'State: waiting'
	echo nonsense >"$QUEUE/corrupt/d1"
}

# ids FILTER...: of what the list has.
ids()
{
	queue list "$@" 2>/dev/null | sed -n 's/^\([a-z][0-9]\) .*/\1/p' | sort | paste -sd ' '
}

@test "list: by sender, recipient, destination, box and age" {
	put_four
	is 'a1 a2 b1 c1 d1' "$(ids)"
	is 'a1 a2 b1 c1 d1' "$(ids --all)"
	is 'a1 a2' "$(ids --sender "$ALICE")"
	is 'a1 a2' "$(ids --sender @EXAMPLE.test)"
	is '' "$(ids --sender @xample.test)"
	is b1 "$(ids --sender '<>')"
	is a2 "$(ids --recipient list@example.org)"
	is 'b1 c1' "$(ids --recipient @other.test)"
	is 'b1 c1' "$(ids --domain other.test)"
	is c1 "$(ids --box hold other.test)"
	is d1 "$(ids --box corrupt)"
	is 'a1 c1' "$(ids --older 1d)"
	is a1 "$(ids --older 1d --sender "$ALICE")"
	mail_text | put new/e1 'Arrival: 2025-01-06T10:00:00Z' 'Group: xn--bcher-kva.test' \
		'Sender: a@b' 'Recipient: r@bücher.test' 'State: waiting'
	is e1 "$(ids BÜCHER.test)"
	is e1 "$(ids --domain bücher.test --recipient @bücher.test)"
	run -64 queue list --older 1y
	run -64 queue list --box old
	run -64 queue list --sender
	run -64 queue list --colour green
	run -64 queue list --domain a b
}

@test "retry, hold, release and flush what a filter means, and nothing else" {
	put_four
	run -0 --separate-stderr queue hold --sender "$ALICE"
	is '2 messages are on hold' "$output"
	is 'a1 a2 c1' "$(ids --box hold)"
	run -0 --separate-stderr queue release --recipient bob@example.net
	is '1 message is tried now' "$output"
	is 'a1 b1' "$(ids --box new)"
	mv "$QUEUE/new/a1" "$QUEUE/deferred/9999999999.a1"
	run -0 --separate-stderr queue retry --older 1d
	is '1 message is tried now' "$output"
	is 'a1 b1' "$(ids --box new)"
	mv "$QUEUE/new/a1" "$QUEUE/deferred/9999999999.a1"
	run -0 --separate-stderr queue flush --sender '<>'
	is '0 messages are tried now' "$output"
	run -0 --separate-stderr queue flush --sender "$ALICE"
	is '1 message is tried now' "$output"
	run -75 flock -x "$QUEUE/new/b1" "$BIN/besace" queue hold --all
	has "$output" '^1 message is on hold$'
	has "$output" '^besace: 1 is left alone, being tried'
	is 5 "$(queue_count)"
	run -64 queue hold
	run -64 queue hold --all a1
}

@test "drop by a filter shows what would go, and drops with --yes only" {
	put_four
	run -64 queue drop --domain other.test
	has "$output" '^b1 from <> for other\.test'
	has "$output" '^c1 from '
	hasnt "$output" '^a1'
	has "$output" '^besace: nothing is dropped: add --yes'
	run -64 queue drop --yes
	is 5 "$(queue_count)"
	run -0 queue drop --domain other.test --yes
	has "$output" '^2 messages are dropped$'
	is 'a1 a2 d1' "$(ids)"
	run -0 queue drop --box corrupt --yes
	is 'a1 a2' "$(ids)"
	run -0 queue drop --all --yes
	is 0 "$(queue_count)"
}

# by_hand COMMAND...: its log, where there is no syslog, goes to $BATS_TEST_TMPDIR/log.
by_hand()
{
	queue "$@" 2>>"$BATS_TEST_TMPDIR/log"
}

@test "S60: what is done by hand is in the log, and in the message's trace" {
	[ ! -e /dev/log ] || skip "the log is syslog's"
	LOG=$BATS_TEST_TMPDIR/log
	put_deferred
	by_hand retry 1ab
	by_hand hold 1ab
	by_hand release 1ab
	by_hand release 1ab
	put_new
	rm "$QUEUE"/new/2cd
	mv "$QUEUE/new/1ab" "$QUEUE/deferred/9999999999.1ab"
	by_hand flush
	by_hand drop 1ab
	for action in retry hold release retry drop; do
		echo "uid1 queue id=queue/1ab action=$action"
	done >"$LOG.wanted"
	sed 's/^besace\[[0-9]*\]: //' "$LOG" | diff "$LOG.wanted" -
	run -0 "$BIN/besace" trace uid1 "$LOG"
	is 5 "${#lines[@]}"
	run -0 "$BIN/besace" trace 1ab "$LOG"
	has "$output" 'action=drop$'
	run ! by_hand drop 1ab
	is 5 "$(grep -c ' queue id=' "$LOG")"
}

@test "S60: where there is syslog, what is done by hand goes there" {
	unshare -m true 2>/dev/null || skip 'no namespaces here'
	put_deferred
	run -0 unshare -m python3 - "$BIN/besace" <<-'END'
		import ctypes, os, socket, subprocess, sys
		libc = ctypes.CDLL(None, use_errno=True)
		if libc.mount(b"none", b"/dev", b"tmpfs", 0, None) != 0:
		    sys.exit("no tmpfs")
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("/dev/log")
		s.settimeout(30)
		r = subprocess.run([sys.argv[1], "queue", "drop", "1ab"],
		                   capture_output=True, text=True, check=True)
		assert r.stderr == "", r.stderr
		print(s.recv(4096).decode(errors="replace"))
	END
	has "$output" '^<22>.* besace\[[0-9]+\]: uid1 queue id=queue/1ab action=drop'
}

@test "what is being tried is left alone" {
	local verb
	put_new
	for verb in retry hold release drop; do
		run -75 flock -x "$QUEUE/new/2cd" "$BIN/besace" queue $verb 2cd
		is 'besace: 2cd is being tried at this moment; come again' "$output"
	done
	flock -x "$QUEUE/new/2cd" "$BIN/besace" queue show 2cd >/dev/null
	flock -x "$QUEUE/new/2cd" "$BIN/besace" queue flush
	is 1 "$(queue_count new)"
}

@test "a damaged file is tried again by hand where hosts are known as dead" {
	: >"$BESACE_VAR/dead-hops" # made anew when it is looked at
	echo garbage >"$QUEUE/corrupt/5xx"
	run -0 queue release 5xx
	is garbage "$(cat "$QUEUE/new/5xx")"
	mv "$QUEUE/new/5xx" "$QUEUE/deferred/0000000001.5xx"
	run -0 queue retry --all
	is garbage "$(cat "$QUEUE/new/5xx")"
}

@test "no such message, no queue, wrong words" {
	local verb
	for verb in show retry hold release drop; do
		run -67 queue $verb 9zz
		has "$output" '^besace: 9zz is not in the queue'
		run -64 queue $verb
	done
	run -67 queue drop ../../etc
	run -64 queue
	run -64 queue list a b
	run -64 queue show a b
	run -64 queue eat 9zz
	rm -r "$QUEUE"
	run -74 queue list
	has "$output" "unable to open .*/queue: No such file"
}

@test "a file that is damaged is shown as such, and can be held or dropped" {
	echo nonsense >"$QUEUE/new/4gh"
	run -65 queue show 4gh
	has "$output" '^4gh damaged: see '
	queue hold 4gh
	queue drop 4gh
	is 0 "$(queue_count)"
}

@test "ten thousand messages: the list begins at once and holds no more than one" {
	! grep -q __asan_init "$BIN/besace" || skip "the sanitizer needs memory"
	python3 - "$QUEUE" <<-'END'
		import sys
		for i in range(10000):
		    with open("%s/deferred/%010d.m%d" % (sys.argv[1], 9999990000 + i, i), "w") as f:
		        f.write("Besace-Queue: 1\nArrival: 2025-01-06T10:00:00Z\nGroup: d%d.test\nSender: a@b\nRecipient: r@d.test\nState: waiting\n\nSubject: x\n" % i)
	END
	run -0 bash -c 'ulimit -v 40000; "$BIN/besace" queue list | tail -1'
	is '10000 messages' "$output"
	run bash -c '"$BIN/besace" queue list | head -1; exit "${PIPESTATUS[0]}"'
	((status != 0 && status != 124))
}
