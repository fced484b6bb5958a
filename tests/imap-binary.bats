#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# BINARY (RFC 3516): parts without their transfer encoding, and literals that may
# hold any octet.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

# put NAME < message
put()
{
	cat >"$BOX/cur/$1"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

multipart()
{
	cat <<-'END'
	Subject: parts
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable

	caf=C3=A9 =
	soft
	line
	--b
	Content-Type: application/octet-stream
	Content-Transfer-Encoding: BASE64

	AAECAwQF
	BgcICQ==
	--b
	Content-Type: text/plain

	plain
	text
	--b
	Content-Type: application/x
	Content-Transfer-Encoding: x-uuencode

	begin
	--b--
	END
}

@test "BINARY: quoted-printable, base64 and plain parts; NUL as literal8" {
	multipart | put '1700000001.M1P1.h:2,'
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CAPABILITY
	S~ \* CAPABILITY .* BINARY
	S: a OK
	C: b SELECT INBOX
	S.. b OK
	C: c FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])
	S= * 1 FETCH (BINARY[1] {16}
	S= caf\xc3\xa9 soft
	S= line BINARY.SIZE[1] 16)
	S: c OK
	C: d FETCH 1 BINARY.PEEK[2]
	S= * 1 FETCH (BINARY[2] ~{10}
	S= \0\x01\x02\x03\x04\x05\x06\x07\x08\x09)
	S: d OK
	C: e FETCH 1 (BINARY.SIZE[2] BINARY.SIZE[3] BINARY.PEEK[3])
	S= * 1 FETCH (BINARY.SIZE[2] 10 BINARY.SIZE[3] 11 BINARY[3] {11}
	S= plain
	S= text)
	S: e OK
	C: f FETCH 1 FLAGS
	S= * 1 FETCH (FLAGS ())
	S: f OK
	C: g FETCH 1 BINARY[3]
	S= * 1 FETCH (BINARY[3] {11}
	S= plain
	S= text FLAGS (\\Seen))
	S: g OK
	END
}

@test "BINARY: partials, of a literal8 too, and beyond the end" {
	multipart | put '1700000001.M1P1.h:2,S'
	user_dialogue <<-'END'
	S: * PREAUTH
	C: b SELECT INBOX
	S.. b OK
	C: c FETCH 1 BINARY[1]<3.4>
	S= * 1 FETCH (BINARY[1]<3> {4}
	S= \xc3\xa9 s)
	S: c OK
	C: d FETCH 1 BINARY[2]<0.1>
	S= * 1 FETCH (BINARY[2]<0> ~{1}
	S= \0)
	S: d OK
	C: e FETCH 1 BINARY[2]<8.100>
	S= * 1 FETCH (BINARY[2]<8> {2}
	S= \x08\x09)
	S: e OK
	C: f FETCH 1 BINARY[2]<10.5>
	S= * 1 FETCH (BINARY[2]<10> {0}
	S= )
	S: f OK
	C: g FETCH 1 BINARY[2]<5000.5>
	S= * 1 FETCH (BINARY[2]<5000> {0}
	S= )
	S: g OK
	C: h FETCH 1 BINARY.SIZE[2]<0.4>
	S: h BAD
	C: i FETCH 1 BINARY[HEADER]
	S: i BAD
	C: j FETCH 1 BINARY[1.MIME]
	S: j BAD
	C: k FETCH 1 BINARY
	S: k BAD
	END
}

@test "BINARY: no such part, an unknown encoding, the whole message" {
	multipart | put '1700000001.M1P1.h:2,S'
	printf 'Content-Transfer-Encoding: base64\n\naGk=\n' |
		put '1700000002.M1P1.h:2,S'
	user_dialogue <<-'END'
	S: * PREAUTH
	C: b SELECT INBOX
	S.. b OK
	C: c FETCH 1 (BINARY[9] BINARY.SIZE[9])
	S= * 1 FETCH (BINARY[9] NIL BINARY.SIZE[9] 0)
	S: c OK
	C: d FETCH 1 BINARY[4]
	S: d NO [UNKNOWN-CTE]
	C: e FETCH 1 BINARY.SIZE[4]
	S: e NO [UNKNOWN-CTE]
	C: f FETCH 1 BODY[4]
	S= * 1 FETCH (BODY[4] {5}
	S= begin)
	S: f OK
	C: g FETCH 2 (BINARY.SIZE[] BINARY[] BINARY[1])
	S= * 2 FETCH (BINARY.SIZE[] 43 BINARY[] {43}
	S= Content-Transfer-Encoding: base64
	S= 
	S= aGk=
	S=  BINARY[1] {2}
	S= hi)
	S: g OK
	END
}

