#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The sendmail command: its options, what it makes of a message, who may send
# as whom, and what it says when it cannot.

load lib/helpers

# Other users must reach what they use: not below bats' own directory.
setup_file()
{
	PLACE=$(mktemp -d /tmp/besace-sendmail.XXXXXX)
	export PLACE
	chmod 755 "$PLACE"
	instance_new -o default_transport=smtp -d "$PLACE/i"
	chmod 755 "$INSTANCE"
	cat >>"$BESACE_ETC/aliases" <<-'END'
	root@example.test    alice@example.test
	daemon@example.test  alice@example.test
	END
	echo 'bob@example.test  bob@example.test, daemon' >>"$BESACE_ETC/senders.new"
	sed '/^bob@/d' "$BESACE_ETC/senders" >>"$BESACE_ETC/senders.new"
	mv "$BESACE_ETC/senders.new" "$BESACE_ETC/senders"
	"$BIN/besace" maps
	cp "$BIN/sendmail" "$PLACE/sendmail"
	serve_local
}

# The service as its socket unit has it: one process a connection, for
# everybody who reaches the socket.
serve_local()
{
	needs systemd-socket-activate
	systemd-socket-activate -l "$INSTANCE/sendmail" --accept --inetd \
		-E BESACE_ETC -E BESACE_VAR -E ASAN_OPTIONS \
		"$BIN/smtp-session" -s local >"$INSTANCE.local" 2>&1 3>&- &
	export LOCAL_PID=$!
	wait_until 10 unix_listening "$INSTANCE/sendmail"
	chmod 666 "$INSTANCE/sendmail"
}

# unix_listening PATH: not only named, but taking connections.
unix_listening()
{
	grep -q " 00010000 .* $1\$" /proc/net/unix
}

teardown_file()
{
	[ -z "${LOCAL_PID-}" ] || kill "$LOCAL_PID"
	rm -rf "$PLACE"
}

setup()
{
	mail_clear
	export LOG=$INSTANCE.local
}

teardown()
{
	[ ! -e "$BATS_TEST_TMPDIR/filter" ] || setting outbound_filters dkimsign
	[ -z "${SERVER-}" ] || {
		kill "$SERVER" 2>/dev/null || true
		setting sendmail_socket "$INSTANCE/sendmail"
	}
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 5 "$LOG"
}

sendmail()
{
	"$BIN/sendmail" "$@"
}

# A command as user daemon, who owns nothing here.
as_daemon()
{
	setpriv --reuid=daemon --regid=daemon --clear-groups env -u LOGNAME \
		-u USER -u NAME "$@"
}

body()
{
	message "$1" | sed '1,/^$/d'
}

@test "S125 S64 a message to the arguments, with what its header lacks, signed and logged with the user" {
	needs_root 'is root'
	run -0 sendmail bob@example.test <<<'only a body'
	is '' "$output"
	local seen
	seen=$(message bob)
	is 'only a body' "$(body bob)"
	has "$seen" '^Return-Path: <root@example\.test>$'
	has "$seen" '^Received: by example\.test \(besace, from userid 0\) id '
	has "$seen" '^From: root <root@example\.test>$'
	has "$seen" '^Date: '
	has "$seen" '^Message-ID: <.*@example\.test>$'
	has "$seen" '^DKIM-Signature: .* d=example\.test;'
	logged ' connect ip=local service=local$'
	logged ' accepted ip=local user=root from=root@example\.test recipients=1 '
}

@test "-t: recipients of To, Cc and Bcc, with names, groups, comments and folds; Bcc goes" {
	run -0 sendmail -t <<-'END'
	From: "Example, A." <alice@example.test>
	To: Bob (of <x@y>) <bob@example.test>,
	  friends: "odd, one" <alice@example.test>;
	Cc: BOB@example.test
	Bcc: bob+hidden@example.test
	Subject: list

	text
	END
	is 1 "$(count bob)" # one mailbox
	is 1 "$(count alice)"
	logged ' accepted ip=local .* recipients=3 '
	hasnt "$(message alice)" '^Bcc|hidden'
	has "$(message alice)" '^From: "Example, A\." <alice@example\.test>$'
}

@test "-t: Resent fields instead of the others, and arguments besides" {
	run -0 sendmail -t alice@example.test <<-'END'
	From: x@elsewhere.test
	To: nobody@example.test
	Resent-To: bob@example.test

	text
	END
	is 1 "$(count bob)"
	is 1 "$(count alice)"
}

