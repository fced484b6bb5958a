#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Classes of attacks and faults that other mail servers met, and that no other
# file here is about. Each accepted message is there once and whole; each other
# one is not there.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
	LOG=$(log_file)
	export LOG
}

teardown()
{
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 5 "$LOG"
}

lines()
{
	printf '%s\r\n' "$@"
}

# session PYTHON: with lib/smtpwire; the program may be indented.
session()
{
	PYTHONPATH=$LIB python3 -c 'import sys, textwrap
exec(textwrap.dedent(sys.argv[1]))' "from smtpwire import Session, stored, take_stored
$(python3 -c 'import sys, textwrap; print(textwrap.dedent(sys.argv[1]))' "$1")"
}

@test "smuggling inside the pipeline: who is trusted ends lines with CR LF, too" {
	setting mynetworks 192.0.2.0/24
	session '
	import os
	def tries(*options, login=None):
	    s = Session(*options).start()
	    if login:
	        s.say(b"AUTH PLAIN " + login, 235)
	    s.say(b"MAIL FROM:<alice@example.test>", 250)
	    s.say(b"RCPT TO:<bob@example.test>", 250)
	    s.say(b"DATA", 354)
	    s.send(b"Subject: x\r\n\r\none\n.\nMAIL FROM:<x@y.test>\r\n.\r\n")
	    code = s.reply()[0]
	    s.end()
	    assert code == 550 and not stored(), code
	os.environ["TCPREMOTEIP"] = "192.0.2.1"
	tries("-s", "smtp")
	tries("-s", "submission", login=os.environ["ALICE_PLAIN"].encode())
	'
}

@test "smuggling out: sendmail sends CR LF and no other, and stuffs each dot once" {
	setting sendmail_socket "$BATS_TEST_TMPDIR/socket"
	python3 - "$BATS_TEST_TMPDIR" 3>&- <<-'END' &
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.bind(sys.argv[1] + "/socket")
	s.listen()
	c = s.accept()[0]
	f = c.makefile("rb")
	c.sendall(b"220 here\r\n")
	seen = b""
	for line in f:
	    seen += line
	    if line == b"DATA\r\n":
	        c.sendall(b"354 go\r\n")
	        break
	    c.sendall(b"250 ok\r\n")
	for line in f:
	    seen += line
	    if line == b".\r\n":
	        break
	c.sendall(b"250 ok\r\n")
	seen += f.readline()
	c.sendall(b"221 bye\r\n")
	open(sys.argv[1] + "/seen", "wb").write(seen)
	END
	wait_until 10 test -S "$BATS_TEST_TMPDIR/socket"
	printf 'Subject: x\nFrom: a@b.test\n\n.\n..\n.\r\n.x\n\r\n.' |
		run -0 "$BIN/sendmail" -i -f a@b.test bob@example.test
	wait
	printf '%s\r\n' 'EHLO localhost' 'MAIL FROM:<a@b.test>' \
		'RCPT TO:<bob@example.test>' DATA 'Subject: x' 'From: a@b.test' '' \
		.. ... .. ..x '' .. . QUIT >"$BATS_TEST_TMPDIR/wanted"
	cmp "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/seen"
}

@test "smuggling out: a bare CR given to sendmail ends no line for anybody" {
	printf 'Subject: x\n\nx\r.\r\n.\rMAIL FROM:<a@b.test>\n' >"$BATS_TEST_TMPDIR/m"
	run "$BIN/sendmail" -i bob@example.test <"$BATS_TEST_TMPDIR/m"
	is 65 "$status"
	no_mail_at_all
}

@test "header injection through the envelope: no control octet in any word, however it is written" {
	session '
	def words(*lines):
	    s = Session().start()
	    for line, wanted in lines:
	        s.send(line + b"\r\n")
	        code, text = s.reply()
	        assert code in wanted, (line, text)
	        assert text.count(b"\n") == 1 and b"Evil" not in text, text
	    s.end()
	bad = (501, 553, 555)
	for c in b"\r", b"\0", b"\x0b", b"\x7f", b"\x1b":
	    words(*[(b"MAIL FROM:" + w % c, bad) for w in (
	        b"<a%sEvil@b.test>", b"<\"a%sEvil\"@b.test>",
	        b"<\"a\\%sEvil\"@b.test>", b"<a@b%sEvil.test>",
	        b"<@x%sy:a@b.test>", b"<a@b.test> ENVID=a%sEvil")])
	    words((b"MAIL FROM:<a@b.test>", (250,)),
	        *[(b"RCPT TO:" + w % c, bad) for w in (
	        b"<bob%sEvil@example.test>", b"<\"bob\\%sEvil\"@example.test>",
	        b"<bob+\"%s\"@example.test>",
	        b"<bob@example.test> ORCPT=rfc822;a%sEvil")],
	        (b"DATA", (503,)))
	    words((b"EHLO a%sEvil" % c, (501,)), (b"HELO a%sEvil" % c, (501,)))
	for code in b"+0A", b"+0D+0A", b"+00", b"+7F", b"+0", b"+", b"+zz", b"=":
	    words(*[(b"MAIL FROM:<a@b.test> " + w + code, bad) for w in (
	        b"ENVID=a", b"AUTH=a", b"AUTH=a@b.test")])
	'
	no_mail_at_all
	hasnt "$(cat "$LOG")" $'[\r\v\e\x7f]'
}

