#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# UNAUTHENTICATE (RFC 8437): one connection, one user after the other.

load lib/helpers
load lib/imap
load lib/quota

setup()
{
	instance_new -o imap_unauthenticate=yes
}

teardown()
{
	instance_stop
}

# both [OPTION]... < transcript: the dialogue in clear, over pipes and over a
# socket, and in TLS.
both()
{
	local text
	text=$(cat)
	"$LIB/transcript" --log "$(log_file)" - -- \
		"$BIN/imap-session" <<<"$text"
	"$LIB/transcript" --socket --log "$(log_file)" - -- \
		"$BIN/imap-session" <<<"$text"
	"$LIB/transcript" --tls --log "$(log_file)" - -- \
		"$BIN/imap-session" -t <<<"$text"
}

@test "UNAUTHENTICATE: listed after the login only, with the setting only" {
	both <<-'END'
	S~ (?!.*UNAUTHENTICATE)\* OK \[CAPABILITY
	C: a CAPABILITY
	S~ (?!.*UNAUTHENTICATE)\* CAPABILITY
	S: a OK
	C: b UNAUTHENTICATE
	S: b BAD
	C: c LOGIN ${BOB} ${BOB_PASSWORD}
	S~ c OK \[CAPABILITY .* UNAUTHENTICATE\]
	C: d CAPABILITY
	S~ \* CAPABILITY .* UNAUTHENTICATE$
	S: d OK
	C: e UNAUTHENTICATE now
	S: e BAD
	C: f UID UNAUTHENTICATE
	S: f BAD
	C: g unauthenticate
	S: g OK
	C: h UNAUTHENTICATE
	S: h BAD
	C: i CAPABILITY
	S~ (?!.*UNAUTHENTICATE)\* CAPABILITY .*AUTH=PLAIN
	S: i OK
	C: j LOGOUT
	S: * BYE
	S: j OK
	S$
	END
	# there is nobody to go back to
	user_dialogue <<-'END'
	S~ (?!.*UNAUTHENTICATE)\* PREAUTH
	C: a UNAUTHENTICATE
	S: a BAD
	END
	setting imap_unauthenticate no
	both <<-'END'
	S: * OK
	C: c LOGIN ${BOB} ${BOB_PASSWORD}
	S~ (?!.*UNAUTHENTICATE)c OK \[CAPABILITY
	C: d UNAUTHENTICATE
	S: d BAD
	C: e NOOP
	S: e OK
	END
}

@test "UNAUTHENTICATE: two users see their own mail, folders and quota" {
	mail_text 'for bob' | "$BIN/deliver" "$BOB"
	mail_text 'for alice' | "$BIN/deliver" "$ALICE"
	mail_text 'for alice, too' | "$BIN/deliver" "$ALICE"
	quota alice 5M
	quota bob 7M
	both <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b SELECT INBOX
	S.. * 1 EXISTS
	S.. b OK
	C: c FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
	S: * 1 FETCH
	S= Subject: for bob
	S.. c OK
	C: d CREATE Bobs
	S: d
	C: e GETQUOTAROOT INBOX
	S: * QUOTAROOT
	S~ \* QUOTA .* 7168
	S: e OK
	C: f UNAUTHENTICATE
	S: f OK
	C: g FETCH 1 FLAGS
	S: g BAD
	C: h LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: h OK
	C: i FETCH 1 FLAGS
	S: i BAD No mailbox
	C: j LIST "" Bobs
	S: j OK
	C: k SELECT INBOX
	S.. * 2 EXISTS
	S.. k OK
	C: l FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
	S: * 1 FETCH
	S= Subject: for alice
	S.. l OK
	C: m GETQUOTAROOT INBOX
	S: * QUOTAROOT
	S~ \* QUOTA .* 5120
	S: m OK
	C: n UNAUTHENTICATE
	S: n OK
	C: o LOGIN ${BOB} ${BOB_PASSWORD}
	S: o OK
	C: p LIST "" Bobs
	S: * LIST
	S: p OK
	C: q LOGOUT
	S: * BYE
	S: q OK
	S$
	END
	logged ' login result=ok .*user=bob@example\.test'
	logged ' login result=ok .*user=alice@example\.test'
	logged ' unauthenticate .*user=bob@example\.test'
	logged ' unauthenticate .*user=alice@example\.test'
	is 3 "$(grep -c ' end .*user=bob@example\.test' "$(log_file)")"
	is 3 "$(grep -c ' end ' "$(log_file)")"
}

@test "UNAUTHENTICATE: what was enabled, saved, watched and selected is gone" {
	mail_text 'one' | "$BIN/deliver" "$BOB"
	both <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b ENABLE QRESYNC UTF8=ACCEPT UIDONLY IMAP4rev2
	S: * ENABLED
	S: b OK
	C: c SELECT INBOX
	S.. c OK
	C: d UID SEARCH RETURN (SAVE) ALL
	S: d OK
	C: e NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))
	S: e OK
	C: f UID SEARCH RETURN (UPDATE) ALL
	S: * ESEARCH
	S: f OK
	C: g UNAUTHENTICATE
	S: g OK
	C: h AUTHENTICATE PLAIN ${BOB_PLAIN}
	S: h OK
	C: i SELECT INBOX
	S: * FLAGS
	S.. * 1 EXISTS
	S~ \* [01] RECENT
	S.. i OK
	C: j FETCH $ UID
	S: j OK
	C: k STORE 1 FLAGS (\\Seen)
	S: * 1 FETCH (FLAGS (\\Seen
	S: k OK
	C: l SELECT INBOX (QRESYNC (1 1))
	S: l BAD
	C: m CREATE "&AOk-"
	S: m
	C: n LIST "" "&AOk-"
	S: * LIST (\\HasNoChildren) "." &AOk-
	S: n OK
	END
}

@test "UNAUTHENTICATE: of the mailbox that was selected nothing is told" {
	put_messages 2
	export BIN BOB
	export -f other
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b SELECT INBOX
	S.. * 2 EXISTS
	S.. b OK
	RUN other 'STORE 1 +FLAGS (\Deleted)' EXPUNGE
	C: c UNAUTHENTICATE
	S: c OK
	C: d NOOP
	S: d OK
	END
}

@test "UNAUTHENTICATE: what is pipelined behind it is run, for the next user" {
	export LONG
	LONG=$(printf 'x%.0s' {1..3000})
	both <<-'END'
	S: * OK
	C| a LOGIN ${BOB} ${BOB_PASSWORD}
	C| b CREATE Bobs
	C| c UNAUTHENTICATE
	C| d AUTHENTICATE PLAIN ${ALICE_PLAIN}
	C| e CREATE Alices
	C| f UNAUTHENTICATE
	C| g LOGIN {16+}
	C| bob@example.test "wrong"
	C| h LOGIN {16+}
	C| bob@example.test ${BOB_PASSWORD}
	C| i APPEND Bobs {3000+}
	C| ${LONG}
	C| j UNAUTHENTICATE
	C: k LOGOUT
	S: a OK
	S: b
	S: c OK
	S: d OK
	S: e
	S: f OK
	S: g NO [AUTHENTICATIONFAILED]
	S: h OK
	S: i OK
	S: j OK
	S: * BYE
	S: k OK
	S$
	END
	[ -d "$(maildir bob Bobs)" ] && [ -d "$(maildir alice Alices)" ]
	[ ! -e "$(maildir bob Alices)" ] && [ ! -e "$(maildir alice Bobs)" ]
	is 3 "$(count bob Bobs)"
}

@test "UNAUTHENTICATE: far more is pipelined than any buffer holds" {
	local i
	{
		echo 'S: * OK'
		for i in {1..300}; do
			printf 'C| a%d LOGIN %s %s\n' "$i" "$BOB" "$BOB_PASSWORD"
			printf 'C| b%d APPEND INBOX {4000+}\nC| %s\n' "$i" "$(printf '%04000d' 0)"
			printf 'C| c%d UNAUTHENTICATE\n' "$i"
			((i % 60)) || echo "C: n NOOP"
		done
		for i in {1..300}; do
			printf 'S: a%d OK\nS.. b%d OK\nS: c%d OK\n' "$i" "$i" "$i"
			((i % 60)) || echo "S: n OK"
		done
	} | both
	is 900 "$(count bob)"
}

@test "UNAUTHENTICATE: STARTTLS behind it drops what came in clear" {
	imap_dialogue <<-'END'
	S: * OK
	C| a LOGIN ${BOB} ${BOB_PASSWORD}
	C| b UNAUTHENTICATE
	C| c STARTTLS
	C: d LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: a OK
	S: b OK
	S: c OK
	TLS
	QUIET 0.5
	C: e SELECT INBOX
	S: e BAD
	C: f LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: f OK
	C: g UNAUTHENTICATE
	S: g OK
	C: h STARTTLS
	S: h BAD
	END
}

@test "UNAUTHENTICATE: a failed second login counts, and so do those before" {
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN x x
	S: a NO
	C: b LOGIN x x
	S: b NO
	C: c LOGIN ${BOB} ${BOB_PASSWORD}
	S: c OK
	C: d UNAUTHENTICATE
	S: d OK
	C: e LOGIN ${ALICE} wrong
	S: e NO [AUTHENTICATIONFAILED]
	C: f SELECT INBOX
	S: f BAD
	C: g LOGIN x x
	S: g NO
	C: h LOGIN x x
	S: h NO
	S: * BYE
	S$
	END
	logged ' login result=failed .*user=alice@example\.test'
	logged 'too-many-errors'
	logged ' end ip='
	hasnt "$(grep ' end ' "$(log_file)")" 'user='
}

@test "UNAUTHENTICATE: failures are counted against the address behind it, too" {
	setting abuse_ban_after 3
	setting abuse_exempt 192.0.2.1
	export TCPREMOTEIP=198.51.100.7
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b UNAUTHENTICATE
	S: b OK
	C: c LOGIN ${ALICE} wrong
	S: c NO
	C: d LOGIN ${ALICE} wrong
	S: d NO
	C: e LOGIN ${ALICE} wrong
	S: e NO
	C: f LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: f NO
	END
	imap_dialogue <<-'END'
	S: * BYE
	S$
	END
}

@test "UNAUTHENTICATE: who went has given up his place" {
	setting mail_max_userip_connections 1
	instance_serve
	run -0 "$LIB/crowd" '
	login = "a LOGIN bob@example.test " + "'"$BOB_PASSWORD"'"
	alice = "a LOGIN alice@example.test " + "'"$ALICE_PASSWORD"'"
	one, two = many(1, IMAP)[0], many(1, IMAP)[0]
	check(one.say(login, "a ").startswith("a OK"))
	check(two.say(alice, "a ").startswith("a OK"))
	check(two.say("b UNAUTHENTICATE", "b ").startswith("b OK"))
	check(two.say(login, "a ").startswith("a NO [LIMIT]"))
	check(two.line() == "")
	three = many(1, IMAP)[0]
	check(one.say("b UNAUTHENTICATE", "b ").startswith("b OK"))
	check(three.say(login, "a ").startswith("a OK"))
	check(one.say(alice, "a ").startswith("a OK"))
	'
}

@test "UNAUTHENTICATE: a user who went is a stranger again, with a stranger's time" {
	setting imap_login_timeout 1s
	both <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	SLEEP 4
	C: b UNAUTHENTICATE
	S: b OK
	C: c NOOP
	S: c OK
	S: * BYE Timeout
	S$
	END
	setting imap_login_timeout 60s
	setting imap_idle_timeout 1s
	both <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b UNAUTHENTICATE
	S: b OK
	SLEEP 2
	C: c LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: c OK
	S: * BYE Idle
	S$
	END
}

# engine_of USER: the process that serves him.
engine_of()
{
	pgrep -f "^imap-session: $1 " || return 1
}
export -f engine_of

@test "UNAUTHENTICATE: an engine that dies ends the connection, with a word" {
	setting verbose_proctitle yes
	both <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b UNAUTHENTICATE
	S: b OK
	C: c LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: c OK
	RUN ! engine_of bob@example.test
	RUN kill -KILL $(engine_of alice@example.test)
	S: * BYE
	S$
	END
	logged ' error what="run the IMAP engine" ended="signal 9"'
	logged ' end .*user=alice@example\.test'
}

@test "UNAUTHENTICATE: a client that goes leaves no process behind" {
	setting verbose_proctitle yes
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	RUN engine_of bob@example.test
	END
	run ! engine_of bob@example.test
	logged ' end .*user=bob@example\.test'
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b UNAUTHENTICATE
	S: b OK
	END
	is 2 "$(grep -c ' end ' "$(log_file)")"
}

@test "UNAUTHENTICATE: a mailbox that cannot be had, and the next login" {
	: >"$BATS_TEST_TMPDIR/file"
	rm -rf "$(maildir alice)"
	ln -s "$BATS_TEST_TMPDIR/file" "$(maildir alice)"
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	C: b UNAUTHENTICATE
	S: b OK
	C: c LOGIN ${ALICE} ${ALICE_PASSWORD}
	S: c NO [UNAVAILABLE]
	S$
	END
}

# squeezed PYTHON: a client whose SESSION is bob's, in COMPRESS=DEFLATE.
squeezed()
{
	needs python3
	run -0 timeout 60 python3 - "$BIN/imap-session" "$@" <<-'END'
	import os, subprocess, sys, textwrap, time, zlib
	BOB = ("LOGIN %s %s\r\n" % (os.environ["BOB"], os.environ["BOB_PASSWORD"])).encode()
	ALICE = ("LOGIN %s %s\r\n" % (os.environ["ALICE"], os.environ["ALICE_PASSWORD"])).encode()
	session = subprocess.Popen([sys.argv[1]], bufsize=0, stdin=subprocess.PIPE,
	                           stdout=subprocess.PIPE)
	buffer = b""

	def say(data):
	    session.stdin.write(data)

	def line():
	    global buffer
	    while b"\r\n" not in buffer:
	        data = os.read(session.stdout.fileno(), 65536)
	        assert data, "the session ended: %r" % buffer
	        buffer += data
	    text, buffer = buffer.split(b"\r\n", 1)
	    return text

	def until(tag):
	    while True:
	        text = line()
	        if text.startswith(tag):
	            return text

	def start():
	    global pack, unpack
	    say(b"z COMPRESS DEFLATE\r\n")
	    until(b"z OK")
	    pack = zlib.compressobj(wbits=-15)
	    unpack = zlib.decompressobj(wbits=-15)

	def last(tag):
	    """The inflated answer, to the flush behind it; what is left is plain."""
	    global buffer
	    answer = b""
	    while not answer.endswith(b"\r\n") or tag not in answer or \
	            not seen.endswith(b"\0\0\xff\xff"):
	        if not buffer:
	            buffer = os.read(session.stdout.fileno(), 65536)
	            assert buffer, "the session ended: %r" % answer
	        if not answer:
	            seen = b""
	        seen += buffer[:1]
	        answer += unpack.decompress(buffer[:1])
	        buffer = buffer[1:]
	    return answer

	def flushed(data, how=zlib.Z_SYNC_FLUSH):
	    return pack.compress(data) + pack.flush(how)

	say(b"a " + BOB)
	until(b"a OK")
	exec(textwrap.dedent(sys.argv[2]))
	say(b"y LOGOUT\r\n")
	assert until(b"y ").startswith(b"y OK")
	assert session.wait(20) == 0
	END
}

@test "UNAUTHENTICATE: compression ends with it, on both sides" {
	squeezed '
	for how in zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH:
	    start()
	    say(flushed(b"b UNAUTHENTICATE\r\n", how))
	    assert last(b"b OK"), how
	    say(b"c " + ALICE + b"d CAPABILITY\r\n")
	    assert b"COMPRESS=DEFLATE" in until(b"c OK")
	    until(b"d OK")
	'
}

@test "UNAUTHENTICATE: what comes plain in the same packet behind compressed octets" {
	squeezed '
	for how in zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH:
	    start()
	    say(flushed(b"b NOOP\r\nc UNAUTHENTICATE\r\n", how) + b"d " + ALICE + b"e NOOP\r\n")
	    assert b"b OK" in last(b"c OK")
	    until(b"d OK")
	    until(b"e OK")
	# octet by octet
	start()
	for octet in flushed(b"f UNAUTHENTICATE\r\n") + b"g " + BOB + b"h CREATE Bobs\r\n":
	    say(bytes([octet]))
	    time.sleep(0.002)
	last(b"f OK")
	until(b"g OK")
	until(b"h ")
	'
	[ -d "$(maildir bob Bobs)" ]
}

@test "UNAUTHENTICATE: who compresses on behind it is told so" {
	squeezed '
	start()
	say(flushed(b"b UNAUTHENTICATE\r\nc " + ALICE))
	assert b"* BYE" in last(b"* BYE"), "no word"
	assert session.wait(20) == 0
	sys.exit()
	'
	hasnt "$(cat "$(log_file)" 2>/dev/null)" 'alice'
}