@test "-f, -F, -r: sender and name; neither breaks the header" {
	needs_root 'may be anybody'
	run -0 sendmail -f bob@example.test -F 'Bob B.' alice@example.test <<<text
	has "$(message alice)" '^Return-Path: <bob@example\.test>$'
	has "$(message alice)" '^From: "Bob B\." <bob@example\.test>$'
	mail_clear
	run -0 sendmail -rbob@example.test "-FB"$'\n'"Bcc: x@y" alice@example.test <<<text
	has "$(message alice)" '^From: "B Bcc: x@y" <bob@example\.test>$'
	mail_clear
	run -0 sendmail -f '<>' alice@example.test <<<text
	has "$(message alice)" '^Return-Path: <>$'
	mail_clear
	NAME=Zoé run -0 sendmail -f 'Bob <bob>' alice@example.test <<<text
	has "$(message alice)" '^From: =\?UTF-8\?B\?Wm/DqQ==\?= <bob@example\.test>$'
}

@test "a line of one dot ends the message, with -i and -oi it does not" {
	printf 'Subject: dots\n\na\n..\n.\nb\n' >"$BATS_TEST_TMPDIR/text"
	run -0 sendmail bob@example.test <"$BATS_TEST_TMPDIR/text"
	is $'a\n..' "$(body bob)"
	local option
	for option in -i -oi; do
		mail_clear
		run -0 sendmail "$option" bob@example.test <"$BATS_TEST_TMPDIR/text"
		is $'a\n..\n.\nb' "$(body bob)"
	done
}

@test "CR LF line ends, mixed ones too, and no last line end" {
	printf 'Subject: crlf\r\nX-A: b\r\r\n\nbody\r\nlast' |
		sendmail bob@example.test
	is $'body\nlast' "$(body bob)"
	has "$(message bob)" '^X-A: b$'
}

@test "a mailbox file's From line is left out" {
	printf 'From carol Mon Jan  6 10:00:00 2025\nSubject: x\n\nbody\n' |
		sendmail bob@example.test
	has "$(message bob)" '^Subject: x$'
	hasnt "$(message bob)" '^From carol'
}

@test "an address without a domain gets the server's, and goes by the aliases" {
	run -0 sendmail root <<<text
	is 1 "$(count alice)"
	has "$(message alice)" '^X-Original-To: root@example\.test$'
}

@test "options of other mail systems mean nothing, and -- ends them" {
	run -0 sendmail -v -G -U -n -m -x -odi -oem -oee -om -o7 -em -B8BITMIME \
		-O Timeout=1 -h 20 -L tag -X /dev/null -C /nowhere -p SMTP -bm \
		-- 'bob@example.test, Alice <alice@example.test>' <<<text
	is 1 "$(count bob)"
	is 1 "$(count alice)"
	run -67 sendmail -- -t@example.test <<<text
	run -67 sendmail bob@example.test -t <<<text
	is 'sendmail: -t@example.test: 550 5.1.1 No such address here' "$output"
}

# The filters' environment goes to $FACTS.
with_facts()
{
	FACTS=$BATS_TEST_TMPDIR/facts
	printf '#!/bin/sh\nenv >%s\ncat\n' "$FACTS" >"$BATS_TEST_TMPDIR/filter"
	chmod 755 "$BATS_TEST_TMPDIR/filter"
	setting outbound_filters "$BATS_TEST_TMPDIR/filter"
}

@test "DSN options, right and wrong" {
	with_facts
	run -0 sendmail -N success,delay -R full -V 'id=1' bob@example.test <<<text
	has "$(cat "$FACTS")" '^RECIPIENT_OPTIONS=NOTIFY=SUCCESS,DELAY$'
	has "$(cat "$FACTS")" '^DSN_RET=FULL$'
	has "$(cat "$FACTS")" '^ENVELOPE_ID=id\+3D1$'
	has "$(cat "$FACTS")" '^AUTH_USER=root$'
	run -0 sendmail -N never -R hdrs bob@example.test <<<text
	has "$(cat "$FACTS")" '^RECIPIENT_OPTIONS=NOTIFY=NEVER$'
	has "$(cat "$FACTS")" '^DSN_RET=HDRS$'
	# at most 100 octets, none cut in the middle, none that cannot be seen
	run -0 sendmail -V "$(printf '%098d' 0)=x" bob@example.test <<<text
	has "$(cat "$FACTS")" '^ENVELOPE_ID=0{98}$'
	run -0 sendmail -V $'a\tb' bob@example.test <<<text
	has "$(cat "$FACTS")" '^ENVELOPE_ID=a\?b$'
	run -64 sendmail -N sometimes bob@example.test <<<text
	run -64 sendmail -N never,success bob@example.test <<<text
	run -64 sendmail -R all bob@example.test <<<text
	is 4 "$(count bob)"
}