@test "address reaches a shell or a path: it is a name, whatever stands in it" {
	cat >>"$BESACE_ETC/mailboxes" <<-'END'
	@catch.test  catch.test/all
	END
	echo catch.test >>"$BESACE_ETC/domains"
	"$BIN/besace" maps
	session '
	for name in (b"`touch${IFS}evil`", b"|evil", b"/etc/passwd", b"-f",
	        b"\"-f\"", b"\"../../evil\"", b"\"; touch evil\"", b"\"$(touch evil)\"",
	        b"\"a b\"", b"\"\\\"\"", b"a+../../evil", b"%s%n%x", b"~root"):
	    s = Session().start()
	    s.say(b"MAIL FROM:<" + name.replace(b"..", b"") .replace(b"//", b"/") + b"@b.test>"
	          if b".." not in name else b"MAIL FROM:<>", 250)
	    s.send(b"RCPT TO:<" + name + b"@catch.test>\r\n")
	    code, text = s.reply()
	    assert code == (501 if name == b"a+../../evil" else 250), (name, text)
	    if code == 250:
	        s.say(b"DATA", 354)
	        s.send(b"Subject: x\r\n\r\n.\r\n")
	        assert s.reply()[0] == 250, name
	        found = stored()
	        assert len(found) == 1 and "/catch.test/all/new/" in found[0], found
	        take_stored()
	    s.end()
	'
	is '' "$(find . "$INSTANCE" -name '*evil*')"
}

@test "pre-login memory: endless answers to AUTH are dropped" {
	session '
	s = Session().start(tls=True)
	s.say(b"AUTH PLAIN", 334)
	def memory():
	    with open("/proc/%d/status" % s.server.pid) as f:
	        return int(f.read().split("VmHWM:")[1].split()[0])
	before = memory()
	for _ in range(300):
	    s.sock.sendall(b"A" * 65536)
	s.send(b"\r\n")
	assert s.reply()[0] == 500
	assert memory() - before < 4000, memory() - before
	s.say(b"NOOP", 250)
	s.end()
	'
}

@test "too many parameters: a full line of them is refused, and the next is read" {
	session '
	s = Session().start()
	for word in b" X=1", b" SIZE=1", b" =", b" SMTPUTF8", b"  ", b" AUTH=<>":
	    s.send(b"MAIL FROM:<a@b.test>" + (word * 2000)[:2000] + b"\r\n")
	    code = s.reply()[0]
	    assert code in (501, 555, 250), (word, code)
	    s.say(b"RSET", 250)
	s.say(b"MAIL FROM:<" + (b"@a," * 400) + b"@b:a@b.test>", 250)
	s.say(b"RCPT TO:<" + (b"@a," * 400) + b"@b:bob@example.test>", 250)
	s.end()
	'
}

@test "too many header fields and octets, nested comments: as they came, in good time" {
	session '
	import time
	def message(header):
	    s = Session().start()
	    s.sock.settimeout(100)
	    s.envelope()
	    s.say(b"DATA", 354)
	    start = time.monotonic()
	    s.sock.sendall(header + b"\r\nbody\r\n.\r\n")
	    code, text = s.reply()
	    took = time.monotonic() - start
	    s.end()
	    assert code == 250 and took < 60, (code, text, took)
	    texts = take_stored()
	    assert len(texts) == 1 and texts[0].endswith(b"\n\nbody\n")
	    return texts[0]
	m = message(b"".join(b"X-%d: y\r\n" % n for n in range(200000)))
	assert m.count(b": y\n") == 200000
	m = message(b"X-One: " + b"y" * 5000000 + b"\r\n")
	assert b"y" * 5000000 in m
	m = message(b"X-Fold: a\r\n" + b" b\r\n" * 500000)
	assert m.count(b"\n b") == 500000
	ours = b"Authentication-Results: "
	m = message(ours + b"(" * 1000000 + b")" * 1000000 + b"example.test; spf=pass\r\n")
	assert ours not in m
	m = message(ours + b"(" * 1000000 + b"\r\nTo: bob\r\n")
	assert ours not in m and b"\nTo: bob\n" in m
	m = message((ours + b"example.test; spf=pass\r\n") * 50000)
	assert ours not in m
	'
}

