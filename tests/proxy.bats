#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The PROXY protocol: a listed proxy says whose connection it is, before
# anything else, on every service; nobody else does, and nothing behind the
# header is lost.

load lib/helpers

setup_file()
{
	instance_new -o inbound_filters= -o outbound_filters= \
		-o reject_unauth_pipelining=no \
		-o haproxy_trusted_networks=127.0.0.0/8 -o haproxy_timeout=10s
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
	export LOG=$INSTANCE/log/mail.log
	: >"$LOG"
	# over pipes: the proxy's own address
	export TCPREMOTEIP=127.0.0.1
}

# header_v2 HEX: version and command, family, length, addresses
header_v2()
{
	printf '\\r\\n\\r\\n\\0\\r\\nQUIT\\n'
	fold -w 2 <<<"$1" | sed 's/^/\\x/' | tr -d '\n'
}

CLIENT4=2111000cc0000207c6336401dc0400 # and the last octet of the port
CLIENT6=2121002420010db800000000000000000000000720010db8000000000000000000000001dc0400

by_swaks()
{
	run -0 swaks --server "127.0.0.1:$SMTP" --from carol@elsewhere.test \
		--to "$BOB" --proxy-family TCP4 --proxy-source 192.0.2.7 \
		--proxy-source-port 56324 --proxy-dest 198.51.100.1 \
		--proxy-dest-port 25 "$@"
	has "$(message bob)" '^Received: from .* \(unknown \[192\.0\.2\.7\]\)$'
	logged ' connect ip=192\.0\.2\.7 service=smtp proxy=127\.0\.0\.1$'
	logged ' accepted ip=192\.0\.2\.7 '
	is 1 "$(grep -c ' connect ' "$LOG")"
}

@test "swaks, version 1" {
	needs swaks
	by_swaks
}

@test "swaks, version 2" {
	needs swaks
	by_swaks --proxy-version 2 --proxy-family AF_INET
}

@test "curl: submissions and IMAPS behind a header, with a login" {
	mail_text | crlf | curl -s --haproxy-protocol -k --url "smtps://127.0.0.1:$SUBMISSIONS" \
		--user "$ALICE:$ALICE_PASSWORD" --mail-from "$ALICE" \
		--mail-rcpt "$BOB" -T -
	is 1 "$(count bob)"
	run -0 curl -s --haproxy-protocol -k --url "imaps://127.0.0.1:$IMAPS/INBOX" \
		--user "$BOB:$BOB_PASSWORD" -X 'STATUS INBOX (MESSAGES)'
	has "$output" 'MESSAGES 1'
}

# The filters see the client's address and the port it connected to.
facts()
{
	printf '#!/bin/sh\nenv >%s\ncat\n' "$BATS_TEST_TMPDIR/env" >"$BATS_TEST_TMPDIR/filter"
	chmod 755 "$BATS_TEST_TMPDIR/filter"
	setting inbound_filters "$BATS_TEST_TMPDIR/filter"
}

@test "version 2 in one write with the session, byte by byte and cut in two anywhere" {
	facts
	local session=$BATS_TEST_TMPDIR/session n
	{
		printf '%b' "$(header_v2 "${CLIENT6}19")"
		printf '%s\r\n' 'HELO client.example' 'MAIL FROM:<c@elsewhere.test>' \
			'RCPT TO:<bob@example.test>' DATA 'Subject: whole' '' b . QUIT
	} >"$session"
	smtp_session <"$session" >"$BATS_TEST_TMPDIR/out"
	is '220 250 250 250 354 250 221' "$(cut -c-3 "$BATS_TEST_TMPDIR/out" | xargs)"
	has "$(cat "$BATS_TEST_TMPDIR/env")" '^TCPREMOTEIP=2001:db8::7$'
	has "$(cat "$BATS_TEST_TMPDIR/env")" '^TCPLOCALPORT=25$'
	run -0 bash -c 'dd bs=1 status=none if="$1" | "$BIN/smtp-session" 2>/dev/null' - "$session"
	is 2 "$(count bob)"
	for n in 1 12 15 16 17 51 52 53; do
		{
			head -c "$n" "$session"
			sleep 0.1
			tail -c "+$((n + 1))" "$session"
		} | smtp_session >"$BATS_TEST_TMPDIR/out"
		has "$(cat "$BATS_TEST_TMPDIR/out")" '^221'
	done
	is 10 "$(count bob)"
	setting inbound_filters ''
}

@test "TLS from the first byte: the handshake may come with the header" {
	LOG=$BATS_TEST_TMPDIR/log
	HEADER=$(header_v2 "${CLIENT4}19")
	export HEADER
	"$LIB/transcript" --log "$LOG" - -- "$BIN/smtp-session" -s submissions <<-'END'
	C> ${HEADER}
	TLS
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: QUIT
	S* 221
	END
	logged ' connect ip=192\.0\.2\.7 service=submissions proxy=127\.0\.0\.1$'
	logged ' login result=ok ip=192\.0\.2\.7 '
	"$LIB/transcript" --log "$LOG" - -- "$BIN/imap-session" -t <<-'END'
	C> ${HEADER}
	TLS
	S: * OK
	C: a LOGIN bob@example.test ${BOB_PASSWORD}
	S: a OK
	C: b LOGOUT
	S: * BYE
	END
	logged ' connect ip=192\.0\.2\.7 service=imaps proxy=127\.0\.0\.1$'
}

