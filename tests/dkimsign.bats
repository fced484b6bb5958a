#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# dkimsign by itself: keys, tables, what is signed, what passes unsigned.
# Verifying by other programs is in dkim-verify.bats.

load lib/helpers

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	openssl genrsa -out rsa.pem 2048 2>/dev/null
	openssl genpkey -algorithm ed25519 -out ed.pem
	openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
	openssl genrsa -out short.pem 768 2>/dev/null
	openssl genrsa -aes128 -passout pass:x -out locked.pem 2048 2>/dev/null
	echo 'no key' >text.pem
	verifier >verify.py
}

# A verifier that takes the public keys from the files named first, as
# SELECTOR=KEY.PEM.
verifier()
{
	cat <<'END'
import base64, subprocess, sys, dkim
keys = {}
for arg in sys.argv[1:]:
    selector, name = arg.split("=")
    der = subprocess.run(["openssl", "pkey", "-in", name, "-pubout",
                          "-outform", "DER"], stdout=subprocess.PIPE,
                         check=True).stdout
    kind = b"rsa"
    if len(der) == 44:
        kind, der = b"ed25519", der[-32:]
    keys[selector.encode()] = b"v=DKIM1; k=" + kind + b"; p=" + \
        base64.b64encode(der)
def find(name, timeout=5):
    return keys.get(name.split(b".")[0])
sys.exit(not dkim.verify(sys.stdin.buffer.read(), dnsfunc=find))
END
}

setup()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	export BESACE_ETC=$BATS_TEST_TMPDIR/etc
	mkdir "$BESACE_ETC"
}

sign()
{
	"$BIN/dkimsign" -d example.org -s sel -k rsa.pem "$@"
}

verify()
{
	/usr/bin/python3 verify.py sel=rsa.pem ed=ed.pem
}

needs_dkimpy()
{
	/usr/bin/python3 -c 'import dkim' 2>/dev/null || skip 'no dkimpy'
}

