#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Messages beyond ASCII for servers without 8BITMIME: converted to seven bits,
# part by part, and signed again; or returned, where that would break them.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
	server_start </dev/null
	offers
}

teardown()
{
	relay_end
}

# offers [KEYWORD]: in the next connections, besides PIPELINING.
offers()
{
	printf 'EHLO reply 250-hostile.test\\n250-%s\\n250 PIPELINING\n' \
		"${1:-SIZE 1000000}" >"$RULES"
	: >"$SERVER_LOG"
}

put()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	queue_put aaa example.net "$ALICE" bob@example.net "$@"
}

# relayed: the message leaves; got: as it came to the server, with LF.
relayed()
{
	run -0 relay example.net aaa
	has "$output" ' relayed '
}

got()
{
	sed '1,/^$/d;s/\r$//' "$SERVER_MAIL/$(received)"
}

# returned PATTERN: as it cannot be converted, for this reason.
returned()
{
	run -0 relay example.net aaa
	has "$output" ' failed bob@example\.net "5\.6\.3 '
	has "$output" "$1"
	hasnt "$(cat "$SERVER_LOG")" ' MAIL '
}

# signer: dkimsign is run by the owner of mail.
signer()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BESACE_ETC"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" \
		"$INSTANCE" 2>/dev/null || true
}

# green: a mail of alice's; signed: with dkimsign's field.
green()
{
	printf '%s\n' "From: Alice <$ALICE>" 'To: bob@example.net' \
		'Subject: green' 'Date: Mon, 06 Jan 2025 10:00:00 +0000' \
		'Content-Type: text/plain; charset=utf-8' \
		'Content-Transfer-Encoding: 8bit' '' 'der Baum ist grün, ja grün'
}

signed()
{
	green | "$BIN/dkimsign" -t 1700000000 2>>"$(log_file)"
}

# verify KEY < MESSAGE: its signature, by somebody else's program.
verify()
{
	/usr/bin/python3 -c '
import base64, subprocess, sys, dkim
der = subprocess.run(["openssl", "pkey", "-in", sys.argv[1], "-pubout",
                      "-outform", "DER"], capture_output=True, check=True).stdout
kind, der = (b"ed25519", der[-32:]) if len(der) == 44 else (b"rsa", der)
record = b"v=DKIM1; k=" + kind + b"; p=" + base64.b64encode(der)
sys.exit(not dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda *a, **k: record))
' "$1"
}

@test "text for a server without 8BITMIME becomes quoted-printable" {
	printf 'Subject: x\n\nder Baum ist grün\n' | put
	relayed
	is 'Subject: x
MIME-Version: 1.0
Content-Type: text/plain; charset=unknown-8bit
Content-Transfer-Encoding: quoted-printable

der Baum ist gr=C3=BCn' "$(got)"
	# its size is that of what is sent
	local size
	size=$(sed '1,/^$/d' "$SERVER_MAIL/1" | wc -c)
	has "$(cat "$SERVER_LOG")" "MAIL FROM:<$ALICE> SIZE=$size\$"
	hasnt "$(cat "$SERVER_LOG")" BODY=
	offers "SIZE $((size - 1))"
	printf 'Subject: x\n\nder Baum ist grün\n' | put
	run -0 relay example.net aaa
	has "$output" ' failed bob@example\.net "5\.3\.4 '
}

@test "a server with 8BITMIME gets the message as it is" {
	offers 8BITMIME
	printf 'Subject: x\n\nder Baum ist grün\n' | put
	relayed
	is 'Subject: x

der Baum ist grün' "$(got)"
	# in the same run, too, when the one before had it not
	cat >"$RULES" <<-'END'
	EHLO reply 250-hostile.test\n250 8BITMIME
	EHLO@2 reply 250 hostile.test
	MAIL@2 after 421 4.3.2 go away
	END
	: >"$SERVER_LOG"
	printf 'Subject: x\n\nder Baum ist grün\n' | put
	run -0 relay example.net aaa
	has "$output" ' (relayed|deferred) '
	relay example.net aaa
	is 'der Baum ist grün' "$(got | tail -n 1)"
}