@test "exit codes: 64 usage, 65 address or message, 67 no such user, 77 refused, 69 no such thing" {
	run -64 sendmail </dev/null
	has "$output" '^sendmail: say the recipients'
	run -64 sendmail -Z bob@example.test <<<text
	run -64 sendmail -bz <<<text
	run -65 sendmail 'two words' <<<text
	is 'sendmail: bad address: two words' "$output"
	run -65 sendmail 'a@b..c' <<<text
	run -65 sendmail -f 'a@b.test, c@d.test' bob@example.test <<<text
	run -65 sendmail -t <<<$'Subject: nobody\n'
	run -65 sendmail -t <<<$'To: (open\n'
	is 'sendmail: no list of addresses: To' "$output"
	run -65 sendmail bob@example.test < <(printf 'a\rb\n')
	has "$output" '^sendmail: 550 5\.5\.2 '
	run -67 sendmail bob@example.test nobody@example.test none@example.test <<<text
	is 'sendmail: nobody@example.test: 550 5.1.1 No such address here
sendmail: none@example.test: 550 5.1.1 No such address here' "$output"
	run -0 sendmail -bi
	no_mail_at_all
}

@test "sendmail -bp, mailq and -q list and run the queue" {
	mkdir -p "$BESACE_VAR"/queue/{tmp,new,deferred,hold,corrupt}
	printf '%s\n' 'Besace-Queue: 1' 'Message-Uid: waits' \
		'Arrival: 2026-11-21T14:04:38Z' 'Group: example.net' 'Sender: a@b.test' \
		'Recipient: bob@example.net' 'State: waiting' '' 'text' \
		>"$BESACE_VAR/queue/deferred/9000000000.waits"
	run -0 sendmail -bp
	has "$output" '^waits from a@b\.test for example\.net'
	ln -sf "$BIN/sendmail" "$BATS_TEST_TMPDIR/mailq"
	run -0 "$BATS_TEST_TMPDIR/mailq"
	has "$output" '^waits from '
	run -0 sendmail -q30m
	has "$output" ' tried now$'
	[ -e "$BESACE_VAR/queue/new/waits" ]
}

@test "8-bit text and addresses beyond ASCII are announced" {
	with_facts
	run -0 sendmail bob@example.test <<<'cafÃ©'
	run -0 sendmail bob@example.test <<<'café'
	has "$(cat "$FACTS")" '^BODY=8BITMIME$'
	run -0 sendmail -f 'é@example.test' bob@example.test <<<text
	has "$(cat "$FACTS")" '^SMTPUTF8=1$'
}

@test "more recipients than a client of the network may give" {
	setting smtpd_recipient_limit 2
	run -0 sendmail bob@example.test alice@example.test bob+1@example.test <<<text
	setting smtpd_recipient_limit 1000
	is 1 "$(count bob)"
}

@test "input that cannot be read, or a server that is gone, sends nothing" {
	run -74 sendmail bob@example.test <"$INSTANCE"
	has "$output" '^sendmail: unable to read the message: Is a directory$'
	local words socket=$PLACE/gone
	printf '#!/bin/sh\nprintf "$WORDS"\n' >"$PLACE/server"
	chmod 755 "$PLACE/server"
	setting sendmail_socket "$socket"
	for words in '' '220 here' '220 here\r\n250 go\r\n250 on\r\n' '220-\r\n' garbage; do
		WORDS=$words systemd-socket-activate -l "$socket" --accept --inetd \
			-E WORDS "$PLACE/server" >/dev/null 2>&1 3>&- &
		SERVER=$!
		wait_until 10 unix_listening "$socket"
		run -75 sendmail bob@example.test <<<text
		kill "$SERVER"
		wait "$SERVER" || true
		rm -f "$socket"
	done
	no_mail_at_all
}

@test "closed descriptors: no message without input, no complaint into the session" {
	run -64 sh -c '"$BIN/sendmail" bob@example.test <&-'
	no_mail_at_all
	run -0 sh -c 'echo text | "$BIN/sendmail" bob@example.test >&- 2>&-'
	is 1 "$(count bob)"
	run -67 sh -c 'echo text | "$BIN/sendmail" nobody@example.test 2>&-'
}