@test "nested comments: sendmail -t reads them, however deep" {
	python3 -c 'print("To: " + "(" * 500000 + ")" * 500000 + "bob@example.test\n\nx")' |
		run -0 timeout 60 "$BIN/sendmail" -t
	is 1 "$(count bob)"
	python3 -c 'print("To: bob@example.test, " + "(" * 500000 + "\n\nx")' |
		run -65 timeout 60 "$BIN/sendmail" -t
	is 1 "$(count bob)"
}

@test "cdb truncated while mapped: come back later, never an unknown user" {
	local map
	for map in mailboxes domains aliases; do
		cp "$BESACE_ETC/$map.cdb" "$BATS_TEST_TMPDIR/whole"
		MAP=$BESACE_ETC/$map.cdb session '
		import os
		for size in 0, 100, 2048:
		    whole = open(os.environ["BATS_TEST_TMPDIR"] + "/whole", "rb").read()
		    open(os.environ["MAP"], "wb").write(whole)
		    s = Session().start()
		    s.envelope()
		    os.truncate(os.environ["MAP"], size)
		    s.send(b"RCPT TO:<bob+x@example.test>\r\n")
		    code, text = s.reply()
		    # the connection may end, which is later, too
		    assert code // 100 in (0, 2, 4), text
		    s.end()
		'
		cp "$BATS_TEST_TMPDIR/whole" "$BESACE_ETC/$map.cdb"
	done
	no_mail_at_all
}

# faulty CALL:error=NAME:when=N: a session with that fault in its back; in the
# front it would be a forbidden call.
faulty()
{
	timeout 30 strace -qq -o /dev/null -e trace="${1%%:*}" -e "inject=$1" \
		"$BIN/smtp-session" -s smtp 2>>"$LOG"
}

# What the client hears and what is stored say the same.
agrees()
{
	if has "$output" '^250 2\.0\.0 Ok: ' >/dev/null; then
		is 1 "$(count bob)"
		has "$(message bob)" '^the last line$'
	else
		hasnt "$output" '^55'
		is 0 "$(count bob)"
	fi
	mail_clear
}

@test "full disk, read error, config read error, no descriptors: at any call of a session it is 250 with the file, or later without" {
	needs strace
	if sanitized; then
		skip "the checking build makes calls of its own"
	fi
	local fault n taken=0
	for fault in openat:error=EIO openat:error=EMFILE read:error=EIO \
		pread64:error=EIO write:error=ENOSPC write:error=EIO \
		memfd_create:error=ENFILE mmap:error=ENOMEM fcntl:error=EBADF \
		pipe2:error=EMFILE sendmsg:error=ENOBUFS recvmsg:error=ENOMEM \
		vfork:error=EAGAIN fsync:error=EIO close:error=EIO fstat:error=EIO; do
		for n in 1 2 4; do
			echo "$fault at $n"
			run faulty "$fault:when=$n" < <(lines "EHLO a" \
				"MAIL FROM:<carol@elsewhere.test>" \
				"RCPT TO:<bob@example.test>" DATA "Subject: x" "" \
				"the last line" . QUIT)
			if has "$output" '^250 2\.0\.0 Ok: ' >/dev/null; then
				taken=$((taken + 1))
			fi
			agrees
		done
	done
	[ "$taken" -gt 0 ]
}

@test "EINTR, short reads: the same message" {
	needs strace
	if sanitized; then
		skip "the checking build makes calls of its own"
	fi
	local fault
	for fault in read:error=EINTR:when=1+2 write:error=EINTR:when=1+2 \
		recvmsg:error=EINTR:when=1+2 sendmsg:error=EINTR:when=1+2 \
		poll:error=EINTR:when=1+2 ppoll:error=EINTR:when=1+2; do
		echo "$fault"
		run -0 faulty "$fault" < <(lines "EHLO a" \
			"MAIL FROM:<carol@elsewhere.test>" "RCPT TO:<bob@example.test>" \
			DATA "Subject: x" "" "the last line" . QUIT)
		has "$output" '^250 2\.0\.0 Ok: '
		agrees
	done
}
