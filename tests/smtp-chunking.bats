#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# CHUNKING (RFC 3030): BDAT's good cases, its refusals, and that the octets of
# a chunk are never run as commands.

load lib/helpers

setup_file()
{
	instance_new -o smtpd_hard_error_limit=100
}

setup()
{
	mail_clear
}

# with_rcpt < rest: a session in which MAIL and RCPT were taken.
with_rcpt()
{
	{
		cat <<-'END'
		S* 220
		C: EHLO client.example
		S* 250 ^250[- ]CHUNKING$
		C: MAIL FROM:<carol@elsewhere.test>
		S* 250
		C: RCPT TO:<bob@example.test>
		S* 250
		END
		cat
	} | smtp_dialogue -s smtp
}

# A whole transaction as the octets of a chunk: 115 of them.
EVIL='MAIL FROM:<e@elsewhere.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: e\r\n\r\ne\r\n.\r\nRSET\r\nNOOP\r\nNOOP\r\nNOOP\r\n'
EVIL_SIZE=$(printf %b "$EVIL" | wc -c)

@test "BDAT: a message in one chunk, dots and all" {
	with_rcpt <<-'END'
	C> BDAT 38 LAST\r\nSubject: chunk\r\n\r\n.\r\n..\r\nQUIT\r\n\r\n.\r\n\r\n
	S* 250 2\.0\.0 Ok: [0-9a-z]+
	C: QUIT
	S* 221
	S$
	END
	is '.
..
QUIT

.' "$(message bob | sed '1,/^$/d')"
}

@test "BDAT: chunks cut anywhere, CR from LF too, and BDAT 0 LAST" {
	with_rcpt <<-'END'
	C> BDAT 13\r\nSubject: cut\r
	C> BDAT 1\r\n\nBDAT 4\r\n\r\na\r
	S~ 250 2\.0\.0 Ok: 13 octets
	S~ 250 2\.0\.0 Ok: 1 octets
	S~ 250 2\.0\.0 Ok: 4 octets
	C> bdat 2\r\n\nb
	S* 250
	C> BDAT 0\r\n
	S* 250
	C> BDAT 2\r\n\r\n
	S* 250
	C> BDAT 0 last\r\n
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message bob)" '^Subject: cut$'
	is 'a
b' "$(message bob | sed '1,/^$/d')"
}

@test "BDAT: a message whose last line has no end gets one; an empty one is taken like DATA's" {
	with_rcpt <<-'END'
	C> BDAT 14 LAST\r\nSubject: x\r\n\r\n
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C> BDAT 17 LAST\r\nSubject: x\r\n\r\nend
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C> BDAT 0 LAST\r\n
	S* 250
	C: QUIT
	S* 221
	END
	is 3 "$(count bob)"
	is 1 "$(messages bob | xargs tail -qn 1 | grep -c '^end$')"
}

@test "BDAT: a whole transaction and the next in one write" {
	with_rcpt <<-'END'
	C> BDAT 4\r\na: bBDAT 4\r\n\r\n\r\nBDAT 2 LAST\r\nx\nMAIL FROM:<carol@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\nBDAT 8 LAST\r\nc: d\r\n\r\nNOOP\r\nQUIT\r\n
	S~ 250 2\.0\.0 Ok: 4 octets
	S~ 250 2\.0\.0 Ok: 4 octets
	S~ 550 5\.5\.2
	S~ 250 2\.1\.0
	S~ 250 2\.1\.5
	S~ 250 2\.0\.0 Ok: [0-9a-z]{10}
	S~ 250 2\.0\.0
	S~ 221
	S$
	END
	is 1 "$(count bob)"
	has "$(message bob)" '^c: d$'
}

@test "BDAT: bare CR and bare LF refuse the message at their chunk, and no octet of it is a command" {
	local bytes
	for bytes in 'a: b\n\r\n' 'a: b\r\r\n' 'a: b\r\n\r\nx\n.\n' 'a: b\rc\r\n'; do
		local n
		n=$(printf %b "$bytes" | wc -c)
		with_rcpt <<-END
		C> BDAT $((n + EVIL_SIZE))\\r\\n$bytes${EVIL}BDAT $EVIL_SIZE LAST\\r\\n${EVIL}NOOP\\r\\n
		S~ 550 5\\.5\\.2
		S~ 503 5\\.5\\.1
		S~ 250 2\\.0\\.0
		QUIET 0.1
		C: QUIT
		S* 221
		S\$
		END
	done
	no_mail_at_all
}