@test "called as mailq and newaliases" {
	ln -s "$BIN/sendmail" "$BATS_TEST_TMPDIR/mailq"
	ln -s "$BIN/sendmail" "$BATS_TEST_TMPDIR/newaliases"
	run -0 "$BATS_TEST_TMPDIR/mailq"
	run -0 "$BATS_TEST_TMPDIR/newaliases"
}

@test "a filter that cannot work now is 75, one that refuses 77" {
	setting outbound_filters "$BATS_TEST_TMPDIR/filter"
	printf '#!/bin/sh\nexit 75\n' >"$BATS_TEST_TMPDIR/filter"
	chmod 755 "$BATS_TEST_TMPDIR/filter"
	run -75 sendmail bob@example.test <<<text
	printf '#!/bin/sh\necho 5.7.1 Not this >&2\nexit 77\n' >"$BATS_TEST_TMPDIR/filter"
	run -77 sendmail bob@example.test <<<text
	is 'sendmail: 550 5.7.1 Not this' "$output"
	no_mail_at_all
}

@test "larger than message_size_limit: 69, read no further" {
	setting message_size_limit 10k
	run -69 sendmail bob@example.test < <(yes)
	setting message_size_limit 50M
	has "$output" 'larger than message_size_limit'
}

@test "a large message is whole" {
	{
		printf 'Subject: large\n\n'
		head -c 20000000 /dev/urandom | base64
		printf '.\n..\n'
	} >"$BATS_TEST_TMPDIR/text"
	run -0 sendmail -i bob@example.test <"$BATS_TEST_TMPDIR/text"
	cmp <(body bob) <(sed '1,/^$/d' "$BATS_TEST_TMPDIR/text")
}

@test "-bs: an SMTP session on standard input, also typed with LF" {
	run -0 sendmail -bs <<-'END'
	EHLO x
	MAIL FROM:<root@example.test>
	RCPT TO:<bob@example.test>
	DATA
	Subject: typed

	text
	.
	QUIT
	END
	has "$output" '^221 '
	hasnt "$output" 'AUTH|STARTTLS'
	is text "$(body bob)"
	mail_clear
	printf '%s\r\n' 'HELO x' STARTTLS 'AUTH PLAIN' 'MAIL FROM:<>' \
		'RCPT TO:<bob@example.test>' DATA '' b . QUIT >"$BATS_TEST_TMPDIR/in"
	run -0 sendmail -bs <"$BATS_TEST_TMPDIR/in"
	has "$output" '^502 '
	has "$output" '^503 '
	is b "$(body bob)"
}

# ---- rights

@test "a user without rights sends as himself, by the socket" {
	needs_root 'changes the user'
	run -0 as_daemon "$PLACE/sendmail" bob@example.test <<<text
	has "$(message bob)" '^Return-Path: <daemon@example\.test>$'
	has "$(message bob)" '^Received: by .* from userid 1\)'
	has "$(message bob)" '^DKIM-Signature: '
	logged ' accepted ip=local user=daemon from=daemon@example\.test '
	is 5000 "$(stat -c %u "$(messages bob)")"
}

@test "a user may send as an address that a table gives him, and as nobody else" {
	needs_root 'changes the user'
	run -0 as_daemon "$PLACE/sendmail" -f bob@example.test bob@example.test <<<text
	run -0 as_daemon "$PLACE/sendmail" -f '<>' bob@example.test <<<text
	is 2 "$(count bob)"
	run -77 as_daemon "$PLACE/sendmail" -f alice@example.test bob@example.test <<<text
	is 'sendmail: alice@example.test: 553 5.7.1 Sender address is not yours' "$output"
	logged ' refused ip=local user=daemon .*from=alice@example\.test .*553'
	run -77 as_daemon "$PLACE/sendmail" -f root bob@example.test <<<text
	run -77 as_daemon "$PLACE/sendmail" -f x@elsewhere.test bob@example.test <<<text
	is 2 "$(count bob)"
}

@test "a user who holds all the connections he can get keeps no other from sending" {
	needs_root 'changes the user'
	setting smtpd_client_connection_count_limit 2
	run -0 python3 - "$INSTANCE/sendmail" "$PLACE/sendmail" <<-'END'
	import os, socket, subprocess, sys
	def greeting():
	    s = socket.socket(socket.AF_UNIX)
	    s.connect(sys.argv[1])
	    return s, s.makefile().readline()
	def send(uid):
	    return subprocess.run([sys.argv[2], "bob@example.test"], input=b"text",
	                          user=uid, group=uid, extra_groups=[]).returncode
	os.seteuid(1)
	held = [greeting() for _ in range(2)]
	assert [g[:3] for _, g in held] == ["220", "220"], held
	os.seteuid(0)
	assert [send(1), send(2), send(0)] == [75, 0, 0]
	END
	has "$output" '^sendmail: 421 4\.7\.0 Too many connections'
	setting smtpd_client_connection_count_limit 50
	is 2 "$(count bob)"
}

