#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# FETCH: items, sections, pieces; messages of every shape.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
}

raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

# put NAME < text
put()
{
	cat >"$BOX/cur/$1"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

nested()
{
	cat <<-'END'
	From: A <a@b.example>
	Subject: outer
	Content-Type: multipart/mixed; boundary=one

	preamble
	--one

	first
	--one
	Content-Type: message/rfc822

	Subject: inner
	From: c@d.example
	Content-Type: multipart/alternative; boundary="two"

	--two
	Content-Type: text/html
	Content-Transfer-Encoding: quoted-printable

	<p>=C3=A9</p>
	--two--
	--one--
	END
}

@test "arguments that are none" {
	put 1.M1.h:2, < <(nested)
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH 1 ()
	S: b BAD
	C: b FETCH 1 (ALL)
	S: b BAD
	C: b FETCH 1 BODY[]<0.0>
	S: b BAD
	C: b FETCH 1 BODY[HEADER.FIELDS ()]
	S: b BAD
	C: b FETCH 0 FLAGS
	S: b BAD
	C: b FETCH 2 FLAGS
	S: b BAD
	C: b FETCH 1:* FLAGS UID
	S: b BAD
	C: b FETCH *:1 (UID)
	S= * 1 FETCH (UID 1)
	S: b OK
	C: b UID FETCH 5:* FLAGS
	S= * 1 FETCH (UID 1 FLAGS ())
	S: b OK
	C: b UID FETCH 1:4294967295 UID
	S= * 1 FETCH (UID 1)
	S: b OK
	END
}

@test "every section of a nested message, with the length that is promised" {
	put 1.M1.h:2, < <(nested)
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH 1 BODY.PEEK[1]
	S= * 1 FETCH (BODY[1] {5}
	S= first)
	S: b OK
	C: c FETCH 1 BODY.PEEK[1.MIME]
	S= * 1 FETCH (BODY[1.MIME] {2}
	S=
	S= )
	S: c OK
	C: d FETCH 1 BODY.PEEK[2.HEADER.FIELDS (Subject X-None)]
	S= * 1 FETCH (BODY[2.HEADER.FIELDS (Subject X-None)] {18}
	S= Subject: inner
	S=
	S= )
	S: d OK
	C: e FETCH 1 BODY.PEEK[2.HEADER.FIELDS.NOT (from content-type)]
	S= * 1 FETCH (BODY[2.HEADER.FIELDS.NOT (from content-type)] {18}
	S= Subject: inner
	S=
	S= )
	S: e OK
	C: f FETCH 1 BODY.PEEK[2.1]
	S= * 1 FETCH (BODY[2.1] {13}
	S= <p>=C3=A9</p>)
	S: f OK
	C: g FETCH 1 (BODY.PEEK[3] BODY.PEEK[1.1] BODY.PEEK[2.1.TEXT] BODY.PEEK[1.TEXT])
	S= * 1 FETCH (BODY[3] "" BODY[1.1] "" BODY[2.1.TEXT] "" BODY[1.TEXT] "")
	S: g OK
	C: h FETCH 1 BODY.PEEK[2.1.MIME]
	S= * 1 FETCH (BODY[2.1.MIME] {72}
	S: Content-Type: text/html
	S: Content-Transfer
	S=
	S= )
	S: h OK
	C: i FETCH 1 BODY.PEEK[]<11.13>
	S= * 1 FETCH (BODY[]<11> {13}
	S= b.example>
	S= S)
	S: i OK
	C: j FETCH 1 BODY.PEEK[1]<3.100>
	S= * 1 FETCH (BODY[1]<3> {2}
	S= st)
	S: j OK
	C: k FETCH 1 BODY.PEEK[]<100000.5>
	S= * 1 FETCH (BODY[]<100000> {0}
	S= )
	S: k OK
	END
}

@test "BODYSTRUCTURE and ENVELOPE of a nested message" {
	put 1.M1.h:2, < <(nested)
	run -0 raw <<<'a SELECT INBOX
b FETCH 1 BODYSTRUCTURE
c FETCH 1 BODY
d FETCH 1 ENVELOPE
e FETCH 1 FULL'
	has "$output" '^\* 1 FETCH \(BODYSTRUCTURE \(\("text" "plain" \("charset" "us-ascii"\) NIL NIL "7BIT" 5 0 NIL NIL NIL NIL\)\("message" "rfc822" NIL NIL NIL "7BIT" 191 \(NIL "inner" \(\(NIL NIL "c" "d.example"\)\) .*\(\("text" "html" .* "quoted-printable" 13 0 NIL NIL NIL NIL\) "alternative" \("boundary" "two"\) NIL NIL NIL\) 9 NIL NIL NIL NIL\) "mixed" \("boundary" "one"\) NIL NIL NIL\)\)$'
	has "$output" '^\* 1 FETCH \(BODY \(\("text" "plain" \("charset" "us-ascii"\) NIL NIL "7BIT" 5 0\)\("message"'
	has "$output" '^\* 1 FETCH \(ENVELOPE \(NIL "outer" \(\("A" NIL "a" "b.example"\)\)'
	has "$output" '^\* 1 FETCH \(FLAGS \(\) INTERNALDATE "[ 0-3][0-9]-[A-Z][a-z]{2}-20.. ..:..:.. [-+][0-9]{4}" RFC822.SIZE [0-9]+ ENVELOPE .* BODY \('
}

@test "a body that is read is seen; a PEEK or a header is not" {
	put 1.M1.h:2, < <(nested)
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH 1 (BODY.PEEK[1] RFC822.HEADER)
	S.. b OK
	C: c FETCH 1 FLAGS
	S= * 1 FETCH (FLAGS ())
	S: c OK
	C: d FETCH 1 BODY[1]
	S= * 1 FETCH (BODY[1] {5}
	S= first FLAGS (\\Seen))
	S: d OK
	C: e FETCH 1 BODY[1]
	S= * 1 FETCH (BODY[1] {5}
	S= first)
	S: e OK
	END
	is 1.M1.h:2,S "$(ls "$BOX/cur")"
}

@test "messages of odd shapes come back octet by octet, with CRLF line ends" {
	needs python3
	local i=0
	odd() {
		i=$((i + 1))
		printf "$1" | put "$((100 + i)).M1.h:2,S"
	}
	odd ''
	odd '\n'
	odd 'body only, no header'
	odd 'A: b\n\nbare LF\nand no end'
	odd 'A: b\r\n\r\nCRLF\r\nmixed\nends\r\n'
	odd 'A: b\n\nlone\rCR and \r\r\n'
	odd 'A: b\n\nNUL \0 inside\n'
	odd 'A: b\n\n8-bit \377\200\n'
	odd 'Content-Type: multipart/mixed\n\nno boundary\n'
	odd 'Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--\n'
	odd 'A: b\nno colon here\n folded\nC: d\n\nbody\n'
	run -0 python3 - "$BIN/imap-session" "$BOB" "$BOX" <<-'END'
	import imaplib, os, re, sys
	program, user, box = sys.argv[1:]
	client = imaplib.IMAP4_stream("%s -u %s" % (program, user))
	client.select()
	names = sorted(os.listdir(box + "/cur"))
	for number, name in enumerate(names, 1):
	    data = open(box + "/cur/" + name, "rb").read()
	    want = re.sub(rb"(?<!\r)\n", b"\r\n", data).replace(b"\0", b"\x80")
	    status, answer = client.fetch(str(number), "(RFC822.SIZE BODY.PEEK[])")
	    size = int(re.search(rb"RFC822.SIZE (\d+)", answer[0][0]).group(1))
	    assert answer[0][1] == want, (name, answer, want)
	    assert size == len(want), (name, size, len(want))
	    pieces = b""
	    while True:
	        answer = client.fetch(str(number), "BODY.PEEK[]<%d.3>" % len(pieces))[1]
	        if not answer[0][1]:
	            break
	        pieces += answer[0][1]
	    assert pieces == want, (name, pieces)
	    header, text = (client.fetch(str(number), "BODY.PEEK[%s]" % part)[1][0][1]
	                    for part in ("HEADER", "TEXT"))
	    assert header + text == want, (name, header, text)
	    status, answer = client.fetch(str(number), "(ENVELOPE BODYSTRUCTURE)")
	    assert status == "OK", name
	assert len(names) == 11
	END
}

@test "the size of each part is the size of what BODY[n] sends" {
	needs python3
	put 1.M1.h:2,S < <(nested)
	run -0 python3 - "$BIN/imap-session" "$BOB" <<-'END'
	import imaplib, re, sys
	client = imaplib.IMAP4_stream("%s -u %s" % (sys.argv[1], sys.argv[2]))
	client.select()
	structure = client.fetch("1", "BODYSTRUCTURE")[1][0]
	sizes = [int(n) for n in re.findall(rb'"(?:7BIT|quoted-printable)" (\d+)', structure)]
	sent = [len(client.fetch("1", "BODY.PEEK[%s]" % part)[1][0][1])
	        for part in ("1", "2", "2.1")]
	assert sizes == sent, (sizes, sent)
	END
}

@test "a message that vanishes: the others come, the session stays" {
	put 1.M1.h:2,S < <(nested)
	put 2.M1.h:2,S < <(nested)
	mkfifo "$BATS_TEST_TMPDIR/in"
	imap_session -u "$BOB" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 5>"$BATS_TEST_TMPDIR/in"
	printf 'a SELECT INBOX\r\n' >&5
	wait_until 5 grep -q '^a OK' "$BATS_TEST_TMPDIR/out"
	rm "$BOX/cur/1.M1.h:2,S"
	mv "$BOX/cur/2.M1.h:2,S" "$BOX/cur/2.M1.h:2,FS"
	printf 'b FETCH 1:2 BODY.PEEK[1]\r\nc NOOP\r\nd LOGOUT\r\n' >&5
	exec 5>&-
	wait_until 5 grep -q '^d OK' "$BATS_TEST_TMPDIR/out"
	run -0 tr -d '\r' <"$BATS_TEST_TMPDIR/out"
	has "$output" '^\* 2 FETCH \(BODY\[1\] \{5\}'
	has "$output" '^b NO \[EXPUNGEISSUED\]'
	has "$output" '^\* 1 EXPUNGE'
	has "$output" '^c OK'
}

@test "bombs of nesting, parts, addresses and parameters take no time" {
	needs python3
	python3 - "$BOX/cur" <<-'END'
	import sys
	def put(n, text):
	    open("%s/%d.M1.h:2,S" % (sys.argv[1], n), "w").write(text)
	put(1, "".join("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5000)))
	put(2, "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100000)
	put(3, "Content-Type: message/rfc822\n\n" * 5000)
	put(4, "To: " + "a@b, " * 200000 + "c@d\n\n")
	put(5, "Content-Type: text/plain" + "".join("; n*%d=x" % i for i in range(20000)) + "\n\n")
	put(6, "From: " + "(" * 500000 + "\n\n")
	put(7, "Subject: " + "x" * 300000 + "\n\n")
	put(8, "X: y\n" * 300000 + "\nbody\n")
	put(9, "A: b\n\n" + "x" * 20000000)
	END
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	run -0 timeout 20 bash -c 'printf "a SELECT INBOX\r\nb FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)\r\nc SEARCH BODY nothing\r\nd LOGOUT\r\n" | "$BIN/imap-session" -u "$BOB" 2>/dev/null | cut -c1-100'
	has "$output" '^b OK'
	has "$output" '^c OK'
	has "$output" '^d OK'
}

@test "PREVIEW is the first words that are shown; lazily only what is known" {
	put 1.M1.h:2, < <(nested)
	put 2.M1.h:2, <<-'END'
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/plain
	Content-Disposition: attachment

	attached
	--b
	Content-Type: text/html; charset=iso-8859-1
	Content-Transfer-Encoding: quoted-printable

	<title>t</title><body><p>Caf=E9 &amp; th=E9</p></body>
	--b--
	END
	put 3.M1.h:2, <<-'END'
	Content-Type: image/png

	none
	END
	put 4.M1.h:2, <<-'END'
	Subject: x

	> asked
	 Well,   "yes".
	--
	END
	run -0 raw <<-'END'
	a SELECT INBOX
	b FETCH 1:4 (PREVIEW (LAZY) UID)
	c FETCH 1:4 PREVIEW
	d FETCH 1:4 (PREVIEW (LAZY))
	e FETCH 1 PREVIEW (LAZY LAZY)
	f FETCH 1 (PREVIEW (EAGER))
	g FETCH 1 (PREVIEW ())
	h LOGOUT
	END
	has "$output" '^\* PREAUTH .* PREVIEW '
	is 4 "$(sed -n '/^a OK/,/^b OK/p' <<<"$output" | grep -c '(PREVIEW NIL UID')"
	for letters in 'b c' 'c d'; do
		part=$(sed -n "/^${letters% *} OK/,/^${letters#* } OK/p" <<<"$output")
		has "$part" '^\* 1 FETCH \(PREVIEW "first"\)$'
		has "$part" '^\* 2 FETCH \(PREVIEW \{12\}$'
		has "$part" '^Café & thé\)$'
		has "$part" '^\* 3 FETCH \(PREVIEW ""\)$'
		has "$part" '^\* 4 FETCH \(PREVIEW \{12\}$'
		has "$part" '^Well, "yes"\.\)$'
	done
	has "$output" '^e OK'
	has "$output" '^f BAD'
	has "$output" '^g BAD'
	# nothing is marked as read
	is 4 "$(ls -d "$BOX/cur/"*:2, | wc -l)"
}

@test "SAVEDATE is when the message came into its mailbox" {
	put 1.M1.h:2, < <(nested)
	touch -d '2001-02-03 04:05:06 UTC' "$BOX/cur/1.M1.h:2,"
	run -0 raw <<-'END'
	a SELECT INBOX
	b FETCH 1 (INTERNALDATE SAVEDATE)
	END
	has "$output" '^\* 1 FETCH \(INTERNALDATE " 3-Feb-2001 [^"]*" SAVEDATE "[ 0-9][0-9]-...-20[2-9][0-9] '
}

# large LINES: a message of LF lines that are all different.
large()
{
	printf 'Subject: large\n\n'
	seq -f 'line %012.0f' "$1"
}

@test "pieces of a large message, in any order, of several, read it but a few times" {
	large 300000 | put 1.M1.h:2,
	large 200000 | put 2.M1.h:2,
	run -0 python3 - "$LIB" "$BIN/imap-session" "$BOB" <<-'END'
	import random, re, sys
	sys.path.insert(0, sys.argv[1])
	from imapwire import Session

	def fault(*words):
	    raise SystemExit(" ".join(map(str, words)))

	def literal(line):
	    head, body = line.split(b"\r\n", 1)
	    size = int(re.search(rb"\{(\d+)\}$", head).group(1))
	    return body[:size] if size else b""

	s = Session([sys.argv[2], "-u", sys.argv[3]], fault)
	s.command("SELECT INBOX")
	whole = {n: literal(s.command("FETCH %d BODY.PEEK[]" % n)[1][0])
	         for n in (1, 2)}
	size = sum(map(len, whole.values()))
	if not whole[1].count(b"\n") == whole[1].count(b"\r\n") == 300002:
	    fault("line ends")
	STEP = 65537
	pieces = [(n, at) for n in (1, 2) for at in range(0, len(whole[n]), STEP)]
	random.Random(1).shuffle(pieces)
	def read():
	    with open("/proc/%d/io" % s.proc.pid) as io:
	        return int(io.readline().split()[1])
	before = read()
	for n, at in pieces:
	    got = literal(s.command("FETCH %d BODY.PEEK[]<%d.%d>" % (n, at, STEP))[1][0])
	    if got != whole[n][at:at + STEP]:
	        fault("piece", n, at)
	print("times", (read() - before) // size)
	text = s.command("FETCH 1 BODY.PEEK[TEXT]<%d.100>" % (len(whole[1]) - 118))[1][0]
	if literal(text) != whole[1][-100:]:
	    fault("end of the text")
	END
	[[ $output =~ ^times\ ([0-9]+)$ ]]
	((BASH_REMATCH[1] < 10))
}

@test "a file that becomes shorter while it is sent ends the session, out of step never" {
	large 300000 | put 1.M1.h:2,
	run -0 python3 - "$BIN/imap-session" "$BOB" "$BOX/cur/1.M1.h:2," <<-'END'
	import os, re, subprocess, sys
	p = subprocess.Popen([sys.argv[1], "-u", sys.argv[2]], bufsize=0,
	                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
	p.stdin.write(b"a SELECT INBOX\r\nb FETCH 1 BODY.PEEK[]\r\nc NOOP\r\n")
	got = b""
	while b"BODY[] {" not in got:
	    got += p.stdout.read(4096)
	# the pipe is full now, or will be
	os.truncate(sys.argv[3], 1 << 20)
	got += p.stdout.read()
	head, body = got.split(b"BODY[] {", 1)
	size, body = body.split(b"}\r\n", 1)
	print(len(body) < int(size), b"\r\nb OK" in body, b"c OK" in body)
	p.wait()
	END
	is "True False False" "$output"
}

@test "sizes in a file's name that are wrong cost nobody the session" {
	local name
	for name in 1.M1.h,S=5,W=6 2.M1.h,S=99,W=108 3.M1.h,S=7,W=3 4.M1.h,W=1 \
		5.M1.h,S=18446744073709551615,W=18446744073709551616 6.M1.h; do
		printf 'Subject: a\n\none\ntwo\n' | put "$name:2,"
	done
	for _ in 1 2; do
		run -0 raw <<-'END'
		a SELECT INBOX
		b FETCH 1:6 (RFC822.SIZE BODY.PEEK[] BODY.PEEK[TEXT]<4.100>)
		c SEARCH SMALLER 24
		d LOGOUT
		END
		is 6 "$(grep -c 'FETCH (RFC822.SIZE 24 BODY\[\] {24}$' <<<"$output")"
		is 6 "$(grep -c ' BODY\[TEXT\]<4> {6}$' <<<"$output")"
		has "$output" '^\* SEARCH$'
		has "$output" '^d OK'
	done
}

@test "PARTIAL: a page of the messages that are named, and of those that changed" {
	put_messages 5
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .* PARTIAL[ \]]
	C: a SELECT INBOX (CONDSTORE)
	S.~ \* OK \[HIGHESTMODSEQ (?P<BEFORE>\d+)\]
	S: a OK
	C: b UID FETCH 1:5 UID (PARTIAL 2:3)
	S= * 2 FETCH (UID 2)
	S= * 3 FETCH (UID 3)
	S: b OK
	C: c UID FETCH 1:* UID (PARTIAL -1:-2)
	S= * 4 FETCH (UID 4)
	S= * 5 FETCH (UID 5)
	S: c OK
	C: d FETCH 5,1,3 UID (PARTIAL 3:2)
	S= * 3 FETCH (UID 3)
	S= * 5 FETCH (UID 5)
	S: d OK
	C: e UID FETCH 1:9 UID (PARTIAL 5:4294967295)
	S= * 5 FETCH (UID 5)
	S: e OK
	C: f UID FETCH 1:9 UID (PARTIAL 6:9)
	S: f OK
	C: g UID FETCH 1:9 UID (PARTIAL -6:-9)
	S: g OK
	C: h UID STORE 2,4:5 +FLAGS.SILENT (\\Flagged)
	S.. h OK
	C: i UID FETCH 1:* UID (PARTIAL -2:-9 CHANGEDSINCE ${BEFORE})
	S~ \* 2 FETCH \(MODSEQ \(\d+\) UID 2\)
	S~ \* 4 FETCH \(MODSEQ \(\d+\) UID 4\)
	S: i OK
	C: j UID FETCH 1:* UID (CHANGEDSINCE ${BEFORE} PARTIAL 1:1)
	S~ \* 2 FETCH \(MODSEQ \(\d+\) UID 2\)
	S: j OK
	C: k UID FETCH 1:* UID (PARTIAL 0:1)
	S: k BAD
	C: l UID FETCH 1:* UID (PARTIAL -1:1)
	S: l BAD
	C: m UID FETCH 1:* UID (PARTIAL 1:1 PARTIAL 2:2)
	S: m BAD
	END
}

@test "PARTIAL: only the messages of the page are seen" {
	put_messages 3
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH 1:* BODY[TEXT]<0.1> (PARTIAL -1:-1)
	S: * 3 FETCH (
	S.. b OK
	C: c SEARCH SEEN
	S= * SEARCH 3
	S: c OK
	END
}

@test "FETCH that marks a message tells a keyword it found before its flags have it" {
	put_messages 1
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
	S.. a OK
	RUN other 'STORE 1 +FLAGS (fresh)'
	C: b FETCH 1 (BODY[TEXT] FLAGS)
	S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft fresh)
	S: * OK [PERMANENTFLAGS (
	S: * 1 FETCH (BODY[TEXT] {
	S.~ .*FLAGS \(\\Seen fresh\)
	S: b OK
	END
}