@test "each part is encoded by itself, and stays what it was" {
	local message=$BATS_TEST_TMPDIR/message
	printf '%b\n' 'From: a@b.test' 'Subject: parts' 'MIME-Version: 1.0' \
		'Content-Type: multipart/mixed; boundary="=_x"' \
		'Content-Transfer-Encoding: 8bit' '' 'for old readers' '--=_x' \
		'Content-Type: text/plain; charset=utf-8' '' 'der Baum ist grün ' \
		'--=_x' 'Content-Type: image/gif' \
		'Content-Transfer-Encoding: binary' '' 'GIF\0\0377x' '--=_x' \
		'Content-Type: message/rfc822' '' 'Subject: inside' '' \
		'жизнь жизнь' '--=_x' 'Content-Transfer-Encoding: base64' '' \
		'4pyT' '--=_x--' >"$message"
	put <"$message"
	relayed
	got >"$message.got"
	hasnt "$(cat "$message.got")" 'Encoding: 8bit'
	has "$(cat "$message.got")" 'quoted-printable'
	has "$(cat "$message.got")" '^4pyT$'
	run -0 /usr/bin/python3 "$LIB/mime-oracle" "$message" "$message.got"
}

@test "messages of all shapes decode to what they were" {
	run -0 /usr/bin/python3 "$LIB/mime-oracle" \
		"${BESACE_TEST_BIN:-$BIN/../test}/relay/test-mime-downgrade" 300
	has "$output" '^converted 2'
}

@test "lines full of what could be delimiters, at all depths: read once at each" {
	! sanitized || skip "the checking build takes a hundred times as long"
	local message=$BATS_TEST_TMPDIR/message
	/usr/bin/python3 - >"$message" <<-'END'
	import sys
	bounds = ["-" * n for n in range(67, 4, -3)]
	text = "MIME-Version: 1.0\n"
	for b in bounds:
	    text += f'Content-Type: multipart/mixed; boundary="{b}"\n\n--{b}\n'
	text += "Content-Type: text/plain\n\n" + ("x" + "-" * 990 + "\n") * 24000
	end = "".join(f"\n--{b}--\n" for b in reversed(bounds))
	sys.stdout.buffer.write(text.encode() + b"gr\xc3\xbcn" + end.encode())
	END
	# seconds of the processor: a fraction of one is used
	ulimit -t 12
	run -0 "${BESACE_TEST_BIN:-$BIN/../test}/relay/test-mime-downgrade" "$message"
}

@test "our own signature is made anew" {
	signer
	signed >"$BATS_TEST_TMPDIR/message"
	{
		echo 'Received: from here'
		cat "$BATS_TEST_TMPDIR/message"
	} | put
	relayed
	got >"$BATS_TEST_TMPDIR/got"
	is 1 "$(grep -c ^DKIM-Signature: "$BATS_TEST_TMPDIR/got")"
	has "$(cat "$BATS_TEST_TMPDIR/got")" '^der Baum ist gr=C3=BCn'
	hasnt "$(cat "$BATS_TEST_TMPDIR/got")" 't=1700000000'
	/usr/bin/python3 -c 'import dkim' 2>/dev/null || skip 'no dkimpy'
	verify "$(dkim_key_file)" <"$BATS_TEST_TMPDIR/message"
	verify "$(dkim_key_file)" <"$BATS_TEST_TMPDIR/got"
}