# dkim_map [KEY VALUE]...: the table as besace maps compiles it.
dkim_map()
{
	{
		printf '+0,8:->besace 1\n'
		while (($#)); do
			printf '+%d,%d:%s->%s\n' "${#1}" "${#2}" "$1" "$2"
			shift 2
		done
		echo
	} | cdb -c "$BESACE_ETC/dkim.cdb"
}

unfold()
{
	sed -z 's/\n[ \t]\+/ /g'
}

# The lines below the signature.
rest()
{
	awk 'done { print; next } !/^DKIM-Signature:|^[ \t]/ { done = 1; print }'
}

@test "the field goes on top, folded, and nothing else changes" {
	mail_text >m
	sign <m >signed
	is "$(cat m)" "$(rest <signed)"
	is 1 "$(grep -c '^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel;$' signed)"
	is 0 "$(head -n -7 signed | awk 'length > 80' | wc -l)"
	has "$(unfold <signed)" '; t=[0-9]+; .* b=[A-Za-z0-9+/= ]+$'
}

@test "the log has one line" {
	run -0 --separate-stderr sign < <(mail_text)
	has "$stderr" '^dkimsign\[[0-9]+\]: - signed d=example\.org s=sel a=rsa-sha256$'
	is 1 "$(wc -l <<<"$stderr")"
}

@test "the same message, key and time give the same signature" {
	mail_text >m
	sign -t 1700000000 <m >one
	sign -t 1700000000 <m >two
	cmp one two
	has "$(unfold <one)" '; t=1700000000;'
}

@test "From, To, Subject and Date are signed once more than they occur" {
	printf '%s\n' 'From: a@example.org' 'To: b@example.org' \
		'Subject: s' 'Received: from x' 'X-Spam-Flag: NO' \
		'Return-Path: <a@example.org>' 'Delivered-To: b' '' x |
		sign >signed
	has "$(unfold <signed)" ' h=From:From:To:To:Subject:Subject:Date; '
}

@test "fields that the way of a mail adds do not break the signature" {
	needs_dkimpy
	mail_text | sign >signed
	{
		printf '%s\n' 'Return-Path: <a@example.org>' \
			'Delivered-To: bob@example.test' 'X-Spam-Flag: NO' \
			'Received: from a by b; Mon, 06 Jan 2025 10:00:00 +0000'
		cat signed
	} | verify
}

@test "Ed25519 keys sign as RFC 8463 says" {
	needs_dkimpy
	mail_text | "$BIN/dkimsign" -d example.org -s ed -k ed.pem >signed
	has "$(unfold <signed)" ' a=ed25519-sha256; '
	verify <signed
}

@test "each canonicalization verifies" {
	needs_dkimpy
	local c
	printf 'From: a@example.org\nSubject:  two \n\t blanks\nDate: x\n\n\n a \t b \n\n\n' >m
	for c in simple simple/relaxed relaxed relaxed/simple relaxed/relaxed; do
		echo "$c"
		sign -c "$c" <m >signed
		verify <signed
	done
	has "$(unfold <signed)" ' c=relaxed/relaxed; '
	sign -c simple <m | unfold | grep -q ' c=simple/simple; '
}

@test "CRLF goes in and out, with the same signature as LF" {
	needs_dkimpy
	mail_text >m
	crlf <m >m.crlf
	sign -t 1 <m | crlf >from-lf
	sign -t 1 <m.crlf >from-crlf
	cmp from-lf from-crlf
	verify <from-crlf
}

@test "NUL, 8-bit, bare CR and a missing last line end pass unchanged" {
	needs_dkimpy
	printf 'From: a@example.org\nDate: x\n\nnul \0 here\n\200\377\nbare\rcr\nend' >m
	sign <m >signed
	tail -c "$(stat -c %s m)" signed | cmp - m
}

@test "an mbox line stays the first" {
	{
		echo 'From a@example.org Mon Jan  6 10:00:00 2025'
		mail_text
	} | sign >signed
	is 'From a@example.org Mon Jan  6 10:00:00 2025' "$(head -n 1 signed)"
	has "$(sed -n 2p signed)" '^DKIM-Signature:'
	needs_dkimpy
	sed 1d signed | verify
}

@test "a message from a pipe and one from a file are signed alike" {
	mail_text >m
	sign -t 1 <m >one
	# shellcheck disable=SC2002 # the pipe is the point
	cat m | sign -t 1 >two
	cmp one two
}

@test "50 MB take no more memory than the map" {
	! grep -q __asan_init "$BIN/dkimsign" ||
		skip 'the sanitizer needs the memory itself'
	{
		mail_text
		head -c 50000000 /dev/zero | tr '\0' 'x' | fold -w 76
	} >big
	(
		ulimit -d 40000
		sign <big
	) | tail -c "$(stat -c %s big)" | cmp - big
	rm -f big
}

# ---- which key

@test "the key is chosen by the From domain" {
	needs_dkimpy
	dkim_map example.test "example.test	sel	$PWD/rsa.pem" \
		other.test "other.test	ed	$PWD/ed.pem"
	mail_text | sed 's/^From: .*/From: "x, y" (c@d) <A@Other.TEST>/' >m
	run -0 --separate-stderr "$BIN/dkimsign" <m
	has "$stderr" 'signed d=other\.test s=ed a=ed25519-sha256'
	"$BIN/dkimsign" <m 2>log | verify
	sed -i 's/^From: .*/From: a@example.test/' m
	"$BIN/dkimsign" <m 2>log | verify
	has "$(cat log)" 'd=example\.test s=sel'
}

@test "a wildcard signs for the domains below, the nearest first" {
	dkim_map '*.example.test' "example.test	one	$PWD/rsa.pem" \
		'*.b.example.test' "%	two	$PWD/rsa.pem" \
		'*' "rest.test	three	$PWD/rsa.pem"
	local domain want
	while read -r domain want; do
		run -0 --separate-stderr "$BIN/dkimsign" < <(
			printf 'From: x@%s\n\nx\n' "$domain"
		)
		has "$stderr" "signed $want a="
	done <<-'END'
	a.example.test d=example\.test s=one
	a.b.example.test d=a\.b\.example\.test s=two
	example.test d=rest\.test s=three
	b.example.test d=example\.test s=one
	END
}

@test "a relative key file lies below BESACE_ETC" {
	mkdir "$BESACE_ETC/keys"
	cp rsa.pem "$BESACE_ETC/keys/k.pem"
	dkim_map example.test 'example.test	sel	keys/k.pem'
	printf 'From: a@example.test\n\nx\n' >m
	run -0 --separate-stderr "$BIN/dkimsign" <m
	has "$stderr" 'signed d=example\.test'
}

@test "S119 a From domain without a key passes unsigned and is logged" {
	dkim_map example.test "example.test	sel	$PWD/rsa.pem"
	mail_text >m
	"$BIN/dkimsign" <m >out 2>log
	cmp m out
	has "$(cat log)" 'unsigned reason="no key for the From domain" from=elsewhere\.test$'
}

@test "no From, two From, and a From without an address pass unsigned" {
	dkim_map example.test "example.test	sel	$PWD/rsa.pem"
	local name
	printf 'To: b@example.test\n\nx\n' >none
	printf 'From: a@example.test\nFrom: b@example.test\n\nx\n' >two
	printf 'From: nobody\n\nx\n' >bad
	for name in none two bad; do
		echo "$name"
		"$BIN/dkimsign" <"$name" >out 2>log
		cmp "$name" out
		has "$(cat log)" ' unsigned reason="'
		[ "$name" = bad ] || {
			sign <"$name" >out 2>log
			cmp "$name" out
			has "$(cat log)" ' unsigned reason="'
		}
	done
}

# ---- what cannot be done now

@test "a key that cannot be used is a temporary failure and named" {
	local name
	for name in missing.pem ec.pem short.pem locked.pem text.pem; do
		echo "$name"
		run -75 --separate-stderr "$BIN/dkimsign" -d example.org \
			-s sel -k "$name" < <(mail_text)
		is '' "$output"
		has "$stderr" "error .*object=$name "
		has "${stderr##*$'\n'}" '^4\.3\.5 '
	done
}

@test "a missing or broken table is a temporary failure and named" {
	run -75 --separate-stderr "$BIN/dkimsign" < <(mail_text)
	has "$stderr" 'dkim\.cdb'
	echo 'no map' >"$BESACE_ETC/dkim.cdb"
	run -75 --separate-stderr "$BIN/dkimsign" < <(mail_text)
	has "$stderr" 'dkim\.cdb'
	dkim_map elsewhere.test 'no tabs here'
	run -75 --separate-stderr "$BIN/dkimsign" < <(mail_text)
	has "$stderr" 'dkim\.cdb'
	is '' "$output"
}

@test "wrong options are a usage error" {
	run -64 "$BIN/dkimsign" -d example.org </dev/null
	run -64 "$BIN/dkimsign" -c loose </dev/null
	run -64 "$BIN/dkimsign" -t soon </dev/null
	run -64 "$BIN/dkimsign" extra </dev/null
	has "$output" '^usage: dkimsign '
}

@test "a full disk is an I/O failure" {
	[ -w /dev/full ] || skip 'no /dev/full'
	local status=0
	sign < <(mail_text) >/dev/full 2>log || status=$?
	is 74 "$status"
	has "$(tail -n 1 log)" '^4\.3\.0 '
}
