#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Other people's verifiers on our signatures; the key comes from the fixture
# DNS on loopback.

load lib/helpers

setup_file()
{
	instance_new
	openssl genrsa -out "$BATS_FILE_TMPDIR/key.pem" 2048 2>/dev/null
	zone_for example.org sel "$BATS_FILE_TMPDIR/key.pem" \
		>"$BATS_FILE_TMPDIR/zone"
}

# zone_for DOMAIN SELECTOR KEYFILE: the record that publishes the key.
zone_for()
{
	printf '%s._domainkey.%s TXT v=DKIM1; k=rsa; p=%s\n' "$2" "$1" \
		"$(openssl pkey -in "$3" -pubout -outform DER | base64 -w0)"
}

setup()
{
	mail_clear
	cd "$BATS_FILE_TMPDIR" || return 1
}

with_dns()
{
	"$LIB/with-dns" zone "$@"
}

needs_namespaces()
{
	"$LIB/with-dns" zone true || skip 'no namespaces here'
}

sign()
{
	"$BIN/dkimsign" -d example.org -s sel -k key.pem
}

# Messages that canonicalization can get wrong.
odd_messages()
{
	mkdir -p odd
	mail_text >odd/plain
	printf 'From: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nSubject: no body\n\n' >odd/empty-body
	printf 'From: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nSubject: no end\n\nline  with \t blanks \t\n\n\nlast' >odd/no-newline
	printf 'From: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nSubject:   folded\n\tover  \n lines \nTo: b@example.org\n\n\n\nx\n\n\n\n' >odd/folded
	printf 'FROM: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nsubJect:case\n\n.\n..\nFrom the start\n' >odd/case
	printf 'From: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nSubject: \303\244 \001\n\n\200\377 8bit\n' >odd/eight
	{
		printf 'From: a@example.org\nDate: Mon, 06 Jan 2025 10:00:00 +0000\nSubject: long\n\n'
		head -c 5000 /dev/zero | tr '\0' l
		echo
		yes 'many lines' | head -n 20000
	} >odd/long
}

@test "S117 opendkim-testmsg verifies what dkimsign signs" {
	needs opendkim-testmsg
	needs_namespaces
	odd_messages
	local file
	for file in odd/*; do
		echo "$file"
		sign <"$file" >signed
		crlf <signed >signed.crlf
		with_dns opendkim-testmsg <signed.crlf
	done
}

@test "S117 dkimverify verifies what dkimsign signs" {
	needs dkimverify
	needs_namespaces
	odd_messages
	local file
	for file in odd/*; do
		echo "$file"
		sign <"$file" >signed
		run -0 with_dns dkimverify <signed
		is 'signature ok' "$output"
	done
}

@test "the verifiers notice a changed body and header" {
	needs opendkim-testmsg dkimverify
	needs_namespaces
	mail_text >m
	sign <m | sed 's/Hello Bob/Hello Eve/' | crlf >changed
	run ! with_dns opendkim-testmsg <changed
	run ! with_dns dkimverify <changed
	sign <m | sed 's/^Subject: .*/Subject: changed/' | crlf >changed
	run ! with_dns opendkim-testmsg <changed
	run ! with_dns dkimverify <changed
	sign <m | sed '/^Subject: /i Subject: added on top' | crlf >changed
	run ! with_dns dkimverify <changed
}

@test "S117 mail of a logged-in user arrives with one signature that verifies" {
	needs dkimverify
	needs_namespaces
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: From: Alice <alice@example.test>
	C: To: bob@example.test
	C: Subject: signed
	C: 
	C: text  with   blanks 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	message bob >stored
	is 1 "$(grep -ci '^dkim-signature:' stored)"
	local selector
	selector=$(sed -z 's/\n[ \t]/ /g' stored |
		sed -nE 's/^DKIM-Signature:.*[; ]s=([^; ]+).*/\1/p')
	has "$(sed -z 's/\n[ \t]/ /g' stored)" '^DKIM-Signature:.*[; ]d=example\.test'
	zone_for example.test "$selector" "$(dkim_key_file)" >zone.instance
	run -0 "$LIB/with-dns" zone.instance dkimverify <stored
	is 'signature ok' "$output"
	# the private key stays here
	hasnt "$(cat stored)" 'PRIVATE'
	is 0 "$(find "$(dkim_key_file)" -perm /007 | wc -l)"
}

@test "mail of a stranger gets no signature of ours" {
	send_plain "$BOB" < <(mail_text)
	hasnt "$(message bob)" '^DKIM-Signature:'
}