@test "a user's mail beyond ASCII leaves signed, from end to end" {
	signer
	setting default_transport smtp
	run -0 send_submission bob@example.net < <(green)
	grep -q '^DKIM-Signature' "$BESACE_VAR"/queue/new/*
	run -0 "$BIN/queue-run" 2>>"$(log_file)"
	is 1 "$(received)"
	got >"$BATS_TEST_TMPDIR/got"
	is 1 "$(grep -c ^DKIM-Signature: "$BATS_TEST_TMPDIR/got")"
	has "$(cat "$BATS_TEST_TMPDIR/got")" '^der Baum ist gr=C3=BCn'
	/usr/bin/python3 -c 'import dkim' 2>/dev/null || skip 'no dkimpy'
	verify "$(dkim_key_file)" <"$BATS_TEST_TMPDIR/got"
}

@test "a notice about mail beyond ASCII gets to a sender without 8BITMIME" {
	signer
	setting default_transport smtp
	local header
	for header in green grün; do
		rm -f "$SERVER_MAIL"/*
		printf 'Subject: %s\n\nder Baum ist grün\n' "$header" |
			queue_put aaa example.net carol@example.net bob@example.net
		# it refuses this recipient, or cannot have such a header
		echo 'RCPT reply 550 5.1.1 nobody' >>"$RULES"
		run -0 relay example.net aaa
		sed -i '/^RCPT/d' "$RULES"
		has "$output" ' failed bob@example\.net '
		# the sender is to be told, and is there
		run -0 "$BIN/queue-run" 2>>"$(log_file)"
		is 1 "$(received)"
		has "$(cat "$SERVER_MAIL/1")" '^To: <carol@example.net>'
		got >"$BATS_TEST_TMPDIR/got"
		LC_ALL=C run -1 grep -q '[^ -~[:space:]]' "$BATS_TEST_TMPDIR/got"
		has "$(cat "$BATS_TEST_TMPDIR/got")" '^Subject: gr(een|=C3=BCn)$'
		run -0 "$LIB/report" <"$BATS_TEST_TMPDIR/got"
		has "$output" '^1 Final-Recipient: rfc822; bob@example.net$'
	done
	has "$output" '^1 Status: 5.6.3$'
}

@test "a signature that is not ours, or no longer right, is not broken" {
	signer
	local change
	# what is signed, how, when; and fields that are added or there twice
	for change in 's/ist grün/war grün/' 's/^Subject: green/Subject: blue/' \
		's/t=1700000000/t=1700000001/' 's/t=1700000000;//' \
		'1s/^/ARC-Seal: i=1; b=x\n/' '1s/^/DKIM-Signature: v=1; t=1; b=x\n/' \
		'1s/^/Subject: other\n/' 's/\([ \t]\)s=[^;]*;/\1s=other;/'; do
		signed >"$BATS_TEST_TMPDIR/signed"
		sed "$change" "$BATS_TEST_TMPDIR/signed" >"$BATS_TEST_TMPDIR/changed"
		run -1 cmp -s "$BATS_TEST_TMPDIR/signed" "$BATS_TEST_TMPDIR/changed"
		put <"$BATS_TEST_TMPDIR/changed"
		returned 'it is signed, and not by us'
	done
	printf 'DomainKey-Signature: a=b\nSubject: x\n\ngrün\n' | put
	returned 'it is signed, and not by us'
	setting outbound_filters ''
	signed | put
	returned 'it is signed, and not by us'
}

@test "a signature that cannot be made now lets the message wait" {
	signed | put
	chmod 0 "$(dkim_key_file)"
	rm "$BESACE_ETC/dkim.cdb"
	run -0 relay example.net aaa
	has "$output" ' deferred bob@example\.net "4\.3\.0 '
}

@test "what cannot be converted is returned" {
	printf 'Subject: grün\n\nx\n' | put
	returned 'a header beyond ASCII'
	printf '%s\n' 'Content-Type: message/rfc822' '' 'Subject: grün' '' x | put
	returned 'a header in it is beyond ASCII'
	printf '%s\n' 'Content-Type: multipart/signed; boundary=b' '' --b '' grün \
		--b '' x --b-- | put
	returned 'a part is signed or encrypted'
	printf '%s\n' 'Content-Type: multipart/mixed; boundary=b' '' --b '' grün | put
	returned 'its parts are not marked'
	setting disable_mime_output_conversion yes
	printf 'Subject: x\n\ngrün\n' | put
	returned 'messages beyond ASCII'
}

@test "a large message is converted on disk, for each of many recipients" {
	local to=() i
	for i in $(seq 1 7); do to+=("user$i@example.net"); done
	setting smtp_destination_recipient_limit 3
	{
		printf 'Subject: x\nContent-Type: text/plain; charset=utf-8\n\n'
		yes 'der Baum ist grün, ja grün' | head -n 60000
	} >"$BATS_TEST_TMPDIR/message"
	offers 'SIZE 9000000'
	queue_put aaa example.net "$ALICE" "${to[@]}" <"$BATS_TEST_TMPDIR/message"
	relay example.net aaa
	is gone "$(queue_state aaa)"
	is 3 "$(received)"
	got >"$BATS_TEST_TMPDIR/got"
	run -0 /usr/bin/python3 "$LIB/mime-oracle" "$BATS_TEST_TMPDIR/message" \
		"$BATS_TEST_TMPDIR/got"
}
