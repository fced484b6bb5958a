#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What ends a message, and what only looks like it: on a socket, in clear and
# inside TLS, cut at every octet. Behind each stands a whole transaction, which
# must never become a message of its own.

load lib/helpers

setup_file()
{
	instance_new -o inbound_filters=
	export PYTHONPATH=$LIB PYTHONDONTWRITEBYTECODE=1
}

setup()
{
	mail_clear
	export LOG=$BATS_TEST_TMPDIR/log
}

# ends MODE: the table below in clear or tls.
ends()
{
	python3 - "$1" <<-'END'
	import sys
	from smtpwire import Session, take_stored

	TLS = sys.argv[1] == "tls"
	REFUSED, ONE = 0, 1
	CASES = [
	    # between "text" and the smuggled transaction; how many messages
	    (b"\n.\n", REFUSED),
	    (b"\n.\r\n", REFUSED),
	    (b"\n.\r", REFUSED),
	    (b"\r\n.\n", REFUSED),
	    (b"\r\n.\r", REFUSED),
	    (b"\r.\r", REFUSED),
	    (b"\r.\n", REFUSED),
	    (b"\r.\r\n", REFUSED),
	    (b"\n\r.\r\n", REFUSED),
	    (b"\r\n\n.\r\n", REFUSED),
	    (b"\r\n.\r\r\n", REFUSED),
	    (b"\r\n.\n\r\n", REFUSED),
	    # a bare CR, then the real end: nothing behind it may be a message
	    (b"\r\r\n.\r\n", REFUSED),
	    (b"\n\r\n.\r\n", REFUSED),
	    (b"\r\0\n.\r\n", REFUSED),
	    # none of these is an end, and none is wrong
	    (b"\0.\0", ONE),
	    (b"\r\n.\0\r\n", ONE),
	    (b"\r\n\0.\r\n", ONE),
	    (b"\r\n..\r\n", ONE),
	    (b"\r\n. \r\n", ONE),
	    (b"\r\n .\r\n", ONE),
	    (b"\r\n.\x85.\r\n", ONE),
	    (b"\xe2\x80\xa8.\xe2\x80\xa8", ONE),
	]
	SMUGGLED = (b"MAIL FROM:<evil@elsewhere.test>\r\n"
	            b"RCPT TO:<alice@example.test>\r\n"
	            b"DATA\r\nSubject: smuggled\r\n\r\nevil\r\n.\r\n")

	def run(end, cut):
	    s = Session().start(TLS)
	    s.envelope()
	    s.say(b"DATA", 354)
	    octets = b"Subject: outer\r\n\r\ntext" + end + SMUGGLED
	    at = len(octets) - len(SMUGGLED) - len(end) - 1 + cut
	    s.send(octets[:at], octets[at:])
	    code, text = s.reply()
	    codes = s.end()
	    return code, codes, take_stored()

	bad = 0
	for end, wanted in CASES:
	    for cut in range(len(end) + 3):
	        code, codes, texts = run(end, cut)
	        good = (code == (250 if wanted else 550) and
	                len(texts) == wanted and
	                250 not in codes and 354 not in codes and
	                not any(b"alice@example.test" in t.split(b"\n\n", 1)[0]
	                        for t in texts))
	        if not good:
	            bad += 1
	            print(end, cut, code, codes, texts)
	sys.exit(bad != 0)
	END
}

@test "end of data: every variant is one message or none, cut at every octet, in clear" {
	ends clear
}

@test "end of data: every variant is one message or none, cut at every record, inside TLS" {
	ends tls
}

@test "end of data: after a message with bare line ends the session takes no other, and says so" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C> a\nb\r\n.\r\n
	S* 550 5\.5\.2
	C: RSET
	S* 250
	C: NOOP
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 421 4\.5\.2
	S$
	END
	no_mail_at_all
}

@test "end of data: lines longer than any buffer, cut at its edges, hide no end and lose no octet" {
	python3 - <<-'END'
	import sys
	from smtpwire import Session, take_stored

	bad = 0
	for edge in (4096, 16384, 65536):
	    for off in range(-4, 4):
	        n = edge + off
	        for tail, body in ((b"\r\n.\r\n", b"\n"),
	                           (b".\r\n.\r\n", b".\n"),
	                           (b"\r\n..\r\nz\r\n.\r\n", b"\n.\nz\n"),
	                           (b"\0.\r\n.\r\n", b"\0.\n")):
	            s = Session().start()
	            s.envelope()
	            s.say(b"DATA", 354)
	            s.sock.sendall(b"a: b\r\n\r\n" + b"x" * n + tail)
	            code, _ = s.reply()
	            codes = s.end()
	            texts = take_stored()
	            if (code != 250 or codes or len(texts) != 1 or
	                    texts[0].split(b"\n\n", 1)[1] != b"x" * n + body):
	                bad += 1
	                print(n, tail, code, codes, [len(t) for t in texts])
	sys.exit(bad != 0)
	END
}

@test "end of data: octet by octet, each a packet or a TLS record of its own" {
	python3 - <<-'END'
	from smtpwire import Session, take_stored

	message = b"Subject: x\r\n\r\n..a\r\n...\r\nb.\r\n.\r\n"
	for tls in (False, True):
	    s = Session().start(tls)
	    s.envelope()
	    s.say(b"DATA", 354)
	    s.send(*[message[i:i + 1] for i in range(len(message))])
	    assert s.reply()[0] == 250
	    assert s.end() == []
	    texts = take_stored()
	    assert len(texts) == 1
	    assert texts[0].split(b"\n\n", 1)[1] == b".a\n..\nb.\n", texts
	END
}

@test "a command line without end is dropped, in bounded memory, and ends in time" {
	instance_new -o smtpd_timeout=1s
	run timeout 20 bash -c 'yes | tr -d "\n" | "$BIN/smtp-session" -s smtp 2>/dev/null'
	[ "$status" -ne 124 ]
	has "$output" '^421 4\.4\.2'
}

@test "S66: commands may end in LF alone; a message may not" {
	python3 - <<-'END'
	from smtpwire import Session, stored

	s = Session()
	assert s.reply()[0] == 220
	for line, code in ((b"ehlo hand.example", 250),
	                   (b"mail from:<carol@elsewhere.test>", 250),
	                   (b"rcpt to:<bob@example.test>", 250), (b"data", 354)):
	    s.send(line + b"\n")
	    assert s.reply()[0] == code, line
	s.send(b"subject: x\n\ntext\n.\n", b"\r\n.\r\n")
	code, text = s.reply()
	assert code == 550 and b"CR LF" in text, text
	s.send(b"quit\n")
	assert s.end() == [221]
	assert not stored()
	END
}