@test "BDAT: a CR that ends the last chunk is a bare one" {
	with_rcpt <<-'END'
	C> BDAT 9 LAST\r\na: b\r\n\r\n\r
	S* 550 5\.5\.2
	C: QUIT
	S* 221
	END
	no_mail_at_all
}

@test "BDAT that is refused swallows its octets: before EHLO, MAIL, RCPT, and with a wrong word" {
	smtp_dialogue -s smtp <<-END
	S* 220
	C> BDAT $EVIL_SIZE LAST\\r\\n$EVIL
	S* 503 5\\.5\\.1
	C: EHLO client.example
	S* 250
	C> BDAT $EVIL_SIZE LAST\\r\\n$EVIL
	S* 503 5\\.5\\.1
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C> BDAT $EVIL_SIZE\\r\\n$EVIL
	S* 503 5\\.5\\.1
	C: RCPT TO:<bob@example.test>
	S* 503
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C> BDAT $EVIL_SIZE FIRST\\r\\n$EVIL
	S* 501
	C> BDAT 0 LAST\\r\\n
	S* 503
	QUIET 0.1
	C: QUIT
	S* 221
	END
	no_mail_at_all
}

@test "BDAT whose size cannot be told ends the connection, whatever follows" {
	local size
	for size in '' ' ' ' x' ' -5' ' +5' ' 5x' ' 0x10 LAST' ' LAST' ' 99999999999999999999 LAST' ' 5,LAST'; do
		with_rcpt <<-END
		C> BDAT$size\\r\\n$EVIL
		S~ 521 5\\.5\\.4
		S\$
		EXIT 0
		END
	done
	no_mail_at_all
}

@test "BDAT: the sum of the chunks is held against message_size_limit before they are read" {
	instance_new -o message_size_limit=1k
	local half
	half=$(printf '%0598d' 0)
	with_rcpt <<-END
	C> BDAT 600\\r\\n$half\\r\\n
	S* 250
	C> BDAT 600 LAST\\r\\n$half\\r\\n
	S* 552 5\\.3\\.4
	C> BDAT 0 LAST\\r\\n
	S* 503
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C> BDAT 1024 LAST\\r\\na: b\\r\\n\\r\\n$(printf '%01014d' 0)\\r\\n
	S* 250
	C: QUIT
	S* 221
	END
	is 1 "$(count bob)"
}

@test "BDAT and DATA do not mix, and recipients come before the first chunk" {
	with_rcpt <<-'END'
	C> BDAT 8\r\na: b\r\n\r\n
	S* 250
	C: DATA
	S* 503 5\.5\.1
	C: RCPT TO:<alice@example.test>
	S* 503 5\.5\.1
	C: MAIL FROM:<carol@elsewhere.test>
	S* 503
	C: NOOP
	S* 250
	C> BDAT 3 LAST\r\nx\r\n
	S* 250
	C: QUIT
	S* 221
	END
	is 1 "$(count bob)"
	is 0 "$(count alice)"
}

@test "BDAT: RSET and EHLO between chunks forget them" {
	with_rcpt <<-'END'
	C> BDAT 8\r\na: 1\r\n\r\n
	S* 250
	C: RSET
	S* 250
	C> BDAT 3 LAST\r\nx\r\n
	S* 503
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C> BDAT 8\r\na: 2\r\n\r\n
	S* 250
	C: EHLO client.example
	S* 250
	C> BDAT 3 LAST\r\nx\r\n
	S* 503
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: a: 3
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is 1 "$(count bob)"
	has "$(message bob)" '^a: 3$'
}

@test "BDAT: a session that is cut off in a chunk or between two leaves nothing" {
	local rest
	for rest in 'BDAT 500 LAST\r\na: b\r\n\r\n' 'BDAT 8\r\na: b\r\n\r\n'; do
		printf "EHLO a.example\\r\\nMAIL FROM:<c@elsewhere.test>\\r\\nRCPT TO:<bob@example.test>\\r\\n$rest" |
			smtp_session -s smtp >/dev/null || true
	done
	no_mail_at_all
}

