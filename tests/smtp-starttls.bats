#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# STARTTLS on a socket: what is said in clear stays outside, in both
# directions, whatever stands in which packet.

load lib/helpers

setup_file()
{
	instance_new
	export PYTHONPATH=$LIB PYTHONDONTWRITEBYTECODE=1
}

setup()
{
	mail_clear
	export LOG=$BATS_TEST_TMPDIR/log
}

INJECTED='b"MAIL FROM:<evil@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"'

@test "STARTTLS: commands in the same packet are dropped, and no reply of theirs is seen inside TLS" {
	python3 - <<-END
	from smtpwire import Session, stored
	for behind in ($INJECTED, b"NOOP\\r\\n" * 50, b"STARTTLS\\r\\n", b"QUIT\\r\\n",
	               b"AUTH PLAIN AGEAYg==\\r\\n", b"x" * 9000, b"NOO"):
	    s = Session()
	    assert s.reply()[0] == 220
	    s.hello()
	    s.send(b"STARTTLS\\r\\n" + behind)
	    assert s.reply()[0] == 220
	    s.shake_hands()
	    # not the end of what was begun in clear
	    s.say(b"P", 500)
	    s.say(b"MAIL FROM:<carol@elsewhere.test>", 503)
	    assert b"STARTTLS" not in s.hello()
	    s.say(b"NOOP", 250)
	    s.say(b"QUIT", 221)
	    assert s.end() == []
	assert not stored()
	END
}

@test "STARTTLS: clear text where the handshake should come ends the session, unanswered and unrun" {
	python3 - <<-END
	from smtpwire import Session, stored
	for behind in ($INJECTED, b"NOOP\\r\\n", b"STARTTLS\\r\\n", b"\\r\\n"):
	    s = Session()
	    assert s.reply()[0] == 220
	    s.hello()
	    s.say(b"STARTTLS", 220)
	    s.send(behind)
	    codes = s.end()
	    # at most an alert, which is a TLS record: no reply
	    assert codes == [] or codes == [0], codes
	assert not stored()
	END
	logged 'tls-failed'
}

@test "STARTTLS: replies to what came before it are sent before the handshake" {
	python3 - <<-END
	from smtpwire import Session
	s = Session()
	assert s.reply()[0] == 220
	s.hello()
	s.send(b"NOOP\\r\\nVRFY a@b.c\\r\\nSTARTTLS\\r\\n")
	assert [s.reply()[0] for i in range(3)] == [250, 252, 220]
	s.shake_hands()
	s.hello()
	s.say(b"QUIT", 221)
	assert s.end() == []
	END
}

@test "STARTTLS: before EHLO, with a parameter, inside a transaction, a second time" {
	python3 - <<-END
	from smtpwire import Session
	s = Session()
	assert s.reply()[0] == 220
	s.say(b"STARTTLS", 503)
	s.hello()
	s.say(b"STARTTLS now", 501)
	s.say(b"MAIL FROM:<carol@elsewhere.test>", 250)
	s.say(b"STARTTLS", 503)
	s.say(b"RCPT TO:<bob@example.test>", 250)
	s.say(b"RSET", 250)
	s.say(b"STARTTLS", 220)
	s.shake_hands()
	s.say(b"STARTTLS", 503)
	s.hello()
	s.say(b"STARTTLS", 503)
	s.say(b"QUIT", 221)
	assert s.end() == []
	END
}

@test "STARTTLS: a login in clear is forgotten" {
	python3 - "$ALICE_PLAIN" <<-END
	import sys
	from smtpwire import Session
	s = Session("-s", "submission")
	assert s.reply()[0] == 220
	s.hello()
	s.say(b"AUTH PLAIN " + sys.argv[1].encode(), 235)
	s.say(b"STARTTLS", 220)
	s.shake_hands()
	assert b"AUTH" in s.hello()
	s.say(b"MAIL FROM:<alice@example.test>", 530)
	s.say(b"AUTH PLAIN " + sys.argv[1].encode(), 235)
	s.say(b"MAIL FROM:<alice@example.test>", 250)
	s.say(b"QUIT", 221)
	assert s.end() == []
	END
}

@test "STARTTLS cut at every octet of its line" {
	python3 - <<-END
	from smtpwire import Session
	line = b"STARTTLS\\r\\n"
	for cut in range(1, len(line)):
	    s = Session()
	    assert s.reply()[0] == 220
	    s.hello()
	    s.send(line[:cut], line[cut:])
	    assert s.reply()[0] == 220
	    s.shake_hands()
	    s.hello()
	    s.say(b"QUIT", 221)
	    assert s.end() == []
	END
}