@test "STARTTLS after a header drops what was sent in clear, as ever" {
	LOG=$BATS_TEST_TMPDIR/log
	smtp_dialogue -s submission <<-'END'
	C> PROXY TCP4 192.0.2.7 192.0.2.1 1 587\r\n
	S* 220
	C: EHLO client.example
	S* 250
	C| STARTTLS
	C: NOOP injected
	S* 220
	TLS
	C: EHLO client.example
	S* 250
	C: QUIT
	S* 221
	END
}

@test "IMAP in clear" {
	LOG=$BATS_TEST_TMPDIR/log
	imap_dialogue <<-'END'
	C> PROXY TCP6 2001:db8::7 2001:db8::1 1 143\r\na LOGIN bob@example.test wrong\r\n
	S: * OK
	S: a NO
	C: b LOGOUT
	S: * BYE
	S: b OK
	END
	logged ' login result=failed ip=2001:db8::7 '
}

@test "an IPv4 client on the proxy's IPv6 socket is an IPv4 client" {
	LOG=$BATS_TEST_TMPDIR/log
	imap_dialogue <<-'END'
	C> PROXY TCP6 ::ffff:192.0.2.9 ::ffff:192.0.2.1 1 143\r\n
	S: * OK
	C: a LOGOUT
	S: * BYE
	S: a OK
	END
	logged ' connect ip=192\.0\.2\.9 service=imap proxy='
}

@test "a proxy that speaks for itself (UNKNOWN, LOCAL) is the client" {
	LOG=$BATS_TEST_TMPDIR/log
	smtp_dialogue <<-'END'
	C> PROXY UNKNOWN 192.0.2.7\r\n
	S* 220
	C: QUIT
	S* 221
	END
	is 1 "$(grep -c ' connect ip=127\.0\.0\.1 service=smtp$' "$LOG")"
	HEADER=$(header_v2 "20${CLIENT4#21}19") smtp_dialogue <<-'END'
	C> ${HEADER}
	S* 220
	C: QUIT
	S* 221
	END
	is 2 "$(grep -c ' connect ip=127\.0\.0\.1 service=smtp$' "$LOG")"
}

@test "from a network that is not listed it is a command like another" {
	LOG=$BATS_TEST_TMPDIR/log
	TCPREMOTEIP=192.0.2.99 smtp_dialogue <<-'END'
	S* 220
	C: PROXY TCP4 192.0.2.7 192.0.2.1 1 25
	S* 500
	C: QUIT
	S* 221
	END
	logged ' connect ip=192\.0\.2\.99 service=smtp$'
	TCPREMOTEIP=192.0.2.99 imap_dialogue <<-'END'
	S: * OK
	C: PROXY TCP4 192.0.2.7 192.0.2.1 1 25
	S: PROXY BAD
	C: b LOGOUT
	S: * BYE
	S: b OK
	END
	hasnt "$(cat "$LOG")" '192\.0\.2\.7'
}

@test "a second header is a command: nobody else may say who he is" {
	LOG=$BATS_TEST_TMPDIR/log
	smtp_dialogue <<-'END'
	C> PROXY TCP4 127.0.0.1 192.0.2.1 1 25\r\n
	S* 220
	C: PROXY TCP4 192.0.2.7 192.0.2.1 1 25
	S* 500
	C: QUIT
	S* 221
	END
	hasnt "$(cat "$LOG")" '192\.0\.2\.7'
}

@test "a listed proxy without a right header is closed and logged, nothing said" {
	LOG=$BATS_TEST_TMPDIR/log
	local text
	for text in 'EHLO client.example\r\n' 'PROXY TCP4 192.0.2.7\r\n' \
		"$(header_v2 "2112${CLIENT4#2111}19")" '' 'PROXY TCP4 192.0.2.7'; do
		run -0 --separate-stderr smtp_session < <(printf '%b' "$text")
		is '' "$output"
	done
	is 3 "$(grep -c ' proxy-failed ip=127\.0\.0\.1 detail="no PROXY header"$' "$LOG")"
	is 2 "$(grep -c ' proxy-failed ip=127\.0\.0\.1 detail="the connection ended"$' "$LOG")"
	hasnt "$(cat "$LOG")" ' connect '
	run -0 --separate-stderr "$BIN/imap-session" < <(echo a NOOP)
	is '' "$output"
}

@test "a listed proxy that says nothing is closed after haproxy_timeout" {
	LOG=$BATS_TEST_TMPDIR/log
	setting haproxy_timeout 1s
	smtp_dialogue <<-'END'
	S$
	END
	smtp_dialogue <<-'END'
	C> PROXY TC
	S$
	END
	imap_dialogue <<-'END'
	S$
	END
	setting haproxy_timeout 10s
	is 3 "$(grep -c ' proxy-failed ip=127\.0\.0\.1 detail="Connection timed out"$' "$LOG")"
}