@test "BDAT: a client that waits for its replies before the octets gets them; silence in a chunk ends with 421" {
	instance_new -o smtpd_timeout=1s
	with_rcpt <<-'END'
	C> NOOP\r\nBDAT 8\r\n
	S~ 250 2\.0\.0
	C> a: b\r\n
	S~ 421 4\.4\.2
	S$
	END
	no_mail_at_all
}

@test "BDAT: 3 MB by chunks of 1000 octets, on disk, is the message byte by byte" {
	{
		printf 'Subject: many\r\n\r\n'
		yes "$(printf '%078d\r' 0)" | head -n 40000
	} >"$BATS_TEST_TMPDIR/m"
	run -0 python3 - "$BATS_TEST_TMPDIR/m" <<-'END'
	import os, subprocess, sys
	data = open(sys.argv[1], "rb").read()
	out = b"EHLO a.example\r\nMAIL FROM:<c@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\n"
	for i in range(0, len(data), 1000):
	    piece = data[i:i + 1000]
	    out += b"BDAT %d%s\r\n" % (len(piece), b" LAST" if i + 1000 >= len(data) else b"") + piece
	r = subprocess.run([os.environ["BIN"] + "/smtp-session", "-s", "smtp"],
	                   input=out + b"QUIT\r\n", capture_output=True)
	print(r.stdout.decode().splitlines()[-2:])
	END
	has "$output" '250 2\.0\.0 Ok: .*221'
	is "$(tr -d '\r' <"$BATS_TEST_TMPDIR/m" | md5sum)" \
		"$(sed -n '/^Subject: many/,$p' "$(messages bob)" | md5sum)"
}

@test "BDAT cut at every octet, in packets and in TLS records, is the message that DATA gives" {
	PYTHONPATH=$LIB PYTHONDONTWRITEBYTECODE=1 LOG=$(log_file) python3 - <<-'END'
	from smtpwire import Session, take_stored

	lines = b"Subject: x\r\n\r\n.\r\n..\r\n\0\xff\r\nend\r\n"
	def body(texts):
	    assert len(texts) == 1, texts
	    return texts[0][texts[0].index(b"Subject: x"):]

	s = Session().start()
	s.envelope()
	s.say(b"DATA", 354)
	s.send(lines.replace(b"\r\n.", b"\r\n..") + b".\r\n")
	assert s.reply()[0] == 250
	assert s.end() == []
	wanted = body(take_stored())

	first, rest = lines[:11], lines[11:]
	stream = (b"BDAT %d\r\n" % len(first) + first + b"BDAT %d\r\n" % len(rest) +
	          rest + b"BDAT 0 LAST\r\n")
	for tls in (False, True):
	    for cut in range(1, len(stream)):
	        s = Session().start(tls)
	        s.envelope()
	        s.send(stream[:cut], stream[cut:])
	        assert [s.reply()[0] for i in range(3)] == [250] * 3, cut
	        assert s.end() == [], cut
	        assert body(take_stored()) == wanted, cut
	END
}

@test "BDAT: no room for the message: come back later, at that chunk" {
	local chunk
	chunk="x: $(printf '%019995d' 0)"
	run bash -c 'ulimit -f 8; trap "" XFSZ; "$@"' - \
		"$BIN/smtp-session" -s smtp < <({
			printf '%s\r\n' 'EHLO a.example' \
				'MAIL FROM:<carol@elsewhere.test>' "RCPT TO:<$BOB>"
			for _ in {1..20}; do
				printf 'BDAT 20000\r\n%s\r\n' "$chunk"
			done
			printf 'BDAT 0 LAST\r\nQUIT\r\n'
		})
	has "$output" '^452 4\.3\.1'
	hasnt "$output" '^250 2\.0\.0 Ok: [0-9a-z]*$'
	is 1 "$(grep -c '^4' <<<"$output")"
	has "$output" '^221'
	no_mail_at_all
}

@test "BDAT: a refused chunk without end has no longer than a command" {
	instance_new -o smtpd_stranger_timeout=1s
	run timeout 20 bash -c '{ printf "EHLO a\r\nBDAT 9999999999999999999 LAST\r\n"; yes; } |
		"$BIN/smtp-session" -s smtp 2>/dev/null'
	[ "$status" -ne 124 ]
	has "$output" '^421 4\.4\.2'
}
