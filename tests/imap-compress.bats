#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# COMPRESS=DEFLATE (RFC 4978).

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "COMPRESS DEFLATE: everything behind the answer, once, and no more in CAPABILITY" {
	mail_text 'squeezed' 'Read me.' | "$BIN/deliver" "$BOB"
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .*COMPRESS=DEFLATE
	C: a COMPRESS
	S: a BAD
	C: a COMPRESS LZMA
	S: a NO [CANNOT]
	C: a COMPRESS DEFLATE x
	S: a BAD
	C: a COMPRESS DEFLATE
	S: a OK
	DEFLATE
	C: b CAPABILITY
	S~ (?!.*COMPRESS)\* CAPABILITY IMAP4rev1
	S: b OK
	C: c COMPRESS DEFLATE
	S: c NO [COMPRESSIONACTIVE]
	C: d SELECT {5}
	S: + 
	C: INBOX
	S.. d OK
	C: e FETCH 1 BODY.PEEK[TEXT]
	S: * 1 FETCH (BODY[TEXT] {10}
	S= Read me.
	S: )
	S: e OK
	C: f APPEND INBOX {5+}
	C: a: b
	S: * 2 EXISTS
	S.. f OK
	C| g NOOP
	C| h IDLE
	C| DONE
	C: i LOGOUT
	S: g OK
	S: + idling
	S: h OK
	S: * BYE
	S: i OK
	S$
	END
}

@test "COMPRESS: what is no deflate stream ends the session, with a word" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a COMPRESS DEFLATE
	S: a OK
	C: b NOOP\xff\xff\xff
	DEFLATE
	S: * BYE
	S$
	END
}

# compressed_client: a client in Python, as CLIENT of the script on stdin.
compressed_client()
{
	cat - >"$BATS_TEST_TMPDIR/steps.py"
	python3 - "$BIN/imap-session" "$BOB" "$BATS_TEST_TMPDIR/steps.py" <<-'END'
	import re, subprocess, sys, zlib
	session = subprocess.Popen([sys.argv[1], "-u", sys.argv[2]], bufsize=0,
	                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
	                           stderr=subprocess.DEVNULL)
	pack = zlib.compressobj(wbits=-15)
	unpack = zlib.decompressobj(wbits=-15)
	buffer, received = b"", 0

	def deflated(data, flush=zlib.Z_SYNC_FLUSH):
	    return pack.compress(data) + pack.flush(flush)

	def send(data):
	    session.stdin.write(deflated(data))

	def more():
	    global buffer, received
	    data = session.stdout.read(65536)
	    assert data, "the session ended"
	    received += len(data)
	    buffer += unpack.decompress(data)

	def line():
	    global buffer
	    while b"\r\n" not in buffer:
	        more()
	    text, buffer = buffer.split(b"\r\n", 1)
	    return text

	def octets(count):
	    global buffer
	    while len(buffer) < count:
	        more()
	    data, buffer = buffer[:count], buffer[count:]
	    return data

	def until(tag):
	    while True:
	        text = line()
	        if text.startswith(tag + b" "):
	            return text

	def memory(what):
	    status = open("/proc/%d/status" % session.pid).read()
	    return int(re.search(what + r":\s*(\d+)", status).group(1))

	def start(behind=b""):
	    session.stdin.write(b"a COMPRESS DEFLATE\r\n" + behind)
	    plain = b""
	    while not plain.endswith(b"a OK DEFLATE is active\r\n"):
	        plain += session.stdout.read(1)

	exec(open(sys.argv[3]).read())
	send(b"z LOGOUT\r\n")
	assert until(b"z").startswith(b"z OK")
	assert session.wait(20) == 0
	END
}

@test "COMPRESS: what comes in the same packet behind the command is read, too" {
	needs python3
	compressed_client <<-'END'
	start(deflated(b"b NOOP\r\nc SELECT INBOX\r\n"))
	assert until(b"b").startswith(b"b OK")
	assert until(b"c").startswith(b"c OK")
	END
}

@test "COMPRESS: 8 MB up and down, unchanged, a tenth of it on the way" {
	needs python3
	compressed_client <<-'END'
	import random
	random.seed(1)
	words = [b"%x" % random.getrandbits(40) for i in range(2000)]
	body = b"Subject: big\r\n\r\n"
	body += b"".join(b" ".join(random.choices(words, k=7)) + b"\r\n" for i in range(100000))
	start()
	send(b"b APPEND INBOX {%d+}\r\n" % len(body) + body + b"\r\nc SELECT INBOX\r\n")
	assert until(b"b").startswith(b"b OK")
	assert until(b"c").startswith(b"c OK")
	received = 0
	send(b"d FETCH 1 BODY.PEEK[]\r\n")
	head = line()
	assert head.endswith(b"BODY[] {%d}" % len(body)), head
	assert octets(len(body)) == body, "changed"
	assert until(b"d").startswith(b"d OK")
	assert received < len(body) / 2, (received, len(body))
	# pieces of any size, in any grouping
	piece = deflated(b"".join(b"e%d NOOP\r\n" % i for i in range(3000)))
	for i in range(0, len(piece), 7):
	    session.stdin.write(piece[i:i + 7])
	assert until(b"e2999").startswith(b"e2999 OK")
	END
}

@test "COMPRESS: what inflates a thousandfold takes no more memory than the rest" {
	needs python3
	[[ $BIN != *san* ]] || skip 'the sanitizers keep what was freed'
	compressed_client <<-'END'
	start()
	before = memory("VmHWM")
	# 400 MB in one literal, refused, and as a line
	send(b"b NOOP\r\n")
	until(b"b")
	bomb = pack.compress(b"c NOOP ")
	for i in range(400):
	    bomb += pack.compress(b"x" * (1 << 20))
	bomb += deflated(b"\r\n")
	assert len(bomb) < 1 << 20, len(bomb)
	session.stdin.write(bomb)
	assert until(b"c").startswith(b"c BAD [TOOBIG]")
	grown = memory("VmHWM") - before
	assert grown < 2048, "%d kB" % grown
	END
}

@test "COMPRESS: a silent connection holds no outgoing stream, and still hears of new mail" {
	needs python3
	[[ $BIN != *san* ]] || skip 'the sanitizers keep what was freed'
	mail_text 'greetings' | "$BIN/deliver" "$BOB"
	mail_text 'news' >"$BATS_TEST_TMPDIR/news"
	compressed_client <<-'END'
	import os, time
	start()
	send(b"b SELECT INBOX\r\nc FETCH 1 BODY[]\r\nd IDLE\r\n")
	until(b"c")
	assert until(b"+") == b"+ idling"
	busy = memory("VmRSS")
	deadline = time.monotonic() + 15
	while memory("VmRSS") > busy - 100 and time.monotonic() < deadline:
	    time.sleep(0.1)
	assert memory("VmRSS") <= busy - 100, (busy, memory("VmRSS"))
	with open(os.environ["BATS_TEST_TMPDIR"] + "/news") as news:
	    subprocess.run([os.path.dirname(sys.argv[1]) + "/deliver", sys.argv[2]],
	                   stdin=news, check=True)
	while line() != b"* 2 EXISTS":
	    pass
	send(b"DONE\r\ne FETCH 2 FLAGS\r\n")
	assert until(b"e").startswith(b"e OK")
	END
}

@test "COMPRESS: mbsync asks for it and gets its mail, both ways" {
	needs mbsync
	mbsync_tunnel "$BIN/imap-session -u $BOB" -Dn
	has "$output" 'COMPRESS DEFLATE'
}