@test "the mail's owner may send as anybody, like root" {
	needs_root 'changes the user'
	run -0 setpriv --reuid=5000 --regid=5000 --clear-groups "$PLACE/sendmail" \
		-f x@elsewhere.test bob@example.test <<<text
	run -0 sendmail -f x@elsewhere.test bob@example.test <<<text
	is 2 "$(count bob)"
}

@test "a user who is not in passwd has his number for a name" {
	needs_root 'changes the user'
	run -0 setpriv --reuid=54321 --regid=54321 --clear-groups \
		"$PLACE/sendmail" bob@example.test <<<text
	has "$(message bob)" '^Return-Path: <54321@example\.test>$'
}

@test "a program cannot say it is another: only the kernel is believed" {
	needs_root 'changes the user'
	run -77 as_daemon LOGNAME=root USER=root TCPREMOTEIP=127.0.0.1 \
		"$PLACE/sendmail" -f root@example.test bob@example.test <<<text
}

@test "without the socket, and no right to the instance: 75, said where" {
	needs_root 'changes the user'
	mv "$INSTANCE/sendmail" "$INSTANCE/sendmail.away"
	run -75 as_daemon "$PLACE/sendmail" bob@example.test <<<text
	mv "$INSTANCE/sendmail.away" "$INSTANCE/sendmail"
	is "sendmail: unable to connect to $INSTANCE/sendmail: No such file or directory" "$output"
}

@test "without the socket, whoever owns the instance sends all the same" {
	mv "$INSTANCE/sendmail" "$INSTANCE/sendmail.away"
	run -0 sendmail bob@example.test <<<text
	run -67 sendmail nobody@example.test <<<text
	mv "$INSTANCE/sendmail.away" "$INSTANCE/sendmail"
	has "$output" '^sendmail: nobody@example\.test: 550 5\.1\.1 No such address here$'
	# the log has no other place
	[ -e /dev/log ] || has "$output" '^smtp-session\[[0-9]+\]: .* refused ip=local user='
	is 1 "$(count bob)"
}

@test "smtp-session -s local on a pipe serves who started it; over TCP nobody" {
	run -0 smtp_dialogue -s local <<-'END'
	S* 220
	C: MAIL FROM:<root@example.test>
	S* 503
	C: HELO x
	S* 250
	C: MAIL FROM:<>
	S* 250
	C: RCPT TO:<x@elsewhere.test>
	S* 250
	C: QUIT
	S* 221
	END
	needs tcpserver
	local port
	port=$(free_port)
	tcpserver -q -H -R -l 0 127.0.0.1 "$port" "$BIN/smtp-session" -s local \
		>/dev/null 2>"$BATS_TEST_TMPDIR/log" 3>&- &
	local server=$!
	wait_until 5 listening "$port"
	run "$LIB/transcript" --connect "127.0.0.1:$port" - <<<'S$'
	kill "$server"
	is 0 "$status"
	has "$(cat "$BATS_TEST_TMPDIR/log")" 'a network connection'
}

# ---- programs

@test "S65 the mail command" {
	needs s-nail
	# what the tutorials say with /usr/sbin/sendmail
	echo hi | MAILRC=/dev/null s-nail -n -S mta="$BIN/sendmail" -s test "$ALICE"
	is hi "$(body alice)"
	has "$(message alice)" '^Subject: test$'
}

@test "S65 cron's way" {
	run -0 sendmail -FCronDaemon -i -B8BITMIME -oem root <<-'END'
	From: root (Cron Daemon)
	To: root
	Subject: Cron <root@host> true

	output
	END
	is output "$(body alice)"
	has "$(message alice)" '^From: root \(Cron Daemon\)$'
}

@test "neomutt with set sendmail" {
	needs neomutt
	echo text | TMPDIR=$BATS_TEST_TMPDIR neomutt -n -F /dev/null -e "set sendmail=\"$BIN/sendmail -oem -oi\"" \
		-e 'set use_envelope_from=yes' -e "set from=$ALICE" -e 'set copy=no' \
		-s mutt -b "$ALICE" -- "$BOB"
	is text "$(body bob)"
	has "$(message bob)" '^Return-Path: <alice@example\.test>$'
	hasnt "$(message bob)$(message alice)" '^Bcc:'
}