@test "literal8: a message without binary parts is stored like another; NUL is shown as 0x80" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a APPEND INBOX ~{12}
	S: + 
	C: A: b\r\n\r\nx\0\r\n
	S: a OK [APPENDUID
	C: b APPEND INBOX (\\Seen) ~{12+}
	C: A: b\r\n\r\nxy\r\n
	S: b OK [APPENDUID
	C: c APPEND INBOX {12+}
	C: A: b\r\n\r\nx\0\r\n
	S: c BAD
	C: d SELECT INBOX
	S.. d OK
	C: e FETCH 1 (RFC822.SIZE BODY.PEEK[TEXT])
	S= * 1 FETCH (RFC822.SIZE 12 BODY[TEXT] {4}
	S= x\x80
	S= )
	S: e OK
	C: f FETCH 1 BINARY.PEEK[1]
	S= * 1 FETCH (BINARY[1] ~{4}
	S= x\0
	S= )
	S: f OK
	C: g FETCH 1 BINARY.PEEK[]
	S= * 1 FETCH (BINARY[] ~{12}
	S= A: b
	S= 
	S= x\0
	S= )
	S: g OK
	END
	is 2 "$(count bob)"
	is '' "$(messages bob | xargs grep -l $'\r')"
}

@test "literal8: binary parts come back octet for octet, and as base64 in BODY" {
	needs python3
	run -0 python3 - "$LIB" "$BIN/imap-session" "$BOB" <<-'END'
	import base64, random, re, sys
	sys.path.insert(0, sys.argv[1])
	from imapwire import Session
	def fault(*what):
	    raise SystemExit(repr(what))
	session = Session([sys.argv[2], "-u", sys.argv[3]], fault)
	def send(data):
	    session.serial += 1
	    tag = b"x%d" % session.serial
	    session.proc.stdin.write(tag + b" APPEND INBOX ~{%d+}\r\n" % len(data)
	                             + data + b"\r\n")
	    line = session.line()
	    while not line.startswith(tag):
	        line = session.line()
	    assert b" OK [APPENDUID" in line, line
	def binary(number, part):
	    answer, lines = session.command(
	        "FETCH %d (BINARY.SIZE[%s] BINARY.PEEK[%s])" % (number, part, part))
	    line = b"".join(lines)
	    m = re.search(rb"BINARY.SIZE\[.*?\] (\d+) BINARY\[.*?\] ~?\{(\d+)\}\r\n",
	                  line, re.S)
	    assert m and m.group(1) == m.group(2), line[:200]
	    return line[m.end():m.end() + int(m.group(2))]
	rng = random.Random(1)
	for size in (0, 1, 56, 57, 58, 1000, 700000):
	    data = bytes(rng.choice(b"\0\r\n\xffab") for _ in range(size))
	    head = (b"Content-Type: multipart/mixed; boundary=\"=b=\"\r\n"
	            b"Content-Transfer-Encoding:\r\n binary\r\n\r\n--=b=\r\n\r\ntext\r\n"
	            b"--=b=\r\nContent-Type: image/x\r\n"
	            b"Content-Transfer-Encoding: binary (raw)\r\nX: y\r\n\r\n")
	    send(head + data + b"\r\n--=b=--\r\n")
	session.select("INBOX")
	rng = random.Random(1)
	for i, size in enumerate((0, 1, 56, 57, 58, 1000, 700000)):
	    data = bytes(rng.choice(b"\0\r\n\xffab") for _ in range(size))
	    assert binary(i + 1, "2") == data, size
	    answer, lines = session.command("FETCH %d BODY.PEEK[2]" % (i + 1))
	    text = b"".join(lines).split(b"}\r\n", 1)[1][:-1]
	    assert base64.b64decode(text) == data
	    answer, lines = session.command("FETCH %d BODYSTRUCTURE" % (i + 1))
	    assert b'"IMAGE" "X"' in lines[0].upper() and b'"BASE64"' in lines[0].upper(), lines
	    answer, lines = session.command("FETCH %d BODY.PEEK[HEADER]" % (i + 1))
	    assert b"Content-Transfer-Encoding: 8bit\r\n" in lines[0], lines
	    # in pieces
	    got = b""
	    while len(got) < size:
	        answer, lines = session.command(
	            "FETCH %d BINARY.PEEK[2]<%d.20000>" % (i + 1, len(got)))
	        m = re.search(rb"~?\{(\d+)\}\r\n", lines[0])
	        got += lines[0][m.end():m.end() + int(m.group(1))]
	    assert got == data, "pieces"
	END
}
